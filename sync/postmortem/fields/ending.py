"""Annotations behind an item's text: `(@ana, 2026-04-03)`, `— Ana Lima`, `by 3 April 2026`, `DONE in #12`."""

from __future__ import annotations

import re

from sync.model import State
from sync.postmortem.fields import brackets, dates, owners, references, states, vocabulary
from sync.postmortem.fields.annotations import Line
from sync.postmortem.fields.found import labels
from sync.postmortem.lexicon import written

_DATE = rf"(?:{dates.EXPRESSION}|{dates.PERIOD})"
_WHO = rf"(?:{owners.HANDLE}|{owners.EMAIL}|{owners.NAME})"
_AND = r"\s?(?:,|/|&|\+|\band\b)\s?"
_DUE = re.compile(
    rf"[\s,;:(–—-]*\b(?P<word>{vocabulary.DUE_WORD}(?:\s?(?::|=|date|by|on|am|for|end of"
    rf"|the))*)\s*(?P<date>{_DATE})\s*\Z",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(rf"(?P<lead>\s*(?:[,;|–—]|\s-)\s*|\s+)(?P<date>{_DATE})\s*\Z", re.IGNORECASE)
_ENDS_WITH_HANDLE = re.compile(rf"{owners.HANDLE}\Z")
_OWNER = "(?i:" + "|".join(sorted(map(re.escape, written("owner.word")), key=len, reverse=True)) + ")"
_SAYS_OWNER = re.compile(_OWNER)
_OWNER_WORD = re.compile(rf"(?P<lead>[\s,;:.(–—-]+){_OWNER}\s*[:=]?\s+(?P<who>{_WHO}(?:{_AND}{_WHO}){{0,4}})\s*\Z")
_HANDLES = re.compile(
    rf"(?P<lead>\s*(?:[-–—:,|>→]+|\bby\b)?\s*)(?P<who>(?:{owners.HANDLE}|{owners.EMAIL})"
    rf"(?:\s?(?:,|/|&|\+|and|\s)\s?(?:{owners.HANDLE}|{owners.EMAIL})){{0,5}})\s*\Z"
)
_NAME = re.compile(
    rf"(?P<lead>\s*(?:[–—|→]|\s--?)\s*)(?P<who>{owners.NAME}(?:\s(?:team|squad))?(?:{_AND}{owners.NAME}){{0,4}})\s*\Z"
)
_STATE = re.compile(
    r"(?s:.*)(?P<lead>\s--?\s*|\s*(?:->|[–—:;,.|>→])\s*)(?P<word>[^\W_][\w'’/-]*(?: [\w'’/-]+){0,4})\s*\Z"
)
_SEPARATORS = frozenset(("-", "–", "—", ":", "--", ".", ";", "->", "→", "|"))
_BEFORE_TICKET = re.compile(
    r"(?:[\s,;:.(–—-]*\b(?:see|tracked|tracking|track|tickets?|ticker|issues?|prs?|pull request|jira|github"
    r"|gh|bug|ref|in|at|by|via"
    r"|as|here|filed|opened|raised|created|being|is|was|and|also|done|link)\b)*[\s:;,(\[–—-]*\Z",
    re.IGNORECASE,
)
_CALLS_TICKET = re.compile(r"(?:[:(\[–—]|\b(?:ticket|issue|jira|see|in))\s*\Z", re.IGNORECASE)
_PART_OF_SENTENCE = frozenset(
    [
        "to",
        "with",
        "for",
        "from",
        "of",
        "and",
        "by",
        "ask",
        "tell",
        "ping",
        "cc",
        "in",
        "at",
        "the",
        "notify",
        "page",
        "contact",
        "alert",
        "mention",
        "add",
        "or",
        "via",
        "on",
        "email",
        "mail",
        "call",
    ]
)
_REACH = 160
_COUNT = r"(?:an?|one|two|three|four|five|six|a few|a couple of|\d{1,2})"
_UNIT = r"(?:day|week|month|quarter|sprint|year)"
_RELATIVE = re.compile(
    rf"\b(?:(?:by|before|until|due|eta)\s+(?P<a>(?:the\s+)?(?:end of (?:the |this |next )?{_UNIT}|eo[dwmqy]"
    rf"|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|(?:next|this) (?:{_UNIT}|release)))"
    rf"|(?P<b>(?:with)?in {_COUNT} {_UNIT}s?|(?:next|this) {_UNIT}|asap))\s*\Z",
    re.IGNORECASE,
)
"""A due date that only its writer can tell the day of; it is told, and stays among the words."""

_LAST_MONTH = re.compile(rf"(?:{dates.MONTH})\Z", re.IGNORECASE)
"""Whether a date without a year may end here: `3 Apr`."""


def read(line: Line) -> None:
    """Read and cut what stands behind, as long as there is any."""
    for _ in range(12):
        before = line.end
        line.skip_cuts()
        if line.end > line.start:
            _once(line)
        if line.end == before:
            break
    _relative_due(line)


def _relative_due(line: Line) -> None:
    stop = line.end
    while stop > line.start and line.text[stop - 1] in ".! ":
        stop -= 1
    match = None if line.fields.due else _RELATIVE.search(line.text[max(line.start, stop - 60) : stop])
    if match:
        group = "a" if match["a"] else "b"
        low = max(line.start, stop - 60)
        line.due(low + match.start(group), low + match.end(group), "a date relative to a day that is not told")


def _once(line: Line) -> None:
    if _filled_in(line) or brackets.read(line) or _reference(line) or _emphasis(line):
        return
    stop = line.end
    while stop > line.start and line.text[stop - 1] in ".!":
        stop -= 1
    low = max(line.start, stop - _REACH)
    text = line.text[low:stop]
    word = text[text.rfind(" ") + 1 :]
    rules = []
    if _SAID_WHEN.search(text):
        rules.append(_state_and_day)
    if states.may_end(word.strip("([*-–—:;,.|>→)]_")) or states.sign(text[-1:]) or text[-1:] == "\ufe0f":
        rules.append(_state)
    if text[-1:].isdigit() or text[-1:] == "日" or _LAST_MONTH.search(word):
        rules.append(_due)
    if not word[:1].islower() or "owner" in text or "@" in text or "ssign" in text or "team" in word or "squad" in word:
        rules.append(_owner)
    for rule in rules:
        place = rule(line, text, low)
        if place is not None and place > line.start:
            line.end = place
            return


_SAID_WHEN = re.compile(r"\s*[;,:–—]\s*(?P<said>[^\W\d_][^;,:–—()]{6,48})\Z|\s-\s(?P<dash>[^\W\d_][^;,:–—()]{6,48})\Z")


def _state_and_day(line: Line, text: str, low: int) -> int | None:
    """A state and its day, such as `; completed as of 2026-03-01`."""
    match = _SAID_WHEN.search(text)
    said = (match["said"] or match["dash"]).strip() if match else ""
    if not match or not brackets.done_on(said):
        return None
    line.fields.set_state(states.cell(said), f"the words {said!r} at the end")
    return low + match.start()


_FILLED = re.compile(
    r"[\s,;]*\b(?:owner|owned by|assignee)\s*\[(?P<who>[^\[\]\n]{2,60})\]"
    r"(?:[\s,;]*(?:by|due)\s*\[(?P<date>[^\[\]\n]{4,30})\])?\W*\Z",
    re.IGNORECASE,
)


def _filled_in(line: Line) -> bool:
    """The guide's template with its brackets kept: `owner [Jane Doe] by [2026-11-20]`."""
    low = max(line.start, line.end - _REACH)
    match = _FILLED.search(line.text[low : line.end]) if "[" in line.text else None
    if not match or low + match.start() <= line.start:
        return False
    line.owners(low + match.start("who"), low + match.end("who"), "in the template's brackets")
    if match["date"]:
        line.due(low + match.start("date"), low + match.end("date"), "in the template's brackets")
    line.end = low + match.start()
    return True


def _bold_name(line: Line) -> int | None:
    """Where a name or initials in bold at the end begin: `… **RK**/JT`."""
    for mark in line.plain.marks:
        if mark.kind == "strong" and line.start < mark.start and line.end - mark.start <= 40:
            tail = line.text[mark.start : line.end]
            alone = mark.end == line.end or _MORE.fullmatch(line.text, mark.end, line.end)
            if alone and owners.names_people(tail, line.context):
                line.owners(mark.start, line.end, "a name in bold at the end")
                return mark.start
    return None


_MORE = re.compile(r"(?:\s?[/,&+]\s?[A-Z]{2,3})+")


def _emphasis(line: Line) -> bool:
    """Words in italics or bold at the end that say that it is done: `_done in grafana_`."""
    for mark in line.plain.marks:
        if mark.kind in ("em", "strong") and line.start < mark.start and mark.end == line.end:
            text = line.text[mark.start : mark.end].strip(" ()[].")
            if states.done_somehow(text) or brackets.done_on(text):
                line.fields.set_state(State.DONE, f"the words {text!r} at the end")
                line.end = mark.start
                return True
    return False


def _state(line: Line, text: str, low: int) -> int | None:
    said = states.trailing(text)
    if said:
        state, at = said
        lead = text[:at].rstrip()
        cut = len(lead.rstrip("-–—:;,|> ")) if not lead.endswith(".") else len(lead)
        word = text[at:].strip()
    else:
        match = _STATE.match(text)
        if not match:
            return None
        word, lead = match["word"], match["lead"].strip()
        known = states.word(word)
        if known is None or lead not in _SEPARATORS:
            return None
        state, cut = known, match.start("lead") + (1 if lead == "." else 0)
    if low + cut <= line.start:
        return None
    at = len(text) - len(word)
    if ":" in text[cut:at] and any(label.value >= at for label in labels(text, 0, at)):
        return None  # it is what a label such as `due:` says
    line.fields.set_state(state, f"the word {word} at the end")
    return low + cut


def _due(line: Line, text: str, low: int) -> int | None:
    match = _DUE.search(text)
    why = "a date after a word for due"
    if not match:
        match = _BARE_DATE.search(text)
        why = "a date at the end"
        if match and not match["lead"].strip() and not _ENDS_WITH_HANDLE.search(text, 0, match.start()):
            day = line.plain.marked("time", low + match.start(), low + match.end())
            if day is None:
                return None
            why = "a date as an element of its own"
    if not match or low + match.start() <= line.start or not dates.is_date(match["date"]):
        return None
    line.due(low + match.start("date"), low + match.end("date"), why)
    return low + match.start()


def _owner(line: Line, text: str, low: int) -> int | None:
    match = _OWNER_WORD.search(text) if _SAYS_OWNER.search(text) else None
    if match is None and (at := _bold_name(line)):
        return at
    if match and low + match.start() > line.start and owners.looks_like_names(match["who"]):
        line.owners(low + match.start("who"), low + match.end("who"), "after a word for owner")
        return low + match.start() + (1 if match["lead"].startswith(".") else 0)
    match = _HANDLES.search(text) if "@" in text else None
    if match and low + match.start() > line.start and not owners.is_role(match["who"]):
        words = text[: match.start()].split()
        if match["lead"].strip() or not words or words[-1].casefold() not in _PART_OF_SENTENCE:
            line.owners(low + match.start("who"), low + match.end("who"), "a handle at the end")
            return low + match.start()
    dashed = " -" in text or "–" in text or "—" in text or "|" in text or "→" in text
    match = _NAME.search(text) if dashed else None
    if match and low + match.start() > line.start:
        who = match["who"]
        known = owners.is_person(who, line.context.people) or owners.is_team(who, strict=True)
        formed = owners.looks_like_names(who) and (
            match["lead"].strip() == "—" or len(who.split()) in (2, 3) or line.named
        )
        if known or (formed and owners.is_name(who, line.context)):
            line.owners(low + match.start("who"), low + match.end("who"), "a name after a dash at the end")
            return low + match.start()
    return None


def _reference(line: Line) -> bool:
    """A ticket at the end that is no word of the sentence."""
    text, end = line.text, line.end
    stop = end
    while stop > line.start and text[stop - 1] in ".!;, )]":
        stop -= 1
    for one in reversed(line.found):
        if one.end not in (stop, end):
            if one.start < stop:
                return False
            continue
        if one.loose and not _CALLS_TICKET.search(text[max(line.start, one.start - 20) : one.start]):
            return False
        label = line.plain.text[one.start : one.end].strip("[]() ")
        if label != one.reference.text and not references.LABEL.fullmatch(label):
            return False
        first = one.start
        words = _BEFORE_TICKET.search(text[max(line.start, first - 60) : first])
        if words:
            first = max(line.start, first - 60) + words.start()
        if text[one.end : end].strip(" .!,;") in (")", "]") and not re.search(r"[(\[]", text[first : one.start]):
            return False
        if first <= line.start:
            if one.start <= line.start or not words or not words[0].strip():
                return False
            first = one.start
        said = text[first : one.start]
        line.accept(one)
        if re.search(r"\bdone\b", said, re.IGNORECASE):
            line.fields.set_state(State.DONE, "the word done before the ticket")
        line.end = first + (1 if said[:1] in (".", "!") else 0)
        return True
    return False
