"""Answers of GitHub, as far as they are used: after GitHub's own description of REST, and the schema of GraphQL.

What may be null or missing there may be so here, unless something wrong would be concluded from it: an issue without
a body's key would have no mark.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict  # before Python 3.12 pydantic reads no other

from adapters.github.answers import moment
from adapters.http.schemas import Number, Shape, Word, readable


def _is_page(text: str) -> str:
    if len(urlsplit(text).path.strip("/").split("/")) < 4:
        raise ValueError("no page of a repository")
    return text


Moment = Annotated[str, readable(moment, "no time")]
Day = Annotated[str, readable(date.fromisoformat, "no day")]
Page = Annotated[str, AfterValidator(_is_page)]
Sha = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class _User(TypedDict):
    login: Word
    id: NotRequired[int | None]


class _Account(TypedDict):
    login: Word
    id: Number


class _Named(TypedDict):
    name: Word


class _Due(TypedDict):
    due_on: Moment | None


class _FieldValue(TypedDict):
    issue_field_name: NotRequired[str]
    value: NotRequired[str | int | float | list[Any] | None]


class _Pull(TypedDict):
    merged_at: NotRequired[Moment | None]


class _Issue(TypedDict):
    id: NotRequired[int | None]
    number: Number
    title: str
    body: str | None
    html_url: Page
    state: Literal["open", "closed"]
    state_reason: NotRequired[Word | None]
    created_at: Moment
    closed_at: NotRequired[Moment | None]
    updated_at: Moment
    user: NotRequired[_User | None]
    assignees: NotRequired[list[_User] | None]
    assignee: NotRequired[_User | None]
    labels: list[Word | _Named]
    milestone: NotRequired[_Due | None]
    type: NotRequired[_Named | None]
    pull_request: NotRequired[_Pull]
    issue_field_values: NotRequired[list[_FieldValue] | None]


class _Comment(TypedDict):
    body: NotRequired[str]
    user: NotRequired[_User | None]
    created_at: Moment


class _Milestone(TypedDict):
    number: Number
    title: str
    due_on: Moment | None


class _IssueField(TypedDict):
    id: Number
    name: str
    data_type: Word


class _Permissions(TypedDict):
    push: bool
    triage: NotRequired[bool]


class _Repository(TypedDict):
    full_name: Word
    default_branch: Word
    private: NotRequired[bool]
    archived: NotRequired[bool]
    has_issues: NotRequired[bool]
    permissions: NotRequired[_Permissions]


class _Branch(TypedDict):
    protected: bool


class _PullPage(TypedDict):
    html_url: Word


class _Entry(TypedDict):
    path: Word
    mode: Annotated[str, Field(pattern=r"^[0-7]{6}$")]
    type: Literal["blob", "tree", "commit"]
    sha: Sha
    size: NotRequired[int | None]


class _Tree(TypedDict):
    tree: list[_Entry]
    truncated: bool


class _Blob(TypedDict):
    content: str
    encoding: Word


class _Installation(TypedDict):
    id: Number


class _Token(TypedDict):
    token: Word
    expires_at: Moment


class _OptionName(TypedDict):
    raw: str


class _Option(TypedDict):
    id: Word
    name: _OptionName


class _ProjectField(TypedDict):
    id: Number
    name: str
    data_type: Word
    options: NotRequired[list[_Option] | None]


class _Numbered(TypedDict):
    number: Number


class _MadeItem(TypedDict):
    id: Number


ISSUE = Shape(_Issue)
ISSUES = Shape(list[_Issue])
COMMENTS = Shape(list[_Comment])
USERS = Shape(list[_User])
ACCOUNT = Shape(_Account)
NAMED = Shape(_Named)
MILESTONE = Shape(_Milestone)
OPEN_MILESTONES = Shape(list[_Milestone])
ISSUE_FIELDS = Shape(list[_IssueField | None])
ISSUE_TYPES = Shape(list[_Named | None] | None)
REPOSITORY = Shape(_Repository)
BRANCH = Shape(_Branch)
PULL = Shape(_PullPage)
PULLS = Shape(list[_PullPage])
PROJECT = Shape(_Numbered)
PROJECT_FIELDS = Shape(list[_ProjectField])
PROJECT_ITEM = Shape(_MadeItem)
TREE = Shape(_Tree)
BLOB = Shape(_Blob)
INSTALLATION = Shape(_Installation)
TOKEN = Shape(_Token)


# --- GraphQL: `data` of each question ------------------------------------------------------------

T = TypeVar("T")


class _Connection(TypedDict, Generic[T]):
    nodes: list[T | None] | None


class _Actor(TypedDict):
    login: Word
    databaseId: NotRequired[int | None]


class _Login(TypedDict):
    login: Word


_Assigned = TypedDict("_Assigned", {"__typename": Word, "login": NotRequired[Word]})


class _DueOn(TypedDict):
    dueOn: Moment | None


class _FieldName(TypedDict):
    name: NotRequired[str]


class _DateValue(TypedDict):
    value: NotRequired[str | None]
    field: NotRequired[_FieldName | None]


class _ProjectOwner(TypedDict):
    login: NotRequired[str]


class _InProject(TypedDict):
    number: Number
    owner: _ProjectOwner | None


class _DateOnCard(TypedDict):
    date: NotRequired[Day | None]


class _StatusOnCard(TypedDict):
    name: NotRequired[str | None]


class _Item(TypedDict):
    fullDatabaseId: str | int
    project: _InProject
    due: _DateOnCard | None
    status: _StatusOnCard | None


_Node = TypedDict(
    "_Node",
    {
        "__typename": Literal["Issue", "PullRequest"],
        "number": Number,
        "fullDatabaseId": NotRequired[str | int | None],
        "title": str,
        "body": str,
        "url": Page,
        "state": NotRequired[Literal["OPEN", "CLOSED"]],
        "pullState": NotRequired[Literal["OPEN", "CLOSED", "MERGED"]],
        "stateReason": NotRequired[Word | None],
        "createdAt": Moment,
        "closedAt": Moment | None,
        "mergedAt": NotRequired[Moment | None],
        "updatedAt": Moment,
        "author": _Actor | None,
        "assignees": NotRequired[_Connection[_Login] | None],
        "assignedActors": NotRequired[_Connection[_Assigned] | None],
        "labels": _Connection[_Named] | None,
        "milestone": _DueOn | None,
        "projectItems": NotRequired[_Connection[_Item] | None],
        "issueFieldValues": NotRequired[_Connection[_DateValue] | None],
    },
)


class _Card(TypedDict):
    projectItems: _Connection[_Item]


class _NumberedCard(_Card):
    number: Number


class _Cards(TypedDict):
    repository: dict[str, _Card | None] | None


class _Page(TypedDict):
    endCursor: str | None
    hasNextPage: bool


class _IssuesPage(TypedDict):
    nodes: list[_NumberedCard | None] | None
    pageInfo: _Page


class _OpenIssues(TypedDict):
    issues: _IssuesPage


class _OpenCards(TypedDict):
    repository: _OpenIssues | None


class _Viewer(TypedDict):
    login: Word
    databaseId: Number


class _Me(TypedDict):
    viewer: _Viewer


class _Oid(TypedDict):
    oid: Sha


class _Target(TypedDict):
    oid: Sha
    tree: NotRequired[_Oid]


class _Ref(TypedDict):
    name: Word
    target: _Target | None


class _Refs(TypedDict):
    ref: NotRequired[_Ref | None]
    defaultBranchRef: NotRequired[_Ref | None]


class _Head(TypedDict):
    repository: _Refs | None


class _Made(TypedDict):
    oid: Sha
    url: Word


class _Commit(TypedDict):
    commit: _Made


class _Committed(TypedDict):
    createCommitOnBranch: _Commit


class _Contents(TypedDict):
    oid: NotRequired[Sha]
    text: NotRequired[str | None]


class _Found(TypedDict):
    object: _Contents | None


class _OneObject(TypedDict):
    repository: _Found


class _Objects(TypedDict):
    repository: dict[str, _Contents | None]


class _Error(TypedDict):
    type: NotRequired[str | None]
    message: NotRequired[str | None]


class _Answer(TypedDict):
    data: NotRequired[dict[str, Any] | None]
    errors: NotRequired[list[_Error] | None]


ANSWER = Shape(_Answer)
"""Of GraphQL, whatever was asked."""

VIEWER = Shape(_Me)
CARDS = Shape(_Cards)
OPEN_CARDS = Shape(_OpenCards)
HEAD = Shape(_Head)
COMMITTED = Shape(_Committed)
OBJECT = Shape(_OneObject)
OBJECTS = Shape(_Objects)
NODES = Shape(dict[str, dict[str, _Node | None] | None])
"""Issues by the alias of their repository and their own."""
