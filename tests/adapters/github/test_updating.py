"""Updates: what a patch names and nothing else, and nothing that a person changed in the meantime."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adapters.github.text import due_in, marks_in
from sync.errors import TicketMissing, TrackerError
from sync.model import Base, Body, Mark, Patch, State, Ticket, TicketRef
from tests.adapters.github.worlds import PROJECT, GitHubWorld
from tests.simulators.jira_wire import Fault

DUE, LATER = date(2026, 4, 3), date(2026, 5, 1)
MARK = Mark("github.com/acme/docs#docs/a.md", "print", "item", Base("t", ("ana",), DUE, "b"), "nonce")


def made(world: GitHubWorld, text: str = "Alert on a full queue", **values: Any) -> Ticket:
    answer = world.tracker.create([world.desired(text, **values)])[0]
    assert answer.written is not None, answer.error
    return answer.written.ticket


def adopted(world: GitHubWorld, body: str = "Their words", **values: Any) -> tuple[Ticket, TicketRef]:
    """Somebody's own issue as it is before we touch it."""
    ref = world.person_creates("Their title", body)
    world.site.edit(world.issue(ref), **values)
    ticket = world.tracker.lookup([ref])[ref]
    assert ticket is not None
    return ticket, ref


def test_nothing_to_change_is_no_write(world: GitHubWorld) -> None:
    ticket = made(world, assignees=("ana",), due=DUE)
    world.github.log.clear()
    desired = world.desired(assignees=("ana",), due=DUE)
    patch = Patch(ticket.mark, desired.title, desired.body, desired.assignees, desired.due, State.OPEN)
    ticket = world.tracker.update(ticket, patch).ticket
    assert ticket.sealed
    world.github.log.clear()
    written = world.tracker.update(ticket, patch)
    assert (written.ticket, written.dropped) == (ticket, ())
    assert world.github.writes() == []


def test_a_body_follows_the_document_and_keeps_what_people_wrote(world: GitHubWorld) -> None:
    ticket = made(world, due=DUE)
    issue = world.issue(ticket.ref)
    world.site.edit(issue, body=f"Above.\r\n\r\n{issue.body}\n\nBelow.")
    renamed = world.desired("Alert on a queue that is nearly full", due=DUE)
    written = world.tracker.update(ticket, Patch(renamed.mark, body=renamed.body))
    assert written.dropped == ()
    assert issue.body.startswith("Above.\r\n\r\n<!-- postmortem-sync -->\nAlert on a queue that is nearly full\n")
    assert issue.body.endswith("-->\n\nBelow.")
    assert written.ticket.mark == renamed.mark
    assert due_in(issue.body) == DUE


def test_our_part_stays_as_somebody_edited_it(world: GitHubWorld) -> None:
    ticket = made(world)
    issue = world.issue(ticket.ref)
    edited = issue.body.replace("Alert on a full queue", "Alert on *two* queues")
    world.site.edit(issue, body=edited)
    renamed = world.desired("Alert on a queue that is nearly full")
    written = world.tracker.update(ticket, Patch(renamed.mark, body=renamed.body))
    assert written.dropped == ("description: somebody edited our part of it",)
    assert "Alert on *two* queues" in issue.body
    assert written.ticket.mark == renamed.mark


@pytest.mark.parametrize("part", ["title", "assignees", "due"])
def test_what_somebody_changes_while_we_plan_is_left_alone(world: GitHubWorld, part: str) -> None:
    ticket = made(world, assignees=("ana",), due=DUE)
    issue = world.issue(ticket.ref)
    match part:
        case "title":
            world.site.edit(issue, title="A person's title")
        case "assignees":
            world.site.edit(issue, assignees=["bo-ek", "Ana"])
        case _:
            world.site.edit(issue, body=issue.body.replace("2026-04-03", "2026-06-06"))
    patch = Patch(ticket.mark, "Ours", None, ("bo-ek",), LATER)
    written = world.tracker.update(ticket, patch)
    assert len(written.dropped) == 1
    assert "a moment ago" in written.dropped[0]
    expected = {"title": "Ours", "assignees": ("bo-ek",), "due": LATER}
    expected[part] = {"title": "A person's title", "assignees": ("ana", "bo-ek"), "due": date(2026, 6, 6)}[part]
    now = written.ticket
    assert {"title": now.title, "assignees": now.assignees, "due": now.due} == expected


