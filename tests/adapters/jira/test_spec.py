"""The simulator of Cloud is true to the official description: every other test would fail on a violation."""

from __future__ import annotations

import pytest

from tests.adapters.jira.worlds import JiraWorld, desired, made
from tests.simulators.jira_spec import AVAILABLE, violations
from tests.simulators.jira_wire import Answer, Asked

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="the official description of Jira Cloud's API is not at hand")

API = "/rest/api/3"


def asked(method: str, path: str, body: object = None, **query: str) -> Asked:
    return Asked(method, API + path, {name: [value] for name, value in query.items()}, {}, body)


CREATED = Answer(201, {"issues": [{"id": "1", "key": "OPS-1", "self": "https://example.org"}], "errors": []})


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (asked("GET", "/search", jql="x"), Answer(200, {})),
        (asked("GET", "/search/jql", jql="x", startAt="0"), Answer(200, {"issues": []})),
        (asked("GET", "/search/jql", jql="x"), Answer(200, {"issues": [{"key": 7}]})),
        (asked("GET", "/search/jql", jql="x"), Answer(200, {"issues": [], "total": 0})),
        (asked("POST", "/issue/bulk", {"issueUpdates": {"fields": {}}}), CREATED),
        (asked("POST", "/issue/bulk", {"issueUpdates": [{"fields": [], "properties": []}]}), CREATED),
        (asked("POST", "/issue/bulk", {"issueUpdates": [{"properties": {"key": "x"}}]}), CREATED),
        (asked("POST", "/issue/bulk", {"issueUpdates": []}), Answer(201, {"issues": [{"name": "x"}]})),
        (asked("POST", "/issue/bulk", {"issueUpdates": []}), Answer(207, {})),
        (asked("POST", "/issue/bulk"), CREATED),
        (asked("POST", "/issue/bulkfetch", {"fields": ["summary"]}), Answer(200, {"issues": []})),
        (asked("POST", "/issue/OPS-1/remotelink", {"globalId": "x"}), Answer(201, {"id": 1})),
        (asked("GET", "/myself"), Answer(200, {"accountId": "x", "login": "ana"})),
        (asked("GET", "/issue/OPS-1", {"fields": []}), Answer(200, {})),
    ],
)
def test_what_the_description_does_not_allow_is_noticed(request_: Asked, answer: Answer) -> None:
    assert violations(request_, answer) != []


def test_a_ticket_is_made_and_read_within_the_description(cloud: JiraWorld) -> None:
    ticket = made(cloud.tracker, desired(cloud.tracker, assignees=(cloud.ana,)))
    assert cloud.tracker.lookup([ticket.ref])[ticket.ref] == ticket
    assert cloud.jira.checked >= 6
    assert cloud.jira.violations == []
