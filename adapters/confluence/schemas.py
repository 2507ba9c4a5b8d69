"""Answers of Confluence, Cloud and Data Center, as far as they are used.

What is asked for by name must be there where its absence would be taken for something: a page without a version for
one that nobody changed, a listing without results for an empty one.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # before Python 3.12 pydantic reads no other

from adapters.http.schemas import Number, Shape, Word

Id = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class _Version(TypedDict):
    number: Number
    message: NotRequired[str | None]
    createdAt: NotRequired[str | None]
    when: NotRequired[str | None]


class _Text(TypedDict):
    value: str


class _Body(TypedDict):
    storage: _Text


class _Label(TypedDict):
    id: NotRequired[Word | None]
    name: Word


class _Labels(TypedDict):
    results: list[_Label]


class _Links(TypedDict):
    next: NotRequired[str | None]
    webui: NotRequired[str | None]


# --- Cloud, v2 -------------------------------------------------------------------------------


class _Heading(TypedDict):
    id: Id
    status: Word
    title: str
    version: _Version
    subtype: NotRequired[str | None]
    spaceId: NotRequired[str | None]


class _Page(_Heading):
    body: _Body


class _Labelled(_Heading):
    labels: _Labels


class _Headings(TypedDict):
    results: list[_Heading]
    _links: NotRequired[_Links]


class _Pages(TypedDict):
    results: list[_Page]
    _links: NotRequired[_Links]


class _Descendant(TypedDict):
    id: Id
    type: Word
    depth: int
    status: NotRequired[str | None]


class _Descendants(TypedDict):
    results: list[_Descendant]
    _links: NotRequired[_Links]


class _Ancestor(TypedDict):
    id: Id


class _Ancestors(TypedDict):
    results: list[_Ancestor]
    _links: NotRequired[_Links]


class _Space(TypedDict):
    id: Id
    key: Word


class _Spaces(TypedDict):
    results: list[_Space]
    _links: NotRequired[_Links]


class _Operation(TypedDict):
    operation: Word
    targetType: NotRequired[str | None]


class _Operations(TypedDict):
    operations: list[_Operation]


class _User(TypedDict):
    accountId: Word
    displayName: NotRequired[str | None]


class _Users(TypedDict):
    results: list[_User]


USERS = Shape(_Users)
HEADING = Shape(_Heading)
HEADINGS = Shape(_Headings)
PAGE = Shape(_Page)
PAGES = Shape(_Pages)
LABELLED = Shape(_Labelled)
LABELS = Shape(_Labels)
DESCENDANTS = Shape(_Descendants)
ANCESTORS = Shape(_Ancestors)
SPACES = Shape(_Spaces)
OPERATIONS = Shape(_Operations)


# --- v1, of both -----------------------------------------------------------------------------


class _Counted(TypedDict):
    number: Number


class _Hit(TypedDict):
    id: Id
    type: NotRequired[str | None]
    version: NotRequired[_Counted | None]


class _Found(TypedDict):
    content: NotRequired[_Hit | None]


class _Search(TypedDict):
    results: list[_Found]
    _links: NotRequired[_Links]


class _Hits(TypedDict):
    results: list[_Hit]
    _links: NotRequired[_Links]


class _Me(TypedDict):
    type: NotRequired[str | None]
    accountId: NotRequired[str | None]
    userKey: NotRequired[str | None]
    username: NotRequired[str | None]
    displayName: NotRequired[str | None]


class _State(TypedDict):
    name: NotRequired[str | None]


class _ContentState(TypedDict):
    contentState: NotRequired[_State | None]


class _NamedLabel(TypedDict):
    id: Word


class _LabelOf(TypedDict):
    label: _NamedLabel


SEARCH = Shape(_Search)
HITS = Shape(_Hits)
ME = Shape(_Me)
STATE = Shape(_ContentState)
LABEL = Shape(_LabelOf)


# --- Data Center, v1 -------------------------------------------------------------------------


class _SpaceKey(TypedDict):
    key: Word


class _Metadata(TypedDict):
    labels: _Labels


class _Content(TypedDict):
    id: Id
    type: Word
    status: Word
    title: str
    version: _Version
    body: _Body
    space: NotRequired[_SpaceKey | None]
    metadata: NotRequired[_Metadata | None]
    ancestors: NotRequired[list[_Ancestor] | None]


class _Titled(TypedDict):
    id: Id
    status: NotRequired[str | None]


class _TitledOnes(TypedDict):
    results: list[_Titled]
    _links: NotRequired[_Links]


class _Allowed(TypedDict):
    operation: Word


class _Permitted(TypedDict):
    operations: NotRequired[list[Any] | None]


CONTENT = Shape(_Content)
TITLED = Shape(_TitledOnes)
PERMITTED = Shape(_Permitted)
