"""A report as a short Markdown digest to post in a channel, an issue or a wiki. It mentions nobody. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sync.process.terminal import clean, plural
from sync.report.figures import Breach, LateItem, Rate, Report
from sync.report.words import KIND_WORDS, POLICY_WORDS, broken, days, left_out, rate, since_then, span

MOST = 10
MONTHS = 3
"""So many months of the share in time; the page has them all."""

_SPECIAL = re.compile(r"[\\`*_{}\[\]()<>|~#!$&]")
_URL = re.compile(r"https?://[^\s<>()\\]+")
_CLOSING = re.compile(r"\b(clos|fix|resolv)(?=(e[sd]?|es|ed)?\b)", re.IGNORECASE)
GAP = "\u200b"


def digest(report: Report) -> str:
    """The digest, ending without a line end."""
    counts, within, speed = report.counts, report.within, report.speed
    late = f"{counts.overdue} of them overdue" + (f", {report.started} in progress" if report.started else "")
    lines = [
        f"## Follow-through of action items, {report.today}",
        "",
        f"{plural(report.postmortems, 'postmortem')}, {plural(counts.items, 'action item')}; {span(report)}.",
        "",
        f"- **{counts.open} open**, {late}; {counts.done} done, {counts.wontdo} won't do",
        *([f"- {changed}"] if (changed := since_then(report)) else []),
        f"- **finished in time: {rate(report.in_time.rate)}**{_left_out(report)}",
        *_in_time("severity", [(one.severity, one.rate) for one in report.in_time.severities]),
        *_in_time("month", [(one.month, one.rate) for one in report.in_time.months[-MONTHS:]]),
        "- completed within " + ", ".join(f"{n} days: {rate(within[n])}" for n in within),
        f"- days to done: median {days(speed.median)}, 90th percentile {days(speed.p90)}",
    ]
    if report.slips.items:
        lines.append(f"- due dates moved to later on {plural(report.slips.items, 'item')}")
    if report.nothing_done:
        lines.append(f"- {plural(len(report.nothing_done), 'postmortem')} with nothing done")
    lines += [
        f"- {plain(one.policy)}, {POLICY_WORDS[one.kind]} {one.within}: {rate(one.kept)}" for one in report.policies
    ]
    lines += [f"- not counted: {plain(words)}" for words in report.failed]
    if report.breaches:
        lines += ["", f"### Breaking a policy ({len(report.breaches)})", ""]
        lines += [_breach(one) for one in report.breaches[:MOST]] + _more(len(report.breaches))
    if report.overdue:
        lines += ["", f"### Overdue ({len(report.overdue)})", ""]
        lines += [_late(line) for line in report.overdue[:MOST]] + _more(len(report.overdue))
    if report.waiting:
        lines += ["", f"### Waiting for a person ({len(report.waiting)})", ""]
        lines += [
            f"- {KIND_WORDS[one.kind]}: {_linked(one.key, one.url)}{plain(one.text)} – {plain(one.postmortem)}"
            for one in report.waiting[:MOST]
        ]
        lines += _more(len(report.waiting))
    lines += ["", f"In time: {report.in_time.definition}"]
    return "\n".join(lines)


def _in_time(by: str, rates: Sequence[tuple[str, Rate]]) -> list[str]:
    words = ", ".join(f"{plain(name)} {rate(one)}" for name, one in rates)
    return [f"- in time by {by}: {words}"] if words else []


def _left_out(report: Report) -> str:
    words = left_out(report.in_time)
    return f"; left out: {words}" if words else ""


def _late(line: LateItem) -> str:
    owners = plain(", ".join(line.owners)) or "no owner"
    return f"- {plural(line.days, 'day')} late: {_linked(line.key, line.url)}{plain(line.text)} ({owners})"


def _breach(one: Breach) -> str:
    owners = plain(", ".join(one.owners)) or "no owner"
    return f"- {plain(one.policy)}, {broken(one)}: {_linked(one.key, one.url)}{plain(one.text)} ({owners})"


def _linked(key: str, url: str) -> str:
    if not key:
        return ""
    return f"[{plain(key)}](<{url}>) " if _URL.fullmatch(url) else f"{plain(key)} "


def _more(number: int) -> list[str]:
    return [f"- … and {number - MOST} more"] if number > MOST else []


def plain(text: str) -> str:
    """Any text as Markdown that shows just these words on one line, calls nobody and closes nothing."""
    words = _SPECIAL.sub(lambda match: "\\" + match[0], " ".join(clean(text).split()))
    words = words.replace("@", "@" + GAP).replace("://", ":" + GAP + "//").replace("\\#", "\\#" + GAP)
    return _CLOSING.sub(lambda match: match[0][0] + GAP + match[0][1:], words)
