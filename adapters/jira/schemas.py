"""Answers of Jira, Cloud and Data Center, as far as they are used.

Atlassian's description promises hardly any key. What is asked for by name must be there where its absence would be
taken for something: a ticket without a status for an open one, a page without a total for the last.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # before Python 3.12 pydantic reads no other

from adapters.http.schemas import Shape, Word, readable
from adapters.jira.issue import moment

Day = Annotated[str, readable(date.fromisoformat, "no day")]
Key = Annotated[str, Field(pattern=r"^[^\s-]+-[0-9]+$")]
Moment = Annotated[str, readable(moment, "no time")]


class _User(TypedDict):
    accountId: NotRequired[Word | None]
    name: NotRequired[str | None]
    displayName: NotRequired[str | None]
    emailAddress: NotRequired[str | None]
    active: NotRequired[bool]


class _Named(TypedDict):
    name: Word


class _Category(TypedDict):
    key: Word


class _Status(TypedDict):
    name: Word
    statusCategory: NotRequired[_Category | None]


class _Project(TypedDict):
    key: Word
    name: NotRequired[str | None]


class _Other(TypedDict):
    key: Key


class _Link(TypedDict):
    type: _Named
    outwardIssue: NotRequired[_Other | None]


class _Fields(TypedDict):
    summary: str
    status: _Status
    created: Moment
    creator: NotRequired[_User | None]
    updated: NotRequired[str | None]
    resolution: NotRequired[_Named | None]
    resolutiondate: NotRequired[Moment | None]
    statuscategorychangedate: NotRequired[Moment | None]
    assignee: NotRequired[_User | None]
    duedate: NotRequired[Day | None]
    labels: NotRequired[list[Word] | None]
    issuelinks: NotRequired[list[_Link] | None]
    project: NotRequired[_Project]
    description: NotRequired[Any]


class _Issue(TypedDict):
    id: Word
    key: Key
    self: NotRequired[str | None]
    fields: _Fields
    properties: NotRequired[dict[str, Any] | None]


class _Tokens(TypedDict):
    issues: list[_Issue]
    nextPageToken: NotRequired[Word | None]
    isLast: NotRequired[bool | None]


class _Numbered(TypedDict):
    issues: list[_Issue]
    total: NotRequired[int | None]


class _OnlyKey(TypedDict):
    key: Key


class _Keys(TypedDict):
    issues: list[_OnlyKey]


class _OnlyStatus(TypedDict):
    status: _Status


class _Standing(TypedDict):
    key: Key
    fields: _OnlyStatus


class _OpenOnes(TypedDict):
    issues: list[_Standing]


class _Missing(TypedDict):
    id: NotRequired[str | None]


class _Fetched(TypedDict):
    issues: list[_Issue]
    issueErrors: NotRequired[list[_Missing] | None]


class _Made(TypedDict):
    key: Key


class _Refused(TypedDict):
    failedElementNumber: NotRequired[int]
    elementErrors: NotRequired[Any]


class _Created(TypedDict):
    issues: NotRequired[list[_Made] | None]
    errors: NotRequired[list[_Refused] | None]


class _Property(TypedDict):
    value: Any


class _Comment(TypedDict):
    author: NotRequired[_User | None]


class _Comments(TypedDict):
    comments: list[_Comment]
    total: int


class _Schema(TypedDict):
    type: NotRequired[str | None]
    items: NotRequired[str | None]
    custom: NotRequired[str | None]
    system: NotRequired[str | None]


class _Field(TypedDict):
    name: NotRequired[str | None]
    required: NotRequired[bool | None]
    hasDefaultValue: NotRequired[bool | None]
    schema: NotRequired[_Schema | None]
    allowedValues: NotRequired[list[Any] | None]


class _ScreenField(_Field):
    fieldId: Word


class _Kind(TypedDict):
    id: Word
    name: Word
    untranslatedName: NotRequired[str | None]
    subtask: NotRequired[bool | None]


class _KindPage(TypedDict):
    issueTypes: NotRequired[list[_Kind]]
    values: NotRequired[list[_Kind]]
    total: NotRequired[int | None]


class _FieldPage(TypedDict):
    fields: NotRequired[list[_ScreenField]]
    results: NotRequired[list[_ScreenField]]
    values: NotRequired[list[_ScreenField]]
    total: NotRequired[int | None]


class _Step(TypedDict):
    id: Word
    name: Word
    to: NotRequired[_Status | None]
    fields: NotRequired[dict[str, _Field] | None]


class _Steps(TypedDict):
    transitions: list[_Step]


class _Permission(TypedDict):
    havePermission: bool


class _Permissions(TypedDict):
    permissions: dict[str, _Permission]


class _Server(TypedDict):
    baseUrl: NotRequired[str | None]
    deploymentType: NotRequired[str | None]
    serverTime: NotRequired[str | None]


ISSUE = Shape(_Issue)
TOKENS = Shape(_Tokens)
NUMBERED = Shape(_Numbered)
KEYS = Shape(_Keys)
OPEN_ONES = Shape(_OpenOnes)
FETCHED = Shape(_Fetched)
CREATED = Shape(_Created)
PROPERTY_VALUE = Shape(_Property)
COMMENTS = Shape(_Comments)
KINDS = Shape(_KindPage)
SCREEN_FIELDS = Shape(_FieldPage)
STEPS = Shape(_Steps)
USER = Shape(_User)
USERS = Shape(list[_User])
PROJECT = Shape(_Project)
PERMISSIONS = Shape(_Permissions)
SERVER = Shape(_Server)
