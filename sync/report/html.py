"""A report as one page that is complete in itself: no network, no fonts, nothing to load. Pure.

Every word that comes from a document or a tracker goes through `_e`; only addresses of the web become links.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape

from sync.process.terminal import clean, plural
from sync.report import svg
from sync.report.figures import Group, Rate, Report
from sync.report.style import SCRIPT, STYLE
from sync.report.words import KIND_WORDS, NONE, days, percent, rate, span

MOST = 200
"""Rows of a list; the JSON has them all."""

LONG = 14
"""Rows of a table that scrolls by itself."""

_URL = re.compile(r"https?://[^\s<>\"']+")

TERMS = (
    (
        "Days",
        "They are counted from the day of the incident, or from the day the ticket was made where a postmortem states"
        " no date.",
    ),
    (
        "Done within 30, 60, 90 days",
        "Of the items whose 30, 60 or 90 days are over, the share that was done in that time. Items that won't be done,"
        " or were done on a day nobody knows, are left out.",
    ),
    ("Overdue", "Open, and past its due date: the ticket's, or the document's where the ticket never had one."),
    ("Median and 90th percentile", "Half, and nine in ten, of the done items took no longer; by nearest rank."),
    ("Nothing done", "No item of the postmortem is done, and at least one is open."),
    (
        "Waiting for a person",
        "A conflict: document and ticket were both changed. An orphaned ticket: its item is no longer in the document."
        " An unresolved owner: a name that is not exactly one account.",
    ),
)

Cell = tuple[str, str]
"""(attributes, HTML) of a table's cell."""


def page(report: Report) -> str:
    """The whole page, UTF-8."""
    title = f"Follow-through of action items, {report.today}"
    policy = f"default-src 'none'; style-src 'sha256-{_digest(STYLE)}'; script-src 'sha256-{_digest(SCRIPT)}'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_e(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#figures">Skip to the figures</a>\n'
        f"{_header(report)}<main>\n{''.join(_sections(report))}</main>\n{_footer(report)}"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _sections(report: Report) -> Iterable[str]:
    yield _figures(report)
    if report.counts.items:
        yield _plots(report)
        yield _attention(report)
        yield _by(report)
        yield _owners(report)
        yield _moved(report)
    yield _terms()


def _header(report: Report) -> str:
    lost = "".join(f'<p class="alert">Not counted: {_e(words)}</p>' for words in report.failed)
    about = f"{plural(report.postmortems, 'postmortem')}, {plural(report.counts.items, 'action item')}"
    links = [("attention", "Needs attention"), ("groups", "Teams and services"), ("owners", "Open work by owner")]
    links += [("moved", "Dates that moved"), ("terms", "How it is counted")]
    anchors = "".join(f'<li><a href="#{name}">{words}</a></li>' for name, words in links)
    nav = f'<nav aria-label="On this page"><ul>{anchors}</ul></nav>' if report.counts.items else ""
    return (
        f"<header>\n<h1>Follow-through of action items</h1>\n"
        f'<p class="muted">{report.today:%d %B %Y} · {about} · {_e(span(report))}</p>\n'
        f'<p class="lead">{_summary(report)}</p>\n{lost}{nav}\n</header>\n'
    )


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


def _figures(report: Report) -> str:
    counts, speed = report.counts, report.speed
    lacks = [f"{report.no_owner} without owner", f"{report.no_due} without date"]
    figures = [
        ("", "Open", str(counts.open), " · ".join(lacks)),
        ("late" if counts.overdue else "", "Overdue", str(counts.overdue), f"{_share(counts.overdue, counts.open)}"),
        ("", "Done", str(counts.done), f"of {counts.items} items"),
        ("", "Won't do", str(counts.wontdo), "decided, and said so"),
        ("", "Done within 90 days", percent(report.within[90]), _of(report.within[90])),
        ("", "Days to done", days(speed.median), f"median; 90th percentile {days(speed.p90)}"),
    ]
    entries = "".join(
        f'<div class="{kind}"><dt>{_e(name)}</dt><dd>{_e(value)}</dd><dd>{_e(words)}</dd></div>'
        for kind, name, value, words in figures
    )
    return f'<dl class="figures" id="figures">{entries}</dl>\n'


