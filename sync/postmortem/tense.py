"""What a sentence does: whether it asks for a change, intends one, tells of one that was made, or describes what is."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from sync.postmortem.lexicon import LANGUAGES, Lexicon, fold, language, phrases, unspaced

_HEAD = 160
"""Characters of a sentence that are looked at."""

_WILL = re.compile(
    r"(?:\b(?:we|it|they|team|teams|engineers?|that|which|there|who|everyone|all \w+)\b['’]?(?:\s+\w+){0,3}?"
    r"|\b\w+)?(?:['’]ll\b|\s(?:will|shall|should|must|need(?:s)? to|have to|are going to|is going to"
    r"|plan(?:s)? to|intend to|want to|would like to|ought to)\b)"
    r"|\b(?:going forward|to be (?:done|created|added|implemented)|are planned|is planned)\b"
    r"|^(?:we|the team|\w+ team) (?:are|is) (?!not\b)\w+ing\b|\b(?:we need|needed|required)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|has been|have been|had|been)\b", re.IGNORECASE)
_IS = re.compile(
    r"\b(?:is|are|was|were|isn['’]t|aren['’]t|wasn['’]t|has|have|had|does|did|doesn['’]t|didn['’]t|caused|allowed|meant"
    r"|led to|works|worked|failed|exists?|existed)\b",
    re.IGNORECASE,
)
_MARKS = " \t\n*_`>~[]()\"“'"
_ED = re.compile(
    r"(?:(?:we|i|they)(?:['’]ve| have)? (?:already |also |now |since )?)?(?:re-?)?"
    r"(?:[a-z]{2,}(?:[^aeiou]|[aeiou][rlntd]|i|e)ed|built|wrote|rewrote|sent|made|ran|brought|kept|took|found|began|rolled)\b",
    re.IGNORECASE,
)
_LEFT_DONE = re.compile(
    r"(?:[\w`'’/.-]+ ){1,6}(?:[a-z]{3,}ed|built|made|sent|taken)"
    r"(?:\Z|[.,;(]|\s+(?:for|in|into|to|on|with|from|its|the|as|at|and)\b)",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"(?:[\w`'’()/.-]+ ){1,6}(?:(?:now|also|already) [a-z]+s|[a-z]{2,}(?:s|pass) (?:the|a|an|all|any|every|each|that"
    r"|whether|its|it|them|both|these|this|our|as))\b",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"(?:the|this|that|these|those|it|there|our|if|when|because)\b", re.IGNORECASE)
_LEAD = re.compile(r"[^:.!?]{2,60}[:：]\s+(?=\S)")
_NOT_PAST = re.compile(
    r"(?:need|feed|seed|speed|embed|exceed|proceed|shed|bleed|breed|unified|distributed)\b", re.IGNORECASE
)
_BEFORE_VERB = frozenset(("also", "then", "don't", "do", "always", "never", "better", "re-", "please", "optional:"))


@cache
def _verbs() -> Lexicon:
    return Lexicon({"verb": phrases("verb")})


@cache
def _intents() -> re.Pattern[str]:
    """Words for what will, should or must be done, in the languages that put blanks between words."""
    others = {one for name in LANGUAGES if name != "en" for one in language(name).get("verb.will", ())}
    spaced = sorted((one for one in others if not unspaced(one)), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, spaced))})\b")


@cache
def _endings(key: str) -> tuple[str, ...]:
    """What sentences end with in the languages that put their verb last."""
    return tuple(phrases(key))


@lru_cache(maxsize=4096)
def is_imperative(text: str) -> bool:
    """Whether a text begins with a verb that asks for a change."""
    return _begins_with_verb(text) or (_led(text) != text and _begins_with_verb(_led(text)))


def _begins_with_verb(text: str) -> bool:
    head = fold(text[:_HEAD].lstrip(_MARKS)).removeprefix("re ").removeprefix("optional: ")
    found = _verbs().begin(head)
    return found is not None and not head[len(found.text) :].startswith((":", "/"))


@lru_cache(maxsize=4096)
def intends(text: str) -> bool:
    """Whether a text says what will, should or must be done."""
    head = text[:_HEAD]
    if _WILL.search(head) and not _PAST.search(head[:60]):
        return True
    return bool(_intents().search(fold(head))) or _ends_with(text, "verb.will")


def _ends_with(text: str, key: str) -> bool:
    """Whether a Japanese, Chinese, Korean or Turkish sentence ends in such a word."""
    tail = fold(text[-40:]).rstrip(" .。!！)）」")
    return not tail.isascii() and tail.endswith(_endings(key))


@lru_cache(maxsize=4096)
def tells_past(text: str) -> bool:
    """Whether a text tells of something that was done: `We moved …`, `Updated the …`, `… was added`, `…を追加した`."""
    head = _led(text)[:_HEAD].lstrip(_MARKS)
    if _ED.match(head) and not _NOT_PAST.match(head):
        return True
    return not head.isascii() and not _ends_with(text, "verb.will") and _ends_with(text, "verb.past")


@lru_cache(maxsize=4096)
def was_left_done(text: str) -> bool:
    """Whether a text names a thing and that it was made: `Template created for future incidents`."""
    return _LEFT_DONE.match(text[:_HEAD].lstrip(_MARKS)) is not None and not is_imperative(text) and not intends(text)


@lru_cache(maxsize=4096)
def describes(text: str) -> bool:
    """Whether a text only says how things are or were."""
    head = text[:_HEAD].lstrip(_MARKS)
    if is_imperative(text) or intends(text):
        return False
    return (
        bool(_IS.search(head))
        or _DOES.match(head) is not None
        or (_DETERMINED.match(head) is not None and len(head.split()) > 5)
    )


def _led(text: str) -> str:
    """A text behind the words that it begins with as a label: `Git hygiene: …`."""
    lead = _LEAD.match(text)
    return text[lead.end() :] if lead else text


def is_action_sentence(text: str) -> bool:
    """Whether a sentence asks for a change: an imperative, or a will, should or must."""
    words = text.strip(" \t\n*_`>~").split(None, 2)
    if not words:
        return False
    first = words[0].strip("*_`:,.").casefold()
    if is_imperative(text) or (first in _BEFORE_VERB and first != "please" and len(words) > 1):
        return True
    return first not in ("please", "if", "you") and intends(text)


def is_plan(text: str) -> bool:
    """Whether a paragraph's first sentence says what will be done."""
    return bool(_WILL.search(text[:200])) and not _PAST.search(text[:60])


@cache
def _ideas() -> Lexicon:
    return Lexicon({"idea": phrases("idea")})


@lru_cache(maxsize=4096)
def is_idea(text: str) -> bool:
    """Whether a text is put as something that might be done: `maybe`, `we could`."""
    return _ideas().begin(fold(text[:_HEAD].lstrip(_MARKS))) is not None


_DENIES = re.compile(
    r"(?:none of (?:these|this|the|them)|no (?:further )?(?:action|change|follow)\w*|nothing)\b", re.IGNORECASE
)


def denies(text: str) -> bool:
    """Whether a text says that there is nothing to do."""
    return _DENIES.match(text.lstrip(_MARKS)) is not None


@cache
def _rules() -> tuple[str, ...]:
    return phrases("rule")


def is_rule(text: str) -> bool:
    """Whether a text says how things are always to be done: `Always run …`, `When a disk fills, …`."""
    head = fold(text[:_HEAD].lstrip(_MARKS))
    return any(
        head.startswith(one) and (unspaced(one) or not head[len(one) : len(one) + 1].isalnum()) for one in _rules()
    )
