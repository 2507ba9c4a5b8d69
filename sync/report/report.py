"""Facts -> Report: what became of the action items. Pure.

An item's days are counted from the day of its incident, else from the day its ticket was made. Percentiles are by
nearest rank. A rate within N days looks only at items whose N days are over, and leaves out those that won't be done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from statistics import median

from sync.model import State
from sync.policies.policies import Policies
from sync.report.facts import Facts, ItemFact
from sync.report.figures import Ages, Baseline, Bucket, Counts, Flow, Group, Rate, Report, Speed
from sync.report.in_time import in_time
from sync.report.keeping import breaches, keeping
from sync.report.lists import KINDS, late, loads, nothing_done, overdue, rows, slips, unresolved, waiting
from sync.report.spelling import unified
from sync.report.words import NOT_STATED

WINDOWS = (30, 60, 90)
BUCKETS = ((0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
NO_TICKET = "no ticket"
ELSEWHERE = "tracked elsewhere"


def report(facts: Facts, today: date, policies: Policies | None = None, baseline: date | None = None) -> Report:
    """Count.

    Args:
        today: decides what is overdue and how old things are.
        policies: how soon items have an owner and a due date, and are done; None for no policy.
        baseline: the earlier day to compare with; None for a month before today.
    """
    policies = policies or Policies()
    facts = unified(facts)
    items = facts.items
    dated = [item for item in items if item.start]
    lines = waiting(facts.waiting)
    open_items = [item for item in items if item.state is State.OPEN]
    return Report(
        today=today,
        since=facts.since,
        origin=facts.origin,
        failed=facts.failed,
        postmortems=len(facts.postmortems),
        counts=counts(items, today),
        no_ticket=sum(not item.key and not item.elsewhere for item in open_items),
        no_owner=sum(not item.owners for item in open_items),
        no_due=sum(item.due is None for item in open_items),
        within=_within(items, today),
        speed=_speed(items),
        ages=_ages(open_items, today),
        months=_groups(dated, lambda item: _month(item.start), today),
        flow=_flow(items, today),
        teams=_groups(items, lambda item: item.postmortem.team, today),
        services=_groups(items, lambda item: item.postmortem.service, today),
        severities=_groups(items, lambda item: item.postmortem.severity, today),
        trackers=_groups(items, lambda item: item.tracker or (ELSEWHERE if item.elsewhere else ""), today, NO_TICKET),
        owners=loads(open_items, today),
        slips=slips(items),
        nothing_done=nothing_done(items, today),
        overdue=overdue(open_items, today),
        waiting=lines,
        waiting_by={kind: sum(one.kind == kind for one in lines) for kind in KINDS},
        policies=keeping(items, policies, today),
        breaches=breaches(items, policies, today),
        elsewhere=sum(bool(item.elsewhere) and not item.key for item in open_items),
        started=sum(item.started for item in open_items),
        unresolved=unresolved(facts.waiting),
        items=rows(items, policies, today),
        baseline=_baseline(items, baseline or month_before(today)),
        in_time=in_time(items, today),
        selection=facts.selection,
    )


def month_before(day: date) -> date:
    """The same day of the month before, or the last one there was."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _baseline(items: Iterable[ItemFact], day: date) -> Baseline:
    then = [found for item in items if (found := item.on(day))]
    return Baseline(day, counts(then, day), _within(then, day))


# --- figures ---------------------------------------------------------------------------------


def counts(items: Sequence[ItemFact], today: date) -> Counts:
    """Items by state."""
    states = [item.state for item in items]
    return Counts(
        len(items),
        states.count(State.OPEN),
        sum(late(item, today) > 0 for item in items),
        states.count(State.DONE),
        states.count(State.WONTDO),
    )


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
    aged = [(max(0, (today - item.start).days), late(item, today) > 0) for item in open_items if item.start]
    days = [age for age, _ in aged]
    buckets = []
    for first, last in BUCKETS:
        inside = [late for age, late in aged if age >= first and (last is None or age <= last)]
        buckets.append(Bucket(first, last, len(inside), sum(inside)))
    return Ages(len(days), float(median(days)) if days else None, max(days, default=None), tuple(buckets))


def _groups(
    items: Iterable[ItemFact], name: Callable[[ItemFact], str], today: date, nameless: str = NOT_STATED
) -> tuple[Group, ...]:
    """By name, without regard to case; what has no name comes last."""
    found: dict[str, list[ItemFact]] = {}
    for item in items:
        found.setdefault(name(item), []).append(item)
    return tuple(
        Group(
            key or nameless,
            len({item.postmortem.id for item in found[key]}),
            counts(found[key], today),
            _within(found[key], today),
            _speed(found[key]),
        )
        for key in sorted(found, key=lambda key: (not key, key.casefold(), key))
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
