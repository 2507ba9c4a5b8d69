"""The nouns. Values only: frozen, comparable, without behaviour that needs the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Completion of an action item or a ticket."""

    OPEN = "open"
    DONE = "done"
    WONTDO = "wontdo"


class Notation(StrEnum):
    """How a document writes an action item."""

    TASK = "task"
    BULLET = "bullet"
    NUMBER = "number"
    TABLE = "table"
    HEADING = "heading"
    PROSE = "prose"


class Span(NamedTuple):
    """Half-open range of byte offsets into a document's bytes, a BOM counted."""

    start: int
    end: int


class OwnerKind(StrEnum):
    """What an owner as written is: it decides how an account is looked for."""

    HANDLE = "handle"
    NAME = "name"
    EMAIL = "email"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or team named for an item. `text` is as written, without @, brackets or markup."""

    text: str
    kind: OwnerKind
    span: Span | None = None


class DueKind(StrEnum):
    """How certain a due date is. Only EXACT and INFERRED have a date unless settings say otherwise."""

    EXACT = "exact"  # a whole date: 2026-04-03, 3 April 2026
    INFERRED = "inferred"  # the year comes from the postmortem's date: Apr 3
    PERIOD = "period"  # a week, a month, a quarter
    NONE = "none"  # says that there is none: TBD, N/A
    AMBIGUOUS = "ambiguous"  # 03/04/2026 with no date order configured
    INVALID = "invalid"  # 2026-02-30, a weekday that contradicts its date
    UNKNOWN = "unknown"  # words that are no date: in two weeks, soon


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as written and, where that is certain, as a date."""

    text: str
    kind: DueKind
    date: date | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A ticket, pull request or Jira key written on an item.

    Attributes:
        text: what identifies it: the URL when there is one, else the words (`#12`, `o/r#12`, `OPS-12`).
        label: the words a reader sees.
        span: the whole of it in the document, brackets of a link included; None when it stands
            away from the item (a reference definition, a heading above).
        target: span of the URL alone, when the reference is a link with its URL in place.
    """

    text: str
    label: str
    span: Span | None = None
    target: Span | None = None


@dataclass(frozen=True, slots=True)
class Warning:
    """Something a person should know about a document; never a reason to stop.

    Attributes:
        line: counted from 1; 0 for the document as a whole.
    """

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class InlineSlot:
    """Where write-back goes in an item written as running text.

    Attributes:
        content: the item's own words, without marker, box, strike-through or suffix: what `~~` wraps.
        insert: offset at which a suffix is added.
        suffix: a parenthesis at the end that write-back wrote earlier and owns.
        box: the one byte between `[` and `]` of a task list item.
        strike: the spans of the opening and the closing `~~` when the whole content is struck out.
        said: the state that shows without a suffix; of a task, what its words alone say (`[ ] text ✅`).
    """

    content: Span
    insert: int
    suffix: Span | None = None
    box: Span | None = None
    strike: tuple[Span, Span] | None = None
    said: State | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell. `content` is trimmed of blanks; empty means an insertion point.

    Attributes:
        present: False when the row is too short to have the cell; `content` is then the row's end.
        pipes: how many `|` must be added before the cell can be written there.
    """

    column: int
    content: Span
    present: bool = True
    pipes: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What write-back must know of a whole table.

    Attributes:
        columns: number of columns of the header row.
        row_ends: for the header, the delimiter and every body row, in order: the offset after the row's
            last visible byte (of its last cell that counts, where it has more than the header), and whether
            the row closes with a pipe there.
        ticket_column, state_column: their indexes where the table has them.
        state_words: the words the state column already uses, by state.
        cells_in_row: how many cells each of those rows has, superfluous ones aside.
    """

    columns: int
    row_ends: tuple[tuple[int, bool], ...]
    cells_in_row: tuple[int, ...]
    ticket_column: int | None = None
    state_column: int | None = None
    state_words: tuple[tuple[State, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TableSlot:
    """Where write-back goes in an item written as a table row.

    Attributes:
        table: index into `Postmortem.tables`.
        row: index into the table's `row_ends` (0 is the header, 1 the delimiter).
    """

    table: int
    row: int
    ticket: Cell | None = None
    state: Cell | None = None


Slot = InlineSlot | TableSlot


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One follow-up change that a postmortem asks for.

    Attributes:
        line: where the item begins, counted from 1.
        text: its words as plain text: no marker, box, state mark, ticket link, or owner and due annotations.
        state: what the document says; OPEN when it says nothing.
        state_stated: whether the document says it at all (a box, a cell, a word).
        span: the item in the document, without what is nested below it.
        unsure: why it may be no item at all; empty when sure.
        rule: name of the rule that found it; `reasons` tell the same of its fields.
    """

    line: int
    text: str
    notation: Notation
    section: str
    span: Span
    slot: Slot
    owners: tuple[Owner, ...] = ()
    due: Due | None = None
    state: State = State.OPEN
    state_stated: bool = False
    references: tuple[Reference, ...] = ()
    priority: str | None = None
    type: str | None = None
    unsure: str = ""
    rule: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def due_date(self) -> date | None:
        return self.due.date if self.due else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A list, table or line of an action section that is no item, and why (`parse --explain`)."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Postmortem:
    """A document, understood.

    Attributes:
        id: the front matter's `id`, or "" (then its path in the source identifies it).
        published: whether it may be synced; `reason` says why, or why not.
        fields: every scalar of the front matter and of the body's metadata, by lower-case name, for routes.
        incident: the URL or key of the incident's own ticket, where named.
        data: the bytes it was read from.
    """

    path: str
    data: bytes = field(repr=False)
    title: str = ""
    date: date | None = None
    id: str = ""
    status: str = ""
    service: str = ""
    team: str = ""
    severity: str = ""
    incident: str = ""
    labels: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    published: bool = True
    reason: str = ""
    items: tuple[ActionItem, ...] = ()
    tables: tuple[Table, ...] = ()
    warnings: tuple[Warning, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What settings may change about understanding a document (`[items]`).

    Attributes:
        sections: further headings that begin an action section.
        published: values of `status` that count as published; empty means the built-in rule.
        date_order: "dmy", "mdy" or "" (a date such as 03/04/2026 is then ambiguous).
        periods: whether "Q2 2026" or "end of May 2026" is a due date (its last day).
    """

    sections: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    date_order: str = ""
    periods: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What the document must show for one item after a run.

    Attributes:
        label, url: of the ticket, as a link.
        closed_on: the day it was closed, when state is not OPEN and the tracker knows.
        reference: the link already on the item that names this ticket (perhaps under an old key); None
            when the item has none.
        relink: whether `reference` must be rewritten to `label` and `url` (the ticket moved).
    """

    label: str
    url: str
    state: State
    closed_on: date | None = None
    reference: Reference | None = None
    relink: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span` by `text`; an empty span inserts."""

    span: Span
    text: bytes


# --- tickets ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket's name: the tracker, the repository or project, and the key as people write it."""

    tracker: str
    project: str
    key: str


@dataclass(frozen=True, slots=True)
class Base:
    """What was last pushed to a ticket: the base of the three-way merge.

    Attributes:
        title, due: as pushed.
        owners: account ids as pushed; empty when none was.
        body: digest of the body as pushed.
    """

    title: str = ""
    owners: tuple[str, ...] = ()
    due: date | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a ticket carries to say which item it belongs to.

    Attributes:
        postmortem, item: their ids (see identity.py).
        text: digest of the item's normalised words, the same in whatever document it stands.
    """

    postmortem: str
    item: str
    text: str
    base: Base = Base()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the tracker has it now.

    Attributes:
        ref: its present name; `former` its name when asked for under an old one.
        assignees: account ids.
        created: order of age among tickets; the older of two twins stays.
        mark: only when it may be believed (our account, or our signature).
        duplicate_of: the key it was closed in favour of.
        pull_request: merged is done, closed unmerged is won't do.
        version: changes whenever the ticket does.
    """

    ref: TicketRef
    url: str
    title: str
    created: datetime
    state: State = State.OPEN
    closed_on: date | None = None
    assignees: tuple[str, ...] = ()
    due: date | None = None
    labels: tuple[str, ...] = ()
    mark: Mark | None = None
    duplicate_of: str = ""
    pull_request: bool = False
    former: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What a ticket's description says, before an adapter renders it for its tracker.

    Every string is untrusted text of a document and must be made safe by the renderer.
    """

    text: str
    postmortem_title: str
    postmortem_url: str
    section: str = ""
    owners: tuple[str, ...] = ()
    due: str = ""
    priority: str = ""
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """A ticket as it should be: what a create is given, and what a tracker normalises.

    Attributes:
        assignees: account ids, the first the most important.
        incident: the incident's own ticket, to become the parent where the tracker has parents.
        values: the item's and the postmortem's plain values, for templates in settings.
    """

    project: str
    title: str
    body: Body
    mark: Mark
    assignees: tuple[str, ...] = ()
    due: date | None = None
    labels: tuple[str, ...] = ()
    priority: str = ""
    type: str = ""
    incident: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """What to change on a ticket; None leaves a field alone. `mark` is always written with it."""

    mark: Mark | None = None
    title: str | None = None
    body: Body | None = None
    assignees: tuple[str, ...] | None = None
    due: date | None = None
    state: State | None = None
    duplicate_of: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that a person would see change."""
        named = ("title", "body", "assignees", "due", "state")
        return tuple(name for name in named if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a tracker that may be assigned. `id` is what goes into `assignees`."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A write that the tracker confirmed, read back.

    Attributes:
        dropped: what the tracker left out without an error, in words ("assignee ana").
    """

    ticket: Ticket
    dropped: tuple[str, ...] = ()


# --- the plan --------------------------------------------------------------------------------


class Action(StrEnum):
    """What the plan does about one item."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    UNCHANGED = "unchanged"
    FOLLOW = "follow"  # status only: a copied link, a pull request
    SKIP = "skip"  # held back, with the reason
    FAIL = "fail"  # cannot be done, with the reason


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed, or the base is unknown and they differ. Neither is overwritten."""

    what: str
    document: str
    ticket: str

    def __str__(self) -> str:
        return f"{self.what}: the document says {self.document}, the ticket says {self.ticket}"


@dataclass(frozen=True, slots=True)
class Change:
    """The decision about one item.

    Attributes:
        index: of the item in the postmortem.
        item_id: as on the mark; "" when the item has none.
        ticket: the one it has now; None for CREATE, SKIP and FAIL.
        wish: what a CREATE asks for.
        patch: what an UPDATE or ADOPT writes.
        reference: the link on the item that names the ticket.
        relink: whether that link must be rewritten.
        show_state: whether the ticket's state is to be written into the document.
        reasons: why, in words, for the plan's output.
        notes: what a person should look at (an owner nobody can resolve, candidates).
        waits: whether the next run must look again though nothing changes.
    """

    index: int
    action: Action
    tracker: str = ""
    project: str = ""
    item_id: str = ""
    ticket: Ticket | None = None
    wish: Wish | None = None
    patch: Patch | None = None
    reference: Reference | None = None
    relink: bool = False
    show_state: bool = True
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Twins:
    """Two live tickets of one item: the younger is to be closed as a duplicate of the older."""

    younger: Ticket
    older: Ticket


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run would do about one postmortem; one change an item, in order."""

    postmortem: str
    changes: tuple[Change, ...] = ()
    twins: tuple[Twins, ...] = ()
    orphans: tuple[Ticket, ...] = ()

    @property
    def creates(self) -> int:
        return sum(change.action is Action.CREATE for change in self.changes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        action: what was done; FAIL when it could not be.
        ticket: as it is after the run; None when there is none.
        written: whether the tracker was written to.
        error: why it failed, in words with the cure.
        notes: what a person should look at, the plan's notes included.
    """

    change: Change
    action: Action
    ticket: Ticket | None = None
    written: bool = False
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at.

    Attributes:
        well: whether it is as it must be; `serious` whether nothing works when it is not.
        cure: what to do about it.
    """

    what: str
    well: bool
    serious: bool = True
    detail: str = ""
    cure: str = ""