def test_an_adopted_issue_gets_the_mark_and_the_label_and_keeps_the_rest(world: GitHubWorld) -> None:
    words = "Their words\r\n\r\n<!-- a comment of theirs -->\r\n\r\n- [ ] a box\r\n"
    ticket, ref = adopted(world, words, labels=["bug"], assignees=["bo-ek"])
    written = world.tracker.update(ticket, Patch(mark=MARK))
    issue = world.issue(ref)
    assert written.dropped == ()
    assert written.ticket.mark == MARK
    assert issue.body.startswith(words)
    assert issue.body.removeprefix(words).strip() == f"<!-- {marks_in(issue.body)[0]} -->"
    assert (issue.title, issue.labels, issue.assignees) == ("Their title", ["bug", "postmortem-sync"], ["bo-ek"])
    assert world.open().lookup([ref])[ref] == written.ticket


def test_an_adopted_issue_is_given_what_it_lacks(world: GitHubWorld) -> None:
    ticket, ref = adopted(world)
    written = world.tracker.update(ticket, Patch(mark=MARK, assignees=("ana",), due=DUE))
    assert (written.ticket.assignees, written.ticket.due) == (("ana",), DUE)
    start = "Their words\n\n<!-- postmortem-sync -->\n**Due date:** 2026-04-03\n<!-- /postmortem-sync -->\n\n<!-- "
    assert world.issue(ref).body.startswith(start)
    later = world.tracker.update(written.ticket, Patch(mark=MARK, due=LATER))
    assert later.ticket.due == LATER
    assert world.issue(ref).body.startswith(start.replace("2026-04-03", "2026-05-01"))


def test_an_adopted_issue_without_words_and_one_that_is_full(world: GitHubWorld) -> None:
    ticket, ref = adopted(world, "")
    marked = world.tracker.update(ticket, Patch(mark=MARK)).ticket
    assert marked.mark == MARK
    dated = world.tracker.update(marked, Patch(mark=MARK, due=DUE)).ticket
    assert (dated.mark, dated.due) == (MARK, DUE)
    assert world.issue(ref).body.startswith("<!-- postmortem-sync -->\n**Due date:** 2026-04-03\n")
    full, _ = adopted(world, "x" * 65_530)
    with pytest.raises(TrackerError, match="full"):
        world.tracker.update(full, Patch(mark=MARK))


def test_a_label_we_may_not_set_is_told(world: GitHubWorld) -> None:
    ticket = made(world)
    world.site.push = False
    world.site.edit(world.issue(ticket.ref), labels=[])
    now = world.tracker.lookup([ticket.ref])[ticket.ref]
    assert now is not None
    written = world.tracker.update(now, Patch(mark=MARK))
    assert len(written.dropped) == 1
    assert "without which changes are not noticed" in written.dropped[0]


def test_what_is_dropped_without_a_word_is_told(world: GitHubWorld) -> None:
    ticket = made(world)
    world.site.unassignable.add("bo-ek")
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, assignees=("ana", "bo-ek")))
    assert written.dropped == ("assignee bo-ek",)
    assert written.ticket.assignees == ("ana",)


def test_a_due_date_goes_where_the_repository_keeps_it(fielded: GitHubWorld) -> None:
    ticket = made(fielded, due=DUE)
    written = fielded.tracker.update(ticket, Patch(mark=ticket.mark, due=LATER))
    assert written.ticket.due == LATER
    assert list(fielded.issue(ticket.ref).fields.values()) == ["2026-05-01"]


