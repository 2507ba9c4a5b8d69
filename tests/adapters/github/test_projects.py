"""Projects: a card once, a date and a status on it, and what people do on the board from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapters.github.settings import GitHubProjectSettings
from sync.errors import TrackerError
from sync.model import Mark, Patch, State, Ticket
from tests.adapters.github.worlds import PROJECT, GitHubWorld, github_world
from tests.contract.trackers import create, desired
from tests.simulators.github_projects import Project
from tests.simulators.jira_wire import Fault

DUE, LATER = date(2026, 4, 3), date(2026, 4, 10)
NAMED = GitHubProjectSettings(number=5, open="In Progress", done="Done")


@pytest.fixture
def boarded() -> Iterator[GitHubWorld]:
    """A repository of an organisation that keeps dates in a project."""
    with github_world(board=True) as world:
        yield world


def board_of(world: GitHubWorld) -> Project:
    assert world.board is not None
    return world.board


def made(world: GitHubWorld, words: str = "Alert on a full queue", **fields: Any) -> Ticket:
    return create(world, desired(world, words, **{"due": DUE, **fields}))


def shown(world: GitHubWorld, ticket: Ticket) -> dict[str, str] | None:
    return board_of(world).shown(world.issue(ticket.ref))


def listed(world: GitHubWorld, cursor: str = "") -> tuple[list[Ticket], str]:
    listing = world.open().changed(PROJECT, cursor)
    return list(listing.tickets), str(listing.cursor)


def again(world: GitHubWorld, ticket: Ticket) -> Ticket:
    found = world.tracker.lookup([ticket.ref])[ticket.ref]
    assert found is not None
    return found


def pushed(ticket: Ticket, **fields: Any) -> Patch:
    assert ticket.mark is not None
    return Patch(mark=ticket.mark, **fields)


def calls(world: GitHubWorld) -> list[str]:
    return [f"{asked.method} {asked.path.replace('/repos/Acme/Shop', '')}" for asked in world.github.calls()]


def test_a_new_issue_gets_its_card_and_its_date_stands_there_alone(boarded: GitHubWorld) -> None:
    made(boarded, "First")
    boarded.github.log.clear()
    ticket = made(boarded, "Second")
    assert shown(boarded, ticket) == {"Status": "Todo", "Target date": "2026-04-03"}
    assert ticket.due == DUE
    assert "2026-04-03" not in boarded.issue(ticket.ref).body
    item = board_of(boarded).items[-1].id
    assert calls(boarded)[-4:] == [
        "POST /issues",
        "POST /orgs/Acme/projectsV2/5/items",
        f"PATCH /orgs/Acme/projectsV2/5/items/{item}",
        "PATCH /issues/2",
    ]


def test_a_project_of_a_person_and_statuses_of_the_settings() -> None:
    with github_world(organisation=False, board=True) as world:
        world.tracker = world.open(board=NAMED)
        ticket = made(world)
        assert shown(world, ticket) == {"Status": "In Progress", "Target date": "2026-04-03"}
        assert ticket.started
        board_of(world).workflows = False
        closed = world.tracker.update(ticket, pushed(ticket, state=State.DONE))
        assert shown(world, ticket) == {"Status": "Done", "Target date": "2026-04-03"}
        assert (closed.dropped, closed.ticket.state, closed.ticket.started) == ((), State.DONE, False)


def test_the_projects_own_workflows_are_not_fought(boarded: GitHubWorld) -> None:
    ticket = made(boarded)
    boarded.github.log.clear()
    boarded.tracker.update(ticket, pushed(ticket, state=State.DONE))
    assert shown(boarded, ticket) == {"Status": "Done", "Target date": "2026-04-03"}
    assert boarded.github.calls("PATCH", "/projectsV2/") == []


def test_what_a_person_changes_on_the_board_alone_is_noticed_in_one_more_call(boarded: GitHubWorld) -> None:
    tickets = [made(boarded, f"Action {n}") for n in range(3)]
    boarded.clock.sleep(3600)
    cursor = listed(boarded)[1]
    cursor = listed(boarded, cursor)[1]
    boarded.github.log.clear()
    found, cursor = listed(boarded, cursor)
    assert found == []
    assert calls(boarded) == ["GET /issues", "POST /graphql"]
    board_of(boarded).put(boarded.issue(tickets[1].ref), Target_date="2026-04-10", Status="In Progress")
    found, cursor = listed(boarded, cursor)
    assert [(one.ref, one.due, one.started) for one in found] == [(tickets[1].ref, LATER, True)]
    assert listed(boarded, cursor)[0] == []


def test_however_an_issue_is_read_its_card_is_seen(boarded: GitHubWorld) -> None:
    tickets = [made(boarded, "First"), made(boarded, "Second", due=None)]
    board_of(boarded).put(boarded.issue(tickets[1].ref), Target_date="2026-04-10", Status="In Progress")
    refs = [ticket.ref for ticket in tickets]
    together = boarded.tracker.lookup(refs)
    assert {ref: boarded.tracker.lookup([ref])[ref] for ref in refs} == together
    assert {one.ref: one for one in listed(boarded)[0]} == together
    mark = tickets[0].mark
    assert mark is not None
    assert {one.ref: one for one in boarded.tracker.marked(PROJECT, [mark.place], None)} == together
    assert [(one.due, one.started) for one in together.values() if one] == [(DUE, False), (LATER, True)]


def test_what_was_taken_off_the_board_is_not_put_back(boarded: GitHubWorld) -> None:
    ticket = made(boarded)
    board_of(boarded).take_off(boarded.issue(ticket.ref))
    seen = again(boarded, ticket)
    assert seen.due is None
    written = boarded.tracker.update(seen, pushed(seen, due=LATER, title="Alert on a full queue at once"))
    assert shown(boarded, ticket) is None
    # The date still has a place: the description.
    assert written.ticket.due == again(boarded, ticket).due == LATER


def test_a_date_changed_on_both_sides_at_once_is_the_persons(boarded: GitHubWorld) -> None:
    ticket = made(boarded)
    board_of(boarded).put(boarded.issue(ticket.ref), Target_date="2026-05-01")
    written = boarded.tracker.update(ticket, pushed(ticket, due=LATER))
    assert shown(boarded, ticket) == {"Status": "Todo", "Target date": "2026-05-01"}
    assert written.dropped == ("due date: somebody changed it a moment ago",)


def test_a_moved_date_is_one_call_beside_the_look(boarded: GitHubWorld) -> None:
    ticket = made(boarded)
    item = board_of(boarded).items[0].id
    boarded.tracker.update(ticket, pushed(ticket))
    boarded.github.log.clear()
    written = boarded.tracker.update(ticket, pushed(ticket, due=LATER))
    assert (written.ticket.due, written.dropped) == (LATER, ())
    assert calls(boarded) == ["GET /issues/1", "POST /graphql", f"PATCH /orgs/Acme/projectsV2/5/items/{item}"]


def test_the_field_of_the_organisation_comes_first_and_the_card_is_made_all_the_same(boarded: GitHubWorld) -> None:
    field = boarded.site.add_field("Acme", "Target date")
    ticket = made(boarded)
    assert boarded.issue(ticket.ref).fields == {field.id: "2026-04-03"}
    assert shown(boarded, ticket) == {"Status": "Todo"}


def test_a_linked_issue_gets_its_card_and_keeps_its_place_there(boarded: GitHubWorld) -> None:
    refs = [boarded.person_creates("Theirs"), boarded.person_creates("Theirs too")]
    boarded.tracker.lookup(refs)
    mark = desired(boarded).mark
    issues = [boarded.issue(ref) for ref in refs]
    boarded.github.boards.put_on(board_of(boarded), issues[1])
    board_of(boarded).put(issues[1], Status="In Progress")
    for ref in refs:
        ticket = boarded.tracker.lookup([ref])[ref]
        assert ticket is not None
        boarded.tracker.update(ticket, Patch(mark=mark, due=DUE))
    assert [board_of(boarded).shown(issue) for issue in issues] == [
        {"Status": "Todo", "Target date": "2026-04-03"},
        {"Status": "In Progress", "Target date": "2026-04-03"},
    ]


def test_a_run_that_died_before_the_card_lost_no_date_and_the_card_comes_with_the_next_change(
    boarded: GitHubWorld,
) -> None:
    boarded.github.faults.append(Fault("drop_before", "POST", "/items", times=99))
    answer = boarded.tracker.create([desired(boarded, due=DUE)])[0]
    assert answer.written is not None
    ticket = answer.written.ticket
    assert (ticket.due, shown(boarded, ticket)) == (DUE, None)
    assert any("its card in the project acme/5" in words for words in answer.written.dropped)
    boarded.github.faults.clear()
    assert again(boarded, ticket).due == DUE
    written = boarded.tracker.update(ticket, pushed(ticket, due=LATER))
    assert shown(boarded, ticket) == {"Status": "Todo", "Target date": "2026-04-10"}
    assert (written.ticket.due, written.dropped) == (LATER, ())
    assert "Due date" not in boarded.issue(ticket.ref).body


def test_a_card_whose_answer_was_lost_is_one_card(boarded: GitHubWorld) -> None:
    boarded.github.faults.append(Fault("drop_after", "POST", "/items"))
    ticket = made(boarded)
    assert len(board_of(boarded).items) == 1
    assert shown(boarded, ticket) == {"Status": "Todo", "Target date": "2026-04-03"}


def test_a_field_that_the_project_lacks_leaves_the_date_in_the_description(boarded: GitHubWorld) -> None:
    boarded.tracker = boarded.open(board=GitHubProjectSettings(number=5, date="Due", open="Later"))
    answer = boarded.tracker.create([desired(boarded, due=DUE)])[0]
    assert answer.written is not None
    assert answer.written.ticket.due == DUE
    assert [words for words in answer.written.dropped if "'Due'" in words or "Later" in words] == list(
        answer.written.dropped
    )
    assert len(answer.written.dropped) == 2


@pytest.mark.parametrize("way", ["no rights", "no such project", "an App and a person's project"])
def test_a_token_that_cannot_is_told_and_concludes_nothing(way: str) -> None:
    with github_world(organisation=way != "an App and a person's project", board=True) as world:
        ticket = made(world)
        cursor = listed(world)[1]
        if way == "no rights":
            world.github.boards.allowed = False
        elif way == "no such project":
            world.github.boards.known.clear()
        else:
            world.github.boards.app = True
        project = [finding for finding in world.open().check() if finding.what == "project"]
        assert [finding.well for finding in project] == [False]
        assert "Projects: read and write" in project[0].cure
        if way == "no rights":
            with pytest.raises(TrackerError, match="may not use the project acme/5") as caught:
                listed(world, cursor)
            assert "scope project" in caught.value.cure
            with pytest.raises(TrackerError, match="may not use the project"):
                world.tracker.lookup([ticket.ref])
        else:
            # Cards that are not shown are no cards that were taken away, with the dates on them.
            with pytest.raises(TrackerError, match="shows no project"):
                listed(world, cursor)
            with pytest.raises(TrackerError, match="shows no project"):
                world.open().lookup([ticket.ref])


def test_the_doctor_knows_the_fields_and_options(boarded: GitHubWorld) -> None:
    findings = {f.what: f for f in boarded.open(board=NAMED).check()}
    assert (findings["project"].well, findings["project"].detail) == (True, "acme/5, of an organisation")
    assert findings["due dates"].detail == "kept in the project acme/5"
    wrong = boarded.open(board=GitHubProjectSettings(number=5, date="Due", done="Shipped")).check()
    problems = [(f.detail, f.cure) for f in wrong if f.what == "project" and not f.well]
    assert problems == [
        ("it has no field 'Due'", "Set it to one of: status, target date."),
        ("Status has no option 'Shipped'", "Set it to one of: done, in progress, todo."),
    ]
    assert {asked.method for asked in boarded.github.calls("", "/projectsV2")} == {"GET"}


def test_a_mark_on_a_card_is_not_needed(boarded: GitHubWorld) -> None:
    """People's own cards beside ours are nobody's business."""
    other = boarded.github.boards.add("Acme", 6)
    ticket = made(boarded)
    boarded.github.boards.put_on(other, boarded.issue(ticket.ref))
    other.put(boarded.issue(ticket.ref), Target_date="2027-01-01")
    assert again(boarded, ticket).due == DUE
    assert isinstance(ticket.mark, Mark)
