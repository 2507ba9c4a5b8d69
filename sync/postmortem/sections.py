"""What a title says: which headings, bold lines and labels begin actions, which group them, and which begin others."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from sync.model import State
from sync.postmortem.fields import states
from sync.postmortem.lexicon import Lexicon, Piece, fold, phrases

_SHORTCODE = re.compile(r":[a-z0-9_+-]+:")
_NUMBERING = re.compile(r"^(?:section|part|step)?\s*(?:\d{1,3}(?:\.\d{1,3})*[.):]?|[ivx]{1,5}[.)]|[a-z][.)])\s+(?=\w)")
_PARENTHESIS = re.compile(r"\s*[(\[（]([^()\[\]（）]{0,200})[)\]）]")
_BLANKS = re.compile(r"\s+")


class Standing(StrEnum):
    """What a title promises of what is below it."""

    ACTIONS = "actions"  # actions, follow-ups, next steps, tasks
    MEASURES = "measures"  # improvements, recommendations, measures; perhaps what is in place already
    AIM = "aim"  # prevention, or a question how to prevent it
    OUTLOOK = "outlook"  # going forward, future work
    PART = "part"  # words that only group actions: short term, detection, a team's name with them
    MAYBE = "maybe"  # a word for actions among unknown ones
    DONE = "done"  # actions taken, completed, applied
    LEARNING = "learning"  # lessons, what went well
    OTHER = "other"  # timeline, impact, root cause
    UNKNOWN = "unknown"


class Title(NamedTuple):
    """A title as it is understood.

    Attributes:
        compound: whether its word for actions can mean nothing else: action items, follow-ups, next steps.
        state: that it tells of what is below it: `Immediate (completed)`, `Open`.
    """

    standing: Standing
    compound: bool = False
    state: State | None = None

    @property
    def begins(self) -> bool:
        """Whether it begins a list of actions."""
        return self.standing in _BEGIN


_BEGIN = frozenset((Standing.ACTIONS, Standing.MEASURES, Standing.AIM, Standing.OUTLOOK))
_NOUNS = frozenset(("action", "measure", "aim"))
_SIDE = frozenset(("kind", "beside"))


@cache
def _lexicon() -> Lexicon:
    kinds = ("action", "measure", "aim", "kind", "beside", "link", "tail", "done", "other", "learning")
    return Lexicon({kind: phrases(f"title.{kind}") for kind in kinds})


@cache
def _sentences(key: str) -> re.Pattern[str]:
    """Whole titles of one meaning; three dots stand for any words, a star for any ending."""
    written = (re.escape(one) for one in phrases(key))
    return re.compile("|".join(one.replace(r"\ \.\.\.", r"\b.*").replace(r"\*", r"\w*") for one in written) or "(?!)")


@lru_cache(maxsize=4096)
def plain_title(title: str) -> str:
    """A heading's words for comparison: no numbering, emoji, parentheses, final colon; lower case."""
    if len(title) > 120:
        return ""
    return _NUMBERING.sub("", _undecorated(_PARENTHESIS.sub("", title))).strip(" :.-")


def _undecorated(title: str) -> str:
    words = _SHORTCODE.sub(" ", title)
    words = "".join(
        " " if unicodedata.category(one) in ("So", "Sk", "Cn") or one in "\ufe0f\u200d#*_`" else one for one in words
    )
    return _BLANKS.sub(" ", words.casefold().replace("’", "'")).strip(" \t:：.!-–—=?？|")


@lru_cache(maxsize=4096)
def read(title: str) -> Title:
    """Understand a title, composed of kinds and nouns in any of the languages."""
    words = fold(plain_title(title))
    if not words:
        return Title(Standing.UNKNOWN)
    aside = " ".join(match[1] for match in _PARENTHESIS.finditer(title)) if len(title) <= 120 else ""
    state = states.word(words) or states.either(_undecorated(aside)) or states.last(title)
    if _sentences("title.outlook").fullmatch(words):
        return Title(Standing.OUTLOOK, state=state)
    if _sentences("title.learning").fullmatch(words):
        return Title(Standing.LEARNING, state=state)
    if _sentences("title.phrase").fullmatch(words):
        return Title(Standing.AIM, state=state)
    pieces = [piece for piece in _lexicon().scan(words) if piece.text.isalnum() or " " in piece.text]
    return _composed(pieces, state)


