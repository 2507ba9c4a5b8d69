"""A parenthesis or bracket at the end of an item that holds nothing but annotations."""

from __future__ import annotations

import re

from sync.model import State
from sync.postmortem.fields import dates, owners, states, vocabulary
from sync.postmortem.fields.annotations import Line
from sync.postmortem.fields.found import label_at, labels
from sync.postmortem.lexicon import phrases
from sync.postmortem.plain import HIDDEN

_DATE = rf"(?:{dates.EXPRESSION}|{dates.PERIOD})"
_DUE = re.compile(
    rf"(?:{vocabulary.DUE_WORD}(?:\s?(?::|=|date|by|on|am))*\s*)?(?P<date>{_DATE})"
    rf"|(?:due|eta|deadline|fällig)\s*:?\s*(?P<other>tbd|tbc|n/a|none|asap|soon|unknown|\?+|next (?:sprint"
    rf"|week|month|quarter))",
    re.IGNORECASE,
)
_PRIORITY = re.compile(vocabulary.PRIORITY_VALUE, re.IGNORECASE)
_ESTIMATE = re.compile(vocabulary.ESTIMATE_VALUE, re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;|\n、，；]|\s[-–—]\s|\s/\s)\s*")
_OWNER_WORDS = re.compile(r"(?:owned by|assigned to|assignee|owner|dri)\s+(?=\S)", re.IGNORECASE)
_SHORT_NAMES = re.compile(r"[a-z]{2,5}(?:\s?[,/&+]\s?[a-z]{2,5}){1,4}")
_CONNECTING = re.compile(
    r"[\s,;/&+()\[\]:–—-]*(?:\b(?:see|tracked|tracking|tickets?|issues?|prs?|pull requests?|jira|github|gh"
    r"|bug|ref|in|at|by|via|as|and|also|"
    r"filed|opened|created|done|merged|fixed|closed|links?|follow along|here)\b[\s,;/&+()\[\]:–—-]*)*",
    re.IGNORECASE,
)
_BESIDE_A_NAME = frozenset(("due", "label:due", "label:owner", "owner", "priority", "label:priority"))
_YEAR = re.compile(r"\d{4}")
_REACH = 300
_PAIRS = {")": "(", "]": "[", "）": "（", "】": "【", "］": "［"}


def read(line: Line) -> bool:
    """Read and cut such a bracket; False when there is none."""
    opening = _opening(line)
    if opening is None:
        return False
    at, stop = opening
    pieces = _pieces(line, at + 1, stop - 1, line.text[at])
    if pieces is None:
        return False
    for kind, start, end in pieces:
        _take(line, kind, start, end)
    line.end = at
    return True


def _opening(line: Line) -> tuple[int, int] | None:
    """The range of the bracket that closes at the end."""
    text = line.text
    stop = line.end
    while stop > line.start and text[stop - 1] in ".!,;。 ":
        stop -= 1
    if stop <= line.start or text[stop - 1] not in _PAIRS:
        return None
    closing = text[stop - 1]
    opening = _PAIRS[closing]
    depth = 0
    for at in range(stop - 1, max(line.start, stop - _REACH) - 1, -1):
        if text[at] == closing:
            depth += 1
        elif text[at] == opening:
            depth -= 1
            if not depth:
                return None if at <= line.start or line.linked(at) else (at, stop)
    return None


def _pieces(line: Line, start: int, end: int, opening: str) -> list[tuple[str, int, int]] | None:
    """What each part of a bracket is; None when any part is ordinary text."""
    whole = _piece(line, start, end, opening, "")
    if whole and whole != "name":
        return [(whole, start, end)]
    pieces: list[tuple[str, int, int]] = []
    at = start
    for match in [*_SEPARATOR.finditer(line.text, start, end), None]:
        stop = match.start() if match else end
        if pieces and pieces[-1][0] in ("due", "label:due") and _YEAR.fullmatch(line.text[at:stop]):
            pieces[-1] = (pieces[-1][0], pieces[-1][1], stop)
        else:
            kind = _piece(line, at, stop, opening, pieces[-1][0] if pieces else "")
            if not kind:
                return None
            pieces.append((kind, at, stop))
        at = match.end() if match else end
    if any(kind == "name" for kind, _, _ in pieces):
        # A name beside an annotation is an owner; a name alone may be a product, a place or a thing.
        if not any(kind in _BESIDE_A_NAME for kind, _, _ in pieces):
            return None
        pieces = [("owner" if kind == "name" else kind, start, end) for kind, start, end in pieces]
    return pieces