def _plots(report: Report) -> str:
    states = [("done", "done"), ("wontdo", "won't do"), ("open", "open"), ("overdue", "overdue")]
    windows = [(f"w{n}", f"{n} days") for n in report.within]
    kept = f"the last {svg.MONTHS} months" if len(report.months) > svg.MONTHS else "all months"
    plots = [
        _figure("What became of each month's items", f"By month of the incident, {kept}.", states, svg.months, report),
        _figure(
            "Completed within 30, 60 and 90 days",
            f"By month of the incident, once the days are over. Hollow: under {svg.FEW} items.",
            windows,
            svg.rates,
            report,
        ),
    ]
    ages = report.ages
    words = f"Days since the incident. Median {days(ages.median)}, oldest {days(ages.oldest)}."
    plots.append(_card("Age of open items", words, [states[3], states[2]], svg.ages(ages.buckets)))
    plots.append(
        _card("Open items over time", "At the end of each month; the last is today.", [], svg.flow(report.flow))
    )
    return f'<section aria-label="Plots"><div class="plots">{"".join(plots)}</div></section>\n'


def _figure(title: str, words: str, key: Sequence[tuple[str, str]], draw: object, report: Report) -> str:
    assert callable(draw)
    return _card(title, words, key, str(draw(report.months)))


def _card(title: str, words: str, key: Sequence[tuple[str, str]], plot: str) -> str:
    entries = "".join(f"<li>{svg.swatch(kind)}{_e(name)}</li>" for kind, name in key)
    legend = f'<ul class="key">{entries}</ul>' if entries else ""
    return (
        f'<figure class="card"><figcaption><h3>{_e(title)}</h3><p>{_e(words)}</p>{legend}</figcaption>{plot}</figure>'
    )


# --- what needs somebody -----------------------------------------------------------------------


def _attention(report: Report) -> str:
    parts = [
        _overdue(report),
        _waiting(report),
        _quiet(report),
    ]
    shown = "".join(parts) or "<p>Nothing: no item is overdue, and nothing waits for a person.</p>"
    return f'<section id="attention"><h2>Needs attention</h2><div class="stack">{shown}</div></section>\n'


def _overdue(report: Report) -> str:
    rows = [
        [
            ('class="n late"', str(line.days)),
            (f'class="nb wide" data-v="{line.due}"', str(line.due)),
            ('class="words"', _e(line.text)),
            ("", _e(", ".join(line.owners)) or NONE),
            ('class="nb"', _link(line.key, line.url)),
            ("", _link(line.postmortem, line.postmortem_url)),
        ]
        for line in report.overdue[:MOST]
    ]
    headers = [
        ("n", "Days late"),
        ("wide", "Due"),
        ("", "Action item"),
        ("", "Owner"),
        ("", "Ticket"),
        ("", "Postmortem"),
    ]
    return _table("Overdue", _first(len(report.overdue)), headers, rows)


def _waiting(report: Report) -> str:
    rows = [
        [
            ('class="nb"', _e(KIND_WORDS[one.kind])),
            ('class="words"', _e(one.text)),
            ('class="nb"', _link(one.key, one.url)),
            ("", _link(one.postmortem, one.postmortem_url)),
        ]
        for one in report.waiting[:MOST]
    ]
    by = report.waiting_by
    told = f"{by['conflict']} conflicts, {by['orphan']} orphaned tickets, {by['owner']} unresolved owners"
    headers = [("", "What"), ("", "Why"), ("", "Ticket"), ("", "Postmortem")]
    return _table("Waiting for a person", f"{told}{_cut(len(report.waiting))}", headers, rows)


def _quiet(report: Report) -> str:
    rows = [
        [
            (f'class="n" data-v="{"" if one.days is None else one.days}"', days(one.days)),
            (f'class="nb wide" data-v="{one.day or ""}"', str(one.day or NONE)),
            ('class="words"', _link(one.title, one.url)),
            ('class="n"', str(one.open)),
            ('class="n"', str(one.items)),
        ]
        for one in report.nothing_done[:MOST]
    ]
    headers = [("n", "Days ago"), ("wide", "Incident"), ("", "Postmortem"), ("n", "Open"), ("n", "Items")]
    return _table("Postmortems with nothing done", _first(len(report.nothing_done)), headers, rows)


# --- tables --------------------------------------------------------------------------------------


def _by(report: Report) -> str:
    named = [
        ("Team", report.teams),
        ("Service", report.services),
        ("Severity", report.severities),
        ("Tracker", report.trackers),
    ]
    tables = "".join(_group_table(f"By {name.lower()}", name, groups) for name, groups in named)
    months = _group_table("By month of incident", "Month", report.months)
    return f'<section id="groups"><h2>Teams and services</h2><div class="stack">{tables}{months}</div></section>\n'


