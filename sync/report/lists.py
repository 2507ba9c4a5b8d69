"""The lists of a report: what is overdue, who has what to do, what waits for a person, and every item. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from statistics import median

from sync.model import State
from sync.policies.policies import Policies
from sync.report.facts import ItemFact, WaitingFact, reported
from sync.report.figures import ItemRow, LateItem, Load, Quiet, Slips, Unresolved, Waiting
from sync.report.keeping import broken

NOBODY = "nobody"
KINDS = ("conflict", "held", "orphan", "owner")
"""What waits for a person; what may harm a ticket comes first."""


def late(item: ItemFact, today: date) -> int:
    """Days past its due date; 0 for an item that is not overdue."""
    if item.state is not State.OPEN or item.due is None:
        return 0
    return max(0, (today - item.due).days)


def loads(open_items: Iterable[ItemFact], today: date) -> tuple[Load, ...]:
    """Alphabetical, and without what anybody has done: a person is seen as the owner of open work only."""
    found: dict[str, list[ItemFact]] = {}
    for item in open_items:
        for owner in item.owners or ("",):
            found.setdefault(owner, []).append(item)
    return tuple(
        Load(
            name or NOBODY,
            len(found[name]),
            sum(late(item, today) > 0 for item in found[name]),
            min((item.due for item in found[name] if item.due and item.due >= today), default=None),
        )
        for name in sorted(found, key=lambda name: (not name, _letters(name), name))
    )


def _letters(name: str) -> str:
    """What a name is sorted by: its letters without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


def overdue(open_items: Iterable[ItemFact], today: date) -> tuple[LateItem, ...]:
    """What is past its due date, the latest first."""
    found = [(late(item, today), item) for item in open_items]
    found.sort(key=lambda pair: (-pair[0], pair[1].postmortem.path, pair[1].line))
    return tuple(_late(item, days) for days, item in found if days)


def _late(item: ItemFact, days: int) -> LateItem:
    return LateItem(**reported(item), days=days, moves=len(item.slips))


def slips(items: Iterable[ItemFact]) -> Slips:
    """Due dates that were moved to later ones."""
    slipped = [item for item in items if item.slips]
    moves = [days for item in slipped for days in item.slips]
    numbers = [len(item.slips) for item in slipped]
    still = [item for item in slipped if item.state is State.OPEN]
    still.sort(key=lambda item: (-len(item.slips), -sum(item.slips), item.postmortem.path, item.line))
    return Slips(
        len(slipped),
        len(moves),
        float(median(moves)) if moves else None,
        numbers.count(1),
        numbers.count(2),
        sum(number > 2 for number in numbers),
        tuple(_late(item, sum(item.slips)) for item in still),
    )


def nothing_done(items: Iterable[ItemFact], today: date) -> tuple[Quiet, ...]:
    """Postmortems of whose items none is done, and some are to be; the oldest first."""
    found: dict[str, list[ItemFact]] = {}
    for item in items:
        found.setdefault(item.postmortem.id, []).append(item)
    quiet: list[Quiet] = []
    for mine in found.values():
        states = [item.state for item in mine]
        if State.DONE in states or State.OPEN not in states:
            continue
        here = mine[0].postmortem
        day = min((item.start for item in mine if item.start), default=None)
        passed = max(0, (today - day).days) if day else None
        is_open = states.count(State.OPEN)
        names = (here.team, here.service, here.severity)
        quiet.append(Quiet(here.name, here.path, here.url, day, passed, len(mine), is_open, *names))
    return tuple(sorted(quiet, key=lambda one: (one.day or date.max, one.path)))


def waiting(facts: Iterable[WaitingFact]) -> tuple[Waiting, ...]:
    """What only a person can settle: first what is held and what is in conflict, then the rest."""
    found = sorted(facts, key=lambda one: KINDS.index(one.kind))
    return tuple(
        Waiting(
            one.kind,
            one.text,
            one.line,
            one.key,
            one.url,
            one.postmortem.name,
            one.postmortem.url,
            one.postmortem.team,
            one.postmortem.service,
            one.postmortem.severity,
        )
        for one in found
    )


def unresolved(facts: Iterable[WaitingFact]) -> tuple[Unresolved, ...]:
    """Owners whom no tracker knows, by name; those of most items first."""
    found: dict[str, list[WaitingFact]] = {}
    for one in facts:
        if one.kind == "owner" and one.owner:
            found.setdefault(_letters(one.owner), []).append(one)
    named = [_unresolved(mine) for mine in found.values()]
    return tuple(sorted(named, key=lambda one: (-one.items, _letters(one.owner))))


def _unresolved(mine: Sequence[WaitingFact]) -> Unresolved:
    trackers = tuple(sorted({one.tracker for one in mine if one.tracker}))
    accounts = ", ".join(f'{tracker} = "…"' for tracker in trackers)
    line = f"{json.dumps(mine[0].owner, ensure_ascii=False)} = {{ {accounts} }}"
    return Unresolved(mine[0].owner, trackers, len(mine), line)


def rows(items: Iterable[ItemFact], policies: Policies, today: date) -> tuple[ItemRow, ...]:
    """Every item: what is open first, the latest first, then what was closed last."""
    ordered = sorted(items, key=lambda item: (item.postmortem.path, item.line))
    found = [_row(item, [one.kind.value for one in broken(item, policies, today)], today) for item in ordered]
    found.sort(key=lambda one: (one.state != "open", -one.late, -(one.closed_on or date.min).toordinal()))
    return tuple(found)


def _row(item: ItemFact, breaks: Iterable[str], today: date) -> ItemRow:
    is_open = item.state is State.OPEN
    end = today if is_open else item.closed_on
    return ItemRow(
        **reported(item) | {"owners": item.owners if is_open else ()},
        state=item.state.value,
        late=late(item, today),
        start=item.start,
        closed_on=item.closed_on if not is_open else None,
        days=max(0, (end - item.start).days) if item.start and end else None,
        moves=len(item.slips),
        priority=item.priority,
        type=item.type,
        elsewhere=item.elsewhere,
        breaks=tuple(sorted(breaks)),
        started=item.started,
    )
