"""The program itself against GitHub, wired by sync.toml and the environment as a team would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.load import load
from sync.cli import main
from sync.model import State, TicketRef
from sync.wiring.systems import cache_path
from tests.adapters.github.worlds import TOKEN, GitHubWorld
from tests.clocks import hurry

DOCUMENT = (
    "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n- [ ] Add an alert, owner: @ana, due: 2026-04-03\n"
)


def test_a_team_with_a_token_and_a_repository(
    world: GitHubWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "sync.toml").write_text(
        'tracker = "github"\n[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
        f'[github]\nbase_url = "{world.github.base_url}"\nrepository = "{world.project}"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
    hurry(monkeypatch.setattr)
    summaries = []
    for _ in range(3):
        assert main(["run", "--json"]) == 0
        summaries.append(json.loads(capfd.readouterr().out.splitlines()[-1]))
    assert [summary["created"] for summary in summaries] == [1, 0, 0]
    assert summaries[-1]["requests"] == {"github": 1}
    (issue,) = world.issues()
    assert "2026-04-03" in repr(issue)
    world.person_closes(TicketRef("github", world.project, f"{world.project}#{issue.number}"), State.DONE)
    assert main(["run", "--json", "--verbose"]) == 0
    reported = capfd.readouterr()
    text = (tmp_path / "docs" / "a.md").read_text(encoding="utf-8")
    assert "- [x] Add an alert, owner: @ana, due: 2026-04-03 ([" in text
    assert f"/issues/{issue.number})" in text
    for output in (reported.out, reported.err, text, json.dumps(summaries)):
        assert TOKEN not in output
    # The program keeps real time here, and the simulator's clock stands still: its count of hasty writes means nothing.
    world.github.hasty = 0


def test_a_team_whose_postmortems_are_on_github_as_well(
    world: GitHubWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    docs = world.site.repository("Acme/Docs")
    other = DOCUMENT.replace("# Outage", "# Another outage")
    docs.commit({"incidents/a.md": DOCUMENT.encode(), "incidents/b.md": other.encode()}, "two")
    published, before = docs.branches["main"], len(docs.commits)
    (tmp_path / "sync.toml").write_text(
        'tracker = "github"\n[sources.docs]\nkind = "github"\nrepository = "Acme/Docs"\npath = "incidents"\n'
        f'[github]\nbase_url = "{world.github.base_url}"\nrepository = "{world.project}"\n'
        "[limits]\nmax_age_days = 36500\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
    hurry(monkeypatch.setattr)
    page = f"{world.github.base_url}/Acme/Docs/blob/main/incidents/a.md"

    assert main(["--postmortem", page, "--json"]) == 0
    one = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (one["postmortems"], one["created"], one["written_back"]) == (1, 1, 1)
    (issue,) = world.issues()
    assert f"/Acme/Docs/blob/{published}/incidents/a.md" in issue.body

    created = []
    for _ in range(3):
        assert main(["run", "--json"]) == 0
        summary = json.loads(capfd.readouterr().out.splitlines()[-1])
        created.append((summary["created"], summary["updated"], summary["written_back"]))
    assert created == [(1, 0, 1), (0, 0, 0), (0, 0, 0)]
    assert summary["requests"] == {"github": 1, "source docs": 1}
    assert len(docs.commits) == before + 2

    assert main(["--postmortem", page.replace("Docs", "Other"), "--json"]) == 2
    assert "Add its repository as a source" in capfd.readouterr().err
    assert TOKEN not in "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    world.github.hasty = 0


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///.state/journal.db", ".state/cache"),
        ("postgresql://db/sync", "away/postmortem-sync"),
    ],
)
def test_copies_lie_beside_the_journal_or_where_xdg_says(tmp_path: Path, url: str, place: str) -> None:
    (tmp_path / "sync.toml").write_text(f'[sources.docs]\npath = "docs"\n[state]\nurl = "{url}"\n', encoding="utf-8")
    environ = {"XDG_CACHE_HOME": str(tmp_path / "away")}
    settings = load(None, {}, tmp_path)
    assert cache_path(settings, environ) == tmp_path / place
    beside = tmp_path / place if url.startswith("sqlite") else tmp_path / ".postmortem-sync" / "cache"
    assert cache_path(settings, {}) == beside
