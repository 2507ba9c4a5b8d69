"""What a create sends, what GitHub drops of it without a word, and what is done about that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adapters.github.text import due_in, marks_in
from sync.errors import TrackerError
from sync.model import DesiredTicket, Ticket
from tests.adapters.github.worlds import PROJECT, GitHubWorld

DUE = date(2026, 4, 3)


def made(world: GitHubWorld, one: DesiredTicket, dropped: tuple[str, ...] = (), **settings: Any) -> Ticket:
    """The ticket of a create that must succeed, with just this left out."""
    tracker = world.open(**settings) if settings else world.tracker
    answer = tracker.create([one])[0]
    assert answer.error is None, answer.error
    assert answer.written is not None
    assert len(answer.written.dropped) == len(dropped), answer.written.dropped
    assert all(part in words for part, words in zip(dropped, answer.written.dropped, strict=True))
    return answer.written.ticket


def refused(world: GitHubWorld, one: DesiredTicket) -> TrackerError:
    answer = world.tracker.create([one])[0]
    assert answer.error is not None
    return answer.error


def test_an_issue_is_whole_in_one_call(world: GitHubWorld) -> None:
    ticket = made(world, world.desired(assignees=("ana",), due=DUE))
    issue = world.issue(ticket.ref)
    assert (issue.title, issue.assignees, issue.labels) == ("Alert on a full queue", ["Ana"], ["postmortem-sync"])
    assert issue.body.startswith("<!-- postmortem-sync -->\nAlert on a full queue\n\n**Due date:** 2026-04-03\n")
    assert "From [Checkout outage](<https://example.com/docs/2026-02-20-checkout.md>), Action items." in issue.body
    assert "- Owner: Ana Lima" in issue.body
    assert issue.body.endswith(" -->")
    assert len(marks_in(issue.body)) == 1
    assert ticket.ref.key == f"{PROJECT}#1"
    assert len(world.github.calls("POST", "/issues$")) == 1
    assert len(world.github.calls("PATCH")) == 0


def test_what_is_asked_of_the_repository_is_asked_once(world: GitHubWorld) -> None:
    for number in range(5):
        made(world, world.desired(f"Action number {number}", due=DUE))
    paths = [asked.path for asked in world.github.calls()]
    assert paths.count("/graphql") == 1
    assert paths.count("/orgs/Acme/issue-fields") == 1
    assert len(paths) == 5 + 4


def test_labels_are_made_when_missing_and_kept_as_they_are_spelled(world: GitHubWorld) -> None:
    world.repository.labels["incident review"] = "Incident Review"
    settings = {"labels": ("incident review", "follow-up", "Postmortem-Sync")}
    desired = world.open(**settings).normalise(world.desired())
    ticket = made(world, desired, **settings)
    assert world.issue(ticket.ref).labels == ["postmortem-sync", "Incident Review", "follow-up"]
    assert [body["name"] for body in world.github.made("/labels$")] == ["postmortem-sync", "follow-up"]


def test_due_dates_go_to_the_field_of_the_organisation(fielded: GitHubWorld) -> None:
    ticket = made(fielded, fielded.desired(due=DUE))
    issue = fielded.issue(ticket.ref)
    assert list(issue.fields.values()) == ["2026-04-03"]
    assert due_in(issue.body) is None
    assert ticket.due == DUE


@pytest.mark.parametrize("name", ["target date", "Something else"])
def test_a_field_is_known_by_its_name_whatever_its_case(world: GitHubWorld, name: str) -> None:
    world.site.add_field("Acme", "Target date", "text")
    world.site.add_field("Acme", "Target Date")
    ticket = made(world, world.desired(due=DUE), due_field=name)
    assert bool(world.issue(ticket.ref).fields) == (name == "target date")
    assert ticket.due == DUE


def test_a_field_that_takes_no_date_leaves_it_in_the_description(fielded: GitHubWorld) -> None:
    tracker = fielded.open()
    made(fielded, fielded.desired("First", due=DUE))
    fielded.site.fields["acme"][0].id += 1
    answer = fielded.tracker.create([fielded.desired(due=DUE)])[0]
    assert answer.written is not None
    assert answer.written.ticket.due == DUE
    assert due_in(fielded.issue(answer.written.ticket.ref).body) == DUE
    assert "due date" in answer.written.dropped[0]
    assert tracker.lookup([answer.written.ticket.ref])[answer.written.ticket.ref] == answer.written.ticket


def test_due_dates_share_a_milestone_for_each_day(world: GitHubWorld) -> None:
    settings = {"milestone": "Follow-ups"}
    days = [DUE, DUE, date(2026, 5, 1)]
    tracker = world.open(**settings)
    tickets = [tracker.create([world.desired(f"Action {n}", due=day)])[0].written for n, day in enumerate(days)]
    assert [written.ticket.due for written in tickets if written] == days
    assert [milestone.title for milestone in world.repository.milestones] == [
        "Follow-ups 2026-04-03",
        "Follow-ups 2026-05-01",
    ]


def test_a_milestone_that_is_there_is_used(world: GitHubWorld) -> None:
    world.site.milestone(world.repository, "Follow-ups for April", DUE)
    ticket = made(world, world.desired(due=DUE), milestone="Follow-ups")
    assert world.issue(ticket.ref).milestone == 1
    assert len(world.repository.milestones) == 1


def test_an_account_without_push_is_told_what_github_dropped(world: GitHubWorld) -> None:
    world.site.push = False
    asked = world.open(labels=("follow-up",)).normalise(world.desired(assignees=("ana",), due=DUE))
    dropped = ("assignee ana", "label postmortem-sync, without which changes are not noticed", "label follow-up")
    ticket = made(world, asked, dropped)
    assert ticket.mark == asked.mark
    assert ticket.due == DUE


def test_a_label_that_was_dropped_does_not_hide_the_issue_from_the_look_for_marks(world: GitHubWorld) -> None:
    world.site.push = False
    before = world.clock.now()
    asked = world.desired()
    world.tracker.create([asked])
    world.settle()
    found = world.second_machine().marked(PROJECT, [asked.mark.place], before)
    assert [ticket.mark for ticket in found] == [asked.mark]


def test_somebody_who_cannot_be_assigned_is_told(world: GitHubWorld) -> None:
    world.site.unassignable.add("bo-ek")
    ticket = made(world, world.desired(assignees=("ana", "bo-ek")), ("assignee bo-ek",))
    assert ticket.assignees == ("ana",)


def test_somebody_unknown_does_not_keep_the_issue_from_being_made(world: GitHubWorld) -> None:
    ticket = made(world, world.desired(assignees=("ghost-user",)), ("assignees ghost-user",))
    assert ticket.assignees == ()
    assert len(world.issues()) == 1


def test_only_who_is_unknown_is_left_out(world: GitHubWorld) -> None:
    ticket = made(world, world.desired(assignees=("ana", "ghost-user")), ("assignees ghost-user",))
    assert ticket.assignees == ("ana",)


def test_ten_can_be_assigned(world: GitHubWorld) -> None:
    names = tuple(f"person-{n:02}" for n in range(12))
    for name in names:
        world.site.account(name)
    asked = world.desired(assignees=names)
    assert asked.assignees == names[:10]
    assert made(world, asked).assignees == names[:10]


def test_the_issue_type_is_set_or_told(world: GitHubWorld) -> None:
    world.repository.types = ["Task", "Bug"]
    ticket = made(world, world.desired(), issue_type="Task")
    assert world.issue(ticket.ref).type == "Task"
    made(world, world.desired("Another"), ("type",), issue_type="Chore")


def test_the_incident_s_issue_becomes_the_parent(world: GitHubWorld) -> None:
    incident = world.person_creates("Checkout is down")
    ticket = made(world, world.desired(incident=f"{world.github.base_url}/acme/shop/issues/1"))
    assert world.issue(ticket.ref).parent is world.issue(incident)
    made(world, world.desired("Another", incident=f"{PROJECT}#99"), (f"the parent {PROJECT}#99",))
    made(world, world.desired("A third", incident="INC-7"))


def test_texts_too_long_for_github_are_cut(world: GitHubWorld) -> None:
    asked = world.desired("ö" * 70_000)
    ticket = made(world, asked)
    assert ticket.title == asked.title
    assert len(ticket.title) <= 256
    assert ticket.mark == asked.mark


@pytest.mark.parametrize("what", ["archived", "disabled", "renamed", "gone"])
def test_a_repository_that_takes_no_issues_is_told_with_the_cure(world: GitHubWorld, what: str) -> None:
    asked = world.desired()
    match what:
        case "archived":
            world.repository.archived = True
        case "disabled":
            world.repository.has_issues = False
        case "renamed":
            world.site.rename(world.repository, "Store")
        case _:
            del world.site.repositories[PROJECT.lower()]
    error = refused(world, asked)
    words = {"archived": "Unarchive", "disabled": "Turn on Issues", "renamed": "renamed", "gone": "Not Found"}
    assert words[what] in str(error)
    assert world.issues() == []


def test_the_next_wish_is_not_kept_by_one_that_is_refused(world: GitHubWorld) -> None:
    desired_tickets = [world.desired("First"), world.desired("Second")]
    empty = DesiredTicket(
        **{**{name: getattr(desired_tickets[0], name) for name in DesiredTicket.__slots__}, "title": " "}
    )
    answers = world.tracker.create([empty, desired_tickets[1]])
    assert isinstance(answers[0].error, TrackerError)
    assert answers[1].written is not None