def _composed(pieces: list[Piece], state: State | None) -> Title:
    nouns: list[Piece] = []
    unknown = learning = side = 0
    done = other = False
    last: Piece | None = None
    if pieces and pieces[0].kinds == {"tail"}:
        return Title(Standing.UNKNOWN, state=state)  # a sentence: `After remediation, …`
    for piece in pieces:
        kinds = piece.kinds
        if kinds & _NOUNS and not (nouns and "done" in kinds):
            nouns.append(piece)
            last = piece
        elif "link" in kinds and len(kinds) == 1:
            continue
        elif "tail" in kinds and nouns:
            break
        elif kinds & _SIDE:
            side += 1
            learning += "learning" in kinds
        elif "done" in kinds:
            done = True
        elif "other" in kinds:
            other = True
        elif "learning" in kinds:
            learning += 1
        elif "tail" not in kinds:
            unknown += 1
            last = piece
    compound = any("action" in noun.kinds and (" " in noun.text or len(noun.text) > 8) for noun in nouns)
    standing = Standing.UNKNOWN
    if done:
        standing = Standing.DONE if nouns or side or not unknown else Standing.UNKNOWN
    elif other:
        standing = Standing.OTHER
    elif nouns and not unknown:
        kinds = frozenset[str]().union(*(noun.kinds for noun in nouns))
        standing = Standing.ACTIONS if "action" in kinds else Standing.MEASURES if "measure" in kinds else Standing.AIM
    elif nouns:
        standing = Standing.ACTIONS if compound and unknown <= 3 and last is nouns[-1] else Standing.MAYBE
    elif not unknown and learning:
        standing = Standing.LEARNING
    elif not unknown and side:
        standing = Standing.PART
    return Title(standing, compound, state)


@lru_cache(maxsize=4096)
def is_action(title: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a heading begins a list of actions. `more` are further headings from the settings."""
    if more and plain_title(title) and plain_title(title) in {plain_title(one) for one in more}:
        return True
    return read(title).begins


def is_explicit(title: str) -> bool:
    """Whether a heading promises actions and nothing else, so that what was done already counts among them."""
    return any(read(part).compound for part in title.split(" / "))


def is_learning(title: str) -> bool:
    """Whether a heading begins lessons or reflections, where only explicit to-dos are actions."""
    return read(title).standing is Standing.LEARNING


def is_done_group(title: str) -> bool:
    """Whether a heading within an action section groups what was done during the incident already."""
    found = read(title)
    return found.standing is Standing.DONE or found.state is State.DONE


def is_outlook(title: str) -> bool:
    """Whether a heading begins an outlook, which lists actions only in a document that lists them nowhere else."""
    return read(title).standing is Standing.OUTLOOK


def is_weak(title: str) -> bool:
    """Whether a heading may begin a mere repetition of actions that stand elsewhere."""
    return read(title).standing in (Standing.MEASURES, Standing.AIM, Standing.OUTLOOK)


_IMMEDIATE = re.compile(
    r"immediate (?:actions?|response|mitigations?|fix(?:es)?|steps?|measures?|remediations?)\b.{0,40}"
)


def is_immediate(title: str) -> bool:
    """Whether a heading may group what was done at once, during the incident: the items' own tense decides."""
    return bool(_IMMEDIATE.fullmatch(plain_title(title)))


def is_response(title: str) -> bool:
    """Whether a heading begins what was done during the incident: resolution, response, mitigation."""
    return bool(_sentences("title.response").fullmatch(fold(plain_title(title))))


def ends_section(title: str) -> bool:
    """Whether a heading or label, even a deeper one, ends an action section."""
    return read(title).standing in (Standing.OTHER, Standing.LEARNING)
