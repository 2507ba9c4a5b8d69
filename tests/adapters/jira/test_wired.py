"""The program itself against Jira, wired by sync.toml and the environment as a team would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync.cli import main
from sync.model import State, TicketRef
from tests.adapters.jira.worlds import JiraWorld

DOCUMENT = (
    "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n- [ ] Add an alert, owner: Ana Lima, due: 2026-04-03\n"
)


def test_a_team_with_a_site_an_address_a_token_and_a_project(
    world: JiraWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(DOCUMENT, encoding="utf-8")
    email = f'email = "{world.site.me.email}"\n' if world.cloud else ""
    (tmp_path / "sync.toml").write_text(
        f'tracker = "jira"\n[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
        f'[jira]\nbase_url = "{world.jira.base_url}"\nproject = "OPS"\n{email}'
        '[people]\n"Ana Lima" = { jira = "ana@example.org" }\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNC_JIRA__TOKEN", world.jira.secret)
    summaries = []
    for _ in range(3):
        assert main(["run", "--json"]) == 0
        summaries.append(json.loads(capfd.readouterr().out.splitlines()[-1]))
    assert [s["created"] for s in summaries] == [1, 0, 0]
    # The one ticket is known from the listing before as it is.
    assert summaries[-1]["requests"] == {"jira": 1}
    written = (tmp_path / "docs" / "a.md").read_bytes()
    world.site.set_status(world.issue("OPS-1"), "In Progress")
    assert main(["run", "--json", "--verbose"]) == 0
    (item,) = json.loads(capfd.readouterr().out.splitlines()[0])["items"]
    assert (item["state"], item["started"]) == ("open", True)
    # A box has no state in between; the report tells it.
    assert (tmp_path / "docs" / "a.md").read_bytes() == written
    assert main(["report", "--json"]) == 0
    reported_items = json.loads(capfd.readouterr().out)
    assert (reported_items["started"], [one["started"] for one in reported_items["items"]]) == (1, [True])
    world.person_closes(TicketRef("jira", "OPS", "OPS-1"), State.DONE)
    assert main(["run", "--json", "--verbose"]) == 0
    reported = capfd.readouterr()
    text = (tmp_path / "docs" / "a.md").read_text(encoding="utf-8")
    link = f"[OPS-1]({world.jira.base_url}/browse/OPS-1)"
    assert f"- [x] Add an alert, owner: Ana Lima, due: 2026-04-03 ({link}, done " in text
    for output in (reported.out, reported.err, text, json.dumps(summaries)):
        assert world.jira.secret not in output
