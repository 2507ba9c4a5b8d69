"""A Confluence site as it is inside: pages and their versions, drafts, labels, comments, and indexes that lag.

Where nobody outside of Atlassian knows what the product does, it can do both; see the attributes of `Site`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html.entities import name2codepoint
from xml.parsers import expat

MARKER = re.compile(r'<ac:inline-comment-marker ac:ref="([^"]+)">(.*?)</ac:inline-comment-marker>', re.DOTALL)
_ENTITIES = "".join(f'<!ENTITY {name} "&#{number};">' for name, number in name2codepoint.items() if number > 127)
_DOCTYPE = f"<!DOCTYPE page [{_ENTITIES}]>"


class Refused(Exception):
    """What is not done, and why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    email: str = ""
    login: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    title: str
    body: str
    message: str
    by: str
    at: datetime
    minor: bool = False


@dataclass(slots=True)
class Draft:
    body: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment: on these words, while its marker is around them."""

    ref: str
    words: str


@dataclass(slots=True)
class Page:
    """Attributes:
    viewers, editors: ids of those who may; None for everybody.
    """

    id: str
    space: str
    parent: str
    versions: list[Version]
    status: str = "current"
    live: bool = False
    state: str = ""
    labels: list[str] = field(default_factory=list)
    viewers: set[str] | None = None
    editors: set[str] | None = None
    draft: Draft | None = None
    comments: list[Comment] = field(default_factory=list)

    @property
    def last(self) -> Version:
        return self.versions[-1]

    @property
    def body(self) -> str:
        return self.last.body

    def orphaned(self) -> list[Comment]:
        """The comments whose words are not marked any more, once, as they were."""
        marked = MARKER.findall(self.body)
        return [one for one in self.comments if marked.count((one.ref, one.words)) != 1]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A page as an index knows it."""

    id: str
    version: int
    space: str
    title: str
    labels: tuple[str, ...]
    above: tuple[str, ...]
    status: str


