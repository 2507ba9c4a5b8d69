"""Annotations in front of an item's text: `[DONE]`, `@ana:`, `OPS-12:`, `P1 -`, `TODO:`."""

from __future__ import annotations

import re

from sync.model import State
from sync.postmortem import tense
from sync.postmortem.fields import owners, references, states, vocabulary
from sync.postmortem.fields.annotations import Line

_SIGN = re.compile(
    rf"[{states.DONE_SIGNS}{states.OPEN_SIGNS}]\ufe0f?"
    r"|:(?:white_check_mark|heavy_check_mark|ballot_box_with_check|construction|hourglass|x):"
)
_STATE = re.compile(
    r"(?:[\[(](?P<a>[^\[\]()\n]{2,40})[\])]\s*[:\-–—.]?"
    r"|(?P<b>DONE|Done|WONTDO|WONTFIX|WIP|CLOSED|Closed|COMPLETED?|Completed?|TODO|IN PROGRESS|In progress|PENDING"
    r"|Pending|CANCELLED|FIXED)\s*(?::|\s[-–—]\s|[–—]))\s*"
)
_BOX = re.compile(r"\[(?P<x>[ xX]?)\]\s+")
_LABEL = re.compile(
    r"(?:action items?|actions?|ai|todo|to-do|task|follow-?up(?: action)?|item)(?:\s?[#-]?\s?\d{1,3})?"
    r"\s?(?:\((?P<who>[^()\n]{1,60})\))?\s*(?::|\s[-–—]\s|[–—]|\.\s)\s*",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:[A-HRT]-?\d{1,2}[.:)]|[\[(](?:AI|A|R|CA|PA|FU)[-#]?\d{1,3}[\])]\s*[:.]?|(?:AI|CA|PA|FU)[-#]?\d{1,3}\s*[:.)]|#\d{1,2}[:.]|\d{1,2}[.)])\s+"
)
_PRIORITY = re.compile(
    rf"(?:[\[(](?P<a>{vocabulary.PRIORITY_VALUE})[\])]\s*[:\-–—]?|(?P<b>P[0-5])\s*(?::|\s[-–—]\s|[–—]))\s*",
    re.IGNORECASE,
)
_HANDLES = re.compile(
    rf"[\[(]?(?P<who>{owners.HANDLE}(?:\s?(?:,|/|&|and)\s?{owners.HANDLE}){{0,4}})(?![\w-])"
    r"(?:[\])]\s*[:\-–—,]?|\s*(?:[:\-–—,]|(?=\s(?:to|will|should)\b)))\s*(?:(?:to|will|should)\s+)?"
)
_AFTER_MENTION = re.compile(r"\s*(?:(?:[:\-–—]|to\b|will\b|should\b)\s*|(?:,|/|&|and\b)\s*(?=@))?")
_BRACKET = re.compile(r"[\[(](?P<who>[^\[\]()\n]{2,60})[\])]\s*[:\-–—]?\s*")
_NAME = re.compile(
    rf"(?P<who>{owners.NAME}(?:\s?(?:,|/|&|and)\s?{owners.NAME}){{0,3}})(?:\s*(?::|[–—]|\s-\s)\s*|\s+(?:to|will)\s+(?=[a-z]))"
)
_AFTER_REFERENCE = re.compile(r"\s*(?:[:–—]|\s-\s)\s*|\s+(?=[^\W\d_a-z])")
_AFTER_BRACKET = re.compile(r"\s*[:–—-]?\s*")


def read(line: Line) -> None:
    """Read and cut what stands in front, as long as there is any."""
    for _ in range(6):
        at = line.start
        if line.start < line.end:
            _once(line)
            line.trim()
        if line.start == at:
            return


def _once(line: Line) -> None:
    text, start, fields = line.text, line.start, line.fields
    if match := _SIGN.match(text, start):
        fields.set_state(states.word(match[0]), f"the sign {match[0]}")
    elif match := _BOX.match(text, start):
        fields.set_state(State.DONE if match["x"].strip() else State.OPEN, "the box in the text")
    elif (match := _STATE.match(text, start)) and (said := states.word(match["a"] or match["b"])) is not None:
        fields.set_state(said, f"the word {match['a'] or match['b']}")
    elif match := _LABEL.match(text, start):
        if match["who"]:
            line.owners(match.start("who"), match.end("who"), "in brackets at the beginning")
    elif match := _PRIORITY.match(text, start):
        fields.set_priority(match["a"] or match["b"])
    elif match := _CODE.match(text, start):
        pass
    elif (mention := line.plain.marked("mention", start, line.end)) and mention.start == start:
        line.owners(start, mention.end, "a mention at the beginning")
        match = _AFTER_MENTION.match(text, mention.end)
        line.start = match.end() if match else mention.end
        return
    elif match := _HANDLES.match(text, start):
        line.owners(match.start("who"), match.end("who"), "a handle at the beginning")
    elif (at := _reference(line)) or (at := _bold_name(line) or _team(line) or _name_and_verb(line)):
        line.start = at
        return
    elif (match := _BRACKET.match(text, start)) and not line.linked(match.start("who")):
        who = match["who"]
        if not owners.is_person(who, line.context.people) and not (
            text[start] == "[" and owners.is_team(who, strict=True)
        ):
            return
        line.owners(match.start("who"), match.end("who"), "in brackets at the beginning")
    elif (match := _NAME.match(text, start)) and owners.is_person(match["who"], line.context.people):
        line.owners(match.start("who"), match.end("who"), "a known name at the beginning")
    else:
        return
    line.start = match.end()


_TEAM = re.compile(
    rf"(?:the )?(?P<who>{owners.TEAM})(?:\s*[:：–—]\s*|\s-\s|\s+(?:to|will)\s+)",
    re.IGNORECASE,
)
_NAME_AND_VERB = re.compile(rf"(?P<who>{owners.NAME}(?:\s?(?:,|/|&|and)\s?{owners.NAME}){{0,3}})\s+(?:to|will)\s+")


def _team(line: Line) -> int:
    """The place behind a team that is asked for the change: `Platform team: review …`; 0 when there is none."""
    match = _TEAM.match(line.text, line.start, line.end)
    if not match or match.end() >= line.end or tense.is_imperative(match["who"]):
        return 0
    line.owners(match.start("who"), match.end("who"), "a team at the beginning")
    return match.end()


def _name_and_verb(line: Line) -> int:
    """The place behind a name that is to do something: `Ed to create …`; 0 when there is none."""
    match = _NAME_AND_VERB.match(line.text, line.start, line.end)
    if not match or not tense.is_imperative(line.text[match.end() : line.end]):
        return 0
    who = match["who"]
    if tense.is_imperative(who):
        return 0
    if not owners.is_person(who, line.context.people) and not owners.is_name(who, line.context):
        return 0
    line.owners(match.start("who"), match.end("who"), "a name that is to do it")
    return match.end()


def _bold_name(line: Line) -> int:
    """The place behind a name or initials in bold: `**Robert** Turn on …`, `**RK**/JT …`; 0 when there is none."""
    mark = next((one for one in line.plain.marks if one.kind == "strong" and one.start == line.start), None)
    if mark is None or not 0 < mark.end - mark.start <= 40:
        return 0
    more = _MORE_INITIALS.match(line.text, mark.end, line.end)
    end = more.end() if more else mark.end
    behind = _AFTER_NAME.match(line.text, end, line.end)
    if not behind or not owners.names_people(line.text[mark.start : end], line.context):
        return 0
    if not behind[0].strip() and not tense.is_imperative(line.text[behind.end() : line.end]):
        return 0
    if ":" in behind[0] and not owners.is_person(line.text[mark.start : end], line.context.people):
        return 0
    line.owners(mark.start, end, "a name in bold at the beginning")
    return behind.end()


_MORE_INITIALS = re.compile(r"(?:\s?[/,&+]\s?[A-Z]{2,3}\b)+")
_AFTER_NAME = re.compile(r"\s*[:：]\s*|\s+(?:to|will)\s+|\s+|\s*[–—-]\s+")


def _reference(line: Line) -> int:
    """The place behind a ticket set apart from the text: `[OPS-12] Fix`, `#12: Fix`; 0 when there is none."""
    for one in line.found:
        before = line.text[line.start : one.start].strip()
        if one.start < line.start or before not in ("", "[", "("):
            continue
        end = one.end
        if before:
            if not line.text.startswith("]" if before == "[" else ")", end):
                return 0
            end += 1
        match = (_AFTER_BRACKET if before else _AFTER_REFERENCE).match(line.text, end)
        label = line.plain.text[one.start : one.end].strip("[]() ")
        named = references.LABEL.fullmatch(label) or label.startswith(("https://", "http://"))
        if not match or match.end() >= line.end or not named:
            return 0
        if one.loose and not before and not match[0].strip():
            return 0
        line.accept(one)
        return match.end()
    return 0
