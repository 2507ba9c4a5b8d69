"""The number to steer by: the share of action items that were finished in their time. Pure.

Every form of a report and the figures for Prometheus take it from here, so that it is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sync.model import State
from sync.report.facts import ItemFact
from sync.report.figures import InTime, InTimeRow, Rate
from sync.report.words import NOT_STATED

DEFINITION = (
    "Of the items whose first due date is over, the share that was done by that date. A date that was moved does not "
    "count, the first one does. Left out are items that won't be done, items that never had a due date, and items that "
    "were done on a day nobody knows; the last two are shown as numbers. The month is that of the first due date."
)


_Dated = tuple[ItemFact, date]
"""An item and its first due date."""


def in_time(items: Iterable[ItemFact], today: date) -> InTime:
    """Count.

    Args:
        items: with one spelling for each severity.
        today: a date that is today is not over yet.
    """
    wanted = [(item, item.first_due) for item in items if item.state is not State.WONTDO]
    found: dict[tuple[str, str], list[_Dated]] = {}
    for item, due in wanted:
        if due and due < today:
            severity, month = item.postmortem.severity or NOT_STATED, f"{due:%Y-%m}"
            for name in ((severity, month), (severity, ""), ("", month), ("", "")):
                found.setdefault(name, []).append((item, due))
    rows = [_row(*name, found[name]) for name in sorted(found, key=_order)]
    whole = _row("", "", found.get(("", ""), ()))
    return InTime(
        DEFINITION,
        whole.rate,
        whole.unknown,
        sum(due is None for _, due in wanted),
        tuple(one for one in rows if one.severity and not one.month),
        tuple(one for one in rows if one.month and not one.severity),
        tuple(one for one in rows if one.month and one.severity),
    )


def _order(name: tuple[str, str]) -> tuple[bool, str, str, str]:
    severity, month = name
    return severity == NOT_STATED, severity.casefold(), severity, month


def _row(severity: str, month: str, mine: Sequence[_Dated]) -> InTimeRow:
    known = [(item, due) for item, due in mine if item.state is State.OPEN or item.closed_on]
    kept = sum(bool(item.closed_on and item.closed_on <= due) for item, due in known if item.state is State.DONE)
    return InTimeRow(severity, month, Rate(kept, len(known)), len(mine) - len(known))
