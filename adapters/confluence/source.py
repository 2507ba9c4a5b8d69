"""Postmortems that are pages of Confluence, read and written back through its API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.confluence.addresses import ID, named_by, page_url
from adapters.confluence.client import ConfluenceSession
from adapters.confluence.cloud import Cloud
from adapters.confluence.datacenter import DataCenter
from adapters.confluence.doctor import ConfluenceCheck
from adapters.confluence.listing import Listing, MemoryFile
from adapters.confluence.page import Api, Page, Wanted
from adapters.confluence.reading import Reading
from adapters.confluence.writing import Writer
from sync.errors import SourceError, TrackerError
from sync.model import MAX_BYTES, Finding
from sync.ports import Clock, Document, Rewrite, Sight, WriteResult


class ConfluenceSource:
    """The pages of a site that settings name. A page's path is its id.

    Args:
        name: of the source.
        formerly: what the home of the pages was called before.
        page_states: page states that count as published; none for all.
        memory: a file for what the next run may know; None for none.
        draft_wait: seconds that a write waits for somebody's draft.
    """

    together = False

    def __init__(
        self,
        name: str,
        session: ConfluenceSession,
        wanted: Wanted,
        clock: Clock,
        *,
        formerly: Sequence[str] = (),
        page_states: Sequence[str] = (),
        memory: Path | None = None,
        draft_wait: float = 86_400.0,
    ) -> None:
        self.name = name
        self._session = session
        self._wanted = wanted
        self._formerly = frozenset(home.lower() for home in formerly)
        self._states = tuple(page_states)
        self._api: Api = Cloud(session) if session.cloud else DataCenter(session)
        self._listing = Listing(self._api, wanted, clock, MemoryFile(memory))
        self._listed: dict[str, int] | None = None
        self._reading = Reading(self._api)
        self._writer = Writer(self._api, clock, self._listing.memory, draft_wait, self.url)

    # reading

    def paths(self) -> list[str]:
        """The ids of the pages, sorted."""
        with self._telling():
            return sorted(self._now())

    def version(self, path: str) -> str:
        """The page's version as the listing tells it; no further call."""
        with self._telling():
            version = self._now().get(path, 0)
        return str(version) if version else ""

    def read(self, path: str) -> Document:
        """A page's body, many at once where several follow each other. Raises SourceError."""
        if not ID.fullmatch(path):
            raise SourceError(f"{path!r} is no page of Confluence.", "Name a page by its address.")
        with self._telling(path):
            page = self._reading.page(path, self._listed or {})
            if page is None:
                self._session.check_known()
                raise SourceError(self._missing(path))
            if len(page.body) > MAX_BYTES:
                size, limit = len(page.body) / 1e6, MAX_BYTES / 1e6
                raise SourceError(f"{page_name(page)} has {size:.0f} MB; a postmortem may have {limit:.0f} MB.")
            unpublished = self._unpublished(page)
        version = f"{page.version} unpublished" if unpublished else str(page.version)
        return Document(
            self.name,
            path,
            page.body,
            version,
            self.url(path),
            format="storage",
            home=self.home,
            inner=path,
            lasting=f"{self.home} {path}",
            title=page.title,
            people=self._reading.people(page),
            unpublished=unpublished,
        )

    def url(self, path: str) -> str:
        """The page's address, which stays when it is retitled or moved."""
        return page_url(self._session.web, path)

    def path_of(self, url: str) -> str:
        """The id of the page that an address names, asked for where it holds only a title."""
        named = named_by(url, self._session.web)
        if named is None or (self._wanted.space and named.space not in ("", self._wanted.space)):
            return ""
        if named.id:
            return named.id
        with self._telling():
            return self._api.titled(named.space, named.title)

    @property
    def home(self) -> str:
        """The site: its host and the path below which pages are found."""
        return self._session.web.partition("://")[2].lower()

    def was_called(self, home: str) -> bool:
        """Whether the settings say so."""
        return home.lower() in self._formerly

    def path_at(self, inner: str) -> str:
        """The page of this id, when it is one of the source."""
        with self._telling():
            return inner if inner in self._now() else ""

    def sight(self, inner: str) -> Sight:
        """Whether the source shows this page."""
        return Sight.SHOWN if self.path_at(inner) else Sight.ABSENT

    def lacks(self, inner: str) -> bool:
        """Whether a page is certainly no longer there: in the trash. One that is not shown may be hidden from us."""
        if not ID.fullmatch(inner):
            return False
        with self._telling(inner):
            return self._api.status(inner) in ("trashed", "deleted")

    def is_current(self, document: Document) -> bool:
        """Whether nobody wrote the page since it was read; one call."""
        with self._telling(document.path):
            return str(self._api.versions([document.path]).get(document.path, 0)) == document.version

    def obstacle(self, path: str) -> str:
        """Why our account cannot edit a page; "" when it can, or nobody tells."""
        with self._telling(path):
            if self._api.may_edit(path) is not False:
                return ""
        return f"the account may not edit {self.url(path)}: let it, by the space's permissions and its restrictions"

    def requests(self) -> int:
        """How many calls were made so far."""
        return self._session.count

    def _now(self) -> dict[str, int]:
        if self._listed is None:
            found = self._listing.look()
            # An answer to nobody is an empty or a partial one.
            self._session.check_known()
            self._listing.save()
            self._listed = found
        return self._listed

    def _unpublished(self, page: Page) -> str:
        """Why a page is not published; "" when it is."""
        if page.status != "current":
            return f"the page is {page.status}"
        if page.live and not self._wanted.label:
            return "it is a live document, which is never published: set a label for the source, and give it that one"
        if page.id not in (self._listed or {}):
            why = self._api.whereabouts(page.id, self._wanted)
            if why:
                return f"it is none of source {self.name}: {why}"
        if self._states:
            state = self._api.state(page.id)
            if state.casefold() not in {one.casefold() for one in self._states}:
                return f'its page state is "{state}"' if state else "it has no page state"
        return ""

    def _missing(self, path: str) -> str:
        status = self._api.status(path)
        if status and status != "current":
            return f"{self.url(path)}: the page is {status}; nothing of it is read."
        return f"{self.url(path)}: there is no such page, or the account may not see it."

    # writing

    def write(self, rewrites: Sequence[Rewrite]) -> list[WriteResult]:
        """Write each page that is still as it was read, one version each."""
        results = [self._writer.write(one) for one in rewrites]
        for result in results:
            if result.written and self._listed is not None and result.path in self._listed:
                self._listed[result.path] = self._listing.memory.versions[result.path] = int(result.version)
        self._listing.save()
        return results

    def check(self) -> list[Finding]:
        """What the doctor wants to know of the site and the pages, without writing anything."""
        return list(ConfluenceCheck(self._session, self._api, self._listing.clock).findings(self.paths, self.url))

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._session.close()

    @contextmanager
    def _telling(self, path: str = "") -> Iterator[None]:
        """What the API refuses is told as an error of the source; credentials stop the run as ever."""
        try:
            yield
        except TrackerError as error:
            what = self.url(path) if path else f"source {self.name}"
            raise SourceError(f"{what}: it cannot be read. {error.message}", error.cure) from error


def page_name(page: Page) -> str:
    """A page as people know it."""
    return f"the page {page.title!r} ({page.id})"
