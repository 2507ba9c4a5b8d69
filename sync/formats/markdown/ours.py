"""The text of what is written back: links and states, valid in GitHub's Markdown whatever they are made of. Pure."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

from sync.model import State, Status
from sync.postmortem.fields import states

_UNSAFE_IN_LABEL = re.compile(r"[\[\]()<>`*~|\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_DATED = re.compile(r"(?P<words>[^|]*\S)\s+\d{4}-\d\d-\d\d")
_ONE_WORD = re.compile(r"[\w'’:-]+%?|[^\w\s|]\ufe0f?")
_JUST_OPEN = re.compile(
    r"open|no|to[ -]?do|reopened|not done|offen|ouvert|abierto|aberto|pendiente|未着手|[⬜☐🔲🔴❌✗✘]\ufe0f?",
    re.IGNORECASE,
)
_DEFAULTS = {State.OPEN: "Open", State.DONE: "Done", State.WONTDO: "Won't do"}


def link(label: str, url: str) -> str:
    """`[label](url)`; neither can end the link, the cell or the line it stands in."""
    safe = _UNSAFE_IN_LABEL.sub("", label).strip()[:120] or "ticket"
    return f"[{safe}]({address(url)})"


def address(url: str) -> str:
    """The URL with everything percent-encoded that Markdown, or a table, would stumble over."""
    return quote(url, safe="/:?#@!&'*+,=%~-._")[:1000]


def state_words(state: State, closed_on: date | None) -> str:
    """`open`, `done 2026-03-20` or `won't do`, as they stand in a parenthesis."""
    if state is State.DONE:
        return f"done {closed_on.isoformat()}" if closed_on else "done"
    return "open" if state is State.OPEN else "won't do"


def cell_words(status: Status, used: dict[State, str]) -> str:
    """What a cell of a state column says: the column's own word where it has one that fits any item in that state."""
    own = used.get(status.state, "")
    dated = _DATED.fullmatch(own)
    if own and not dated and _fits(own, status.state):
        return own
    words = dated["words"] if dated and _fits(dated["words"], status.state) else _DEFAULTS[status.state]
    return f"{words} {status.closed_on.isoformat()}" if status.state is State.DONE and status.closed_on else words


def _fits(words: str, state: State) -> bool:
    """Whether a cell's words say a state and nothing more: no name, no reason, no progress of another item."""
    if state is State.OPEN and not _JUST_OPEN.fullmatch(words):
        return False
    if states.word(words) is state:
        return not _UNSAFE_IN_LABEL.search(words)
    return states.cell(words) is state and _ONE_WORD.fullmatch(words) is not None
