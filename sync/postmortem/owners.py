"""Who is named for an item: handles, e-mail addresses, names and teams."""

from __future__ import annotations

import re

from sync.model import Owner, OwnerKind
from sync.postmortem.plain import Plain

HANDLE = r"(?<![\w@/.`])@[A-Za-z0-9](?:[\w-]|\.(?=\w)){0,60}(?:/[\w-]{1,60})?"
EMAIL = r"(?<![\w.])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
NAME_WORD = r"(?:[^\W\d_a-zà-öø-ÿ][^\W\d_]*(?:['’-][^\W\d_]+)*\.?|(?:de|da|van|von|der|den|del|la|le|di|bin|al)(?=\s))"
NAME = rf"[^\W\d_a-zà-öø-ÿ](?:[^\W\d_]|['’-](?=\w))*\.?(?:[ ]{NAME_WORD}){{0,3}}"

_HANDLE = re.compile(HANDLE)
_EMAIL = re.compile(EMAIL)
_NAME = re.compile(NAME)
_NOBODY = frozenset(
    ["tbd", "tbc", "tba", "n/a", "na", "none", "nil", "unassigned", "nobody", "noone", "?", "??", "???", "????", "-", "--", "---", "–", "—", ".", "…", "...", "/", "unknown", "open", "pending", "todo", "owner", "name", "names", "assignee", "dri", "team", "person", "who", "everyone", "all", "anyone", "someone", "x", "username", "handle", "alias", "role", "date", "team/person", "person/team"]
) | {
    "no one",
    "to be determined",
    "to be decided",
    "to be assigned",
    "not assigned",
    "no owner",
    "your name",
    "whole team",
    "the team",
    "n. n.",
    "?-?",
}
_SPLIT = re.compile(r"\s*(?:[,;/|&+\n]|(?:\band\b|\bund\b|\bet\b|\be\b|\by\b|\bwith\b)(?=\s))\s*")
_TEAM = re.compile(
    r"\b(?:team|teams|squad|guild|group|crew|department|dept|engineering|operations|ops|sre|sres|devops|platform|infra(?:structure)?|security"
    r"|support|on-?call|dba|dbas|qa|leads?|developers|engineers?|product|it|data|networking|network|équipe|equipo|equipe)\b",
    re.IGNORECASE,
)
_WRAP = " \t\n\r*_~`()[]<>{}\"'“”‘’.:;,"
_STATE_TAIL = re.compile(
    r"\s*\((?:lead|primary|secondary|backup|done|owner|he/him|she/her|they/them|tbc|tbd)\)$", re.IGNORECASE
)

# Words that begin a name-like phrase and are none: a capital at the start of a sentence is no evidence.
_NOT_NAMES = frozenset(
    ["the", "this", "that", "these", "those", "a", "an", "all", "any", "some", "each", "every", "we", "i", "it", "they", "you", "he", "she", "our", "your", "my", "their", "in", "on", "at", "for", "from", "to", "by", "with", "without", "and", "or", "but", "not", "no", "yes", "if", "when", "while", "after", "before", "once", "until", "since", "because", "as", "is", "are", "was", "were", "be", "been", "will", "would", "should", "can", "could", "may", "might", "must", "done", "todo", "wip", "tbd", "open", "closed", "pending", "fixed", "completed", "complete", "optional", "required", "blocked", "high", "medium", "low", "critical", "urgent", "minor", "major", "p0", "p1", "p2", "p3", "p4", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "note", "notes", "see", "ticket", "issue", "pr", "jira", "github", "gitlab", "link", "here", "docs", "documentation", "runbook", "details", "discussion", "internal", "external", "short-term", "long-term", "immediate", "medium-term", "prevention", "detection", "mitigation", "process", "monitoring", "alerting", "testing", "tooling", "training", "improvement", "cleanup"]
)


def split(plain: Plain, start: int, end: int) -> tuple[Owner, ...]:
    """The owners that a range of text lists; nobody for TBD and the like."""
    if end - start > 400:
        return ()
    text = plain.text
    owners: list[Owner] = []
    at = start
    for match in [*_SPLIT.finditer(text, start, end), None]:
        stop = match.start() if match else end
        owner = one(plain, at, stop)
        if owner and owner.text.casefold() not in {other.text.casefold() for other in owners}:
            owners.append(owner)
        at = match.end() if match else end
    return tuple(owners)


def one(plain: Plain, start: int, end: int) -> Owner | None:
    """The owner that a range of text is; None for nobody."""
    text = plain.text
    tail = _STATE_TAIL.search(text[start:end])
    if tail and tail.start():
        end = start + tail.start()
    while start < end and text[start] in _WRAP:
        start += 1
    while end > start and text[end - 1] in _WRAP:
        end -= 1
    words = text[start:end]
    if not words or words.casefold() in _NOBODY or not any(character.isalnum() for character in words):
        return None
    if match := _EMAIL.search(words):
        if match[0] != words and (name := words[: match.start()].strip(_WRAP)):
            span = plain.span(start, start + len(words[: match.start()].rstrip(_WRAP)))
            return (
                Owner(match[0], OwnerKind.EMAIL, span)
                if not name
                else Owner(match[0], OwnerKind.EMAIL, plain.span(start + match.start(), start + match.end()))
            )
        return Owner(match[0], OwnerKind.EMAIL, plain.span(start, end))
    if match := _HANDLE.search(words):
        span = plain.span(start + match.start(), start + match.end())
        handle = match[0][1:]
        return Owner(handle, OwnerKind.TEAM if "/" in handle else OwnerKind.HANDLE, span)
    words = " ".join(words.split())
    kind = OwnerKind.TEAM if _TEAM.search(words) or words.startswith("#") else OwnerKind.NAME
    return Owner(words.lstrip("#"), kind, plain.span(start, end))


def is_person(text: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a whole text can only be people: handles, e-mail addresses or names known from the document."""
    pieces = [piece.strip(_WRAP) for piece in _SPLIT.split(text)]
    pieces = [piece for piece in pieces if piece]
    return bool(pieces) and all(
        _HANDLE.fullmatch(piece) or _EMAIL.fullmatch(piece) or piece.casefold() in known for piece in pieces
    )


def looks_like_names(text: str) -> bool:
    """Whether a whole text has the form of one or more names: capitalised words, nothing else."""
    if len(text) > 120:
        return False
    pieces = [piece.strip(_WRAP) for piece in _SPLIT.split(text)]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return False
    for piece in pieces:
        if _HANDLE.fullmatch(piece) or _EMAIL.fullmatch(piece):
            continue
        if not _NAME.fullmatch(piece):
            return False
        if any(word.casefold().strip(".") in _NOT_NAMES for word in piece.split()):
            return False
    return True


def is_team(text: str) -> bool:
    """Whether a short text names a team: `SRE`, `Platform team`, `Team Checkout`."""
    words = text.strip(_WRAP)
    return bool(words) and len(words.split()) <= 4 and _TEAM.search(words) is not None


def is_nobody(text: str) -> bool:
    """Whether a text says that there is no owner: TBD, ???, unassigned."""
    return text.strip(" \t\n*_~`()[]").casefold() in _NOBODY
