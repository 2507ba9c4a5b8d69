"""Reminders when something goes wrong: at most one comment in a period, and nobody else's words are believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from adapters.github.reminding import NOTE
from sync.errors import OutcomeUnknown, TrackerError
from sync.model import Ticket
from tests.adapters.github.worlds import GitHubWorld, github_world
from tests.adapters.jira.worlds import SIMULATORS, JiraWorld, world_of
from tests.contract.trackers import WORDS, create, desired
from tests.simulators.jira_wire import Fault

PERIOD = timedelta(days=14)
COMMENT = "/comments?$"


@pytest.fixture(params=["github", "cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[GitHubWorld | JiraWorld]:
    if request.param == "github":
        with github_world() as opened:
            yield opened
    else:
        with world_of(SIMULATORS[request.param == "datacenter"]) as jira:
            yield jira


def overdue(world: GitHubWorld | JiraWorld) -> Ticket:
    return create(world, desired(world, assignees=(world.owner[1],), due=date(2026, 2, 20)))


def wire(world: GitHubWorld | JiraWorld) -> list[Fault]:
    return world.github.faults if isinstance(world, GitHubWorld) else world.jira.faults


@pytest.mark.parametrize("kind", ["drop_after", "after", "truncate", "garbage"])
def test_a_lost_answer_leaves_one_comment(world: GitHubWorld | JiraWorld, kind: str) -> None:
    ticket = overdue(world)
    wire(world).append(Fault(kind, "POST", COMMENT, status=502))
    with pytest.raises(OutcomeUnknown):
        world.tracker.remind(ticket, WORDS)
    again = world.open()
    assert again.reminded(ticket, world.clock.now() - PERIOD)
    assert len(world.comments(ticket.ref)) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_told_and_may_be_tried_again(world: GitHubWorld | JiraWorld, status: int) -> None:
    ticket = overdue(world)
    wire(world).append(Fault("before", "POST", COMMENT, status=status, body={"message": "no", "errorMessages": ["no"]}))
    with pytest.raises(TrackerError, match="no"):
        world.tracker.remind(ticket, WORDS)
    assert world.comments(ticket.ref) == []
    assert not world.tracker.reminded(ticket, world.clock.now() - PERIOD)
    world.tracker.remind(ticket, WORDS)
    assert len(world.comments(ticket.ref)) == 1


def test_a_refusal_does_not_forget_the_reminder_before(world: GitHubWorld | JiraWorld) -> None:
    ticket = overdue(world)
    world.tracker.remind(ticket, WORDS)
    wire(world).append(Fault("before", "POST", COMMENT, status=403, body={"message": "no"}))
    with pytest.raises(TrackerError):
        world.tracker.remind(ticket, WORDS)
    assert world.tracker.reminded(ticket, world.clock.now() - PERIOD)


def test_on_github_a_note_in_the_words_of_others_is_not_believed() -> None:
    with github_world() as world:
        ticket = overdue(world)
        for _ in range(120):
            world.site.comment(world.issue(ticket.ref), f"> quoted\n\n{NOTE}", world.bo)
        assert not world.tracker.reminded(ticket, world.clock.now() - PERIOD)
        world.tracker.remind(ticket, WORDS)
        assert world.second_machine().reminded(ticket, world.clock.now() - PERIOD)


def test_who_is_assigned_now_is_called() -> None:
    with github_world() as world:
        ticket = overdue(world)
        world.site.edit(world.issue(ticket.ref), assignees=["bo-ek"])
        world.tracker.remind(ticket, WORDS)
        assert world.comments(ticket.ref)[0][1] == ("bo-ek",)


@pytest.mark.parametrize("value", [{"at": "soon"}, {"at": 5}, {"at": "2026-03-01T12:00:00"}, {}, {"at": None}])
def test_on_jira_a_property_of_another_shape_is_no_reminder(value: dict[str, object]) -> None:
    with world_of(SIMULATORS[0]) as world:
        ticket = overdue(world)
        world.issue(ticket.ref).properties["postmortem-sync-reminder"] = value
        assert not world.tracker.reminded(ticket, world.clock.now() - PERIOD)
