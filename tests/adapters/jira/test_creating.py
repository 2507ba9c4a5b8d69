"""New tickets: fifty a call with their marks, each failure its own, nothing left out in silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from adapters.jira.reading import postmortem_label
from sync.errors import OutcomeUnknown, TrackerError
from sync.model import Ticket, Written
from sync.ports import Created
from tests.adapters.jira.worlds import BODY, POSTMORTEM, JiraWorld, desired, made
from tests.simulators.jira_datacenter import JiraDataCenter
from tests.simulators.jira_site import NOT_ON_SCREEN, Field, Issue, Person, Refused
from tests.simulators.jira_wire import Answer, Fault


def written(answer: Created) -> Written:
    assert answer.error is None, answer.error
    assert answer.written is not None
    return answer.written


def refuse(
    world: JiraWorld, *titles: str, errors: Mapping[str, str] | None = None, needed: tuple[str, ...] = ()
) -> None:
    """Let the site refuse issues of these titles, while they have the fields."""
    real = world.site.create

    def create(fields: Mapping[str, Any], properties: Mapping[str, Any], by: Person | None = None) -> Issue:
        if fields["summary"] in titles and all(name in fields for name in needed):
            raise Refused(400, *([] if errors else ["The workflow says no."]), errors=errors)
        return real(fields, properties, by)

    world.site.create = create  # type: ignore[method-assign]


def test_pickers_get_what_they_want_by_their_schema(world: JiraWorld) -> None:
    fields = world.site.projects["OPS"].fields
    kinds = {
        "Sprint": "sprint",
        "Organizations": "organizations",
        "Group": "group",
        "Groups": "groups",
        "Area": "project",
    }
    for number, (name, kind) in enumerate(kinds.items(), 71):
        fields[f"customfield_{number}"] = Field(f"customfield_{number}", name, kind)
    values = {"Sprint": 42, "Organizations": [3], "Group": "sre", "Groups": ["sre", "dba"], "Area": "OPS"}
    tracker = world.open(fields=values)
    held = world.issue(made(tracker, desired(tracker)).ref).fields
    assert [held[f"customfield_{number}"] for number in range(71, 76)] == [
        42,
        [3],
        {"name": "sre"},
        [{"name": "sre"}, {"name": "dba"}],
        {"key": "OPS"},
    ]


def test_a_hundred_and_twenty_tickets_are_three_calls_with_their_marks_in_them(world: JiraWorld) -> None:
    desired_tickets = [desired(world.tracker, f"Action {n}") for n in range(120)]
    answers = world.tracker.create(desired_tickets)
    assert [written(answer).ticket.title for answer in answers] == [one.title for one in desired_tickets]
    assert [written(answer).ticket.mark for answer in answers] == [one.mark for one in desired_tickets]
    calls = world.jira.calls("POST", "/issue/bulk$")
    assert [len(call.body["issueUpdates"]) for call in calls] == [50, 50, 20]
    assert all(entry["properties"] for call in calls for entry in call.body["issueUpdates"])
    assert world.jira.calls("PUT") == []


def test_one_refused_item_fails_alone(world: JiraWorld) -> None:
    refuse(world, "Action 1", "Action 3")
    answers = world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(5)])
    assert [answer.error is None for answer in answers] == [True, False, True, False, True]
    assert "The workflow says no." in str(answers[1].error)
    assert not isinstance(answers[1].error, OutcomeUnknown)
    assert [written(answers[n]).ticket.title for n in (0, 2, 4)] == ["Action 0", "Action 2", "Action 4"]
    assert len(world.site.issues) == 3


def test_all_refused_is_no_unknown_outcome(world: JiraWorld) -> None:
    refuse(world, "Action 0")
    answer = world.tracker.create([desired(world.tracker, "Action 0")])[0]
    assert type(answer.error).__name__ == "JiraRefusal"
    assert world.site.issues == []


def test_labels_hold_the_tool_the_postmortem_and_the_settings(world: JiraWorld) -> None:
    tracker = world.open(labels=["team a", "sre"])
    ticket = made(tracker, desired(tracker))
    assert ticket.labels == ("postmortem-sync", postmortem_label(POSTMORTEM), "team-a", "sre")


def test_a_missing_required_field_is_told_with_its_values_and_the_line_to_add(world: JiraWorld) -> None:
    cause = Field("customfield_10050", "Root cause", "option", required=True, allowed=("Process", "Code"))
    world.site.projects["OPS"].fields[cause.id] = cause
    answer = world.tracker.create([desired(world.tracker)])[0]
    assert str(answer.error) == (
        "OPS wants Task issues to have 'Root cause' (allowed: Process, Code). "
        'Add to [jira.fields] in sync.toml: "Root cause" = "Process"'
    )
    assert world.site.issues == []
    tracker = world.open(fields={"root cause": "code"})
    made(tracker, desired(tracker))
    assert world.site.issues[0].fields[cause.id].keys() == {"id"}


def test_custom_fields_are_filled_from_the_item(world: JiraWorld) -> None:
    fields = world.site.projects["OPS"].fields
    fields["customfield_1"] = Field("customfield_1", "Impact", "string", required=True)
    fields["customfield_2"] = Field("customfield_2", "Story", "text", required=True)
    fields["customfield_3"] = Field("customfield_3", "Points", "number", required=True)
    fields["customfield_4"] = Field(
        "customfield_4", "Region", "cascading", allowed=(("EU", ("Berlin",)),), required=True
    )
    fields["customfield_5"] = Field("customfield_5", "Lead", "user", required=True)
    settings = {
        "Impact": "{service}: {title}",
        "Story": "See {url}",
        "Points": 3,
        "Region": "EU > Berlin",
        "Lead": "ana@example.org",
    }
    tracker = world.open(fields=settings)
    values = (("service", "checkout"), ("title", "Alert on lag"), ("url", "https://example.org"))
    made(tracker, desired(tracker, values=values))
    held = world.site.issues[0].fields
    assert held["customfield_1"] == "checkout: Alert on lag"
    assert held["customfield_3"] == 3
    assert held["customfield_4"].keys() == {"id", "child"}
    assert held["customfield_5"] == ({"accountId": world.ana} if world.cloud else {"name": world.ana})
    assert (held["customfield_2"]["type"] == "doc") if world.cloud else isinstance(held["customfield_2"], str)


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ({"issue_type": "Story"}, "jira.issue_type is 'Story', and project OPS has Task, Bug, Epic."),
        ({"fields": {"Squad": "x"}}, "has no field 'Squad'"),
        ({"fields": {"Impact": "{nmae}"}}, "jira.fields.'Impact': {nmae} is not known"),
        ({"components": ["Web"]}, "jira.components: 'Web' is not allowed; allowed: API, Database"),
        ({"security_level": "Secret"}, "jira.security_level: 'Secret' is not allowed; allowed: Internal"),
    ],
)
def test_a_wrong_setting_creates_nothing_and_is_named(
    world: JiraWorld, settings: dict[str, Any], reported: str
) -> None:
    world.site.projects["OPS"].fields["customfield_1"] = Field("customfield_1", "Impact", "string")
    tracker = world.open(**settings)
    answer = tracker.create([desired(tracker)])[0]
    assert reported in str(answer.error)
    assert world.site.issues == []


def test_components_and_security_level_are_set(world: JiraWorld) -> None:
    tracker = world.open(components=["api"], security_level="internal")
    made(tracker, desired(tracker, priority="high"))
    held = world.site.issues[0].fields
    assert len(held["components"]) == 1
    assert held["security"].keys() == held["priority"].keys() == {"id"}


def test_a_security_level_the_screen_lacks_is_never_left_out(world: JiraWorld) -> None:
    world.site.projects["OPS"].fields["security"].create = False
    tracker = world.open(security_level="Internal")
    assert "has no field 'security'" in str(tracker.create([desired(tracker)])[0].error)
    assert world.site.issues == []


def test_a_due_date_not_on_the_create_screen_is_set_by_an_edit(world: JiraWorld) -> None:
    world.site.projects["OPS"].fields["duedate"].create = False
    ticket = made(world.tracker, desired(world.tracker, due=date(2026, 4, 3)))
    assert ticket.due == date(2026, 4, 3)


def test_a_due_date_on_no_screen_is_reported(world: JiraWorld) -> None:
    field = world.site.projects["OPS"].fields["duedate"]
    field.create = field.edit = False
    answer = written(world.tracker.create([desired(world.tracker, due=date(2026, 4, 3))])[0])
    assert answer.ticket.due is None
    assert answer.dropped == (f"due date 2026-04-03 (duedate: {NOT_ON_SCREEN.format('duedate')})",)


def test_a_screen_that_differs_from_what_the_site_tells_costs_one_more_call(world: JiraWorld) -> None:
    refuse(world, "Action 0", errors={"duedate": NOT_ON_SCREEN.format("duedate")}, needed=("duedate",))
    desired_tickets = [desired(world.tracker, f"Action {n}", due=date(2026, 4, 3)) for n in range(2)]
    answers = [written(answer) for answer in world.tracker.create(desired_tickets)]
    assert [answer.ticket.due for answer in answers] == [date(2026, 4, 3)] * 2
    assert [answer.ticket.title for answer in answers] == ["Action 0", "Action 1"]
    assert [len(call.body["issueUpdates"]) for call in world.jira.calls("POST", "bulk$")] == [2, 1]


def test_whoever_may_not_be_assigned_is_left_out_and_told(world: JiraWorld) -> None:
    world.site.people[1].assignable = False
    answer = written(world.tracker.create([desired(world.tracker, assignees=(world.ana,))])[0])
    assert answer.ticket.assignees == ()
    assert answer.dropped == (f"assignee {world.ana} (User '{world.ana}' cannot be assigned issues)",)


def test_an_assignee_the_site_drops_in_silence_is_noticed(world: JiraWorld) -> None:
    real = world.site.create

    def create(fields: Mapping[str, Any], properties: Mapping[str, Any], by: Person | None = None) -> Issue:
        return real({**fields, "assignee": None}, properties, by)

    world.site.create = create  # type: ignore[method-assign]
    answer = written(world.tracker.create([desired(world.tracker, assignees=(world.ana,))])[0])
    assert answer.dropped == (f"assignee {world.ana}",)


def test_the_first_owner_is_assigned_and_the_others_watch(world: JiraWorld) -> None:
    one = desired(world.tracker, assignees=(world.ana, world.bo))
    assert one.assignees == (world.ana,)
    assert world.tracker.normalise(one) == one
    assert made(world.tracker, one).assignees == (world.ana,)
    assert world.site.issues[0].watchers == [world.site.people[2].id]


def test_watchers_that_are_not_allowed_are_told(world: JiraWorld) -> None:
    world.site.permissions["MANAGE_WATCHERS"] = False
    answer = written(world.tracker.create([desired(world.tracker, assignees=(world.ana, world.bo))])[0])
    assert answer.dropped[0].startswith(f"watcher {world.bo} (")


def test_a_document_cannot_name_watchers(world: JiraWorld) -> None:
    made(world.tracker, desired(world.tracker, assignees=(world.ana,), values=(("watchers", world.bo),)))
    assert world.site.issues[0].watchers == []


@pytest.mark.parametrize("priority", ["P1", "{title}"])
def test_a_priority_the_project_lacks_is_told(world: JiraWorld, priority: str) -> None:
    answer = written(world.tracker.create([desired(world.tracker, priority=priority)])[0])
    assert answer.dropped == (f"priority {priority} (the project has Highest, High, Medium, Low)",)


def test_the_incident_becomes_the_parent(world: JiraWorld) -> None:
    epic = world.person_creates("The incident")
    made(world.tracker, desired(world.tracker, incident=f"{world.jira.base_url}/browse/{epic.key}"))
    assert world.site.issues[1].fields["parent"] == {"key": epic.key}


def with_epic_link(world: JiraWorld) -> str:
    """A project whose screens have an Epic Link in the place of a parent; the field's id."""
    fields = world.site.projects["OPS"].fields
    fields["parent"].create = fields["parent"].edit = False
    fields["customfield_10014"] = Field("customfield_10014", "Epic Link", "epic")
    return "customfield_10014"


