"""How items keep to the policies of their team. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sync.model import State
from sync.policies.policies import Deadline, Judgement, Kind, Policies, judge
from sync.report.facts import ItemFact, reported
from sync.report.figures import Breach, Keeping, Rate


def keeping(items: Iterable[ItemFact], policies: Policies, today: date) -> tuple[Keeping, ...]:
    """How often each policy holds, in the order of the settings; also those that are for no item yet."""
    found: dict[tuple[int, Kind], Counter[Judgement]] = {
        (id(policy), kind): Counter() for policy in policies.entries for kind in Kind if policy.period(kind)
    }
    for item in items:
        for one in policies.deadlines(item.subject, item.start):
            if verdict := judge(one, item.progress, today):
                found[id(one.policy), one.kind][verdict] += 1
    return tuple(
        _keeping(policy.name, kind, str(period), found[id(policy), kind])
        for policy in policies.entries
        for kind in Kind
        if (period := policy.period(kind))
    )


def _keeping(name: str, kind: Kind, period: str, verdicts: Counter[Judgement]) -> Keeping:
    over = verdicts[Judgement.KEPT] + verdicts[Judgement.BROKEN]
    return Keeping(
        name,
        kind.value,
        period,
        Rate(verdicts[Judgement.KEPT], over),
        verdicts[Judgement.RUNNING],
        verdicts[Judgement.UNKNOWN],
    )


def broken(item: ItemFact, policies: Policies, today: date) -> list[Deadline]:
    """The deadlines that an open item breaks: what can still be mended."""
    if item.state is not State.OPEN:
        return []
    asked = policies.deadlines(item.subject, item.start)
    return [one for one in asked if one.by and judge(one, item.progress, today) is Judgement.BROKEN]


def breaches(items: Iterable[ItemFact], policies: Policies, today: date) -> tuple[Breach, ...]:
    """Open items that break a policy, the worst first."""
    found = [_breach(item, one, one.by, today) for item in items for one in broken(item, policies, today) if one.by]
    return tuple(sorted(found, key=lambda one: (-one.days, one.postmortem, one.text, one.kind)))


def _breach(item: ItemFact, deadline: Deadline, by: date, today: date) -> Breach:
    last = item.due if deadline.kind is Kind.DUE and item.due else today
    return Breach(
        **reported(item),
        policy=deadline.policy.name,
        kind=deadline.kind.value,
        by=by,
        days=max(0, (last - by).days),
    )
