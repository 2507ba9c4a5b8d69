"""What a source and a tracker must do. Reading and writing are apart, so that planning cannot write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from sync.errors import TrackerError
from sync.model import Account, DesiredTicket, Finding, Mentioned, Owner, Patch, Reference, Ticket, TicketRef, Written


class DocumentName(NamedTuple):
    """A document's source, and its path within it."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one document as read.

    Attributes:
        path: posix path within the source; with the source's name it identifies the document.
        version: an opaque value that a write compares with what is there now.
        url: a page where people read it; "" when it has none.
        repository: `owner/name` against which a short reference (`#12`) is meant; "" when none.
        format: name of the format it is written in (`sync.formats`).
        home: where documents of its source live, the same for everybody who reads them: a repository's host/owner/name,
            a site; "" for a folder that nobody named. No source's name, glob or way of being called is part of it.
        inner: its path within the home, or a page's id; without a home the whole path of the file.
        file: what tells the file behind it from all others that this machine reads, under whatever name; "" for none.
        lasting: what names it for good, wherever it is moved and however it is retitled, and never names another
            document; a page's id. "" where only its place and its words tell.
        title: where the source keeps it apart from the bytes; "" where it does not.
        people: the accounts that are mentioned in it by their ids, as far as the source knows them.
        unpublished: why the source does not hold it published; "" when it does.
    """

    source: str
    path: str
    data: bytes
    version: str
    url: str = ""
    repository: str = ""
    format: str = "markdown"
    home: str = ""
    inner: str = ""
    file: str = ""
    lasting: str = ""
    title: str = ""
    people: tuple[tuple[str, Mentioned], ...] = ()
    unpublished: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New bytes for a document that was read as `document`."""

    document: Document
    data: bytes


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one rewrite.

    Attributes:
        stale: the document was changed since it was read; nothing was written.
        error: why nothing was written, when it was not for that.
        version: of the document after the write.
        where: where a person finds it (a commit, a pull request); "" for a plain file.
        proposed: people see the document as it was until somebody merges what stands at `where`.
        undone: what belongs to the write and could not be done, such as a commit, though the new bytes are in place.
        notes: what a person should know of what was written, a sentence each.
    """

    path: str
    version: str = ""
    stale: bool = False
    error: str = ""
    where: str = ""
    proposed: bool = False
    undone: str = ""
    notes: tuple[str, ...] = ()

    @property
    def written(self) -> bool:
        """Whether the new bytes are in place."""
        return not self.stale and not self.error


class Sight(StrEnum):
    """What is at a path, as one source sees it."""

    SHOWN = "a document of the source"
    HIDDEN = "there, and none of its documents"
    ABSENT = "not there now, which proves nothing"
    OUTSIDE = "not within what it can see"


class SourceReader(Protocol):
    """Where postmortems are read. A source that cannot be read raises SourceError, never answers empty."""

    name: str

    def paths(self) -> Iterable[str]:
        """Every document the source has, as posix paths, sorted."""

    def version(self, path: str) -> str:
        """The document's version where it is known without reading the document; "" where only reading tells."""

    def read(self, path: str) -> Document:
        """The document's bytes. Raises SourceError, which names the path."""

    def url(self, path: str) -> str:
        """The page where people read it, or ""."""

    def path_of(self, url: str) -> str:
        """The document whose page this is; "" when it is none of this source."""

    def requests(self) -> int:
        """How many calls over the network were made so far."""

    def check(self) -> Sequence[Finding]:
        """Whether it can be read and written back to, without writing: for the doctor. Raises nothing of ours."""


class Source(SourceReader, Protocol):
    """A source that can be written back to."""

    together: bool
    """Whether the rewrites of a run belong into one write (one commit), or into as few as memory allows."""

    def write(self, rewrites: Sequence[Rewrite]) -> Sequence[WriteResult]:
        """Write each document that is still as it was read; one result a rewrite, in order."""

    def close(self) -> None:
        """Give back what it holds. May be called twice."""