def _group_table(caption: str, name: str, groups: Sequence[Group]) -> str:
    headers = [("", name), ("n", "Items"), ("n", "Open"), ("n", "Overdue"), ("n", "Done"), ("n", "Won't do")]
    headers += [("n", "In 30 d"), ("n", "In 60 d"), ("n", "In 90 d"), ("n", "Median d")]
    rows = []
    for group in groups:
        counts, median = group.counts, group.speed.median
        rows.append(
            [
                ('scope="row"', _e(group.name)),
                ('class="n"', str(counts.items)),
                ('class="n"', str(counts.open)),
                ('class="n late"' if counts.overdue else 'class="n"', str(counts.overdue)),
                ('class="n"', str(counts.done)),
                ('class="n"', str(counts.wontdo)),
                *(_rate(one) for one in group.within.values()),
                (f'class="n" data-v="{"" if median is None else median}"', days(median)),
            ]
        )
    return _table(caption, "", headers, rows)


def _rate(one: Rate) -> Cell:
    value = "" if one.share is None else f"{one.share:.4f}"
    return f'class="n" data-v="{value}" title="{_e(rate(one))}"', percent(one)


def _owners(report: Report) -> str:
    rows = [
        [
            ('scope="row"', _e(load.owner)),
            ('class="n"', str(load.open)),
            ('class="n"', str(load.overdue)),
            ('class="nb"', str(load.next_due or NONE)),
        ]
        for load in report.owners
    ]
    headers = [("", "Owner"), ("n", "Open"), ("n", "Overdue"), ("", "Next due")]
    table = _table("Who has what on their plate", "alphabetical", headers, rows, sorts=False)
    words = "Open work only, so that nobody is left alone with too much. What people have finished is not compared."
    head = f'<h2>Open work by owner</h2><p class="muted">{words}</p>'
    return f'<section id="owners" class="narrow">{head}{table}</section>\n'


def _moved(report: Report) -> str:
    slips = report.slips
    if not slips.items:
        told = "No due date was moved to a later one."
    else:
        told = (
            f"{plural(slips.items, 'item')} had the due date moved to a later one, {plural(slips.moves, 'time')} "
            f"altogether: {slips.once} once, {slips.twice} twice, {slips.more} more often. "
            f"One move is {days(slips.days)} days in the median."
        )
    rows = [
        [
            ('class="n"', str(line.moves)),
            ('class="n"', str(line.days)),
            (f'class="nb" data-v="{line.due or ""}"', str(line.due or NONE)),
            ('class="words"', _e(line.text)),
            ('class="nb"', _link(line.key, line.url)),
            ("", _link(line.postmortem, line.postmortem_url)),
        ]
        for line in slips.open[:MOST]
    ]
    headers = [("n", "Moves"), ("n", "Days"), ("", "Now due"), ("", "Action item"), ("", "Ticket"), ("", "Postmortem")]
    table = _table("Still open, with a date that moved", _first(len(slips.open)), headers, rows)
    return f'<section id="moved"><h2>Due dates that moved</h2><p>{_e(told)}</p>{table}</section>\n'


def _table(
    caption: str, words: str, headers: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]], sorts: bool = True
) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col" class="{kind}">{_e(name)}</th>' for kind, name in headers)
    body = "".join(f"<tr>{''.join(_cell(*cell) for cell in row)}</tr>\n" for row in rows)
    note = f" <span>{_e(words)}</span>" if words else ""
    kind = "scroll long" if len(rows) > LONG else "scroll"
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{_e(caption)}">'
        f'<table class="{"sorts" if sorts else ""}"><caption>{_e(caption)}{note}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n"
    )


def _cell(attributes: str, content: str) -> str:
    tag = "th" if attributes.startswith("scope") else "td"
    return f"<{tag} {attributes}>{content}</{tag}>"


# --- words -----------------------------------------------------------------------------------------


def _terms() -> str:
    entries = "".join(f"<dt>{_e(name)}</dt><dd>{_e(words)}</dd>" for name, words in TERMS)
    return (
        '<section id="terms"><h2>How it is counted</h2><details><summary>What the figures mean</summary>'
        f'<dl class="terms">{entries}</dl></details></section>\n'
    )


def _footer(report: Report) -> str:
    words = "Made by postmortem-sync. This page loads nothing and sends nothing."
    if report.speed.undated:
        done = plural(report.speed.undated, "done item")
        words += f" {done} without a known day {'is' if report.speed.undated == 1 else 'are'} in no time figure."
    return f'<footer class="muted"><p>{_e(words)}</p></footer>\n'


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}% of open items" if whole else "nothing is open"


def _of(one: Rate) -> str:
    return f"{one.done} of {one.of} items" if one.of else "no 90 days are over yet"


def _first(number: int) -> str:
    return f"{number}{_cut(number)}"


def _cut(number: int) -> str:
    return f", of which {MOST} are shown; sync report --json has all" if number > MOST else ""


def _link(words: str, url: str) -> str:
    if not words:
        return NONE
    return f'<a href="{_e(url)}" rel="noreferrer">{_e(words)}</a>' if _URL.fullmatch(url) else _e(words)


def _e(text: str) -> str:
    return escape(clean(text), quote=True)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
