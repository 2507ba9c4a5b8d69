"""What a cell of a state column is told, in the words and the language that it uses already. For every format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from sync.model import State, Status
from sync.postmortem.fields import states
from sync.postmortem.lexicon import LANGUAGES, fold, unspaced, written

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DATED = re.compile(r"(?P<words>[^|]*\S)\s+\d{4}-\d\d-\d\d")
_ONE_WORD = re.compile(r"[\w'’:-]+%?|[^\w\s|]\ufe0f?")
_DEFAULTS = {State.OPEN: "Open", State.DONE: "Done", State.WONTDO: "Won't do"}
_KEYS = {State.OPEN: "state.open", State.DONE: "state.done", State.WONTDO: "state.wontdo"}
_OPEN_SIGNS = re.compile(r"no|to[ -]?do|reopened|not done|[⬜☐🔲🔴❌✗✘]\ufe0f?", re.IGNORECASE)
_LEAD = frozenset(" \t*_~`(\ufe0f")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_GAP = re.compile(r"[ /]")
_MOST = 5
"""Words of a phrase for a state."""


class Said(NamedTuple):
    """Where in a cell's text its state is told: a sign, a phrase or both, and the day that we wrote behind it."""

    start: int
    end: int
    words: str
    state: State


def said(text: str) -> Said | None:
    """The state that a text begins with, markup and brackets in front of it aside; None where it begins otherwise."""
    start = at = _lead(text, 0)
    state = None
    words = ""
    while at < len(text) and (sign := states.sign(text[at])):
        state, words = state or sign, words or text[at]
        at += 2 if text[at + 1 : at + 2] == "\ufe0f" else 1
        end = at
        at = _lead(text, at)
    phrase = _phrase(text, at)
    if phrase:
        end, state, words = phrase[0], phrase[1], text[at : phrase[0]]
    elif state is None:
        return None
    day = _DAY.match(text, end + 1) if text[end : end + 1] == " " else None
    return Said(start, day.end() if day and state is State.DONE else end, words, state)


def _lead(text: str, at: int) -> int:
    """The place behind markup, brackets and pictures that say nothing."""
    while at < len(text) and (text[at] in _LEAD or unicodedata.category(text[at]) == "So"):
        if states.sign(text[at]):
            break
        at += 1
    return at


def _phrase(text: str, start: int) -> tuple[int, State] | None:
    """Where the longest phrase for a state ends that begins at a place."""
    ends: list[int] = []
    at = start
    while len(ends) < _MOST and (word := _WORD.match(text, at)):
        ends.append(word.end())
        at = word.end() + 1 if _GAP.match(text, word.end()) else len(text)
    for end in reversed(ends):
        if state := states.word(text[start:end]):
            return end, state
    if ends and unspaced(text[start : ends[0]]):
        for end in range(ends[0], start, -1):
            if state := states.word(text[start:end]):
                return end, state
    return None


def of_cell(status: Status, used: Mapping[State, str], safe: Callable[[str], str], beside: str = "") -> str:
    """What a cell of a state column says: the column's own word where it has one that fits any item in that state.

    Args:
        used: the words that the column uses, by state.
        safe: takes out of words what the format would take for markup; words that it changes are not used.
        beside: the words for a state that these take the place of: their language, and their case, are kept.
    """
    own = used.get(status.state, "")
    dated = _DATED.fullmatch(own)
    if own and not dated and _fits(own, status.state, safe):
        return own
    if dated and _fits(dated["words"], status.state, safe):
        says = dated["words"]
    else:
        says = _in_language(status.state, beside or next(iter(used.values()), ""))
    return f"{says} {status.closed_on.isoformat()}" if status.state is State.DONE and status.closed_on else says


def _in_language(state: State, beside: str) -> str:
    """The word for a state in the language of another, in its case."""
    bare = _DAY.sub("", beside).strip(" *_~`()")
    language = _language(fold(bare))
    says = _DEFAULTS[state] if language in ("", "en") else written(_KEYS[state], language)[0]
    if bare.isupper() and len(bare) > 1:
        return says.upper()
    return says[:1].upper() + says[1:] if not bare or not bare[:1].islower() else says[:1].lower() + says[1:]


@cache
def _language(words: str) -> str:
    """The language that a folded phrase for a state is of, English before others; "" for none."""
    for name in ("en", *LANGUAGES):
        for key in _KEYS.values():
            for phrase in written(key, name):
                stem = fold(phrase.removesuffix("*"))
                if words == stem or (phrase.endswith("*") and words.startswith(stem)):
                    return name
    return ""


@cache
def _just_open() -> frozenset[str]:
    """The words of each language that say that something is open, and no more."""
    return frozenset(fold(written("state.open", name)[0]) for name in LANGUAGES)


def _fits(words: str, state: State, safe: Callable[[str], str]) -> bool:
    """Whether a cell's words say a state and nothing more: no name, no reason, no progress of another item."""
    if state is State.OPEN and not (_OPEN_SIGNS.fullmatch(words) or fold(words) in _just_open()):
        return False
    if states.word(words) is state:
        return safe(words) == words.strip()
    return states.cell(words) is state and _ONE_WORD.fullmatch(words) is not None
