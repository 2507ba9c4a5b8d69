"""The words and signs by which a document says that an item is open, done, or will not be done."""

from __future__ import annotations

import re
import unicodedata

from sync.model import State
from sync.postmortem.lexicon import Lexicon, Piece, fold, phrases, written

_STATES = {"done": State.DONE, "open": State.OPEN, "wontdo": State.WONTDO}
_WORDS = Lexicon({name: phrases(f"state.{name}") for name in _STATES})
_ENGLISH_DONE = "|".join(map(re.escape, sorted(written("state.done", "en"), key=len, reverse=True)))

DONE_SIGNS = "✅☑✔✓🟢🎉"
OPEN_SIGNS = "🚧⏳⌛🔴🟡🟠🔵⬜☐🔜🏗🔲❌✗✘"
_VARIANT = "\ufe0f"

_YES = re.compile(r"(?:x|y|yes|ja|oui|sí|si|sim|true|100 ?%)", re.IGNORECASE)
_NO = re.compile(r"(?:n|no|nein|non|não|false|\d{1,2} ?%|-+|–|—|n/?a|\?+)", re.IGNORECASE)
_SHORTCODES = {
    ":white_check_mark:": State.DONE,
    ":heavy_check_mark:": State.DONE,
    ":ballot_box_with_check:": State.DONE,
    ":check:": State.DONE,
    ":construction:": State.OPEN,
    ":hourglass:": State.OPEN,
    ":x:": State.OPEN,
}


def sign(character: str) -> State | None:
    """What a single sign says."""
    if character in DONE_SIGNS:
        return State.DONE
    return State.OPEN if character in OPEN_SIGNS else None


def cell(text: str) -> State | None:
    """What a status cell says; None when it says nothing that is known."""
    words = text.replace(_VARIANT, "").strip(" \t\n*_~`.!()[]")
    if not words:
        return None
    for code, state in _SHORTCODES.items():
        if words.startswith(code):
            return state
    said = sign(words[0])
    if said is not None:
        rest = cell(words[1:]) if len(words) > 1 else None
        return rest or said
    if unicodedata.category(words[0]) == "So":
        return cell(words[1:])  # a picture that says nothing known
    if meant := _meant(_WORDS.begin(fold(words[:80]))):
        return meant
    if _YES.fullmatch(words):
        return State.DONE
    if _NO.fullmatch(words):
        return State.OPEN
    return None


def word(text: str) -> State | None:
    """What a text that is nothing but a state says: `DONE`, `won't do`, `✅`, `in progress`."""
    words = " ".join(text.replace(_VARIANT, "").split())
    if words in _SHORTCODES:
        return _SHORTCODES[words]
    words = words.strip(" *_~`.!:")
    if not words:
        return None
    if len(words) == 1 and sign(words):
        return sign(words)
    if sign(words[0]):
        return word(words[1:]) or None
    return _meant(Piece(words, _WORDS.find(fold(words)))) if len(words) <= 60 else None


_OR = re.compile(r"\s*(?:/|,|\bor\b|\band\b|\bo\b|\boder\b|\bou\b)\s*")


def either(text: str) -> State | None:
    """What a text says that names one state or several of one meaning: `planned or in progress`."""
    said = {word(part) for part in _OR.split(text[:80])}
    return said.pop() if len(said) == 1 else word(text)


def _meant(piece: Piece | None) -> State | None:
    """The state of a phrase; where languages differ, that it is open: nothing is done until that is sure."""
    if piece is None or not piece.kinds:
        return None
    return next(_STATES[kind] for kind in ("open", "wontdo", "done") if kind in piece.kinds)


def may_end(word: str) -> bool:
    """Whether a word may be the last of a phrase for a state."""
    return _WORDS.ends(fold(word))


def done_somehow(text: str) -> bool:
    """Whether a short text says that something is done, and where or when: `done in grafana`, `fixed by hand`."""
    parts = text.split()
    if not 1 < len(parts) <= 7 or parts[1].casefold() not in _THEREBY:
        return False
    return _meant(Piece(parts[0], _WORDS.find(fold(parts[0])))) is State.DONE


_THEREBY = frozenset(
    ("in", "on", "during", "by", "via", "with", "as", "after", "this", "at", "for", "since", "already", "now")
)


