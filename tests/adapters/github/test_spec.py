"""The check against GitHub's own description catches what it is there for; the other tests rely on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.github.worlds import GitHubWorld, github_world
from tests.canaries import MARK
from tests.simulators.github_server import GitHub
from tests.simulators.github_shapes import DESCRIPTION, Shapes
from tests.simulators.github_site import Site
from tests.simulators.jira_wire import Answer, Asked
from tests.simulators.openapi import normalised

pytestmark = pytest.mark.skipif(not DESCRIPTION.available, reason="github-rest.json is not beside the repository")
ISSUES = "/repos/Acme/Shop/issues"


@pytest.fixture
def issue() -> dict[str, Any]:
    """An issue as the simulator shows it, which is as it must be."""
    with github_world() as world:
        made = world.site.issue(world.repository, "A title", "", world.bo)
        return Shapes(world.site, "https://api.github.com").issue(made)


def reported(method: str, path: str, body: Any, answer: Answer, **query: list[str]) -> list[str]:
    return DESCRIPTION.violations(Asked(method, path, query, {}, body), answer)


def test_a_sound_request_and_answer_pass(issue: dict[str, Any]) -> None:
    assert reported("POST", ISSUES, {"title": "A title", "labels": ["a"]}, Answer(201, issue)) == []
    assert reported("GET", ISSUES, None, Answer(200, [issue]), state=["all"], per_page=["100"]) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"body": "words"}, "'title' is a required property"),
        ({"title": "A title", "labels": "postmortem-sync"}, "labels"),
        ({"title": "A title", "assignees": "ana"}, "assignees"),
        ({"title": "A title", "issue_field_values": [{"field_id": "x", "value": "2026-04-03"}]}, "field_id"),
        (None, "the body is missing"),
    ],
)
def test_a_create_that_is_wrong_is_caught(issue: dict[str, Any], body: Any, problem: str) -> None:
    assert any(problem in line for line in reported("POST", ISSUES, body, Answer(201, issue)))


@pytest.mark.parametrize(
    "body",
    [{"state_reason": "wontfix"}, {"state": "done"}, {"labels": "postmortem-sync"}, {"duplicate_issue_id": "12"}],
)
def test_an_edit_that_is_wrong_is_caught(issue: dict[str, Any], body: Any) -> None:
    assert reported("PATCH", f"{ISSUES}/1", body, Answer(200, issue)) != []


@pytest.mark.parametrize(
    "values",
    [{"title": None}, {"labels": "a"}, {"created_at": "yesterday"}, {"state_reason": "wontfix"}, {"assignees": [{}]}],
)
def test_an_answer_that_is_wrong_is_caught(issue: dict[str, Any], values: dict[str, Any]) -> None:
    assert reported("GET", f"{ISSUES}/1", None, Answer(200, issue | values)) != []


@pytest.mark.parametrize("values", [{"state_reason": None}, {"milestone": None}, {"body": None}, {"assignee": None}])
def test_null_is_taken_where_the_description_says_so_beside_an_enum(
    issue: dict[str, Any], values: dict[str, Any]
) -> None:
    assert reported("GET", f"{ISSUES}/1", None, Answer(200, issue | values)) == []
    assert normalised({"type": "string", "nullable": True, "enum": ["a"]})["anyOf"][0] == {"enum": [None]}


def test_unknown_paths_parameters_and_statuses_are_caught(issue: dict[str, Any]) -> None:
    assert reported("GET", "/repos/Acme/Shop/tickets", None, Answer(200, []))
    assert reported("GET", ISSUES, None, Answer(200, []), labelled=["x"])
    assert reported("GET", ISSUES, None, Answer(200, []), state=["done"])
    assert reported("GET", ISSUES, None, Answer(299, []))


def test_the_simulator_itself_is_checked() -> None:
    world = GitHubWorld()
    github = GitHub(Site(world.clock.now))
    headers = {"Authorization": f"token ghp_{MARK}"}
    github.site.repository("Acme/Shop")
    github.handle(Asked("POST", ISSUES, {}, headers, {"title": "A title", "labels": "x"}))
    assert any("labels" in line for line in github.violations)
