"""What a report says, as values, and as JSON. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """`done` of `of` items; `share` is None where there are none."""

    done: int
    of: int

    @property
    def share(self) -> float | None:
        """The part that is done, from 0 to 1; None of nothing."""
        return self.done / self.of if self.of else None

    def to_json(self) -> dict[str, int | float | None]:
        """Both numbers, and the share to four places."""
        return {"done": self.done, "of": self.of, "share": None if self.share is None else round(self.share, 4)}


@dataclass(frozen=True, slots=True)
class Counts:
    """Items by state; `overdue` of the open ones."""

    items: int
    open: int
    overdue: int
    done: int
    wontdo: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Days to done: how many items, median, 90th percentile; `undated` are done on a day nobody knows."""

    items: int
    median: float | None
    p90: int | None
    undated: int


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one team, service, severity, tracker or month."""

    name: str
    postmortems: int
    counts: Counts
    within: dict[int, Rate]
    speed: Speed


@dataclass(frozen=True, slots=True)
class Bucket:
    """Open items from so many to so many days old; `last` is None without an end."""

    first: int
    last: int | None
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Ages:
    """How long open items have been open, in days."""

    items: int
    median: float | None
    oldest: int | None
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """One month: items begun and closed in it, and open at its end (or today)."""

    month: str
    begun: int
    closed: int
    open: int


@dataclass(frozen=True, slots=True)
class Load:
    """The open work of one owner."""

    owner: str
    open: int
    overdue: int
    next_due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedItem:
    """What every list tells of an item: what it is, whose, and where its ticket and its postmortem stand."""

    text: str
    owners: tuple[str, ...]
    due: date | None
    tracker: str
    key: str
    url: str
    postmortem: str
    postmortem_url: str
    team: str
    service: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateItem(ReportedItem):
    """An open item that is overdue, or whose due date slipped.

    Attributes:
        days: late, for an overdue item; moved altogether, for one whose date slipped.
        moves: how often its due date was moved to a later one.
    """

    days: int
    moves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow(ReportedItem):
    """One item in the list of all.

    Attributes:
        state: "open", "done" or "wontdo".
        started: whether its tracker says of an open one that somebody works on it.
        owners: of an open item; what people have finished is told of nobody.
        late: days past its due date.
        days: from the day it counts from until it was closed, or until today; None where a day is unknown.
        elsewhere: its ticket in a tracker that is not configured, as the document writes it.
        breaks: kinds of the policies that it breaks: "assigned", "due", "done".
    """

    state: str
    late: int
    start: date | None
    closed_on: date | None
    days: int | None
    moves: int
    priority: str
    type: str
    elsewhere: str
    breaks: tuple[str, ...]
    started: bool = False


@dataclass(frozen=True, slots=True)
class Slips:
    """Due dates that were moved to later ones.

    Attributes:
        items: how many items; moves how often altogether; days the median of one move.
        once, twice, more: items by the number of moves.
        open: those still open, the most moved first.
    """

    items: int
    moves: int
    days: float | None
    once: int
    twice: int
    more: int
    open: tuple[LateItem, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """A postmortem of whose items none is done, and some are to be."""

    title: str
    path: str
    url: str
    day: date | None
    days: int | None
    items: int
    open: int
    team: str = ""
    service: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that only a person can settle. `kind` is "conflict", "held", "orphan" or "owner"."""

    kind: str
    text: str
    line: int
    key: str
    url: str
    postmortem: str
    postmortem_url: str
    team: str = ""
    service: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An owner whom no tracker knows, in so many items.

    Attributes:
        trackers: where no account is found for the name.
        line: to copy below `[people]`, with the account to fill in.
    """

    owner: str
    trackers: tuple[str, ...]
    items: int
    line: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same figures at the end of an earlier day; what has no day counts as it is today."""

    day: date
    counts: Counts
    within: dict[int, Rate]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How often one policy holds.

    Attributes:
        kind: "assigned", "due" or "done".
        within: its time, in words.
        kept: of the items whose time is over, or that kept it already.
        running: items that still have time; unknown, those of which a day is missing that would tell.
    """

    policy: str
    kind: str
    within: str
    kept: Rate
    running: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(ReportedItem):
    """An open item that breaks a policy.

    Attributes:
        kind: "assigned": nobody owns it; "due": it is due too late, or has no date; "done": it is still open.
        by: the last day that the policy allows.
        days: so many later is its due date, or today.
    """

    policy: str
    kind: str
    by: date
    days: int


@dataclass(frozen=True, slots=True)
class InTimeRow:
    """What was finished in its time of one severity and month; "" means all of them.

    Attributes:
        month: of the first due dates, as YYYY-MM.
        unknown: items that were done on a day nobody knows; they are not in the rate.
    """

    severity: str
    month: str
    rate: Rate
    unknown: int


@dataclass(frozen=True, slots=True)
class InTime:
    """The share of items that were finished in their time.

    Attributes:
        definition: what is counted, in words.
        unknown: items that were done on a day nobody knows; undated, those that never had a due date. They are in
            no rate.
        severities, months, each: the same by severity, by month, and by both where there is anything.
    """

    definition: str
    rate: Rate
    unknown: int = 0
    undated: int = 0
    severities: tuple[InTimeRow, ...] = ()
    months: tuple[InTimeRow, ...] = ()
    each: tuple[InTimeRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the action items, as of `today`.

    Attributes:
        no_ticket, no_owner, no_due: open items that lack one; elsewhere those whose ticket is in a tracker that is
            not configured; started those of whose tickets the tracker says that somebody works on them.
        waiting_by: how many wait, by kind.
        origin, since, failed, selection: see Facts.
    """

    today: date
    since: date | None
    origin: str
    failed: tuple[str, ...]
    postmortems: int
    counts: Counts
    no_ticket: int
    no_owner: int
    no_due: int
    within: dict[int, Rate]
    speed: Speed
    ages: Ages
    months: tuple[Group, ...]
    flow: tuple[Flow, ...]
    teams: tuple[Group, ...]
    services: tuple[Group, ...]
    severities: tuple[Group, ...]
    trackers: tuple[Group, ...]
    owners: tuple[Load, ...]
    slips: Slips
    nothing_done: tuple[Quiet, ...]
    overdue: tuple[LateItem, ...]
    waiting: tuple[Waiting, ...]
    waiting_by: dict[str, int]
    policies: tuple[Keeping, ...] = ()
    breaches: tuple[Breach, ...] = ()
    elsewhere: int = 0
    started: int = 0
    unresolved: tuple[Unresolved, ...] = ()
    items: tuple[ItemRow, ...] = ()
    baseline: Baseline | None = None
    in_time: InTime = InTime("", Rate(0, 0))
    selection: str = ""

    def to_json(self) -> dict[str, Any]:
        """Every number, with dates as YYYY-MM-DD and shares beside their counts."""
        found: dict[str, Any] = _plain(self)
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, Rate):
        return value.to_json()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value
