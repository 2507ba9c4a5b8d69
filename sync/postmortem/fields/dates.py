"""Due dates: a strict grammar that says how certain it is, and never guesses."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sync.model import DueKind
from sync.postmortem.lexicon import LANGUAGES, written


def _names_of(key: str) -> dict[str, int]:
    """Names of months or weekdays in every language, in lower case, each with its place in the line."""
    return {
        name: place
        for language in LANGUAGES
        for place, names in enumerate(written(key, language))
        for name in names.casefold().split()
    }


MONTHS = {name: place + 1 for name, place in _names_of("month").items()}
WEEKDAYS = _names_of("weekday")

MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_WEEKDAY = "(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"

_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(20\d{2})([01]\d)([0-3]\d)")
_DAY_FIRST = re.compile(
    rf"({_DAY})(?:st|nd|rd|th|er|º|\.)?[ -]?(?:of |de )?({MONTH})(?:(?:,? (?:de |del )?|-|/)(\d{{4}}"
    rf"|'?\d{{2}}))?(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(rf"({MONTH})[ -]({_DAY})(?:st|nd|rd|th)?(?!\d)(?:(?:,? |,|-)(\d{{4}})(?!\d))?", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_SHORT = re.compile(r"(\d{1,2})/(\d{1,2})")
_HAN = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_QUARTER = re.compile(
    r"(?:(?:end|start|beginning|mid|middle|late|early)[ -](?:of )?)?Q([1-4])(?:[ /'-]*(\d{4}|\d{2}))?(?!\d)",
    re.IGNORECASE,
)
_QUARTER_LAST = re.compile(r"(\d{4})[ /-]?Q([1-4])(?!\d)", re.IGNORECASE)
_HALF = re.compile(r"H([12])(?:[ /'-]*(\d{4}))(?!\d)|(\d{4})[ /-]?H([12])(?!\d)", re.IGNORECASE)
_MONTH_YEAR = re.compile(
    rf"(?:(?:end|start|beginning|mid|middle|late|early|ende|fin)[ -](?:of |de )?)?({MONTH})(?:,? |-"
    rf"|/)(?:de )?(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_ISO_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_WEEK = re.compile(r"(\d{4})-?W(\d{2})|(?:CW|KW|week) ?(\d{1,2})[ /,]+(\d{4})", re.IGNORECASE)
_VAGUE_PERIOD = re.compile(
    rf"(?:(?:end|start|beginning|mid|middle|late|early)[ -](?:of )?)(?:the )?(?:{MONTH}|month|quarter|year"
    rf"|week|\d{{4}})"
    r"|(?:this|next) (?:week|month|quarter|year)",
    re.IGNORECASE,
)

_NOTHING = frozenset(
    [
        "date",
        "yyyy-mm-dd",
        "dd/mm/yyyy",
        "mm/dd/yyyy",
        "due date",
        "tbd",
        "tbc",
        "tba",
        "n/a",
        "na",
        "none",
        "nil",
        "null",
        "no",
        "ongoing",
        "unknown",
        "unset",
        "undecided",
        "open",
        "?",
        "??",
        "???",
        "-",
        "--",
        "---",
        "–",
        "—",
        "…",
        "...",
        ".",
        "/",
        "x",
    ]
) | {
    "to be determined",
    "to be decided",
    "not set",
    "no due date",
    "no date",
    "not applicable",
    "k. a.",
    "à définir",
    "offen",
    "a definir",
}

_ALL = (_HAN, _ISO, _COMPACT, _DAY_FIRST, _MONTH_FIRST, _NUMERIC)
_PERIODS = (_QUARTER, _QUARTER_LAST, _HALF, _MONTH_YEAR, _WEEK)


def _like(names: Iterable[str]) -> str:
    """What may be one of these names: their beginnings are enough, since `read` knows the names themselves."""
    starts = sorted({name[:3] for name in names}, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, starts)) + r")[^\W\d_]{0,10}(?:-feira)?\.?"


_WEEKDAY_LIKE = _like(WEEKDAYS)
_MONTH_LIKE = _like(MONTHS)
EXPRESSION = (
    rf"(?:{_WEEKDAY_LIKE},? (?:the )?)?"
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d-])(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?"
    rf"|{_DAY}(?:st|nd|rd|th|er|º|\.)?[ -]?(?:of |de )?{_MONTH_LIKE}(?:(?:,? (?:de |del )?|-|/)(?:\d{{4}}|'\d{{2}}))?"
    rf"|{_MONTH_LIKE}[ -]{_DAY}(?:st|nd|rd|th)?(?!\d)(?:,? ?\d{{4}})?"
    r"|\d{1,2}([/.-])\d{1,2}(?:[/.-](?:\d{4}|\d{2}))"
    r"|\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日)"
)
"""What a date may look like in running text, with re.IGNORECASE; one group. Ask `is_date` whether it is one."""

PERIOD = (
    r"(?:(?:the )?(?:end|start|beginning|mid|middle|late|early)[ -](?:of )?(?:the )?)?"
    rf"(?:Q[1-4](?:[ /'-]*\d{{4}})?|\d{{4}}[ /-]?Q[1-4]|H[12][ /-]?\d{{4}}|{_MONTH_LIKE},? \d{{4}}|\d{{4}}-W\d{{2}})"
)
"""What a quarter, a month or a week looks like."""


class DueReading(NamedTuple):
    """What a text says as a date."""

    kind: DueKind
    date: date | None = None
    why: str = ""


_UNKNOWN = DueReading(DueKind.UNKNOWN)


def read(text: str, base: date | None = None, order: str = "", periods: bool = False) -> DueReading:
    """Understand a due date.

    Args:
        text: as written, blanks around it ignored.
        base: the postmortem's date, which gives a missing year.
        order: "dmy", "mdy" or "", for dates such as 03/04/2026.
        periods: whether a quarter, month or week counts as its last day.

    Returns:
        a kind, a date only where that is certain, and why not where that helps a person.
    """
    words = " ".join(text.split()).strip(" *_`~()[]").rstrip(".,;")
    folded = words.casefold()
    if not words or folded in _NOTHING:
        return DueReading(DueKind.NONE)
    if len(words) > 60:
        return _UNKNOWN
    weekday = None
    match = re.match(rf"({_WEEKDAY})(?:,? +(?:the |den )?|, ?)(?=\d|[^\W\d_]{{3}})", words, re.IGNORECASE)
    if match:
        weekday = WEEKDAYS[match[1].rstrip(".").casefold()]
        words = words[match.end() :]
    else:
        match = re.search(rf",? *\(?(?<![^\W\d_])({_WEEKDAY})\)?$", words, re.IGNORECASE)
        if match and match.start() and re.match(r"\d|[^\W\d_]{3}", words):
            weekday = WEEKDAYS[match[1].rstrip(".").casefold()]
            words = words[: match.start()]
    reading = _date(words, base, order, weekday)
    if reading is None:
        reading = _period(words, periods)
    certain = reading.kind in (DueKind.EXACT, DueKind.INFERRED)
    if reading.date and weekday is not None and certain and reading.date.weekday() != weekday:
        return DueReading(DueKind.INVALID, None, f"{reading.date.isoformat()} is a {reading.date:%A}")
    return reading


def is_date(text: str) -> bool:
    """Whether a text is a date or a period, be it ambiguous, impossible or without a year."""
    reading = read(text)
    return reading.kind is not DueKind.NONE and (reading.kind is not DueKind.UNKNOWN or bool(reading.why))


def _date(words: str, base: date | None, order: str, weekday: int | None) -> DueReading | None:
    if match := _HAN.fullmatch(words) or _COMPACT.fullmatch(words):
        return _exact(match[1], match[2], match[3])
    if match := _ISO.fullmatch(words):
        return _exact(match[1], match[3], match[4])
    if match := _DAY_FIRST.fullmatch(words):
        return _named(match[1], match[2], match[3], base)
    if match := _MONTH_FIRST.fullmatch(words):
        return _named(match[2], match[1], match[3], base)
    if match := _NUMERIC.fullmatch(words):
        return _numeric(int(match[1]), int(match[3]), match[4], match[2], order)
    if match := _SHORT.fullmatch(words):
        one, two = int(match[1]), int(match[2])
        if order in ("dmy", "mdy"):
            day, month = (one, two) if order == "dmy" else (two, one)
            return _year(day, month, base)
        return DueReading(DueKind.AMBIGUOUS, None, "neither the year nor the order of day and month is stated")
    return None


def _exact(year: str | int, month: str | int, day: str | int) -> DueReading:
    try:
        return DueReading(DueKind.EXACT, date(int(year), int(month), int(day)))
    except ValueError:
        return DueReading(DueKind.INVALID, None, "there is no such day")


def _named(day: str, month: str, year: str | None, base: date | None) -> DueReading:
    number = MONTHS[month.rstrip(".").casefold()]
    if not year:
        return _year(int(day), number, base)
    digits = year.lstrip("'")
    return _exact(int(digits) + (2000 if len(digits) == 2 else 0), number, int(day))


def _year(day: int, month: int, base: date | None) -> DueReading:
    """A day and a month without a year: the first such day from the postmortem on, if it is near enough to be sure."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return DueReading(DueKind.INVALID, None, "there is no such day")
    if base is None:
        return DueReading(DueKind.UNKNOWN, None, "it has no year, and the postmortem has no date")
    for year in (base.year, base.year + 1):
        try:
            day_then = date(year, month, day)
        except ValueError:
            continue
        if base <= day_then <= base + timedelta(days=300):
            return DueReading(DueKind.INFERRED, day_then)
    if (month, day) != (2, 29) and day > monthrange(2023, month)[1]:
        return DueReading(DueKind.INVALID, None, "there is no such day")
    return DueReading(DueKind.UNKNOWN, None, "its year is not certain")


