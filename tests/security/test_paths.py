"""Nothing outside of a source's folder is read or written, and what the program keeps is for its own account alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adapters.files.source import FilesSource
from sync.cli import main
from sync.errors import SourceError
from sync.ports import Document, Rewrite

DOCUMENT = "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n- [ ] Add an alert\n"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "team" / "docs").mkdir(parents=True)
    (tmp_path / "team" / "docs" / "a.md").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "outside.md").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "team" / "sync.toml").write_text(
        '[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path / "team")
    return tmp_path / "team"


@pytest.mark.parametrize("path", ["../outside.md", "x/../../outside.md", "link.md", "folder/outside.md", "/etc/passwd"])
def test_what_leads_outside_is_neither_read_nor_written(team: Path, path: str) -> None:
    (team / "docs" / "link.md").symlink_to(team.parent / "outside.md")
    (team / "docs" / "folder").symlink_to(team.parent, target_is_directory=True)
    source = FilesSource("docs", team / "docs")
    with pytest.raises(SourceError):
        source.read(path)
    made_up = Document("docs", path, DOCUMENT.encode(), "x")
    assert not source.write([Rewrite(made_up, b"ours\n")])[0].written
    assert (team.parent / "outside.md").read_text(encoding="utf-8") == DOCUMENT


def test_a_file_that_became_a_link_since_it_was_read_is_not_followed(team: Path) -> None:
    source = FilesSource("docs", team / "docs")
    document = source.read("a.md")
    (team / "docs" / "a.md").unlink()
    (team / "docs" / "a.md").symlink_to(team.parent / "outside.md")
    assert not source.write([Rewrite(document, b"ours\n")])[0].written
    assert (team.parent / "outside.md").read_text(encoding="utf-8") == DOCUMENT


def test_a_run_leaves_what_a_link_leads_to_alone(team: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (team / "docs" / "link.md").symlink_to(team.parent / "outside.md")
    assert main(["run", "--json"]) == 1
    assert "outside the source's folder" in capfd.readouterr().out
    assert (team.parent / "outside.md").read_text(encoding="utf-8") == DOCUMENT
    assert "LOCAL-1" in (team / "docs" / "a.md").read_text(encoding="utf-8")


def test_the_journal_is_for_its_own_account_alone_whatever_the_umask(team: Path) -> None:
    mask = os.umask(0)
    try:
        assert main(["run", "--quiet"]) == 0
    finally:
        os.umask(mask)
    folder = team / ".postmortem-sync"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    journals = [path for path in folder.iterdir() if path.name.startswith("journal.db")]
    assert journals
    assert {stat.S_IMODE(path.stat().st_mode) for path in journals} == {0o600}