@runtime_checkable
class Homed(Protocol):
    """A source whose documents have a home that others know as well; of any other no place is known to be gone."""

    @property
    def home(self) -> str:
        """The home of its documents; see `Document`."""

    def was_called(self, home: str) -> bool:
        """Whether its home was once called so: a repository that was renamed or moved. Raises SourceError."""

    def path_at(self, inner: str) -> str:
        """The document at this path within the home; "" when it is none that the source shows."""

    def sight(self, inner: str) -> Sight:
        """What the source sees at this path within the home, without more calls than its listing needs."""

    def lacks(self, inner: str) -> bool:
        """Whether the home certainly has nothing at this path any more, in whatever branch and outside of any glob.

        False wherever nobody can tell: absence proves nothing by itself.
        """


@runtime_checkable
class Foresighted(Protocol):
    """A source that can be asked, right before tickets are made, whether their links will find their place."""

    def is_current(self, document: Document) -> bool:
        """Whether a document is this moment as it was read. Raises SourceError."""

    def obstacle(self, path: str) -> str:
        """Why a document cannot be written back to, as far as that can be seen without writing; "" for no reason."""


@runtime_checkable
class Finishing(Protocol):
    """A source that can be left with something to do after a write."""

    def finish(self) -> Sequence[WriteResult]:
        """Do what writes of whichever run left undone; one result a document, with the path "" for the whole source."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The tickets of a project that changed since a cursor.

    Attributes:
        tickets: every ticket under our label, changed since; only those when `cursor` was given. Read it
            to the end before `cursor`.
        cursor: to be given next time.
    """

    tickets: Iterator[Ticket]
    cursor: Cursor


class Cursor(Protocol):
    """Where the next listing begins; known once the listing has been read to its end."""

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who an owner may be. Exactly one match resolves; anything else is nobody, with the candidates named."""

    matches: tuple[Account, ...]
    why: str = ""

    @property
    def one(self) -> Account | None:
        """The account, when exactly one matches."""
        return self.matches[0] if len(self.matches) == 1 else None


class TrackerReader(Protocol):
    """What planning may ask a tracker."""

    name: str
    settle_seconds: float
    """How long after a write its index must show it."""

    def project_of(self, project: str) -> str:
        """The canonical name of a project; `project` may be "" for the configured one.

        Raises SettingsError when there is none.
        """

    def resolve(self, reference: Reference, repository: str, url: str) -> TicketRef | None:
        """Which ticket of this tracker a reference names, by its spelling alone; None when it names none.

        `repository` and `url` are those of the document, for short and relative references.
        """

    def changed(self, project: str, cursor: str) -> Listing:
        """Tickets under our label changed since `cursor`; all of them when it is "". The cheapest call there is."""

    def lookup(self, refs: Sequence[TicketRef]) -> Mapping[TicketRef, Ticket | None]:
        """These tickets as they are now, in batches; None for one that is gone or invisible.

        A ticket that moved comes with its new `ref`, under the old one.
        """

    def marked(self, project: str, places: Collection[str], since: datetime | None) -> Sequence[Ticket]:
        """Tickets marked for any of these places as the tracker knows them this moment, not from a cache.

        Looked at right before a batch of creates, so its cost must not grow with the number of places.
        `since` bounds it to tickets created or changed after.
        """

    def accounts(self, owner: Owner, project: str) -> Accounts:
        """The accounts that may be assigned and whom the owner's words name."""

    def normalise(self, desired: DesiredTicket) -> DesiredTicket:
        """The ticket as it will read back: lengths, case, label spelling, number of assignees, dates it can hold."""

    def check(self, project: str = "") -> Sequence[Finding]:
        """Whether it can be used as configured, without writing anything: for the doctor. Raises nothing of ours."""

    def body_digest(self, desired: DesiredTicket) -> str:
        """Digest of the body as this tracker would show it; kept in the mark's base."""


@dataclass(frozen=True, slots=True)
class Created:
    """The answer to one ticket of a create: exactly one of the two is set.

    An `error` of the class OutcomeUnknown means that the ticket may exist.
    """

    written: Written | None = None
    error: TrackerError | None = None


