"""What the doctor finds out about a site before anything is written."""

from __future__ import annotations

from datetime import timedelta

from sync.model import Finding, State
from tests.adapters.jira.worlds import JiraWorld
from tests.simulators.jira_site import Field
from tests.simulators.jira_wire import Answer, Fault


def wrong(findings: object) -> list[tuple[bool, str, str]]:
    assert isinstance(findings, tuple)
    assert all(isinstance(finding, Finding) for finding in findings)
    return [(finding.serious, finding.detail, finding.cure) for finding in findings if not finding.well]


def test_a_site_that_is_well_is_called_well_and_nothing_is_written(world: JiraWorld) -> None:
    assert wrong(world.open(components=["API"], fields={}).check()) == []
    assert {call.method for call in world.jira.calls()} == {"GET"}


def test_a_wrong_token_a_wrong_project_and_no_project_are_told(world: JiraWorld) -> None:
    assert "jira.token" in wrong(world.open(token="wrong").check())[0][1]
    assert "NOPE" in wrong(world.open(project="NOPE").check())[0][1]
    assert "jira.project is not set" in wrong(world.open(project="").check())[0][1]


def test_missing_permissions_are_named_with_what_they_cost(world: JiraWorld) -> None:
    world.site.permissions |= {"CREATE_ISSUES": False, "LINK_ISSUES": False}
    assert wrong(world.tracker.check()) == [
        (
            True,
            "Create Issues is missing: tickets cannot be kept",
            "Give the account the permission Create Issues in OPS.",
        ),
        (
            False,
            "Link Issues is missing: tickets are not linked to their postmortem",
            "Give the account the permission Link Issues in OPS.",
        ),
    ]


def test_a_required_field_and_a_due_date_off_the_screen_are_told(world: JiraWorld) -> None:
    fields = world.site.projects["OPS"].fields
    fields["duedate"].create = False
    assert wrong(world.open().check())[0][:1] == (False,)
    fields["customfield_1"] = Field("customfield_1", "Impact", "option", required=True, allowed=("High",))
    assert wrong(world.open().check()) == [
        (
            True,
            "OPS wants Task issues to have 'Impact' (allowed: High).",
            'Add to [jira.fields] in sync.toml: "Impact" = "High"',
        )
    ]


def test_what_depends_on_an_item_is_taken_to_be_right(world: JiraWorld) -> None:
    field = Field("customfield_1", "Service", "option", required=True, allowed=("checkout",))
    world.site.projects["OPS"].fields[field.id] = field
    assert wrong(world.open(fields={"Service": "{service}"}).check()) == []
    assert "no field 'Servce'" in wrong(world.open(fields={"Servce": "{service}"}).check())[0][1]


def test_an_open_ticket_tells_how_tickets_can_be_closed(world: JiraWorld) -> None:
    def reported() -> list[str]:
        return [finding.detail for finding in world.open().check() if finding.what == "transitions"]

    assert reported() == ["not looked at: OPS has no open Task"]
    ref = world.person_creates("Alert on a full queue")
    assert reported() == ["OPS-1: done by Finish, won't do by Decline"]
    world.person_closes(ref, State.DONE)
    assert reported() == ["not looked at: OPS has no open Task"]
    assert world.jira.calls("POST") == []


def test_a_workflow_without_an_end_is_told(world: JiraWorld) -> None:
    world.person_creates("Alert on a full queue")
    project = world.site.projects["OPS"]
    project.transitions = [step for step in project.transitions if step.name == "Start"]
    (reported,) = wrong(world.open().check())
    assert reported[0] is False
    assert "available: Start (to In Progress)" in reported[1]


def test_a_clock_that_is_wrong_is_told(world: JiraWorld) -> None:
    tracker = world.open()
    world.site.now = lambda: world.clock.now() + timedelta(minutes=5)
    (reported,) = wrong(tracker.check())
    assert "300 s behind the server's" in reported[1]
    assert "NTP" in reported[2]


def test_one_broken_part_does_not_hide_the_others(world: JiraWorld) -> None:
    world.jira.faults.append(Fault("before", "GET", "/mypermissions", 403, body={"errorMessages": ["No."]}))
    findings = world.open().check()
    assert [finding.what for finding in findings if not finding.well] == ["permissions"]
    assert "fields" in [finding.what for finding in findings]


def test_the_wrong_deployment_is_told(cloud: JiraWorld) -> None:
    tracker = cloud.open(deployment="cloud")
    assert wrong(tracker.check()) == []
    cloud.jira._server_info = lambda asked: _data_center()  # type: ignore[method-assign]
    assert wrong(tracker.check())[0][2] == 'Set deployment = "datacenter" in [jira].'


def _data_center() -> Answer:
    return Answer(200, {"deploymentType": "Server", "versionNumbers": [9, 12]})