class Site:
    """Args:
        now: the time.

    Attributes:
        indexing, labelling: whether the index of searches, and the list of labels, follow what happens.
        normalises: whether the server writes in its own way what it is given.
        conflict: how a stale version is refused, 409 or 400.
        forbidden: how an edit is refused that is not allowed, 403 or 404.
        shows_drafts: whether other people's drafts are shown.
        merges: whether a write is merged into an open draft, which else is lost.
        anonymous_access: whether nobody in particular may see pages.
        lost: drafts that a write overrode.
        most: bytes of a body.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.me = Person("5b10ac8d82e05b22cc7d4ef5", "Postmortem Sync", "sync@acme.example")
        self.people = [
            self.me,
            Person("5b10a2844c20165700ede21g", "Ana Lima", "ana@acme.example"),
            Person("712020:5ac1b2f4-3c5a-4b3e-9a54-1f8e6d8b7c01", "Bo Chen"),
        ]
        self.spaces = {"OPS": "65539", "HR": "65540"}
        self.pages: dict[str, Page] = {}
        self.index: dict[str, Indexed] = {}
        self.label_index: dict[str, tuple[str, ...]] = {}
        self.indexing = self.labelling = True
        self.normalises = False
        self.conflict = 409
        self.forbidden = 403
        self.shows_drafts = True
        self.merges = True
        self.anonymous_access = True
        self.lost: list[Draft] = []
        self.most = 5_000_000
        self._next = 98_319

    # what people do

    def page(
        self,
        title: str,
        body: str,
        *,
        space: str = "OPS",
        parent: str = "",
        labels: tuple[str, ...] = (),
        **more: object,
    ) -> Page:
        """A new page, published."""
        self._next += 65_537
        first = Version(1, title, body, "", self.people[1].id, self.now())
        page = Page(str(self._next), space, parent, [first], labels=list(labels))
        for name, value in more.items():
            setattr(page, name, value)
        self.pages[page.id] = page
        self._note(page)
        return page

    def edit(self, page: Page, body: str, title: str = "") -> None:
        """Somebody publishes an edit, as the editor lets them."""
        version = Version(page.last.number + 1, title or page.last.title, body, "", self.people[1].id, self.now())
        page.versions.append(version)
        page.draft = None
        self._note(page)

    def label(self, page: Page, *labels: str) -> None:
        page.labels = list(labels)
        self._note(page)

    def move(self, page: Page, space: str = "", parent: str = "", status: str = "") -> None:
        page.space, page.parent, page.status = space or page.space, parent or page.parent, status or page.status
        self._note(page)

    def write_draft(self, page: Page, body: str) -> None:
        """Somebody types, and does not publish."""
        page.draft = Draft(body, self.people[1].id, self.now())

    def comment(self, page: Page, words: str) -> Comment:
        """Somebody comments on these words of a page, which does not count as an edit of theirs."""
        made = Comment(f"c0ffee00-{len(page.comments):04}-4000-8000-{page.id:0>12}", words)
        body = page.body.replace(
            words, f'<ac:inline-comment-marker ac:ref="{made.ref}">{words}</ac:inline-comment-marker>', 1
        )
        assert body != page.body
        page.comments.append(made)
        last = page.last
        page.versions[-1] = Version(last.number, last.title, body, last.message, last.by, last.at, last.minor)
        return made

    def remove(self, page: Page) -> None:
        """For good."""
        del self.pages[page.id]
        self.index.pop(page.id, None)
        self.label_index.pop(page.id, None)

    def reindex(self) -> None:
        """Both indexes have caught up."""
        self.indexing = self.labelling = True
        for page in self.pages.values():
            self._note(page)

    def _note(self, page: Page) -> None:
        if self.indexing:
            above, at = [], page.parent
            while at:
                above.append(at)
                at = self.pages[at].parent
            last, labels = page.last, tuple(page.labels)
            self.index[page.id] = Indexed(
                page.id, last.number, page.space, last.title, labels, tuple(above), page.status
            )
        if self.labelling:
            self.label_index[page.id] = tuple(page.labels)

    # what programs do

    def visible(self, page: Page, who: Person | None) -> bool:
        if who is None:
            return self.anonymous_access and page.viewers is None
        return page.viewers is None or who.id in page.viewers

    def seen(self, who: Person | None) -> Iterator[Page]:
        """Every page that somebody may see, by number."""
        for key in sorted(self.pages, key=int):
            if self.visible(self.pages[key], who):
                yield self.pages[key]

    def find(self, key: str, who: Person | None) -> Page:
        page = self.pages.get(key)
        if page is None or not self.visible(page, who):
            raise Refused(404, f"Cannot find content with id {key}")
        return page

    def may_edit(self, page: Page, who: Person | None) -> bool:
        return who is not None and (page.editors is None or who.id in page.editors) and page.status == "current"

    def write(
        self, page: Page, who: Person | None, number: int, title: str, body: str, message: str, minor: bool = False
    ) -> Version:
        """What a PUT does: compared by its number, strict about XML, and merged into somebody's draft."""
        if not self.may_edit(page, who):
            raise Refused(self.forbidden, "User does not have permission to update the page")
        assert who
        if len(body.encode()) > self.most:
            raise Refused(413, "The page is too large")
        if number != page.last.number + 1:
            stale = f"Version must be incremented on update. Current version is: {page.last.number}"
            if self.conflict == 409:
                stale = f"Attempted to update stale data. Expected version: {page.last.number + 1}"
            raise Refused(self.conflict, stale)
        check_storage(body)
        if self.normalises:
            body = normalised(body, number)
        if (title, body) == (page.last.title, page.body):
            return page.last
        if page.draft is not None and page.draft.body != page.body and not self.merges:
            self.lost.append(page.draft)
            page.draft = None
        page.versions.append(Version(number, title, body, message, who.id, self.now(), minor))
        self._note(page)
        return page.last


def check_storage(body: str) -> None:
    """Refuse what is no storage format: the server parses strictly, and knows the entities of HTML alone."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(f"{_DOCTYPE}<page>{body}</page>".encode(), True)
    except expat.ExpatError as error:
        raise Refused(400, f"Error parsing xhtml: {error}") from None


def normalised(body: str, number: int) -> str:
    """The server's own way to write the same: entities, closing tags, and attributes that it adds."""
    body = body.replace("\u2019", "&rsquo;").replace("\u00a0", "&nbsp;").replace("<br></br>", "<br />")
    body = re.sub(r"<(time|ri:user|ri:page|hr|br)((?: [^<>]*?)?)></\1>", r"<\1\2 />", body)
    body = re.sub(
        r"<(ri:page)((?: (?!ri:version-at-save)[^<>/]*)?) ?/>", rf'<\1\2 ri:version-at-save="{number}" />', body
    )
    return re.sub(r"<ac:task>", f'<ac:task ac:local-id="l{number}">', body)