def test_a_due_date_leaves_the_other_fields_alone(fielded: GitHubWorld) -> None:
    ticket = made(fielded, due=DUE)
    others = {fielded.site.add_field("Acme", name, "text").id: name for name in ("Risk", "Effort", "Customer")}
    issue = fielded.issue(ticket.ref)
    fielded.site.edit(issue, fields={**issue.fields, **others})
    written = fielded.tracker.update(ticket, Patch(mark=MARK, due=LATER))
    assert (written.ticket.due, written.dropped) == (LATER, ())
    assert issue.fields == {**others, fielded.site.fields["acme"][0].id: "2026-05-01"}
    again = fielded.tracker.update(written.ticket, Patch(mark=MARK, due=DUE))
    assert again.ticket.due == DUE
    assert issue.fields.items() >= others.items()


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_field_that_takes_no_value_any_more_keeps_what_it_has(fielded: GitHubWorld, status: int) -> None:
    dated, bare = made(fielded, due=DUE), made(fielded, "Another action")
    for ticket in (dated, bare):
        fault = Fault("before", "POST", "issue-field-values", status, body={"message": "No."})
        fielded.github.faults.append(fault)
        written = fielded.tracker.update(ticket, Patch(mark=MARK, due=LATER))
        if ticket is dated:
            assert written.dropped[0] == "due date 2026-05-01 (No.)"
            assert written.ticket.due == DUE
            assert due_in(fielded.issue(ticket.ref).body) is None
        else:
            assert "it stands in the description (No.)" in written.dropped[0]
            assert due_in(fielded.issue(ticket.ref).body) == written.ticket.due == LATER


def test_a_date_that_is_dropped_without_a_word_stands_in_the_description(fielded: GitHubWorld) -> None:
    ticket = made(fielded)
    tracker = fielded.open()
    tracker.create([fielded.desired("Warm up", due=DUE)])
    fielded.site.fields["acme"][0].id += 1
    written = tracker.update(ticket, Patch(mark=MARK, due=LATER))
    assert due_in(fielded.issue(ticket.ref).body) == LATER
    assert written.ticket.due == LATER
    assert written.dropped == ("the due date's own place; it stands in the description",)


def test_a_due_date_moves_from_the_description_to_a_field_that_came_later(world: GitHubWorld) -> None:
    ticket = made(world, due=DUE)
    world.site.add_field("Acme", "Target date")
    tracker = world.open()
    now = tracker.lookup([ticket.ref])[ticket.ref]
    assert now is not None
    assert now.due == DUE
    written = tracker.update(now, Patch(mark=ticket.mark, due=LATER))
    assert written.ticket.due == LATER
    assert due_in(world.issue(ticket.ref).body) is None


@pytest.mark.parametrize(
    ("state", "reason"), [(State.DONE, "completed"), (State.WONTDO, "not_planned"), (State.OPEN, "reopened")]
)
def test_completion_is_set_with_its_reason(world: GitHubWorld, state: State, reason: str) -> None:
    ticket = made(world)
    if state is State.OPEN:
        world.person_closes(ticket.ref, State.DONE)
        ticket = world.tracker.lookup([ticket.ref])[ticket.ref] or ticket
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, state=state))
    assert written.ticket.state is state
    assert world.issue(ticket.ref).state_reason == reason


def test_a_duplicate_is_closed_with_links_and_told_once(world: GitHubWorld) -> None:
    older, younger = made(world), made(world)
    patch = Patch(state=State.WONTDO, duplicate_of=older.ref.key)
    once = world.tracker.update(younger, patch)
    issue = world.issue(younger.ref)
    assert (issue.state, issue.state_reason) == ("closed", "duplicate")
    assert issue.duplicate_of == world.issue(older.ref).id
    assert [comment.body.splitlines()[0] for comment in issue.comments] == ["Duplicate of #1"]
    assert once.ticket.duplicate_of == older.ref.key
    world.github.log.clear()
    assert world.tracker.update(once.ticket, patch) == once
    assert world.github.writes() == []
    world.person_reopens(younger.ref)
    again = world.tracker.lookup([younger.ref])[younger.ref]
    assert again is not None
    assert again.duplicate_of == ""


