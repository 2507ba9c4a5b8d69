"""What stands where an action could stand, and is none: a template's fields, words for nothing, questions."""

from __future__ import annotations

import re
from functools import cache

from sync.postmortem.lexicon import fold, phrases

_PLACEHOLDER = re.compile(
    r"(?:\{\{?[^{}]{0,80}\}?\}|<[^<>]{0,200}>|\[[^\[\]]{0,120}\]|_{2,}|\.{2,}|…|lorem ipsum\b.{0,200}"
    r"|(?:example|e\.g\.):? .{0,200}|(?:action|action item|item|task|todo|to-?do|follow-?up|step|ticket"
    r"|description)\s?(?:#?\d{1,2}|[a-z])?"
    r"|(?:fill (?:in|out)|insert|describe|list|add|replace|enter|write)(?: (?:in|any|all|the|your|an?|this"
    r"|with|each|more|other|further|follow-?up))* (?:actions?|action items?|items?|tasks?|follow-?ups?|text"
    r"|here|description)"
    r"(?: (?:here|items?|items? here|below|you .{0,80}|we .{0,80}|that .{0,80}|with .{0,80}))?|(?:your"
    r"|specific|concrete|preventive|first|second|third|next) (?:actions?|action items?|tasks?"
    r"|follow-?ups?)(?: items?)?(?: here)?|xxx+|todo:?|tbd:?)\.?",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:n/?a|none|nil|nothing|null|no|none (?:required|needed|identified|planned) (?:for|at|in"
    r"|as of) .{1,40}|-+|–|—|tbd|tbc|not applicable|none (?:at this time|so far|yet|identified|required"
    r"|needed|for now)|nothing (?:to do|to add|so far|further|required)"
    r"|(?:there (?:are|were|is) )?no(?:ne)? (?:further |new |additional |specific |outstanding |follow-?up "
    r"|corrective )*(?:action|actions|action items?|items?|follow-?ups?|tasks?|tickets?)(?: (?:were |are "
    r"|is |was )?(?:required|needed|identified|necessary|planned|at this time|so far|yet|to take))*"
    r"|keine?|aucune?|ninguna?|nenhuma?|nessuna?)[.!]?",
    re.IGNORECASE,
)
_BRACED = re.compile(r"\{\{\s*((?:(?!\}\}).){1,600}?)\s*\}\}", re.DOTALL)
_BRACKET_HINT = re.compile(
    r"\s*\[(?:link|url|insert|add|your|name|owner|date|ticket|issue|github|jira|assignee)\b[^\[\]]{0,60}\]\s*(?!\()",
    re.IGNORECASE,
)
_TEMPLATE_WORDS = re.compile(r"\[(?:change|name|date|owner|action|what|who|when)\]", re.IGNORECASE)


_INSTRUCTION = re.compile(
    r"(?:list|describe|document|include|note|enumerate|capture)"
    r"(?: (?:any|all|the|your|each|every|here|out|concrete|specific))*"
    r" (?:(?:follow-?up|corrective|preventive|preventative|remediation) (?:actions?|tasks?|items?|steps?|measures?)"
    r"|actions?|action items?|follow-?ups?)\b.{0,250}",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:what|who|when|where|which|why|how|did|does|is|are|was|were|has|have)\b.{0,300}\?", re.IGNORECASE
)
_CALL = re.compile(
    r"please (?:contact|reach out|see|refer|let us know|get in touch|read|visit|email)\b.{0,300}", re.IGNORECASE
)


_UNFILLED = "it is a placeholder"


def is_template(text: str) -> bool:
    """Whether a text still holds a field of the template, such as `[name]` or `[date]`."""
    return _TEMPLATE_WORDS.search(text) is not None


def placeholder(text: str) -> str:
    """Why a text is no action: a template's placeholder, or words for nothing; "" when it may be one."""
    words = text.strip(" \t\n*_~`")
    if not words or not any(character.isalnum() for character in words):
        return "it is empty" if not words else "it has no words"
    if _INSTRUCTION.fullmatch(words):
        return "it is an instruction of a template"
    if _CALL.fullmatch(words):
        return "it asks the reader for something"
    if words.count("___") > 1 or words.startswith("___"):
        return _UNFILLED
    if _NOTHING.fullmatch(words):
        return "it says that there is none"
    if _PLACEHOLDER.fullmatch(words) and len(words) <= 220:
        return _UNFILLED
    return ""


def unfilled(text: str) -> str:
    """Why a line with its annotations is the template's own: two of its fields or more are left as they were."""
    return _UNFILLED if "[" in text and len(_TEMPLATE_WORDS.findall(text[:2000])) >= 2 else ""


def without_braces(text: str) -> str | None:
    """A text whose `{{ … }}` was filled in between the braces; None when what stands there is the template's."""
    braced = _BRACED.search(text[:2000]) if "}}" in text else None
    if braced is None:
        return text
    inner = braced[1]
    return None if len(inner.split()) < 4 or placeholder(inner) else _BRACED.sub(r"\1", text)


def without_hints(text: str) -> str:
    """A text without hints of a template in brackets, such as `[link to the ticket]`."""
    return (_BRACKET_HINT.sub(" ", text).strip() or text) if "[" in text else text


def is_question(text: str) -> bool:
    """Whether a text asks the reader something."""
    return text.endswith("?") and _QUESTION.fullmatch(text) is not None


_BLANK = re.compile(r"[\s\-–—?.…/]*")


def says_nothing(text: str) -> bool:
    """Whether a cell only says that there is nothing yet: `-`, `(TBD)`, `none yet`, `n/a`, a lone TODO."""
    words = text.strip(" \t*_~`()[]")
    return _BLANK.fullmatch(words) is not None or fold(words) in _nothing()


@cache
def _nothing() -> frozenset[str]:
    return frozenset(phrases("none", "nobody", "ticket.none"))
