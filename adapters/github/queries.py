"""Every text of GraphQL that GitHub is sent. A test holds each against the official schema. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

VIEWER = "query { viewer { login databaseId } }"

HEAD = """
query($o: String!, $n: String!, $r: String!) { repository(owner: $o, name: $n) {
  ref(qualifiedName: $r) { name target { oid ... on Commit { tree { oid } } } } } }
"""
DEFAULT_HEAD = """
query($o: String!, $n: String!) { repository(owner: $o, name: $n) {
  defaultBranchRef { name target { oid ... on Commit { tree { oid } } } } } }
"""
COMMIT = """
mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid url } } }
"""
BLOB = """
query($o: String!, $n: String!, $e: String!) { repository(owner: $o, name: $n) {
  object(expression: $e) { ... on Blob { oid } } } }
"""

ACTORS, VALUES = "assignedActors", "issueFieldValues"
PREVIEWS = frozenset({ACTORS, VALUES})
"""Fields that only some servers have: accounts of programs among the assignees, and values of the fields of issues."""

_ASSIGNEES = "assignees(first: 20) { nodes { login } }"
_ACTORS = "assignedActors(first: 20) { nodes { __typename ... on Actor { login } } }"
_DATE = "... on IssueFieldDateValue { value field { ... on IssueFieldDate { name } } }"
_VALUES = f"issueFieldValues(first: 50) {{ nodes {{ {_DATE} }} }}"

_CARD = """
  projectItems(first: 20) { nodes {
    fullDatabaseId project { number owner { ... on Organization { login } ... on User { login } } }
    due: fieldValueByName(name: $date) { ... on ProjectV2ItemFieldDateValue { date } }
    status: fieldValueByName(name: $status) { ... on ProjectV2ItemFieldSingleSelectValue { name } } } }
"""
OPEN_CARDS = (
    """
query($o: String!, $n: String!, $l: [String!], $after: String, $date: String!, $status: String!) {
  repository(owner: $o, name: $n) { issues(first: 100, after: $after, labels: $l, states: [OPEN]) {
    pageInfo { endCursor hasNextPage } nodes { number """
    + _CARD
    + """ } } } }
"""
)

# The state of a pull request has another type than that of an issue, and one answer may not call both the same.
_FRAGMENTS = """
fragment who on Actor {{ login ... on User {{ databaseId }} ... on Bot {{ databaseId }} }}
fragment issue on Issue {{
  number fullDatabaseId title body url state stateReason(enableDuplicate: true) createdAt closedAt updatedAt
  author {{ ...who }}
  {assigned} labels(first: 100) {{ nodes {{ name }} }} milestone {{ dueOn }} {values} {board}
}}
fragment pull on PullRequest {{
  number fullDatabaseId title body url pullState: state mergedAt createdAt closedAt updatedAt author {{ ...who }}
  {assigned} labels(first: 100) {{ nodes {{ name }} }} milestone {{ dueOn }}
}}
"""


def contents(oids: Iterable[str]) -> str:
    """The texts of blobs of one repository ($o, $n), under names that count them: b0, b1."""
    fields = " ".join(f'b{i}: object(oid: "{oid}") {{ ... on Blob {{ text }} }}' for i, oid in enumerate(oids))
    return f"query($o: String!, $n: String!) {{ repository(owner: $o, name: $n) {{ {fields} }} }}"


def cards(numbers: Collection[int]) -> str:
    """Where issues of one repository ($o, $n) stand in projects, under names that hold their numbers: i7, i12."""
    fields = " ".join(f"i{n}: issue(number: {n}) {{ {_CARD} }}" for n in numbers)
    declared = "$o: String!, $n: String!, $date: String!, $status: String!"
    return f"query({declared}) {{ repository(owner: $o, name: $n) {{ {fields} }} }}"


def issues(numbers: Sequence[Collection[int]], previews: Collection[str], board: bool = False) -> str:
    """Issues and pull requests of several repositories ($o0, $n0, $o1, …) at once.

    Args:
        numbers: of each repository; the issues stand under the names r0, r1, … and there i7, i12, …
        previews: which of PREVIEWS are asked for.
        board: whether it is asked where they stand in projects.
    """
    parts: list[str] = []
    for index, some in enumerate(numbers):
        asked = " ".join(f"i{n}: issueOrPullRequest(number: {n}) {{ __typename ...issue ...pull }}" for n in some)
        parts.append(f"r{index}: repository(owner: $o{index}, name: $n{index}) {{ {asked} }}")
    declared = ", ".join(f"$o{index}: String!, $n{index}: String!" for index in range(len(numbers)))
    declared += ", $date: String!, $status: String!" if board else ""
    fragments = _FRAGMENTS.format(
        assigned=_ACTORS if ACTORS in previews else _ASSIGNEES,
        values=_VALUES if VALUES in previews else "",
        board=_CARD if board else "",
    )
    return f"query({declared}) {{ {' '.join(parts)} }}{fragments}"
