"""What `sync check` tells people: each finding with the line it speaks of, and a mark below the words. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from sync.check.check import Diagnostic
from sync.check.formats import Checked
from sync.check.reading import Reading
from sync.check.rules import Severity
from sync.process.terminal import clean

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LINES = 12  # further lines that are named
_TAB = "    "


def lines(checked: Checked, paint: Callable[[str, str], str], width: int) -> Iterator[str]:
    """The findings of one document, line by line.

    Args:
        paint: gives (text, colour) a colour, where there are colours.
        width: columns that a line may have.
    """
    postmortem = checked.postmortem
    assert postmortem is not None
    source = Reading(postmortem.data)
    yield paint(clean(checked.path), "bold") + f"  {clean(postmortem.title)}"
    for _, same in groupby(_grouped(checked.findings), lambda one: (one.line, one.column, one.end_column, one.also)):
        findings = list(same)
        for one in findings:
            severity = paint(f"{one.severity:<7}", _COLOURS[one.severity])
            yield f"  {severity}  {clean(one.message)}  {paint(one.rule, 'dim')}"
        one = findings[0]
        margin = f"  {one.line:>6} │ "
        shown, marked = _excerpt(source.line(one.line), one.column - 1, one.end_column - 1, width - len(margin))
        if shown.strip():
            yield paint(margin, "dim") + shown
            yield paint(f"{'│':>10} ", "dim") + paint(marked, _COLOURS[one.severity])
        if one.also:
            more = ", ".join(str(line) for line in one.also[:_LINES]) + (", …" if len(one.also) > _LINES else "")
            yield paint(f"{'│':>10} also {'line' if len(one.also) == 1 else 'lines'} {more}", "dim")
        for number, one in enumerate(findings, 1):
            branch = "└" if number == len(findings) else "├"
            yield paint(f"{branch:>10} ", "dim") + clean(one.suggestion)
    yield ""


def _grouped(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One finding where several say the same of different lines."""
    kept: dict[tuple[str, str, str], Diagnostic] = {}
    lines_of: dict[tuple[str, str, str], dict[int, None]] = {}
    for one in findings:
        key = (one.rule, one.message, one.suggestion)
        kept.setdefault(key, one)
        lines_of.setdefault(key, {}).update(dict.fromkeys((one.line, *one.also)))
    return [replace(one, also=tuple(line for line in lines_of[key] if line != one.line)) for key, one in kept.items()]


def _excerpt(text: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The part of a line around its characters `start` to `end`, and marks below them."""
    width = max(width, 20)
    before, words, after = (clean(part).replace("\t", _TAB) for part in (text[:start], text[start:end], text[end:]))
    indent = len(before) - len(before.lstrip())
    before = before[indent:] if start else before
    if _cells(before + words + after) > width:
        room = max(width // 4, width - min(_cells(words), width // 2) - 2)
        before = before if _cells(before) <= room // 2 else "…" + _last(before, room // 2)
        words = words if _cells(before + words) <= width else _first(words, width - _cells(before) - 1) + "…"
        left = width - _cells(before + words)
        after = after if _cells(after) <= left else _first(after, max(0, left - 1)) + ("…" if left else "")
    return (before + words + after).rstrip(), " " * _cells(before) + "^" * max(1, _cells(words.removesuffix("…")))


def _first(text: str, width: int) -> str:
    kept = ""
    for one in text:
        if _cells(kept + one) > width:
            break
        kept += one
    return kept


def _last(text: str, width: int) -> str:
    return _first(text[::-1], width)[::-1]


def _cells(text: str) -> int:
    """Columns that a terminal needs."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )
