"""Changes to tickets: nobody's edit is lost, whatever the workflow wants is told, every step may be repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sync.errors import TicketMissing, TrackerError
from sync.model import Base, Mark, Patch, State, Ticket
from tests.adapters.jira.worlds import BODY, JiraWorld, desired, made
from tests.simulators.jira_site import Field, Transition

RESOLUTION = Field("resolution", "Resolution", "resolution", required=True, allowed=("Fixed", "Won't Do", "Duplicate"))
CAUSE = Field("customfield_10050", "Root cause", "option", required=True, allowed=("Process", "Code"))


def workflow(world: JiraWorld, *transitions: Transition) -> None:
    world.site.projects["OPS"].transitions = list(transitions)


def rewritten(ticket: Ticket, text: str) -> Patch:
    """A patch that gives the ticket another description."""
    assert ticket.mark is not None
    body = replace(BODY, text=text)
    return Patch(mark=replace(ticket.mark, base=replace(ticket.mark.base, body="new")), body=body)


def test_a_step_that_does_not_tell_where_it_leads_is_taken_for_no_close(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    workflow(world, Transition("81", "Done", "Done", tells=False), Transition("11", "Start", "In Progress"))
    with pytest.raises(TrackerError, match=r"Done \(to a status that is not stated\), Start \(to In Progress\)"):
        world.tracker.update(ticket, Patch(mark=ticket.mark, state=State.DONE))
    assert world.jira.calls("POST", "transitions$") == []
    workflow(world, Transition("81", "Done", "Done", tells=False), Transition("31", "Finish", "Done"))
    assert world.tracker.update(ticket, Patch(mark=ticket.mark, state=State.DONE)).ticket.state is State.DONE
    assert world.jira.calls("POST", "transitions$")[0].body["transition"]["id"] == "31"


# fields


def test_nothing_is_sent_for_what_is_so_already(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker, due=date(2026, 4, 3), assignees=(world.ana,)))
    world.jira.log.clear()
    patch = Patch(
        mark=ticket.mark, title=ticket.title, due=ticket.due, assignees=ticket.assignees, state=State.OPEN, body=BODY
    )
    ticket = world.tracker.update(ticket, patch).ticket
    assert ticket.sealed
    world.jira.log.clear()
    written = world.tracker.update(ticket, patch)
    assert written.ticket == ticket
    assert world.jira.calls("PUT") == []
    assert world.jira.calls("POST", "transitions$") == []


def test_fields_and_mark_are_one_call_on_cloud_and_the_mark_comes_last_on_data_center(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    asked = desired(world.tracker, "Another title")
    world.jira.log.clear()
    written = world.tracker.update(ticket, Patch(mark=asked.mark, title=asked.title, due=date(2026, 5, 1)))
    assert written.ticket.mark == asked.mark
    paths = [call.path.rpartition("/rest/api/")[2][2:] for call in world.jira.calls("PUT")]
    assert paths == (["issue/OPS-1"] if world.cloud else ["issue/OPS-1", "issue/OPS-1/properties/postmortem-sync"])


def test_a_mark_alone_leaves_the_ticket_itself_alone(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    assert ticket.mark is not None
    world.clock.sleep(3600)
    mark = replace(ticket.mark, base=Base("Other", (), None, "x"))
    written = world.tracker.update(ticket, Patch(mark=mark))
    assert written.ticket.mark == mark
    assert written.ticket.version == ticket.version


def test_labels_a_person_added_stay(world: JiraWorld) -> None:
    key = world.person_creates("Somebody's")
    world.site.edit(world.issue(key), {"labels": ["theirs"]}, {})
    ticket = world.tracker.lookup([key])[key]
    assert ticket is not None
    written = world.tracker.update(ticket, Patch(mark=desired(world.tracker).mark))
    assert written.ticket.labels[:2] == ("theirs", "postmortem-sync")
    assert len(written.ticket.labels) == 3


def test_the_description_follows_while_it_is_what_we_wrote(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    written = world.tracker.update(ticket, rewritten(ticket, "Alert on replica lag above 5 s"))
    assert written.dropped == ()
    assert "above 5 s" in json.dumps(world.issue(ticket.ref).fields["description"])


def test_a_description_somebody_edited_stays_theirs(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    issue = world.issue(ticket.ref)
    theirs: Any = "Their words"
    if world.cloud:
        theirs = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}]}
    issue.fields["description"] = theirs
    written = world.tracker.update(ticket, rewritten(ticket, "Alert on replica lag above 5 s"))
    assert written.dropped == ("description (somebody changed it by hand)",)
    assert issue.fields["description"] == theirs


def test_a_dropped_field_does_not_cost_the_others(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.site.projects["OPS"].fields["duedate"].edit = False
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title", due=date(2026, 5, 1)))
    assert written.ticket.title == "New title"
    assert len(written.dropped) == 1
    assert written.dropped[0].startswith("due date 2026-05-01 (Field 'duedate' cannot be set.")


def test_an_assignee_is_set_by_id(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    assert world.tracker.update(ticket, Patch(mark=ticket.mark, assignees=(world.bo,))).ticket.assignees == (world.bo,)
    assert world.jira.calls("PUT", "assignee$") == []
    assert world.tracker.update(ticket, Patch(mark=ticket.mark, assignees=())).ticket.assignees == ()


def test_a_ticket_that_is_gone_is_missing(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.person_deletes(ticket.ref)
    with pytest.raises(TicketMissing, match="OPS-1"):
        world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))


def test_a_moved_ticket_is_changed_where_it_is(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.site.add_project("PAY")
    world.site.move(world.issue(ticket.ref), "PAY")
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))
    assert (written.ticket.ref.key, written.ticket.former) == ("PAY-1", "")
    assert written.ticket.title == "New title"


def test_a_missing_permission_is_told_with_its_cure(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.site.permissions["EDIT_ISSUES"] = False
    with pytest.raises(TrackerError, match="Give the account the permission Edit Issues"):
        world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))


def test_without_a_key_a_mark_on_anothers_ticket_is_said_to_be_lost(world: JiraWorld) -> None:
    tracker = world.open(mark_key=b"")
    key = world.person_creates("Somebody's")
    ticket = tracker.lookup([key])[key]
    assert ticket is not None
    written = tracker.update(ticket, Patch(mark=desired(tracker).mark))
    assert written.ticket.mark is None
    assert "state.mark_secret" in written.dropped[0]


# completion


@pytest.mark.parametrize("status", ["To Do", "In Progress"])
def test_a_ticket_is_closed_from_whatever_status(world: JiraWorld, status: str) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.site.set_status(world.issue(ticket.ref), status)
    closed = world.tracker.update(ticket, Patch(mark=ticket.mark, state=State.DONE)).ticket
    assert (closed.state, closed.closed_on) == (State.DONE, date(2026, 3, 1))
    opened = world.tracker.update(closed, Patch(mark=ticket.mark, state=State.OPEN)).ticket
    assert (opened.state, opened.closed_on) == (State.OPEN, None)


def test_closing_twice_is_closing_once(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    for _ in range(2):
        assert world.tracker.update(ticket, Patch(state=State.DONE)).ticket.state is State.DONE
    assert len(world.jira.calls("POST", "transitions$")) == 1


@pytest.mark.parametrize(
    ("state", "resolution"), [(State.DONE, "Fixed"), (State.WONTDO, "Won't Do")], ids=["done", "wontdo"]
)
def test_the_resolution_is_chosen_from_the_screen(world: JiraWorld, state: State, resolution: str) -> None:
    workflow(world, Transition("7", "Close", "Done", fields=(RESOLUTION,)))
    ticket = made(world.tracker, desired(world.tracker))
    assert world.tracker.update(ticket, Patch(state=state)).ticket.state is state
    assert world.issue(ticket.ref).resolution == resolution


def test_a_resolution_the_site_did_not_tell_of_is_given_when_it_asks(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Close", "Done", hidden=("resolution",)))
    ticket = made(world.tracker, desired(world.tracker))
    assert world.tracker.update(ticket, Patch(state=State.WONTDO)).ticket.state is State.WONTDO


def test_a_required_field_is_told_with_its_values_and_the_line_to_add(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Close", "Done", fields=(CAUSE,), resolution="Done"))
    ticket = made(world.tracker, desired(world.tracker))
    with pytest.raises(TrackerError) as caught:
        world.tracker.update(ticket, Patch(state=State.DONE))
    assert str(caught.value) == (
        "OPS-1: Close (from To Do to Done) was refused: customfield_10050: Root cause is required. "
        "It wants 'Root cause' (allowed: Process, Code). "
        'Add to [jira.transition_fields] in sync.toml: "Root cause" = "Process"'
    )
    tracker = world.open(transition_fields={"root cause": "code"})
    assert tracker.update(ticket, Patch(state=State.DONE)).ticket.state is State.DONE


def test_a_transition_that_asks_for_nothing_is_preferred(world: JiraWorld) -> None:
    plain = Transition("8", "Just close", "Done", resolution="Done")
    workflow(world, Transition("7", "Close", "Done", fields=(CAUSE,)), plain)
    ticket = made(world.tracker, desired(world.tracker))
    assert world.tracker.update(ticket, Patch(state=State.DONE)).ticket.state is State.DONE


def test_a_field_the_site_did_not_tell_of_is_named_when_it_asks(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Close", "Done", hidden=("customfield_10050",)))
    ticket = made(world.tracker, desired(world.tracker))
    with pytest.raises(TrackerError, match="was refused: customfield_10050: Customfield_10050 is required"):
        world.tracker.update(ticket, Patch(state=State.DONE))


def test_a_workflow_without_a_way_out_is_told(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Start", "In Progress"))
    ticket = made(world.tracker, desired(world.tracker))
    with pytest.raises(TrackerError) as caught:
        world.tracker.update(ticket, Patch(state=State.DONE))
    assert "no transition leads from 'To Do' to a status of the category done" in str(caught.value)
    assert "available: Start (to In Progress)" in str(caught.value)


def test_a_workflow_that_cannot_say_wont_do_is_told(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Close", "Done", resolution="Done"))
    ticket = made(world.tracker, desired(world.tracker))
    written = world.tracker.update(ticket, Patch(state=State.WONTDO))
    assert written.ticket.state is State.DONE
    assert written.dropped == ("state wontdo (it is done)",)


def test_a_closed_ticket_is_edited_after_it_is_reopened(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.person_closes(ticket.ref, State.DONE)
    world.jira.log.clear()
    world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title", state=State.OPEN))
    writes = [call.method for call in world.jira.calls() if call.method == "PUT" or call.path.endswith("transitions")]
    # Where the mark is not part of the edit, sealing it is a call of its own.
    assert writes == ["GET", "POST", "PUT"] + ["PUT"] * (not world.cloud)


# duplicates


def twins(world: JiraWorld) -> tuple[Ticket, Ticket]:
    return made(world.tracker, desired(world.tracker)), made(world.tracker, desired(world.tracker))


def test_the_younger_is_linked_to_the_older_and_closed_as_its_duplicate(world: JiraWorld) -> None:
    workflow(world, Transition("7", "Close", "Done", fields=(RESOLUTION,)))
    older, younger = twins(world)
    patch = Patch(state=State.WONTDO, duplicate_of=older.ref.key)
    for _ in range(2):
        written = world.tracker.update(younger, patch)
        assert (written.ticket.duplicate_of, written.ticket.state) == (older.ref.key, State.WONTDO)
        assert written.dropped == ()
    assert world.issue(younger.ref).resolution == "Duplicate"
    assert len(world.jira.calls("POST", "issueLink$")) == 1
    kept = world.tracker.lookup([older.ref])[older.ref]
    assert kept is not None
    assert (kept.state, kept.duplicate_of) == (State.OPEN, "")


def test_a_moved_ticket_is_no_duplicate_of_itself(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    world.site.add_project("PAY")
    world.site.move(world.issue(ticket.ref), "PAY")
    with pytest.raises(TrackerError, match="no duplicate of itself"):
        world.tracker.update(ticket, Patch(state=State.WONTDO, duplicate_of="PAY-1"))
    assert world.issue("PAY-1").status == "To Do"


def test_a_site_without_such_a_link_is_told_and_the_ticket_still_closed(world: JiraWorld) -> None:
    world.jira.link_types = {}
    older, younger = twins(world)
    written = world.tracker.update(younger, Patch(state=State.WONTDO, duplicate_of=older.ref.key))
    assert written.ticket.state is State.WONTDO
    assert written.dropped == ("link to OPS-1 (No issue link type with name 'Duplicate' found.)",)


def test_an_item_that_got_another_mark_keeps_one_link_to_its_postmortem(world: JiraWorld) -> None:
    ticket = made(world.tracker, desired(world.tracker))
    assert ticket.mark is not None
    world.tracker.update(ticket, rewritten(ticket, "Other words"))
    assert list(world.issue(ticket.ref).remote_links) == [ticket.mark.nonce]
    assert isinstance(ticket.mark, Mark)