def test_a_server_without_duplicates_closes_as_not_planned(world: GitHubWorld) -> None:
    older, younger = made(world), made(world)
    reported = {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "state_reason", "code": "x"}]}
    world.github.faults.append(Fault("before", "PATCH", status=422, body=reported))
    written = world.tracker.update(younger, Patch(state=State.WONTDO, duplicate_of=older.ref.key))
    assert world.issue(younger.ref).state_reason == "not_planned"
    assert written.ticket.duplicate_of == older.ref.key
    assert written.dropped == ()


def test_a_locked_issue_is_changed_and_its_missing_comment_told(world: GitHubWorld) -> None:
    older, younger = made(world), made(world)
    world.site.edit(world.issue(younger.ref), locked=True)
    world.site.push = False
    written = world.tracker.update(younger, Patch(state=State.WONTDO, duplicate_of=older.ref.key))
    assert written.ticket.state is State.WONTDO
    assert len(written.dropped) == 1
    assert "locked" in written.dropped[0]


def test_what_is_no_longer_there_is_told(world: GitHubWorld) -> None:
    deleted, moved = made(world), made(world, "Another")
    world.person_deletes(deleted.ref)
    world.site.transfer(world.issue(moved.ref), world.site.repository("acme/store"))
    with pytest.raises(TicketMissing):
        world.tracker.update(deleted, Patch(mark=deleted.mark, title="New"))
    with pytest.raises(TrackerError, match="moved"):
        world.tracker.update(moved, Patch(mark=moved.mark, title="New"))


def test_a_pull_request_is_never_written_to(world: GitHubWorld) -> None:
    world.site.issue(world.repository, "A pull request", "words", world.bo, pull=True, labels=["postmortem-sync"])
    ref = TicketRef("github", PROJECT, f"{PROJECT}#1")
    ticket = world.tracker.lookup([ref])[ref]
    assert ticket is not None
    with pytest.raises(TrackerError, match="pull request"):
        world.tracker.update(ticket, Patch(mark=MARK))
    assert world.issue(ref).body == "words"


def test_an_issue_we_may_not_change_is_told_with_the_cure(world: GitHubWorld) -> None:
    ticket, _ = adopted(world, labels=["postmortem-sync"])
    world.site.push = False
    with pytest.raises(TrackerError, match="Give the token"):
        world.tracker.update(ticket, Patch(mark=MARK))


def test_the_look_and_the_write_are_next_to_each_other(world: GitHubWorld) -> None:
    first, second = made(world), made(world, "Another")
    times: list[tuple[str, float]] = []
    original = world.github.handle

    def watched(asked):  # type: ignore[no-untyped-def]
        times.append((asked.method, world.clock.now().timestamp()))
        return original(asked)

    world.github.handle = watched  # type: ignore[method-assign]
    for ticket in (first, second):
        world.tracker.update(ticket, Patch(mark=ticket.mark, title="New title"))
    looks = [at for method, at in times if method == "GET"]
    writes = [at for method, at in times if method == "PATCH"]
    assert looks == writes


def test_words_of_a_document_do_not_reach_the_comments_of_ours(world: GitHubWorld) -> None:
    hostile = Body("<!-- postmortem-sync:1:AAAA: --> @ana fixes #1", "<!--", "https://example.com/", owners=("@ana",))
    ticket = made(world)
    written = world.tracker.update(ticket, Patch(mark=ticket.mark, body=hostile))
    body = world.issue(ticket.ref).body
    assert len(marks_in(body)) == 1
    assert written.ticket.mark == ticket.mark
    assert "@ana" not in body
