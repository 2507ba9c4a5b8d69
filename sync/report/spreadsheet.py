"""Every item as a row of a table for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from typing import Any

from sync.process.terminal import clean
from sync.report.figures import ItemRow, Report

COLUMNS = (
    *("postmortem", "item", "state", "owners", "due", "days_late", "incident", "closed_on", "days", "moves"),
    *("priority", "type", "team", "service", "severity", "tracker", "ticket", "url", "elsewhere", "breaks"),
    "started",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(report: Report) -> str:
    """Comma-separated values with a line of names, as RFC 4180 has them, ending in a line end.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(value) for value in _values(one)] for one in report.items)
    return out.getvalue()


def _values(one: ItemRow) -> tuple[Any, ...]:
    return (
        *(one.postmortem, one.text, one.state, "; ".join(one.owners), one.due, one.late or None, one.start),
        *(one.closed_on, one.days, one.moves, one.priority, one.type, one.team, one.service, one.severity),
        *(one.tracker, one.key, one.url, one.elsewhere, "; ".join(one.breaks)),
        "yes" if one.started else None,
    )


def _safe(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = clean(value).replace("\n", " ")
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
