"""Calls that are nearly right, and outputs that cannot take what is printed: what is said, and what is to be done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.program import sync

TEXT = "# Störung\n\n## Action items\n\n- [ ] Prüfe die Grenze — bald, owner: Jürgen\n"


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (("rum",), "Did you mean: sync run"),
        (("chek", "a.md"), "Did you mean: sync check"),
        (("run", "--dry"), "Did you mean: --dry-run"),
        (("run", "--dryrun"), "Did you mean: --dry-run"),
        (("--forse", "run"), "Did you mean: --force"),
        (("report", "--jsno"), "Did you mean: --json"),
        (("run", "--postmortem", "a.md"), "Write: sync --postmortem a.md"),
        (("run", "a.md"), "Write: sync --postmortem a.md"),
        (("tickets", "lsit"), "Did you mean: sync tickets list"),
        (("a.md",), "Write: sync --postmortem a.md"),
    ],
    ids=" ".join,
)
def test_a_call_that_is_nearly_right_is_put_right(tmp_path: Path, call: tuple[str, ...], cure: str) -> None:
    (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
    done = sync(tmp_path, *call)
    assert done.returncode == 2
    assert cure in done.stderr
    assert not (tmp_path / ".postmortem-sync").exists()


@pytest.mark.parametrize("option", ["--dry-run", "--json", "--force", "--quiet"])
def test_options_without_a_command_are_no_call(tmp_path: Path, option: str) -> None:
    done = sync(tmp_path, option)
    assert done.returncode == 2
    assert "No command was given" in done.stderr
    assert "sync run" in done.stderr
    assert done.stdout == ""


def test_without_settings_a_run_says_so_and_what_it_suggests_can_be_pasted(tmp_path: Path) -> None:
    done = sync(tmp_path, "run")
    assert done.returncode == 2
    assert "There is no sync.toml in" in done.stderr
    (tmp_path / "docs" / "postmortems").mkdir(parents=True)
    pasted = [line.strip() for line in done.stderr.splitlines() if line.startswith("    ")]
    (tmp_path / "sync.toml").write_text("\n".join(pasted))
    (tmp_path / "docs" / "postmortems" / "a.md").write_text(TEXT, encoding="utf-8")
    assert sync(tmp_path, "run", "--dry-run").returncode == 0


@pytest.mark.parametrize("glob", ["*.rst", "**/2031/*.md"])
def test_a_source_that_finds_no_document_is_told(tmp_path: Path, glob: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "sync.toml").write_text(f'[sources.docs]\nkind = "files"\npath = "docs"\nglob = "{glob}"\n')
    done = sync(tmp_path, "run")
    assert done.returncode == 1
    assert "No document was found. Look at what [sources.docs] says." in done.stdout


class TestOutputs:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "a.md").write_text(TEXT, encoding="utf-8")
        return tmp_path

    def test_a_terminal_of_ascii_alone_shows_what_it_can(self, folder: Path) -> None:
        done = self._call(folder, "parse", "a.md", PYTHONIOENCODING="ascii")
        assert done.returncode == 0
        assert b"Traceback" not in done.stderr
        assert rb"Pr\xfcfe" in done.stdout

    def test_and_its_json_is_json(self, folder: Path) -> None:
        done = self._call(folder, "parse", "--json", "a.md", PYTHONIOENCODING="ascii")
        assert json.loads(done.stdout)["title"] == "Störung"

    @pytest.mark.parametrize(
        "call", [("parse", "a.md"), ("parse", "--json", "a.md"), ("--help",), ("run", "--help"), ()]
    )
    def test_an_output_that_is_full_is_told(self, folder: Path, call: tuple[str, ...]) -> None:
        with open("/dev/full", "wb") as full:
            done = self._call(folder, *call, stdout=full)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert b"The output cannot be written: No space left on device." in done.stderr

    def test_a_run_whose_output_is_full_says_that_what_it_did_is_recorded(self, folder: Path) -> None:
        with open("/dev/full", "wb") as full:
            done = self._call(folder, "--postmortem", "a.md", stdout=full)
        assert done.returncode == 1
        assert b"What was done is recorded" in done.stderr
        assert b"LOCAL-1" in (folder / "a.md").read_bytes()
        assert sync(folder, "tickets", "list").stdout.count("LOCAL-") == 1

    def test_a_closed_pipe_is_no_failure(self, folder: Path) -> None:
        read, write = os.pipe()
        os.close(read)
        try:
            done = self._call(folder, "parse", "a.md", stdout=write)
        finally:
            os.close(write)
        assert done.returncode == 0
        assert done.stderr == b""

    @staticmethod
    def _call(
        folder: Path, *call: str, stdout: int | IO[bytes] = subprocess.PIPE, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "sync.cli", *call]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")} | variables
        return subprocess.run(
            command, cwd=folder, env=environ, stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False
        )


@pytest.mark.parametrize("words", ["::error file=x::pwned", "##[add-mask]pwned", "  ::stop-commands::x"])
def test_text_of_a_document_steers_no_ci_runner(tmp_path: Path, words: str) -> None:
    (tmp_path / "a.md").write_text(f"# {words}\n\n## Action items\n\n- [ ] {words}\n- [ ] Add an alert\n  {words}\n")
    for call in (("parse", "a.md"), ("parse", "--explain", "a.md"), ("check", "a.md"), ("--postmortem", "a.md")):
        done = sync(tmp_path, *call)
        for line in (done.stdout + done.stderr).splitlines():
            assert not line.lstrip().startswith("::"), (call, line)
            assert "##[" not in line, (call, line)