def _piece(line: Line, start: int, end: int, opening: str, previous: str) -> str:
    """What one part of a bracket is; "" when it is ordinary text."""
    text = line.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    words = text[start:end]
    if not words:
        return "nothing"
    label = label_at(text, start, end)
    if label:
        rest = text[label.value : end].strip()
        name = label.name
        plain_value = not any(labels(rest, 0, len(rest))) and not _SEPARATOR.search(rest)
        return f"label:{name}" if plain_value or (name == "due" and _is_due(rest)) else ""
    if states.word(words) is not None or done_on(words) or states.done_somehow(words):
        return "state"
    if opening == "[" and words in phrases("type.value"):
        return "type"
    if _PRIORITY.fullmatch(words):
        return "priority"
    if _ESTIMATE.fullmatch(words) or (owners.is_nobody(words) and HIDDEN not in words):
        return "nothing"
    if _is_due(words):
        return "due"
    if any(start <= one.start < end for one in line.found):
        return _ticket(line, start, end)
    if owners.is_person(words, line.context.people) or owners.is_team(words, strict=True):
        return "owner"
    named = owners.looks_like_names(words)
    if named and previous in ("owner", "label:owner") and words not in vocabulary.ACRONYMS:
        return "owner"
    if (opening == "[" or line.named) and owners.is_name(words, line.context):
        return "owner"
    if opening == "[" and _SHORT_NAMES.fullmatch(words):
        return "owner"
    match = _OWNER_WORDS.match(words)
    if match and (owners.looks_like_names(words[match.end() :]) or owners.is_person(words[match.end() :])):
        return "owner"
    if named and words not in vocabulary.ACRONYMS:
        return "name"
    return ""


def _is_due(words: str) -> bool:
    match = _DUE.fullmatch(words)
    return match is not None and (not match["date"] or dates.is_date(match["date"]))


def done_on(words: str) -> bool:
    """Whether a text is a state and its day: `done 2026-03-20`, `closed on April 3`."""
    parts = words.split()
    if not 1 < len(parts) <= 8:
        return False
    for count in range(1, min(4, len(parts))):
        if states.word(" ".join(parts[:count])) is not None:
            rest = parts[count:]
            while rest and rest[0].casefold() in ("on", "at", "in", "by", "-", "–", ":", "since", "as", "of"):
                rest = rest[1:]
            return bool(rest) and dates.is_date(" ".join(rest))
    return False


def _ticket(line: Line, start: int, end: int) -> str:
    rest = list(line.text[start:end])
    for one in line.found:
        for index in range(max(one.start, start) - start, min(one.end, end) - start):
            rest[index] = " "
    left = "".join(rest)
    if _CONNECTING.fullmatch(left):
        return "ticket"
    return "ticket" if states.cell(left) is State.DONE and len(left.split()) <= 4 else ""


def _take(line: Line, kind: str, start: int, end: int) -> None:
    text, fields = line.text, line.fields
    value = line.plain.text[start:end].strip()
    if kind == "owner":
        match = _OWNER_WORDS.match(text, start)
        line.owners(match.end() if match else start, end, "in brackets at the end")
    elif kind == "due":
        match = _DUE.search(text, start, end)
        if match:
            group = "date" if match["date"] else "other"
            line.due(
                match.start(group),
                match.end(group) if not _YEAR.fullmatch(text[match.end() : end].strip(", ")) else end,
                "in brackets at the end",
            )
    elif kind == "state":
        fields.set_state(states.cell(value), f"the word {value!r} in brackets")
    elif kind == "priority":
        fields.set_priority(value)
    elif kind == "type":
        fields.set_type(value)
    elif kind == "ticket":
        for one in line.found:
            if start <= one.start < end:
                line.accept(one)
        head = value.split()[0]
        fields.set_state(states.word(head), f"the word {head!r} in brackets")
    elif kind.startswith("label:"):
        label = next(labels(text, start, end), None)
        if label:
            line.value(kind[6:], label.value, end)
