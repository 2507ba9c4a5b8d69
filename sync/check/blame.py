"""Wording that makes a person the cause, and what to write instead. English. Pure.

Precision before recall: what is not clearly said of a person is left alone, and so is what is quoted or denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sync.check.reading import Passage

_MAX_NAMES = 60
_ROLE = (
    r"(?:engineer|developer|programmer|sysadmin|(?:system |database )?admin(?:istrator)?|dba|on-?call|responder|intern"
    r"|contractor|consultant|employee|colleague|co-?worker|team ?mate|team member|staff member|technician|analyst"
    r"|tester|reviewer|author|committer|maintainer|incident commander|team lead|support agent|person|individual|guy)s?"
)
_SOMEONE = (
    r"(?:(?:the|an?|our|one|some|that|this|another|one of (?:the|our))\s+(?:[\w-]+\s+){0,3}?"
    + _ROLE
    + r"(?:\s+on duty)?"
    r"|someone|somebody|he|she)"
)
_HANDLE = r"@[A-Za-z][\w-]{1,38}"
# What only a person omits; a pod that "failed to start" is a system.
_DUTY = (
    r"(?:double-?check|check|notice|verify|follow|read|test|validate|reali[sz]e|recogni[sz]e|communicate|inform|tell"
    r"|notify|escalate|document|review|consider|understand|act|update|renew|think|anticipate|ensure|pay|spot|report"
    r"|consult|ask|remember|bother|look|announce)"
)
_ADVERB = r"(?:(?:had|has|have|simply|just|also|then|apparently|clearly|obviously|again)\s+){0,2}"
_NO = re.compile(
    r"\b(?:not|never|no|nobody|no[- ]one|none|neither|nor|without|avoid\w*|rather than|instead of|refrain\w*|stop\w*"
    r"|blameless\w*|myth|\w+n't)\b(?:(?!\b(?:and|but|so|because|which|that then)\b)[^,;:.!?])*$",
    re.IGNORECASE,
)
_PRINCIPLE = re.compile(r"\bblameless|\bno[- ]blame|\bblame[- ]free|\bwithout blam", re.IGNORECASE)
_DENIED = re.compile(r"\W{0,3}(?:\w+n't|(?:is|was|are|were|can|does|did|should|must)\s+(?:not|never|rarely)|never)\b")
_SENTENCE = re.compile(r"[.!?](?:\s|$)|\n\s*\n")
_REACH = 200


@dataclass(frozen=True, slots=True)
class Blame:
    """A place that blames. `start` and `end` are offsets in the document, in bytes."""

    start: int
    end: int
    message: str
    suggestion: str


def find(passages: Iterable[Passage], people: Iterable[str]) -> Iterator[Blame]:
    """Every place that blames a person, in the order of the passages.

    Args:
        people: names that the document mentions as its people, in any case.
    """
    patterns = _patterns(people)
    for passage in passages:
        end = 0
        for found, message, suggestion in sorted(
            (
                (found, message, suggestion)
                for pattern, message, suggestion in patterns
                for found in pattern.finditer(passage.text)
            ),
            key=lambda one: (one[0].start(), -one[0].end()),
        ):
            if found.start() >= end and not _is_denied(passage.text, found):
                end = found.end()
                first, last = passage.offset(found.start()), passage.offset(end)
                yield Blame(first, last, f"“{' '.join(found[0].split())}” {message}", suggestion)


def _is_denied(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - _REACH) : found.start()]
    sentence = _SENTENCE.split(before)[-1]
    rest = _SENTENCE.split(text[found.end() : found.end() + _REACH])[0]
    return bool(_NO.search(sentence) or _PRINCIPLE.search(sentence + rest) or _DENIED.match(text, found.end()))


def _patterns(people: Iterable[str]) -> list[tuple[re.Pattern[str], str, str]]:
    names = {name.title() if name.islower() else name for name in people if len(name) > 1}  # "mark" is a word
    chosen = sorted(names, key=lambda name: (-len(name), name))[:_MAX_NAMES]
    written = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in chosen)
    somebody = rf"(?:{_SOMEONE}|{_HANDLE}" + (rf"|(?-i:{written})" if written else "") + ")"
    return [
        (re.compile(pattern.replace("WHO", somebody), re.IGNORECASE), message, suggestion)
        for pattern, message, suggestion in _WORDINGS
    ]


_WORDINGS = (
    (
        r"\b(?:human|operator|pilot) error\b|\bfat[- ]?finger(?:ed|ing|s)?\b",
        "ends the search where it should begin",
        "Say what made the slip possible, and what did not catch it.",
    ),
    (
        r"(?<![\w@])WHO\s+(?:is|was|were|are|being)\s+(?:solely |entirely |clearly |directly |partly )?"
        r"(?:at fault|to blame|the culprits?|responsible for (?:the|this) (?:outage|incident|failure|error|mistake))\b"
        r"|(?<![\w@])(?:WHO's|his|her|their)\s+(?:own )?"
        r"(?:fault|mistake|carelessness|negligence|oversight|incompetence)\b"
        r"|\bblam(?:e|es|ed|ing)\s+(?:it on\s+|this on\s+)?WHO\b"
        r"|\b(?:blame|fault|responsibility)\s+(?:for \w+ \w+ )?(?:lies|rests|falls)\s+(?:\w+ )?(?:with|on)\s+WHO\b",
        "makes a person the cause",
        "Name the condition that let one action have this effect.",
    ),
    (
        r"\b(?:careless|negligent|reckless|incompetent|inattentive|irresponsible|foolish|unprofessional)(?:ly|ness)?\b"
        r"|\b(?:negligence|incompetence|stupidity)\b|\bstupid (?:mistake|error)s?\b"
        r"|(?<![\w@])WHO\s+(?:is|was|were|are)\s+(?:too |very |just )?(?:lazy|sloppy|stupid|clueless|distracted)\b",
        "judges a person",
        "Describe what could be seen and known at the time, and what would have helped.",
    ),
    (
        rf"(?<![\w@])WHO\s+{_ADVERB}(?:forgot(?:ten)?|neglected)\b"
        rf"|(?<![\w@])WHO\s+{_ADVERB}(?:failed|omitted|did(?: not|n't) bother|never bothered)\s+to\s+"
        rf"(?:\w+ly\s+)?{_DUTY}\b"
        rf"|(?<![\w@])WHO\s+{_ADVERB}(?:ignored|disregarded)\s+(?:the|an?|our|all|every|several|this)\b"
        rf"|\bbecause\s+WHO\s+(?:did(?: not|n't)|never)\s+(?:\w+ly\s+)?{_DUTY}\b",
        "counts on a person's memory or attention",
        "Say what the system did not check, show or remind of.",
    ),
    (
        r"(?<![\w@])WHO\s+(?:really |clearly |surely )?(?:should(?:n't| not)?|ought(?:n't| not)? to)\s+"
        r"(?:\w+ly\s+)?have\s+(?!(?:received|got|gotten|had|been)\b)\w+"
        r"|(?<![\w@])WHO\s+should\s+have\s+been\s+(?:more )?(?:careful|aware|attentive|vigilant|cautious|paying)\b"
        r"|(?<![\w@])WHO\s+(?:knew|should know)\s+better\b",
        "judges with hindsight",
        "Say why it made sense at the time, and what would have made the better choice the easy one.",
    ),
    (
        r"\bdisciplinary (?:action|measure|procedure)s?\b"
        r"|(?<![\w@])WHO\s+(?:has been|have been|was|were|is|will be|must be|should be)\s+"
        r"(?:reprimanded|punished|disciplined|sacked|fired|let go|retrained)\b"
        r"|\b(?:hold|held|holding)\s+WHO\s+(?:\w+ly )?(?:accountable|responsible)\b",
        "punishes",
        "Leave it out: whoever fears the write-up will not tell what happened.",
    ),
)
