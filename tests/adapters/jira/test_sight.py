"""Whether our account still sees what it listed: a site answers anybody, and shows nobody nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.jira.tracker import JiraTracker
from sync.cli import main
from sync.errors import CredentialsError, OutcomeUnknown, ProjectHidden
from sync.model import Patch, Ticket
from tests.adapters.jira.worlds import POSTMORTEM, JiraWorld, desired, made
from tests.clocks import hurry
from tests.simulators.jira_wire import Answer, Fault

CALLS: dict[str, Callable[[JiraTracker, Ticket], object]] = {
    "a listing": lambda tracker, ticket: list(tracker.changed("OPS", "").tickets),
    "what changed": lambda tracker, ticket: list(tracker.changed("OPS", "2026-03-01T11:00:00+00:00").tickets),
    "a look-up": lambda tracker, ticket: tracker.lookup([ticket.ref]),
    "an update": lambda tracker, ticket: tracker.update(ticket, Patch(title="Other words")),
    "the look before a create": lambda tracker, ticket: tracker.marked("OPS", [POSTMORTEM], ticket.created),
    "a create": lambda tracker, ticket: tracker.create([desired(tracker)]),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_token_that_ended_is_told_by_whatever_is_asked(world: JiraWorld, call: str) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    blind = world.open(token="ended")
    with pytest.raises(CredentialsError, match=r"refuses (jira\.email and )?jira\.token"):
        CALLS[call](blind, ticket)
    assert len(world.site.issues) == 1


def test_a_create_that_was_carried_out_for_nobody_is_looked_for(cloud: JiraWorld) -> None:
    def nobodys(answer: Answer) -> Answer:
        return Answer(answer.status, answer.body, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})

    cloud.jira.faults.append(Fault("replace", "POST", "/issue/bulk$", change=nobodys))
    answer = cloud.tracker.create([desired(cloud.tracker)])[0]
    assert isinstance(answer.error, OutcomeUnknown)


def listed(world: JiraWorld, cursor: str = "", tracker: JiraTracker | None = None) -> tuple[list[str], str]:
    """Keys of a listing, and where the next one begins."""
    listing = (tracker or world.tracker).changed("OPS", cursor)
    return [ticket.ref.key for ticket in listing.tickets], str(listing.cursor)


@pytest.mark.parametrize("strict", [False, True], ids=["silent", "strict about keys"])
@pytest.mark.parametrize("tickets", [0, 3])
def test_a_project_that_is_not_shown_any_more_moves_no_cursor(world: JiraWorld, strict: bool, tickets: int) -> None:
    for number in range(tickets):
        made(world.tracker, desired(world.tracker, f"Action {number}"))
    world.jira.strict_keys = strict  # type: ignore[attr-defined]
    world.clock.sleep(3600)
    _, cursor = listed(world)
    world.clock.sleep(3600)
    _, cursor = listed(world, cursor)
    world.site.unseen.add("OPS")
    for start in (cursor, ""):
        with pytest.raises(ProjectHidden, match="Browse Projects"):
            listed(world, start)
    world.site.unseen.clear()
    world.clock.sleep(3600)
    assert listed(world, cursor)[0] == []


@pytest.mark.parametrize("strict", [False, True], ids=["silent", "strict about keys"])
@pytest.mark.parametrize("fate", ["deleted", "moved", "hidden"])
def test_a_ticket_that_is_gone_is_no_project_that_is_gone(world: JiraWorld, fate: str, strict: bool) -> None:
    world.site.add_project("PAY")
    for number in range(3):
        made(world.tracker, desired(world.tracker, f"Action {number}"))
    world.jira.strict_keys = strict  # type: ignore[attr-defined]
    world.clock.sleep(3600)
    _, cursor = listed(world)
    first = world.issue("OPS-1")
    world.clock.sleep(3600)
    if fate == "moved":
        world.site.move(first, "PAY")
    elif fate == "deleted":
        world.site.delete(first)
    else:
        first.hidden = True
    world.clock.sleep(7200)
    _, cursor = listed(world, cursor)
    for _ in range(2):
        world.clock.sleep(3600)
        before = len(world.jira.log)
        keys, cursor = listed(world, cursor)
    assert keys == []
    assert len(world.jira.log) - before == 1


def test_a_change_of_the_ticket_that_proves_the_project_is_not_missed(world: JiraWorld) -> None:
    made(world.tracker, desired(world.tracker))
    world.clock.sleep(3600)
    _, cursor = listed(world)
    for title in ("One", "Two"):
        world.clock.sleep(3600)
        world.site.edit(world.issue("OPS-1"), {"summary": title}, {})
        world.clock.sleep(120)
        keys, cursor = listed(world, cursor)
        assert keys == ["OPS-1"]
    world.clock.sleep(3600)
    assert listed(world, cursor)[0] == []


def test_where_answers_name_no_account_it_is_asked_for_once(world: JiraWorld) -> None:
    made(world.tracker, desired(world.tracker))
    world.jira.names_accounts = False
    world.jira.log.clear()
    tracker = world.open()
    cursor = ""
    for _ in range(3):
        world.clock.sleep(3600)
        _, cursor = listed(world, cursor, tracker)
    assert len(world.jira.calls("GET", "/myself$")) == 1
    world.jira.secret = "another"
    with pytest.raises(CredentialsError):
        listed(world, cursor, world.open(token="ended"))


def test_a_cursor_of_an_earlier_version_is_read(world: JiraWorld) -> None:
    made(world.tracker, desired(world.tracker))
    world.clock.sleep(3600)
    since = (world.clock.now() - timedelta(minutes=30)).isoformat()
    assert listed(world, since)[0] == []


def test_one_project_that_is_not_shown_holds_up_no_other(
    world: JiraWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    world.site.add_project("PAY")
    for name in ("ops", "pay"):
        (tmp_path / name).mkdir()
        text = f"---\ndate: 2026-02-20\n---\n# {name}\n\n## Action items\n\n- [ ] Add an alert for {name}\n"
        (tmp_path / name / "a.md").write_text(text, encoding="utf-8")
    email = f'email = "{world.site.me.email}"\n' if world.cloud else ""
    (tmp_path / "sync.toml").write_text(
        'tracker = "jira"\n[sources.ops]\npath = "ops"\n[sources.pay]\npath = "pay"\nproject = "PAY"\n'
        f'[limits]\nmax_age_days = 36500\n[jira]\nbase_url = "{world.jira.base_url}"\nproject = "OPS"\n{email}',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNC_JIRA__TOKEN", world.jira.secret)
    hurry(monkeypatch.setattr)
    world.site.unseen.add("OPS")
    assert main(["run", "--json"]) == 1
    reported = capfd.readouterr()
    assert json.loads(reported.out.splitlines()[-1])["created"] == 1
    assert "Browse Projects in OPS" in reported.out + reported.err
    assert [issue.project for issue in world.site.issues] == ["PAY"]
    world.site.unseen.clear()
    assert main(["run", "--json"]) == 0
    assert sorted(issue.project for issue in world.site.issues) == ["OPS", "PAY"]
