"""GraphQL: its texts against the official schema, and its errors, which come with 200 and often say little."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, extend_schema, parse, validate

from adapters.github import queries
from adapters.github.source import GitHubSource
from adapters.http.schemas import ANYTHING
from sync.errors import OutcomeUnknown, Throttled, TrackerError
from sync.model import Ticket
from tests.adapters.github.source_worlds import GitHubSourceWorld
from tests.adapters.github.worlds import GitHubWorld
from tests.simulators import github_graphql
from tests.simulators.jira_wire import Answer, Fault
from tests.simulators.openapi import FOLDER

OFFICIAL = FOLDER / "github-schema.graphql"
needs_schema = pytest.mark.skipif(not OFFICIAL.exists(), reason="../shared/specs/github-schema.graphql is not here")
NUMBERS: Any = ((1, 12), (7,))
SAMPLES: dict[Callable[..., str], tuple[tuple[Any, ...], ...]] = {
    queries.contents: (("0" * 40,),),
    queries.cards: (((1, 12),),),
    queries.issues: tuple(
        (NUMBERS, frozenset(some), board)
        for some in ([], [queries.ACTORS], [queries.VALUES], queries.PREVIEWS)
        for board in (False, True)
    ),
}
"""Arguments for each function that makes a text."""


def texts() -> dict[str, str]:
    """Every text that there is, by a name."""
    found = {name: value for name, value in vars(queries).items() if name.isupper() and "{" in str(value)}
    found = {name: value for name, value in found.items() if isinstance(value, str) and not name.startswith("_")}
    for function, samples in SAMPLES.items():
        found |= {f"{function.__name__} {number}": function(*some) for number, some in enumerate(samples)}
    return found


@cache
def official() -> GraphQLSchema:
    return build_schema(OFFICIAL.read_text("utf-8"), assume_valid=True)


def test_every_function_that_makes_a_text_is_tried_and_no_text_stands_elsewhere() -> None:
    made = {
        value for _, value in inspect.getmembers(queries, inspect.isfunction) if value.__module__ == queries.__name__
    }
    assert made == SAMPLES.keys()
    for path in sorted(Path(queries.__file__).parent.glob("*.py")):
        if path.name != "queries.py":
            text = path.read_text("utf-8")
            assert re.findall(r"\b(?:query|mutation)\s*[({]", text) == [], path.name


@needs_schema
@pytest.mark.parametrize("name", texts())
def test_every_text_is_valid_by_the_official_schema(name: str) -> None:
    schema = official()
    if any(field in texts()[name] for field in queries.PREVIEWS):
        schema = extend_schema(schema, parse(github_graphql.previews()), assume_valid=True)
    assert validate(schema, parse(texts()[name])) == []


@needs_schema
def test_the_simulator_knows_nothing_that_the_official_schema_does_not() -> None:
    for name, ours in build_schema(github_graphql.published()).type_map.items():
        theirs = official().type_map[name]
        assert type(ours) is type(theirs)
        if not isinstance(ours, GraphQLObjectType) or name.startswith("__"):
            continue
        assert isinstance(theirs, GraphQLObjectType)
        assert {one.name for one in ours.interfaces} <= {one.name for one in theirs.interfaces}
        for field, described in ours.fields.items():
            assert str(described.type) == str(theirs.fields[field].type), f"{name}.{field}"
            for argument, wanted in described.args.items():
                assert str(wanted.type) == str(theirs.fields[field].args[argument].type), f"{name}.{field}({argument})"


# --- errors ----------------------------------------------------------------------------------


def made(world: GitHubWorld, text: str, **values: Any) -> Ticket:
    answer = world.tracker.create([world.desired(text, **values)])[0]
    assert answer.written is not None, answer.error
    return answer.written.ticket


def pair(world: GitHubWorld) -> dict[Any, Ticket]:
    return {ticket.ref: ticket for ticket in (made(world, "First"), made(world, "Second"))}


def failing(reported: str, data: Any = None) -> dict[str, Any]:
    return {"data": data, "errors": [{"message": reported}]}


WRONG = "Something went wrong while executing your query. Please include `ABCD:1` when reporting this issue."
LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize("data", [None, {"r0": None}], ids=["no data", "null"])
def test_an_error_without_a_kind_passes(world: GitHubWorld, data: Any) -> None:
    known = pair(world)
    world.github.faults.append(Fault("before", "POST", "/graphql", 200, body=failing(WRONG, data), times=2))
    assert world.tracker.lookup(list(known)) == known


def test_trouble_that_lasts_is_told(world: GitHubWorld) -> None:
    known = pair(world)
    world.github.faults.append(Fault("before", "POST", "/graphql", 200, body=failing(WRONG), times=99))
    with pytest.raises(TrackerError, match="Something went wrong"):
        world.tracker.lookup(list(known))


@pytest.mark.parametrize(("headers", "pause"), [({"Retry-After": "45"}, 45), ({}, 60)])
def test_a_limit_without_a_kind_is_waited_for(world: GitHubWorld, headers: dict[str, str], pause: int) -> None:
    known = pair(world)
    before = world.clock.now()
    world.github.faults.append(Fault("before", "POST", "/graphql", 200, headers, failing(LIMIT)))
    assert world.tracker.lookup(list(known)) == known
    assert world.clock.now() - before >= timedelta(seconds=pause)
    world.github.faults.append(Fault("before", "POST", "/graphql", 200, {"Retry-After": "3000"}, failing(LIMIT)))
    with pytest.raises(Throttled, match="3000 s"):
        world.tracker.lookup(list(known))


def test_one_issue_that_fails_is_read_by_itself(world: GitHubWorld) -> None:
    known = pair(world)

    def without_second(answer: Answer) -> Answer:
        answer.body["data"]["r0"]["i2"] = None
        answer.body["errors"] = [{"message": WRONG, "path": ["r0", "i2"]}]
        return answer

    world.github.faults.append(Fault("replace", "POST", "/graphql", change=without_second))
    world.github.log.clear()
    assert world.tracker.lookup(list(known)) == known
    assert [asked.path for asked in world.github.calls()] == ["/graphql", "/repos/Acme/Shop/issues/2"]


def test_a_commit_that_ends_in_trouble_is_looked_for(docs: GitHubSourceWorld) -> None:
    docs.github.faults.append(Fault("after", "POST", "/graphql", 200, body=failing(WRONG)))
    assert isinstance(docs.source, GitHubSource)
    with pytest.raises(OutcomeUnknown):
        docs.source._session.graphql(queries.VIEWER, {}, ANYTHING, change=True)
    assert len(docs.github.calls("POST", "/graphql")) == 1


# --- servers that have less ------------------------------------------------------------------


@pytest.mark.parametrize(
    "lacks", [[queries.ACTORS], [queries.VALUES], [queries.ACTORS, queries.VALUES], ["stateReason"]]
)
def test_a_server_that_lacks_a_field_is_asked_for_it_once(world: GitHubWorld, lacks: list[str]) -> None:
    known = pair(world)
    world.github.lacks = frozenset(lacks)
    tracker = world.open()
    world.github.log.clear()
    counts = []
    for _ in range(3):
        before = len(world.github.calls("POST", "/graphql"))
        assert tracker.lookup(list(known)) == known
        counts.append(len(world.github.calls("POST", "/graphql")) - before)
    assert counts[1:] == ([0, 0] if "stateReason" in lacks else [1, 1])


def test_dates_in_fields_are_seen_where_only_rest_shows_them(fielded: GitHubWorld) -> None:
    due = (fielded.clock.now() + timedelta(days=30)).date()
    known = {ticket.ref: ticket for ticket in (made(fielded, "First", due=due), made(fielded, "Second"))}
    fielded.github.lacks = frozenset({queries.VALUES})
    tracker = fielded.open()
    for _ in range(2):
        assert tracker.lookup(list(known)) == known
    assert len(fielded.github.calls("POST", "/graphql")) == 2  # our own account, and one look


def test_an_unknown_field_beside_data_costs_no_data(world: GitHubWorld) -> None:
    known = pair(world)

    def partial(answer: Answer) -> Answer:
        for node in answer.body["data"]["r0"].values():
            del node["assignedActors"]
        answer.body["errors"] = [{"message": "Field 'assignedActors' doesn't exist on type 'Issue'"}]
        return answer

    world.github.faults.append(Fault("replace", "POST", "/graphql", change=partial))
    assert world.tracker.lookup(list(known)) == known


@pytest.mark.parametrize("status", [404, 406])
def test_a_server_without_graphql_is_asked_once_and_then_by_rest(world: GitHubWorld, status: int) -> None:
    known = pair(world)
    tracker = world.open()
    world.github.faults.append(Fault("before", "POST", "/graphql", status, body={"message": "Not Found"}, times=99))
    world.github.log.clear()
    for _ in range(2):
        assert tracker.lookup(list(known)) == known
    assert len(world.github.calls("POST", "/graphql")) == 1


def test_a_program_among_the_assignees_is_seen_alike_however_it_is_read(world: GitHubWorld) -> None:
    known = pair(world)
    bot = world.site.account("helper[bot]", "Bot")
    for ref in known:
        world.site.edit(world.issue(ref), assignees=[bot.login])
    alone = {ref: world.tracker.lookup([ref])[ref] for ref in known}
    assert world.tracker.lookup(list(known)) == alone
    assert all(ticket and ticket.assignees == ("helper[bot]",) for ticket in alone.values())
