"""The words and signs by which a document says that an item is open, done, or will not be done."""

from __future__ import annotations

import re

from sync.model import State

_DONE_PHRASES = """
done|closed|complete|completed|fixed|resolved|shipped|merged|deployed|implemented|finished|released|delivered|landed
rolled out|already done|all done|has been done|erledigt|fertig|abgeschlossen|umgesetzt|terminé|terminée|fait|hecho
completado|completada|concluído|concluida|feito|gedaan|klaar|gereed|afgerond|fatto|completato|完了|完成|готово|済
"""
_WONTDO_PHRASES = """
won't do|won’t do|wont do|wontdo|won't fix|won’t fix|wont fix|wontfix|won't-do|won't-fix|will not do|will not fix
cancelled|canceled|dropped|rejected|declined|abandoned|discarded|not doing|not planned|decided not to|decided not to do
decided not to do this|decided not to do it|no longer needed|no longer relevant|no longer required|obsolete|superseded
verworfen|abandonné|descartado|descartada
"""
_OPEN_PHRASES = """
open|todo|to-do|to do|in progress|in-progress|wip|work in progress|pending|started|not started|not yet started|not done
not yet done|not complete|not completed|planned|blocked|new|backlog|ongoing|on-going|on hold|assigned|in review
under review|reviewing|scheduled|triage|triaged|partial|partially|partially done|partially complete|partially completed
partly|partly done|reopened|failed|incomplete|proposed|investigating|accepted|deferred|postponed|ready|tbd|draft|waiting
offen|in arbeit|in bearbeitung|geplant|en cours|à faire|ouvert|pendiente|en curso|abierto|pendente|em andamento|aberto
da fare|in corso|bezig|未着手|対応中|进行中|未開始
"""


def _phrases(text: str) -> list[str]:
    """The phrases of such a table, the longest first."""
    return sorted((one for line in text.split("\n") for one in line.split("|") if one), key=len, reverse=True)


DONE_WORDS = "|".join(map(re.escape, _phrases(_DONE_PHRASES)))
WONTDO_WORDS = "|".join(map(re.escape, _phrases(_WONTDO_PHRASES)))
OPEN_WORDS = "|".join(map(re.escape, _phrases(_OPEN_PHRASES)))
LAST_WORDS = frozenset(
    phrase.rpartition(" ")[2] for text in (_DONE_PHRASES, _WONTDO_PHRASES, _OPEN_PHRASES) for phrase in _phrases(text)
)
"""With what word a phrase for a state may end."""

DONE_SIGNS = "✅☑✔✓🟢🎉"
OPEN_SIGNS = "🚧⏳⌛🔴🟡🟠🔵⬜☐🔜🏗🔲❌✗✘"
_VARIANT = "\ufe0f"

_RULES = (
    (State.OPEN, re.compile(rf"(?:{OPEN_WORDS})(?!\w)", re.IGNORECASE)),
    (State.WONTDO, re.compile(rf"(?:{WONTDO_WORDS})(?!\w)", re.IGNORECASE)),
    (State.DONE, re.compile(rf"(?:{DONE_WORDS})(?!\w)", re.IGNORECASE)),
)
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
    for state, rule in _RULES:
        if rule.match(words):
            return state
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
    for state, rule in _RULES:
        if rule.fullmatch(words):
            return state
    return None


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
    rf"\b(?:is|are|was|were|has|have|been|['’]s|['’]ve) (?:now |since )?already (?:been )?(?:{DONE_WORDS}"
    rf"|added|enabled|disabled|updated|changed|removed|in place|live|in production)\b",
    re.IGNORECASE,
)
_ALREADY_LAST = re.compile(
    rf"\b(?:this|it|that|which) (?:has|have) (?:now |since )?been (?:{DONE_WORDS}|added|enabled|disabled"
    rf"|updated|changed|removed)\b",
    re.IGNORECASE,
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
    if ("already" in head and _ALREADY.search(head)) or (" been " in head and _ALREADY_LAST.search(head)):
        return State.DONE
    return None