def test_the_incident_becomes_the_epic_where_the_screen_has_no_parent(datacenter: JiraWorld) -> None:
    field = with_epic_link(datacenter)
    epic = datacenter.person_creates("The outage")
    made(datacenter.tracker, desired(datacenter.tracker, incident=epic.key))
    assert datacenter.site.issues[1].fields[field] == epic.key


def test_an_epic_the_site_refuses_is_left_out_and_told(datacenter: JiraWorld) -> None:
    with_epic_link(datacenter)
    answer = datacenter.tracker.create([desired(datacenter.tracker, incident="OPS-77")])[0].written
    assert answer is not None
    assert answer.dropped == ("parent OPS-77 (Given parent work item does not exist)",)


def test_an_issue_type_is_known_by_the_name_that_it_was_given_as_well(cloud: JiraWorld) -> None:
    cloud.site.projects["OPS"].translated["Task"] = "Aufgabe"
    for name in ("task", "Aufgabe"):
        tracker = cloud.open(issue_type=name)
        made(tracker, desired(tracker, f"By {name}"))
    assert {issue.fields["issuetype"]["id"] for issue in cloud.site.issues} == {"10001"}


def test_a_parent_the_site_refuses_is_left_out_and_told(world: JiraWorld) -> None:
    answer = written(world.tracker.create([desired(world.tracker, incident="OPS-77")])[0])
    assert answer.dropped == ("parent OPS-77 (Given parent work item does not exist)",)


