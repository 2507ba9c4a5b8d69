"""Facts for a report: out of the journal's history, or of what a look at documents and trackers has just shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sync.journal.journal import Event
from sync.model import State, Ticket, TicketRef
from sync.model.names import names_on
from sync.report.facts import Facts, ItemFact, PostmortemFact, WaitingFact
from sync.run.record import EVENT, record
from sync.run.summary import DocumentReport

Names = Mapping[tuple[str, str], str]
"""What people are called, by (tracker, account)."""

_Key = tuple[str, str]
"""(tracker, key) of a ticket."""


@dataclass(slots=True)
class Past:
    """What happened, as far as a journal tells.

    Attributes:
        records: the newest of each document, by (source, path), with the postmortem's id; the newest last.
        slips: days by which due dates were moved to later ones.
        dues: (day of a change of a due date, the date before it), the oldest first.
        closed: the day a ticket was last closed.
        reminded: when a ticket was last reminded of.
    """

    records: dict[_Key, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    slips: dict[_Key, list[int]] = field(default_factory=dict)
    dues: dict[_Key, list[tuple[date, date | None]]] = field(default_factory=dict)
    closed: dict[_Key, date] = field(default_factory=dict)
    reminded: dict[_Key, datetime] = field(default_factory=dict)
    since: date | None = None


def past(events: Iterable[Event]) -> Past:
    """Sum up a history, the oldest event first."""
    found = Past()
    for event in events:
        at = datetime.fromtimestamp(event.at, UTC)
        found.since = found.since or at.date()
        details = event.details
        if event.event == EVENT:
            place = (str(details["source"]), str(details["path"]))
            found.records.pop(place, None)
            found.records[place] = (event.postmortem, details)
        if event.ref is None:
            continue
        name = (event.ref.tracker, event.ref.key)
        match event.event:
            case "updated" | "due" | "adopted":
                before, after = (_day(text) for text in details.get("due") or (None, None))
                if before != after:
                    found.dues.setdefault(name, []).append((at.date(), before))
                if before and after and after > before:
                    found.slips.setdefault(name, []).append((after - before).days)
            case "done" | "wontdo":
                found.closed[name] = _day(details.get("on")) or at.date()
            case "reminded":
                found.reminded[name] = at
    return found


def from_journal(known: Past, tickets: Iterable[Ticket], names: Names, present: Mapping[str, frozenset[str]]) -> Facts:
    """Facts as of the last run.

    Args:
        tickets: as the journal remembers them.
        names: what people are called; accounts without one keep their id.
        present: the documents a source has, where that is known: others of it are left out.
    """
    return _facts(known, {_key(ticket.ref): ticket for ticket in tickets}, names, present, "journal")


class Look:
    """Facts as they are now, gathered from the reports of a dry run."""

    def __init__(self) -> None:
        self._records: dict[_Key, tuple[str, Mapping[str, Any]]] = {}
        self._tickets: dict[_Key, Ticket] = {}
        self._failed: list[str] = []

    def add(self, report: DocumentReport, url: str) -> None:
        """Take over one document; `url` is its page, or ""."""
        self._failed += report.errors
        if report.plan is not None:
            self._records[report.source, report.path] = (report.plan.postmortem, record(report, url))
            self._tickets |= {_key(outcome.ticket.ref): outcome.ticket for outcome in report.outcomes if outcome.ticket}

    def facts(self, history: Past, names: Names) -> Facts:
        """Everything so far; of the history only what happened to tickets counts."""
        known = replace(history, records=self._records)
        return _facts(known, self._tickets, names, {}, "documents", tuple(self._failed))


def _facts(
    known: Past,
    tickets: Mapping[_Key, Ticket],
    names: Names,
    present: Mapping[str, frozenset[str]],
    origin: str,
    failed: tuple[str, ...] = (),
) -> Facts:
    records = _current(known.records, present)
    owners = _Owners(names, records, tickets)
    places = _places(records, tickets)
    postmortems: list[PostmortemFact] = []
    items: list[ItemFact] = []
    waiting: list[WaitingFact] = []
    for place, (identity, values) in sorted(records.items()):
        here = _postmortem(identity, values)
        mine = [entry for entry in values["items"] if not entry["ticket"] or places[_name(entry)] == place]
        linked = any(entry["ticket"] for entry in values["items"])
        if linked and place[0] not in present and not any(entry["ticket"] for entry in mine):
            # Moved: a source that is not at hand does not say that the old file is gone, but its tickets do.
            continue
        postmortems.append(here)
        items += [_item(here, entry, known, tickets, owners) for entry in mine]
        waiting += [WaitingFact(kind, here, *rest) for kind, *rest in values["waiting"]]
    return Facts(tuple(postmortems), tuple(items), tuple(waiting), known.since, origin, failed)


def _current(
    records: Mapping[_Key, tuple[str, Mapping[str, Any]]], present: Mapping[str, frozenset[str]]
) -> dict[_Key, tuple[str, Mapping[str, Any]]]:
    """The newest record of each postmortem that is published and still there."""
    newest: dict[str, _Key] = {}
    for place, (identity, _) in records.items():
        if place[0] not in present or place[1] in present[place[0]]:
            newest[identity] = place
    return {place: records[place] for place in newest.values() if records[place][1]["published"]}


def _places(records: Mapping[_Key, tuple[str, Mapping[str, Any]]], tickets: Mapping[_Key, Ticket]) -> dict[_Key, _Key]:
    """The one document under which each ticket counts: the one its mark names, else the first that links it."""
    places: dict[_Key, _Key] = {}
    for place, (identity, values) in sorted(records.items()):
        for entry in values["items"]:
            if entry["ticket"]:
                name = _name(entry)
                ticket = tickets.get(name)
                if name not in places or (ticket and ticket.mark and identity in names_on(ticket.mark)):
                    places[name] = place
    return places


def _postmortem(identity: str, values: Mapping[str, Any]) -> PostmortemFact:
    return PostmortemFact(
        identity,
        values["source"],
        values["path"],
        values["title"],
        values["url"],
        _day(values["date"]),
        values["service"],
        values["team"],
        values["severity"],
        tuple(values.get("labels", ())),
    )


def _item(
    here: PostmortemFact, entry: Mapping[str, Any], known: Past, tickets: Mapping[_Key, Ticket], owners: _Owners
) -> ItemFact:
    stated = ItemFact(
        here,
        entry["text"],
        entry["line"],
        tuple(dict.fromkeys(entry["owners"])),
        _day(entry["due"]),
        start=here.day,
        elsewhere=entry.get("elsewhere", ""),
        priority=entry.get("priority", ""),
        type=entry.get("type", ""),
    )
    if not entry["ticket"]:
        return replace(stated, state=State(entry["state"]))
    tracker, project, key = entry["ticket"]
    ticket = tickets.get((tracker, key))
    if ticket is None:
        return stated
    closed = None
    if ticket.state is not State.OPEN:
        closed = ticket.closed_on or known.closed.get((tracker, key))
    slips = [*known.slips.get((tracker, ticket.former), ()), *known.slips.get((tracker, key), ())]
    dues = [*known.dues.get((tracker, ticket.former), ()), *known.dues.get((tracker, key), ())]
    # A due date that a person took off the ticket is gone, whatever the document says.
    cleared = ticket.due is None and ticket.mark is not None and ticket.mark.base.due is not None
    if not slips and stated.due and ticket.due and ticket.due > stated.due:
        # Nobody saw it move, and yet it has: what the document says was the first date.
        slips = [(ticket.due - stated.due).days]
    return replace(
        stated,
        owners=owners.called(entry, ticket),
        due=None if cleared else ticket.due or stated.due,
        state=ticket.state,
        started=ticket.started,
        start=here.day or ticket.created.astimezone(UTC).date(),
        closed_on=closed,
        tracker=tracker,
        project=project,
        key=key,
        url=ticket.url,
        ours=ticket.mark is not None and not ticket.pull_request,
        slips=tuple(slips),
        dues=tuple(dues),
    )


class _Owners:
    """What the accounts on tickets are called: as settings say, else as documents write them, else their ids."""

    def __init__(
        self, names: Names, records: Mapping[_Key, tuple[str, Mapping[str, Any]]], tickets: Mapping[_Key, Ticket]
    ) -> None:
        self._names = names
        written: dict[tuple[str, str], Counter[str]] = {}
        for _, values in records.values():
            for entry in values["items"]:
                ticket = tickets.get(_name(entry)) if entry["ticket"] else None
                base = ticket.mark.base.owners if ticket and ticket.mark else ()
                if ticket and len(base) == 1 and len(entry["owners"]) == 1:
                    written.setdefault((ticket.ref.tracker, base[0]), Counter())[entry["owners"][0]] += 1
        self._written = {name: min(words, key=lambda word: (-words[word], word)) for name, words in written.items()}

    def called(self, entry: Mapping[str, Any], ticket: Ticket) -> tuple[str, ...]:
        """The owners of an item; as the document writes them when the ticket is nobody's."""
        if not ticket.assignees:
            return tuple(dict.fromkeys(entry["owners"]))
        tracker = ticket.ref.tracker
        names = [(tracker, account) for account in ticket.assignees]
        return tuple(dict.fromkeys(self._names.get(name) or self._written.get(name) or name[1] for name in names))


def _name(entry: Mapping[str, Any]) -> _Key:
    tracker, _, key = entry["ticket"]
    return tracker, key


def _key(ref: TicketRef) -> _Key:
    return ref.tracker, ref.key


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