def trailing(text: str) -> tuple[State, int] | None:
    """A sign, or a state in capitals, that ends a text, and where it begins: `n/a DONE`, `Bug 12 TODO`, `✅`."""
    bare = text.rstrip(_VARIANT + " ")
    if bare and (state := sign(bare[-1])):
        return state, len(bare) - 1
    said = _CAPITALS.search(text, max(0, len(text) - 60))
    if not said:
        return None
    words = said[1].split(" ")
    for count in range(min(3, len(words)), 0, -1):
        phrase = " ".join(words[-count:])
        state = word(phrase)
        if state is not None:
            return state, said.end(1) - len(phrase)
    return None


_CAPITALS = re.compile(r"(?:\A|[\s(\[*):,.])([A-Z][A-Z'’ -]{1,16}[A-Z])[\s)\]*.]*\Z")


def last(text: str) -> State | None:
    """The state that `trailing` finds."""
    said = trailing(text)
    return said[0] if said else None


_PAST = (
    "added|archived|backported|bumped|changed|cleaned up|configured|converted|corrected|created"
    "|decommissioned|deleted|deployed"
    "|disabled|enabled|fixed|implemented|installed|introduced|merged|migrated|moved|patched|purged|refactored|released|removed"
    "|renamed|replaced|resolved|restored|reverted|rewrote|rolled out|rotated|shipped|switched|upgraded|wrote|built"
    "|sent|issued|notified|communicated|restarted|rolled back|rebooted|redeployed"
    # these are also adjectives (`Improved runbooks`), so that an article must follow
    "|(?:adjusted|automated|blocked|documented|extended|hardened|improved|increased|limited|lowered|raised|reduced|scaled"
    "|simplified|started|stopped|tuned|updated) (?:the|a|an|our|all|its|their|this|these|some)"
)
_OPENED_TICKET = re.compile(
    r"(?:created|raised|opened|filed|logged|added)\s+(?:an?|the|some|this|two|new|jira|github|follow-?up|\s)*\s?\b(?:tickets?|issues?|bugs?|task|card|story|request)\b",
    re.IGNORECASE,
)
_BEGINS_PAST = re.compile(
    rf"(?:as (?:part|a result) of [^,.]{{1,80}}, )?(?:(?:we|i|they)(?:['’]ve| have)? (?:already |now |also "
    rf"|since )*)?(?:already )?(?:{_PAST})\b"
    r"|(?:as (?:part|a result) of [^,.]{1,80}, )?(?:we|they)(?:['’]ve| have) (?:already |now |also "
    r"|since )*(?!begun|started|been|decided|planned|agreed|discussed|asked|needed|wanted|identified"
    r"|started)[a-z]{3,20}(?:ed|built|written)\b",
    re.IGNORECASE,
)
_ALREADY = re.compile(
    rf"\b(?:is|are|was|were|has|have|been|['’]s|['’]ve) (?:now |since )?already (?:been )?(?:{_ENGLISH_DONE}"
    rf"|added|enabled|disabled|updated|changed|removed|in place|live|in production)\b",
    re.IGNORECASE,
)
_ALREADY_LAST = re.compile(
    rf"\b(?:this|it|that|which) (?:has|have) (?:now |since )?been (?:{_ENGLISH_DONE}|added|enabled|disabled"
    rf"|updated|changed|removed)\b",
    re.IGNORECASE,
)
_WAS_DONE = re.compile(
    r"(?:[\w`'’/().-]+ ){1,8}(?:has|have|was|were)(?: now| since| already| also)?(?: been)?"
    r" (?:[a-z]{3,}ed|built|made|sent|set)\b"
    r"|(?:[\w`'’/.-]+ ){1,6}(?:added|created|configured|fixed|enabled|removed|deployed|updated|documented|installed)"
    r"\W*\Z",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"\b(?:not|never|no|\w+n['’]t|when|if|that|which|who|until|once|after|before|to)\b", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:we|it was|was|team) (?:have |has )?(?:decided|agreed|chose|chosen) (?:against|not to)\b"
    r"|\bdecided (?:against|not to)\b",
    re.IGNORECASE,
)


def sentence(text: str) -> State | None:
    """What a sentence says of itself by its tense: past is done, `decided not to` is won't do; None for a wish."""
    head = text[:2000]
    if ("decided" in head or "agreed" in head or "cho" in head) and _REFUSED.search(head):
        return State.WONTDO
    if _BEGINS_PAST.match(head) and not _OPENED_TICKET.match(head):
        return State.DONE
    if _WAS_DONE.match(head[:200]) and not _NOT_DONE.search(head[:120]):
        return State.DONE
    if ("already" in head and _ALREADY.search(head)) or (" been " in head and _ALREADY_LAST.search(head)):
        return State.DONE
    return None