def test_the_postmortem_is_linked_once_under_the_items_id(world: JiraWorld) -> None:
    one = desired(world.tracker)
    made(world.tracker, one)
    links = world.site.issues[0].remote_links
    assert links == {one.mark.nonce: {"url": BODY.postmortem_url, "title": BODY.postmortem_title}}


def test_a_link_that_is_not_allowed_is_told(world: JiraWorld) -> None:
    world.site.permissions["LINK_ISSUES"] = False
    answer = written(world.tracker.create([desired(world.tracker)])[0])
    assert answer.dropped[0].startswith("link to the postmortem (")


def test_a_ticket_that_cannot_be_read_back_is_still_a_ticket(world: JiraWorld) -> None:
    path = "bulkfetch" if world.cloud else r"/issue/OPS-\d+$"
    world.jira.faults.append(Fault("before", path=path, status=500, times=99))
    one = desired(world.tracker, assignees=(world.ana,))
    answer = written(world.tracker.create([one])[0])
    assert answer.ticket.ref.key == "OPS-1"
    assert (answer.ticket.mark, answer.ticket.assignees) == (one.mark, one.assignees)
    assert answer.dropped == ("what it reads back as (it could not be read)",)


def test_an_answer_of_another_length_is_an_unknown_outcome(world: JiraWorld) -> None:
    def shorter(answer: Answer) -> Answer:
        answer.body["issues"].pop()
        return answer

    world.jira.faults.append(Fault("replace", path="bulk$", change=shorter))
    answers = world.tracker.create([desired(world.tracker, f"Action {n}") for n in range(2)])
    assert all(isinstance(answer.error, OutcomeUnknown) for answer in answers)
    assert len(world.site.issues) == 2


def test_a_data_center_that_drops_properties_gets_the_mark_afterwards(datacenter: JiraWorld) -> None:
    assert isinstance(datacenter.jira, JiraDataCenter)
    datacenter.jira.keeps_properties = False
    one = desired(datacenter.tracker)
    ticket: Ticket = made(datacenter.tracker, one)
    assert ticket.mark == one.mark


def test_a_project_that_is_not_there_fails_its_items_only(world: JiraWorld) -> None:
    desired_tickets = [desired(world.tracker, project="NOPE"), desired(world.tracker)]
    answers = world.tracker.create(desired_tickets)
    assert isinstance(answers[0].error, TrackerError)
    assert written(answers[1]).ticket.ref.project == "OPS"
