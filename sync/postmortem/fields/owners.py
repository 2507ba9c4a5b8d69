"""Who is named for an item: handles, e-mail addresses, names and teams."""

from __future__ import annotations

import re

from sync.model import Owner, OwnerKind
from sync.postmortem.context import Context
from sync.postmortem.fields import vocabulary
from sync.postmortem.lexicon import fold, unspaced, written
from sync.postmortem.plain import Plain

HANDLE = r"(?<![\w@/.`])@[A-Za-z0-9](?:[\w-]|\.(?=\w)){0,60}(?:/[\w-]{1,60})?"
EMAIL = r"(?<![\w.])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
NAME_WORD = r"(?:[^\W\d_a-zà-öø-ÿ][^\W\d_]*(?:['’-][^\W\d_]+)*\.?|(?:de|da|van|von|der|den|del|la|le|di|bin|al)(?=\s))"
NAME = rf"[^\W\d_a-zà-öø-ÿ](?:[^\W\d_]|['’-](?=\w))*\.?(?:[ ]{NAME_WORD}){{0,3}}"

_HANDLE = re.compile(HANDLE)
_EMAIL = re.compile(EMAIL)
_HANDLES_ONLY = re.compile(rf"\W*{HANDLE}(?:\s+{HANDLE}){{1,9}}\W*")
_NAME = re.compile(NAME)
_SPLIT = re.compile(r"\s*(?:[,;/|&+\n]|(?:\band\b|\bund\b|\bet\b|\be\b|\by\b|\bwith\b)(?=\s))\s*")
_TEAM = re.compile(
    r"\b(?:team|teams|squad|guild|group|crew|department|dept|engineering|operations|ops|sre|sres|devops|platform|infra(?:structure)?|security"
    r"|support|on-?call|dba|dbas|qa|leads?|developers|engineers?|product|it|data|networking|network|équipe|equipo|equipe)\b",
    re.IGNORECASE,
)
_WRAP = " \t\n\r*_~`()[]<>{}\"'“”‘’.:;,：；，、。（）【】"
_NOTE_TAIL = re.compile(r"\s*\([^()@]*\)\s*\Z")


def _teams(unbroken: bool) -> str:
    """Words for a team, of the languages that put blanks between words, or of those that put none."""
    some = [one for one in written("team") if (unspaced(one) or one == "팀") is unbroken]
    return "(?:" + "|".join(sorted(map(re.escape, some), key=len, reverse=True)) + ")"


TEAM = (
    rf"(?:(?:[^\W\d_][\w-]*\s){{0,3}}{_teams(False)}\b"
    rf"|{_teams(False)}(?:\s[^\W\d_][\w-]*){{1,3}}?|[^\W\d_]{{1,12}}?\s?{_teams(True)})"
)
"""A team by a word for it: `Platform team`, `Equipo de plataforma`, `検索チーム`."""

_STRICT_TEAM = re.compile(rf"(?:the )?{TEAM}|sres?|devops|on-?call", re.IGNORECASE)
_NAMED_TEAM = re.compile(TEAM, re.IGNORECASE)


def split(plain: Plain, start: int, end: int) -> tuple[Owner, ...]:
    """The owners that a range of text lists; nobody for TBD and the like."""
    if end - start > 400:
        return ()
    text = plain.text
    owners: list[Owner] = []
    if _HANDLES_ONLY.fullmatch(text, start, end):
        for handle in _HANDLE.finditer(text, start, end):
            owner = one(plain, handle.start(), handle.end())
            if owner and owner not in owners:
                owners.append(owner)
        return tuple(owners)
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
    tail = _NOTE_TAIL.search(text[start:end])
    if tail and text[start : start + tail.start()].strip(_WRAP):
        end = start + tail.start()
    while start < end and text[start] in _WRAP:
        start += 1
    while end > start and text[end - 1] in _WRAP:
        end -= 1
    words = text[start:end]
    if not words or fold(words) in vocabulary.NOBODY or not any(character.isalnum() for character in words):
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
        if plain.marks and (mention := plain.marked("mention", start + match.start(), start + match.end())):
            return Owner(mention.value, OwnerKind.ACCOUNT, span)
        return Owner(handle, OwnerKind.TEAM if "/" in handle else OwnerKind.HANDLE, span)
    words = " ".join(words.split())
    team = _TEAM.search(words) or words.startswith("#") or _NAMED_TEAM.fullmatch(words)
    kind = OwnerKind.TEAM if team else OwnerKind.NAME
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
        if any(word.casefold().strip(".") in vocabulary.NOT_NAMES for word in piece.split()):
            return False
    return True


def is_team(text: str, strict: bool = False) -> bool:
    """Whether a short text names a team: `SRE`, `Platform team`. Strictly, only when nothing else is meant."""
    words = text.strip(_WRAP)
    if not words or len(words.split()) > 4:
        return False
    return (_STRICT_TEAM.fullmatch(words) if strict else _TEAM.search(words)) is not None


def names_team(text: str) -> bool:
    """Whether a whole text is a team by a word for teams: `Team A`, `検索チーム`; not `SRE`, which may be a subject."""
    words = text.strip(_WRAP)
    return len(words) <= 40 and not is_nobody(words) and _NAMED_TEAM.fullmatch(words) is not None


def is_nobody(text: str) -> bool:
    """Whether a text says that there is no owner: TBD, ???, unassigned."""
    return fold(text.strip(" \t\n*_~`()[]")) in vocabulary.NOBODY


_INITIALS = re.compile(r"[A-Z]{2,3}(?:\s?[/,&+]\s?[A-Z]{2,3})*")
_ROLES = re.compile(
    r"(?:support|help|info|security|abuse|contact|no-?reply|admin|postmaster|sales|hello|privacy|press|status)@",
    re.IGNORECASE,
)


def names_people(text: str, context: Context) -> bool:
    """Whether words set apart are people: names that the document does not use as words, or initials."""
    words = text.strip(_WRAP)
    if is_person(words, context.people):
        return True
    if _INITIALS.fullmatch(words):
        return not any(piece in vocabulary.ACRONYMS for piece in re.findall(r"[A-Z]+", words))
    return is_name(words, context) and not is_team(words)


def is_role(text: str) -> bool:
    """Whether an e-mail address is that of an office, such as `support@…`, and of no person."""
    return _ROLES.match(text) is not None


CAMEL = re.compile(r"(?!Mc|Mac|De|Di|La|Le|Van|O['’])[^\W\d_][^\W\d_A-Z]+[A-Z]")
"""A word with a capital inside, such as a product's name; `McDonald` is none."""


def is_name(text: str, context: Context) -> bool:
    """Whether a text has the form of names, none of them an acronym or a word that the document uses as such."""
    if not looks_like_names(text) or is_nobody(text):
        return False
    parts = [part for part in re.findall(r"[^\W\d_]+", text) if part not in ("and", "de", "van", "von")]
    return not any(part in vocabulary.ACRONYMS or CAMEL.search(part) or context.ordinary(part) for part in parts)