class Tracker(TrackerReader, Protocol):
    """A tracker that can be written to."""

    batch_size: int
    """How many desired tickets one create may carry."""

    def create(self, desired_tickets: Sequence[DesiredTicket]) -> Sequence[Created]:
        """Create each desired ticket, its mark within the same call; one answer each, in order.

        Never repeats a call that may have been carried out. Raises StopRun when nothing further can work
        (CredentialsError), in which case no desired ticket of the call was carried out.
        """

    def update(self, ticket: Ticket, patch: Patch) -> Written:
        """Change a ticket and read it back. Idempotent. Raises TrackerError."""

    def requests(self) -> int:
        """How many calls were made so far."""

    def close(self) -> None:
        """Give back what it holds. May be called twice."""


@runtime_checkable
class Historied(Protocol):
    """A tracker that tells what people did to a ticket. On any other, a twin is never closed."""

    def touched(self, ticket: Ticket) -> bool:
        """Whether anybody but us has worked on a ticket that we created: a comment, an edit, an assignment.

        True where nobody can tell. Raises TrackerError.
        """


@runtime_checkable
class Reminder(Protocol):
    """A tracker on whose tickets a comment can be left for their assignees."""

    def reminded(self, ticket: Ticket, since: datetime) -> bool:
        """Whether our account left a reminder on the ticket since then. Raises TrackerError."""

    def remind(self, ticket: Ticket, words: str) -> None:
        """Leave a comment that mentions the ticket's assignees, and nobody else, in the tracker's own way.

        It can be told from other comments afterwards, and is never sent again once it may have arrived.

        Args:
            words: plain text of our own, never of a document.

        Raises:
            TrackerError: it was not left; OutcomeUnknown when it may have been.
        """


class Clock(Protocol):
    """The time, so that tests may move it."""

    def now(self) -> datetime:
        """This moment, with a time zone."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """Documents that somebody changed in a repository.

    Attributes:
        default: whether the branch is the repository's own.
        pages: the addresses of what was changed, as of the head of whichever branch.
    """

    repository: str
    branch: str
    default: bool
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a tracker or a source tells by itself.

    Attributes:
        delivery: names this telling; the same when it is repeated.
        kind: in the sender's words.
        tickets: that changed, as a document would refer to them: an address or a key.
        pages: that changed, by the addresses under which people read them.
    """

    delivery: str
    kind: str
    tickets: tuple[str, ...] = ()
    pushed: Pushed | None = None
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call as it was made, without a word of what was asked and answered.

    Attributes:
        status: of the answer; None when no whole one came, and `error` has the kind of failure.
        began, ended: in nanoseconds since the epoch.
    """

    method: str
    host: str
    port: int | None
    status: int | None
    error: str
    began: int
    ended: int


Watch = Callable[[Exchange], None]
"""Told of each call once it ended, repeated ones each time. Called in the thread that made it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often calls of a kind may begin.

    Attributes:
        interval: seconds between the beginnings of two calls.
        windows: (calls, seconds): no more than so many in any so many seconds.
    """

    interval: float = 0.0
    windows: tuple[tuple[int, float], ...] = ()

    def delay(self, past: Sequence[float], now: float) -> float:
        """Seconds until the next call may begin; `past` are the times of those before, the oldest first."""
        wait = past[-1] + self.interval - now if past and self.interval else 0.0
        for calls, seconds in self.windows:
            if len(past) >= calls:
                wait = max(wait, past[-calls] + seconds - now)
        return max(0.0, wait)


class RateLimiter(Protocol):
    """When the next call to a tracker may begin, for all who use the same account."""

    def take(self, limits: Mapping[str, Limit], longest: float, reserve: bool = True) -> float:
        """Seconds until a call may begin that counts as each of these kinds; that moment is ours then.

        Args:
            longest: nothing is reserved when the answer is longer.
            reserve: False to ask only.
        """

    def close(self, seconds: float) -> None:
        """The tracker asks everybody to stay away for so long."""
