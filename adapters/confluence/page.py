"""A page as both products show it, what a source wants of pages, and what is asked of either product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sync.model import Mentioned


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as it is published.

    Attributes:
        status: `current`, or `archived`, `trashed`, `draft`, …
        version: counted from 1; a retitled page counts on as well.
        message: left with that version.
        body: in storage format.
        live: whether it is a live document of Cloud, which is never published.
    """

    id: str
    title: str
    status: str
    version: int
    message: str
    body: bytes
    live: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has written on a page without publishing it.

    Attributes:
        since: when it was saved, in the server's words; "" where it does not say.
    """

    body: bytes
    since: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pages a source has; all that is set must fit.

    Attributes:
        space: its key; label: a label's name; under: id of a page that they stand below; cql: a condition of our own.
    """

    space: str = ""
    label: str = ""
    under: str = ""
    cql: str = ""

    def query(self) -> str:
        """The whole condition in CQL."""
        parts = ["type = page"]
        if self.space:
            parts.append(f"space = {_quoted(self.space)}")
        if self.label:
            parts.append(f"label = {_quoted(self.label)}")
        if self.under:
            parts.append(f"ancestor = {self.under}")
        if self.cql:
            parts.append(f"({self.cql})")
        return " AND ".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Found(NamedTuple):
    """A page in a listing; a `version` of 0 was not told."""

    id: str
    version: int


class Api(Protocol):
    """What is asked of a site, in the dialect of its product. All raise TrackerError."""

    many: bool
    """Whether `pages` reads many at the price of one."""

    def search(self, cql: str) -> Iterator[Found]:
        """The pages that fit, as far as the index knows."""

    def listed(self, wanted: Wanted, some: str) -> Mapping[str, int] | None:
        """Versions by id of the pages that fit, without the index; None where that cannot be asked.

        Args:
            some: id of a page that fits; "" where none is known.
        """

    def versions(self, pages: Iterable[str]) -> Mapping[str, int]:
        """The versions of these pages now; without those that are gone, or not to be seen."""

    def pages(self, pages: Sequence[str]) -> Mapping[str, Page]:
        """These pages with their bodies; without those that are gone, or not to be seen."""

    def whereabouts(self, page: str, wanted: Wanted) -> str:
        """Why a page is none that is wanted, as it is this moment; "" when it is. `cql` is not looked at."""

    def status(self, page: str) -> str:
        """The status of a page, whichever it is; "" when it is gone, or not to be seen."""

    def state(self, page: str) -> str:
        """The page state that people see beside the title, such as "Verified"; "" for none."""

    def draft(self, page: str) -> Draft | None:
        """What somebody has written on it without publishing it; None for nothing, or where it is not shown."""

    def save(self, page: Page, body: bytes, message: str) -> None:
        """Write the version after that of `page`. Raises Conflict when it is not the last any more."""

    def may_edit(self, page: str) -> bool | None:
        """Whether our account may edit a page; None where nobody tells."""

    def people(self, accounts: Sequence[str]) -> Mapping[str, Mentioned]:
        """What these accounts are called, by the ids under which pages mention them; without those nobody knows."""

    def titled(self, space: str, title: str) -> str:
        """The id of the page of this title; "" for none."""
