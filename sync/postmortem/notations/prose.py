"""Items written as sentences: `Action items: add a limit owner Ana by 2026-04-03; …`, or one action a line."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from sync.model import Notation, Span, State
from sync.postmortem import items, templates
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import dates, owners, states
from sync.postmortem.items import Entry
from sync.postmortem.plain import Plain, cut
from sync.postmortem.scope import Scope
from sync.postmortem.tense import is_action_sentence

_CLAUSE_END = re.compile(r"\s*(?:;|\.(?=\s+[^\W\d_a-z])|\n(?=\s*(?:[-*•–]|\d{1,2}[.)])\s))\s*")
_OWNED = re.compile(
    rf"\b(?:owner|owned by|assigned to|assignee|dri)\b\s*:?\s*(?:{owners.HANDLE}|{owners.EMAIL}|[^\W\d_a-z])"
    rf"|\((?:{owners.HANDLE})\)",
    re.IGNORECASE,
)
_DATED = re.compile(rf"\b(?:by|due|before|until)\s+(?:on\s+)?(?P<date>{dates.EXPRESSION})", re.IGNORECASE)
_LINKS = ("link", "reflink", "autolink")
_MARKER = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")


def clauses(tokens_text: str, start: int) -> list[tuple[int, int]]:
    """Divide a text from `start` into clauses that each may be an action."""
    parts = []
    at = start
    for match in _CLAUSE_END.finditer(tokens_text, start):
        if match.start() > at:
            parts.append((at, match.start()))
        at = match.end()
    if at < len(tokens_text):
        parts.append((at, len(tokens_text)))
    return parts


def _joined(parts: list[tuple[int, int]], plain: Plain) -> list[tuple[int, int]]:
    """The parts, without a division within a link or a comment: what is written back there would take it apart."""
    whole = [(link.start, link.end) for link in plain.links]
    whole = sorted(whole + [(mark.start, mark.end) for mark in plain.marks if mark.kind == "comment"])
    reach = [0, *accumulate((end for _, end in whole), max)]
    result: list[tuple[int, int]] = []
    for first, last in parts:
        if result and reach[bisect_left(whole, (result[-1][1],))] > first:
            first = result.pop()[0]
        result.append((first, last))
    return result


def _dated(text: str, start: int, end: int) -> bool:
    match = _DATED.search(text, start, end)
    return match is not None and dates.is_date(match["date"])


def read_inline(
    paragraph: Block, label_end: int, context: Context, scope: Scope, rule: str, nested: list[Block], start: int
) -> bool:
    """Actions that follow a label in the same paragraph. `label_end` is a byte offset.

    Several when each clause names an owner or a date of its own (the guide's template); else one.
    """
    tokens = cut(paragraph.tokens, context.opened, label_end)
    if not tokens:
        return False
    plain = Plain(tokens, context.opened)
    every = _joined(clauses(plain.masked, 0), plain)
    parts = [part for part in every if not templates.is_template(plain.text[part[0] : part[1]])]
    for first, last in every if len(parts) < len(every) and parts else ():
        if (first, last) not in parts:
            context.leave_out(plain.span(first, last).start, plain.text[first:last], "it is a placeholder")
    annotated = [part for part in parts if _OWNED.search(plain.masked, *part) or _dated(plain.masked, *part)]
    made = False
    if parts and len(every) > 1 and len(annotated) == len(parts):
        for number, (first, last) in enumerate(parts[:200]):
            while last > first and plain.text[last - 1] in " \n.;":
                last -= 1
            marker = _MARKER.match(plain.text, first, last)
            if marker:
                first = marker.end()
            if first >= last:
                continue
            limit = plain.offset(annotated[number + 1][0]) if number + 1 < len(annotated) else paragraph.end
            span = _whole(paragraph, plain.span(first, last), limit)
            made = (
                _add(paragraph, context, scope, rule, [], span.start if number else start, span.start, span.end) or made
            )
        return made
    return _add(paragraph, context, scope, rule, nested, start, label_end, -1)


def _whole(paragraph: Block, span: Span, limit: int) -> Span:
    """The span, widened to the whole of a link, of code or of emphasis that it begins or ends within.

    It is not widened where the next action begins before that.
    """
    start, end = span
    for kind, first, last, _ in paragraph.tokens:
        if kind != "text" and first < start < last <= limit and (kind in _LINKS or _begins(paragraph, first, start)):
            start = first
    for kind, first, last, _ in paragraph.tokens:
        if kind != "text" and start <= first < end < last <= limit:
            end = last
    return Span(start, end)


def _begins(paragraph: Block, first: int, start: int) -> bool:
    """Whether no word stands between two places."""
    return not any(
        (kind == "text" and first <= at < start) or (kind == "code" and first <= at < last <= start)
        for kind, at, last, _ in paragraph.tokens
    )


def _add(
    paragraph: Block, context: Context, scope: Scope, rule: str, nested: list[Block], start: int, skip: int, end: int
) -> bool:
    tokens = cut(paragraph.tokens, context.opened, skip, end) if skip or end >= 0 else paragraph.tokens
    return items.add(Entry(tokens, Notation.PROSE, start, scope, rule, nested=nested), context)


def read_lines(paragraph: Block, context: Context, scope: Scope, sure: bool = False) -> bool:
    """A paragraph of an action section that has no list: one action a line, or one for the whole paragraph.

    `sure` says that the paragraph's form makes it an action whatever its words.
    """
    kind, _, end, _ = paragraph.tokens[0]
    if kind == "em" and end >= paragraph.tokens[-1][2]:
        return False  # an instruction of the template
    plain = Plain(paragraph.tokens, context.opened)
    text = plain.masked
    if "\n" in text:
        lines = _lines(plain, context)
        written = [_as_written(paragraph, plain, *line, context) for line in lines]
        each = [_begins_item(line) for line in written]
        sentences = len(lines) > 2 and sum(each) * 2 >= len(lines) and all(map(_is_sentence, written))
        if (all(each) or sentences) and len(lines) <= 500:
            return _each_line(paragraph, plain, lines, context, scope)
    text = _as_written(paragraph, plain, 0, len(text), context)
    if sure or is_action_sentence(text) or (scope.explicit and states.sentence(text) is State.DONE):
        return _add(paragraph, context, scope, "a paragraph of an action section", [], paragraph.start, 0, -1)
    return False


def _lines(plain: Plain, context: Context) -> list[tuple[int, int]]:
    """The lines of a paragraph that hold words; a template's own are left out among others."""
    text = plain.masked
    lines = []
    at = 0
    for piece in text.split("\n"):
        lines.append((at, at + len(piece)))
        at += len(piece) + 1
    lines = _joined([(first, last) for first, last in lines if text[first:last].strip()], plain)
    filled = [(first, last) for first, last in lines if not templates.is_template(plain.text[first:last])]
    for first, last in lines if filled else ():
        if (first, last) not in filled:
            context.leave_out(plain.span(first, last).start, plain.text[first:last], "it is a placeholder")
    return filled or lines


def _each_line(paragraph: Block, plain: Plain, lines: list[tuple[int, int]], context: Context, scope: Scope) -> bool:
    made = False
    for number, (first, last) in enumerate(lines):
        marker = _MARKER.match(plain.masked, first, last)
        begin = marker.end() if marker else first
        limit = plain.offset(lines[number + 1][0]) if number + 1 < len(lines) else paragraph.end
        span = _whole(paragraph, plain.span(begin, last), limit)
        made = _add(paragraph, context, scope, "one action a line", [], span.start, span.start, span.end) or made
    return made


def _as_written(paragraph: Block, plain: Plain, first: int, last: int, context: Context) -> str:
    """A line as it was before write-back: what we added does not make it a sentence."""
    text = plain.masked[first:last].rstrip()
    span = plain.span(first, first + len(text))
    suffix = context.opened.suffix(span.start, span.end)
    if suffix is None:
        return text
    return Plain(cut(paragraph.tokens, context.opened, span.start, suffix.stop), context.opened).masked.rstrip()


def _is_sentence(line: str) -> bool:
    """Whether a line is complete in itself: it is no piece of a wrapped paragraph."""
    words = line.strip()
    return words[:1].isupper() and words.endswith((".", ")", "!", "]"))


def _begins_item(line: str) -> bool:
    marker = _MARKER.match(line)
    return bool(marker) or (
        is_action_sentence(line) and line.strip()[:1].isupper() and line.rstrip().endswith((".", ")", "!", "]"))
    )
