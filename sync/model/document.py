"""A document and what it says: items with their fields, where write-back goes, and what it must show. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

MAX_BYTES = 10_000_000
"""A larger document is no postmortem: no source reads it, and no format understands it."""


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

    ACCOUNT = "account"  # the id of an account, as a page's mention of a user gives it
    HANDLE = "handle"
    NAME = "name"
    EMAIL = "email"
    TEAM = "team"


class Mentioned(NamedTuple):
    """An account that a document mentions by its id alone: what people call it, and its login; "" where unknown."""

    name: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or team named for an item. `text` is as written, without @, brackets or markup.

    Attributes:
        mentioned: of an account, what its id is known as.
    """

    text: str
    kind: OwnerKind
    span: Span | None = None
    mentioned: Mentioned | None = None

    @property
    def called(self) -> str:
        """As people know it: the name of an account, where it is known, else what is written."""
        return self.mentioned.name if self.mentioned and self.mentioned.name else self.text


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
class DocumentWarning:
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
        content: the item's own words, without marker, box, strike-through or suffix: what a strike wraps.
        insert: offset at which a suffix is added.
        suffix: what write-back wrote earlier at the end, and owns.
        box: the bytes that say a task's state, such as the one between `[` and `]`.
        strike: the spans of the opening and the closing markup when the whole content is struck out.
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
    """

    column: int
    content: Span
    present: bool = True


class Row(NamedTuple):
    """How one line of a table can be added to.

    Attributes:
        end: offset behind its last cell that counts, where further cells go.
        closed: whether a mark of the format closes the row there (Markdown's last pipe).
        cells: how many it has.
        broken: whether words stand in cells that no reader sees, as behind a pipe that was not escaped.
        covered: columns that a cell reaches over which is another column's, or the row's above.
        shared: columns whose cell reaches over rows below.
    """

    end: int
    closed: bool
    cells: int
    broken: bool = False
    covered: tuple[int, ...] = ()
    shared: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What write-back must know of a whole table.

    Attributes:
        columns: number of columns of the header.
        head, body: the lines of the header, as many as the format has, and those of the rows.
        span: the whole of it.
        ticket_column, state_column: their indexes where the table has them.
        state_words: the words the state column already uses, by state.
    """

    columns: int
    head: tuple[Row, ...]
    body: tuple[Row, ...]
    span: Span
    ticket_column: int | None = None
    state_column: int | None = None
    state_words: tuple[tuple[State, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TableSlot:
    """Where write-back goes in an item written as a table row.

    Attributes:
        table: index into `Postmortem.tables`.
        row: index into the table's `body`.
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
        written: what write-back left here last, where the document shows that apart from what people do to it: the
            words of ours beside a box, a day behind "done".
        box_says: what a box says where the words of ours beside it say otherwise; None where they agree.
        span: the item in the document, without what is nested below it.
        unsure: why it may be no item at all; empty when sure.
        rule: name of the rule that found it; `reasons` tell the same of its fields.
        evidence: the signs for and against its being an action, with their weights.
        parent: words of the line or title that it stands below, as context.
        details: what is nested below it and is no item, a line each.
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
    written: State | None = None
    box_says: State | None = None
    references: tuple[Reference, ...] = ()
    priority: str | None = None
    type: str | None = None
    unsure: str = ""
    rule: str = ""
    reasons: tuple[str, ...] = ()
    evidence: tuple[tuple[str, float], ...] = ()
    parent: str = ""
    details: tuple[str, ...] = ()

    @property
    def due_date(self) -> date | None:
        """The due date, where it is certain enough to be one."""
        return self.due.date if self.due else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A list, table or line of an action section that is no item, and why (`parse --explain`)."""

    line: int
    text: str
    why: str
    evidence: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Postmortem:
    """A document, understood.

    Attributes:
        id: the front matter's `id`, or "" (then its path in the source identifies it).
        published: whether it may be synced; `reason` says why, or why not.
        fields: every scalar of the front matter and of the body's metadata, by lower-case name, for routes.
        incident: the URL or key of the incident's own ticket, where named.
        data: the bytes it was read from.
        format: name of the format they are written in.
    """

    path: str
    data: bytes = field(repr=False)
    format: str = "markdown"
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
    warnings: tuple[DocumentWarning, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What settings may change about understanding a document (`[items]`).

    Attributes:
        sections: further headings that begin an action section.
        published: values of `status` that count as published; empty means the built-in rule.
        date_order: "dmy", "mdy" or "" (a date such as 03/04/2026 is then ambiguous).
        periods: whether "Q2 2026" or "end of May 2026" is a due date (its last day).
        people: names that are known, so that one in brackets at the end of an item is its owner.
    """

    sections: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    date_order: str = ""
    periods: bool = False
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """What the document must show for one item after a run.

    Attributes:
        label, url: of the ticket, as a link.
        closed_on: the day it was closed, when state is not OPEN and the tracker knows.
        reference: the link already on the item that names this ticket (perhaps under an old key); None
            when the item has none.
        relink: whether `reference` must be rewritten to `label` and `url` (the ticket moved).
        say: whether the state must stand there in words though the box shows it, so that a later run knows who ticked.
    """

    label: str
    url: str
    state: State
    closed_on: date | None = None
    reference: Reference | None = None
    relink: bool = False
    say: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span` by `text`; an empty span inserts."""

    span: Span
    text: bytes
