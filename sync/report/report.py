"""Facts -> Report: what became of the action items. Pure.

An item's days are counted from the day of its incident, else from the day its ticket was made. Percentiles are by
nearest rank. A rate within N days looks only at items whose N days are over, and leaves out those that won't be done.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from statistics import median

from sync.model import State
from sync.policies.policies import Policies
from sync.policies.severity import fold
from sync.report.facts import Facts, ItemFact, PostmortemFact
from sync.report.figures import (
    Ages,
    Bucket,
    Counts,
    Flow,
    Group,
    Line,
    Load,
    Quiet,
    Rate,
    Report,
    Slips,
    Speed,
    Waiting,
)
from sync.report.keeping import breaches, keeping

WINDOWS = (30, 60, 90)
BUCKETS = ((0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
NOT_STATED = "not stated"
NO_TICKET = "no ticket"
NOBODY = "nobody"
KINDS = ("conflict", "orphan", "owner")


def report(facts: Facts, today: date, policies: Policies | None = None) -> Report:
    """Count.

    Args:
        today: decides what is overdue and how old things are.
        policies: how soon items have an owner and a due date, and are done; None for no policy.
    """
    policies = policies or Policies()
    items = facts.items
    dated = [item for item in items if item.start]
    waiting = tuple(
        Waiting(w.kind, w.text, w.line, w.key, w.url, _title(w.postmortem), w.postmortem.url) for w in facts.waiting
    )
    open_items = [item for item in items if item.state is State.OPEN]
    return Report(
        today=today,
        since=facts.since,
        origin=facts.origin,
        failed=facts.failed,
        postmortems=len(facts.postmortems),
        counts=counts(items, today),
        no_ticket=sum(not item.key for item in open_items),
        no_owner=sum(not item.owners for item in open_items),
        no_due=sum(item.due is None for item in open_items),
        within=_within(items, today),
        speed=_speed(items),
        ages=_ages(open_items, today),
        months=_groups(dated, lambda item: _month(item.start), today),
        flow=_flow(items, today),
        teams=_groups(items, lambda item: item.postmortem.team, today),
        services=_groups(items, lambda item: item.postmortem.service, today),
        severities=_groups(items, lambda item: item.postmortem.severity, today, same=fold),
        trackers=_groups(items, lambda item: item.tracker, today, NO_TICKET),
        owners=_loads(open_items, today),
        slips=_slips(items),
        nothing_done=_nothing_done(items, today),
        overdue=tuple(_overdue_lines(open_items, today)),
        waiting=waiting,
        waiting_by={kind: sum(one.kind == kind for one in waiting) for kind in KINDS},
        policies=keeping(items, policies, today),
        breaches=breaches(items, policies, today),
    )


# --- figures ---------------------------------------------------------------------------------


def counts(items: Sequence[ItemFact], today: date) -> Counts:
    """Items by state."""
    states = [item.state for item in items]
    return Counts(
        len(items),
        states.count(State.OPEN),
        sum(_late(item, today) > 0 for item in items),
        states.count(State.DONE),
        states.count(State.WONTDO),
    )


def _late(item: ItemFact, today: date) -> int:
    """Days past its due date; 0 for an item that is not overdue."""
    if item.state is not State.OPEN or item.due is None:
        return 0
    return max(0, (today - item.due).days)


def _taken(item: ItemFact) -> int | None:
    """Days to done; None when it is not done, or a day is unknown."""
    if item.state is not State.DONE or item.start is None or item.closed_on is None:
        return None
    return max(0, (item.closed_on - item.start).days)


def _within(items: Iterable[ItemFact], today: date) -> dict[int, Rate]:
    over: list[tuple[int, int | None]] = []
    for item in items:
        taken = _taken(item)
        if item.start and item.state is not State.WONTDO and not (item.state is State.DONE and taken is None):
            over.append(((today - item.start).days, taken))
    rates = {}
    for window in WINDOWS:
        whole = [taken for passed, taken in over if passed >= window]
        rates[window] = Rate(sum(taken is not None and taken <= window for taken in whole), len(whole))
    return rates


def _speed(items: Iterable[ItemFact]) -> Speed:
    done = [_taken(item) for item in items if item.state is State.DONE]
    days = sorted(taken for taken in done if taken is not None)
    p90 = days[math.ceil(0.9 * len(days)) - 1] if days else None
    return Speed(len(days), float(median(days)) if days else None, p90, len(done) - len(days))


def _ages(open_items: Sequence[ItemFact], today: date) -> Ages:
    aged = [(max(0, (today - item.start).days), _late(item, today) > 0) for item in open_items if item.start]
    days = [age for age, _ in aged]
    buckets = []
    for first, last in BUCKETS:
        inside = [late for age, late in aged if age >= first and (last is None or age <= last)]
        buckets.append(Bucket(first, last, len(inside), sum(inside)))
    return Ages(len(days), float(median(days)) if days else None, max(days, default=None), tuple(buckets))


def _groups(
    items: Iterable[ItemFact],
    name: Callable[[ItemFact], str],
    today: date,
    nameless: str = NOT_STATED,
    same: Callable[[str], str] = str.casefold,
) -> tuple[Group, ...]:
    """By name as it is mostly spelled; names are one where `same` of them is. What has no name comes last."""
    found: dict[str, list[ItemFact]] = {}
    spelled: dict[str, Counter[str]] = {}
    for item in items:
        words = " ".join(name(item).split())
        spelled.setdefault(same(words), Counter())[words] += 1
        found.setdefault(same(words), []).append(item)
    return tuple(
        Group(
            min(spelled[key], key=lambda words: (-spelled[key][words], words)) or nameless,
            len({item.postmortem.id for item in found[key]}),
            counts(found[key], today),
            _within(found[key], today),
            _speed(found[key]),
        )
        for key in sorted(found, key=lambda key: (not key, key))
    )


def _flow(items: Iterable[ItemFact], today: date) -> tuple[Flow, ...]:
    begun: dict[str, int] = {}
    closed: dict[str, int] = {}
    for item in items:
        if item.start is None or item.start > today or (item.state is not State.OPEN and item.closed_on is None):
            continue
        begun[_month(item.start)] = begun.get(_month(item.start), 0) + 1
        if item.closed_on and item.state is not State.OPEN:
            month = _month(max(item.closed_on, item.start))
            closed[month] = closed.get(month, 0) + 1
    if not begun:
        return ()
    found: list[Flow] = []
    still = 0
    day = date.fromisoformat(f"{min(begun)}-01")
    while day <= today:
        month = _month(day)
        still += begun.get(month, 0) - closed.get(month, 0)
        found.append(Flow(month, begun.get(month, 0), closed.get(month, 0), still))
        day = (day + timedelta(days=32)).replace(day=1)
    return tuple(found)


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""


# --- lists -----------------------------------------------------------------------------------


def _loads(open_items: Iterable[ItemFact], today: date) -> tuple[Load, ...]:
    """Alphabetical, and without what anybody has done: a person is seen as the owner of open work only."""
    found: dict[str, list[ItemFact]] = {}
    for item in open_items:
        for owner in item.owners or ("",):
            found.setdefault(owner, []).append(item)
    return tuple(
        Load(
            name or NOBODY,
            len(found[name]),
            sum(_late(item, today) > 0 for item in found[name]),
            min((item.due for item in found[name] if item.due and item.due >= today), default=None),
        )
        for name in sorted(found, key=lambda name: (not name, _letters(name), name))
    )


def _letters(name: str) -> str:
    """What a name is sorted by: its letters without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


def _overdue_lines(open_items: Iterable[ItemFact], today: date) -> Iterable[Line]:
    late = [(_late(item, today), item) for item in open_items]
    late.sort(key=lambda pair: (-pair[0], pair[1].postmortem.path, pair[1].line))
    return (_line(item, days) for days, item in late if days)


def _line(item: ItemFact, days: int) -> Line:
    here = item.postmortem
    return Line(
        item.text,
        item.owners,
        item.due,
        days,
        len(item.slips),
        item.tracker,
        item.key,
        item.url,
        _title(here),
        here.url,
        here.team,
    )


def _slips(items: Iterable[ItemFact]) -> Slips:
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
        tuple(_line(item, sum(item.slips)) for item in still),
    )


def _nothing_done(items: Iterable[ItemFact], today: date) -> tuple[Quiet, ...]:
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
        quiet.append(Quiet(_title(here), here.path, here.url, day, passed, len(mine), states.count(State.OPEN)))
    return tuple(sorted(quiet, key=lambda one: (one.day or date.max, one.path)))


def _title(postmortem: PostmortemFact) -> str:
    return postmortem.title or postmortem.path
