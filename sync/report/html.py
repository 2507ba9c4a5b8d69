"""A report as one page that is complete in itself: no network, no fonts, nothing to load. Pure.

The page is made of the templates beside this file, and of its style and script. Whatever a template prints is cleaned
of what steers a terminal or turns text around, and escaped; only the plots are markup already. Only addresses of the
web become links.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sync.process.terminal import clean, plural
from sync.report import svg
from sync.report.figures import ItemRow, Report
from sync.report.lists import NOBODY
from sync.report.words import (
    KIND_WORDS,
    NONE,
    NOT_STATED,
    POLICY_WORDS,
    broken,
    days,
    left_out,
    percent,
    rate,
    since_then,
    span,
)

MOST = 200
"""Rows of a list; the JSON has them all."""

ITEMS = 2000
"""Rows of the list of every item."""

LONG = 14
"""Rows of a table that scrolls by itself."""

_WEB = re.compile(r"https?://[^\s<>\"']+")

_PLOTS: dict[str, Callable[..., str]] = {
    "months": svg.months,
    "rates": svg.rates,
    "ages": svg.ages,
    "flow": svg.flow,
}


def page(report: Report) -> str:
    """The whole page, UTF-8."""
    template = _templates().get_template("page.html")
    return template.render(
        report=report, policy=Markup(security_policy()), style=Markup(part("page.css")), script=Markup(part("page.js"))
    )


def security_policy() -> str:
    """What a browser lets the page do: show its own style and run its own script, and nothing else."""
    style, script = _digest(part("page.css")), _digest(part("page.js"))
    return f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'"


@cache
def part(name: str) -> str:
    """The page's style or script, as its file has it."""
    return files("sync.report").joinpath("page", name).read_text("utf-8")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("sync.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_cleaned,
    )
    made.globals |= {
        "MOST": MOST,
        "ITEMS": ITEMS,
        "NOT_STATED": NOT_STATED,
        "LONG": LONG,
        "NONE": NONE,
        "KIND_WORDS": KIND_WORDS,
        "POLICY_WORDS": POLICY_WORDS,
        "plots": svg,
    }
    made.filters |= {
        "broken": broken,
        "cut": _cut,
        "days": days,
        "left_out": left_out,
        "since_twelve": lambda months: "the last twelve months; sync report --json has all" if len(months) > 12 else "",
        "number_shown": lambda entries: f"{len(entries)}{_cut(entries)}",
        "one_line": _one_line,
        "percent": percent,
        "places": _places,
        "plot": lambda figures, name: Markup(_PLOTS[name](figures)),
        "plural": plural,
        "rate": rate,
        "since_then": since_then,
        "span": span,
        "standing": _standing,
        "summary": _summary,
        "swatch": lambda kind: Markup(svg.swatch(kind)),
        "undated": _undated,
        "value": _value,
    }
    made.tests["web_address"] = lambda url: bool(_WEB.fullmatch(url))
    return made


def _cleaned(value: object) -> object:
    return value if isinstance(value, Markup) else clean(str(value))


def _summary(report: Report) -> str:
    """The gist in two or three sentences."""
    if not report.counts.items:
        return "No published postmortem has an action item yet."
    ninety, words = report.within[90], []
    if ninety.of:
        words.append(
            f"Of {plural(ninety.of, 'action item')} whose first 90 days are over, {ninety.done} "
            f"({percent(ninety)}) were done in that time."
        )
    counts = report.counts
    if counts.overdue:
        worst = report.overdue[0].days
        words.append(
            f"{counts.overdue} of {counts.open} open {'is' if counts.overdue == 1 else 'are'} past the due date, "
            f"the longest by {plural(worst, 'day')}."
        )
    else:
        words.append(f"{counts.open} open, none of them overdue.")
    if report.waiting:
        words.append(f"{plural(len(report.waiting), 'thing')} can only be settled by a person.")
    return " ".join(words)


def _cut(entries: Sequence[object], most: int = MOST) -> str:
    return f", of which {most} are shown; sync report --json has all" if len(entries) > most else ""


def _standing(one: ItemRow) -> str:
    """How an item stands, in words."""
    if one.state == "open":
        return "tracked elsewhere" if one.elsewhere and not one.key else "in progress" if one.started else "open"
    words = "done" if one.state == "done" else "won't do"
    return f"{words} {one.closed_on}" if one.closed_on else f"{words}, day unknown"


def _undated(report: Report) -> int:
    """How many items were closed on a day nobody knows."""
    return sum(one.state != "open" and one.closed_on is None for one in report.items)


def _one_line(words: str) -> str:
    return " ".join(clean(words).split())


def _places(row: object) -> Markup:
    """What the script chooses a row by, as attributes; of a row that is of no postmortem, none."""
    values = [(name, getattr(row, name, None)) for name in ("team", "service", "severity")]
    if None in (value for _, value in values):
        return Markup("")
    owners = getattr(row, "owners", None)
    named = [(name, [value or NOT_STATED]) for name, value in values]
    named += [("owner", list(owners) or [NOBODY])] if owners is not None else []
    return Markup("").join(
        Markup(' data-{}="{}"').format(name, "\n".join(map(_one_line, found))) for name, found in named
    )


def _value(value: float | date | None) -> str:
    """What a cell is sorted by, where it shows something else; nothing sorts last."""
    return "" if value is None else str(value)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