def _numeric(one: int, two: int, year: str, mark: str, order: str) -> DueReading:
    if len(year) == 2 and not order:
        return DueReading(DueKind.AMBIGUOUS, None, "its order of day, month and year is not stated")
    full = int(year) + (2000 if len(year) == 2 else 0)
    if order == "dmy" or (mark == "." and not order and two <= 12):
        return _exact(full, two, one)
    if order == "mdy":
        return _exact(full, one, two)
    if one == two or two > 12:
        return _exact(full, one, two)
    if one > 12:
        return _exact(full, two, one)
    return DueReading(DueKind.AMBIGUOUS, None, "the order of day and month is not stated")


def _period(words: str, wanted: bool) -> DueReading:
    last: date | None = None
    try:
        if match := _QUARTER.fullmatch(words):
            if match[2]:
                last = _month_end(_full(match[2]), 3 * int(match[1]))
        elif match := _QUARTER_LAST.fullmatch(words):
            last = _month_end(int(match[1]), 3 * int(match[2]))
        elif match := _HALF.fullmatch(words):
            last = _month_end(int(match[2] or match[3]), 6 * int(match[1] or match[4]))
        elif match := _MONTH_YEAR.fullmatch(words):
            last = _month_end(int(match[2]), MONTHS[match[1].rstrip(".").casefold()])
        elif match := _ISO_MONTH.fullmatch(words):
            last = _month_end(int(match[1]), int(match[2]))
        elif match := _WEEK.fullmatch(words):
            last = date.fromisocalendar(int(match[1] or match[4]), int(match[2] or match[3]), 7)
        elif not _VAGUE_PERIOD.fullmatch(words):
            return _UNKNOWN
    except ValueError:
        return DueReading(DueKind.INVALID, None, "there is no such period")
    return DueReading(DueKind.PERIOD, last if wanted else None)


def _full(year: str) -> int:
    return int(year) + (2000 if len(year) == 2 else 0)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


_YEAR = re.compile(r"(?<!\d)(?:\d{4}(?!\d)|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)|'\d{2})")
_IN_TITLE = re.compile(rf"(?<![\w/.-])({EXPRESSION})(?![\w/-])", re.IGNORECASE)


def find(text: str, order: str = "") -> date | None:
    """The first certain whole date in a title or a file name; None when there is none."""
    head = text[:300]
    year = _YEAR.search(head)
    if not year:
        return None
    for match in _IN_TITLE.finditer(head, max(0, year.start() - 32)):
        reading = read(match[1], None, order)
        if reading.kind is DueKind.EXACT:
            return reading.date
    return None


_IN_PATH = re.compile(r"(?<!\d)(\d{4})[-_]?(0[1-9]|1[0-2])[-_]?([0-2]\d|3[01])(?!\d)")


def find_in_path(path: str) -> date | None:
    """The date that a file's path begins or ends with; None when there is none."""
    for match in _IN_PATH.finditer(path[-200:]):
        if "1990" <= match[1] <= "2100":
            return _exact(match[1], match[2], match[3]).date
    return None
