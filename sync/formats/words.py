"""What a cell of a state column is told, in the words that the column uses already. For every format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sync.model import State, Status
from sync.postmortem.fields import states

_DATED = re.compile(r"(?P<words>[^|]*\S)\s+\d{4}-\d\d-\d\d")
_DAY_AT_END = re.compile(r"\s+\d{4}-\d\d-\d\d\Z")
_ONE_WORD = re.compile(r"[\w'’:-]+%?|[^\w\s|]\ufe0f?")
_JUST_OPEN = re.compile(
    r"open|no|to[ -]?do|reopened|not done|offen|ouvert|abierto|aberto|pendiente|未着手|[⬜☐🔲🔴❌✗✘]\ufe0f?",
    re.IGNORECASE,
)
_DEFAULTS = {State.OPEN: "Open", State.DONE: "Done", State.WONTDO: "Won't do"}


def of_cell(status: Status, used: Mapping[State, str], safe: Callable[[str], str]) -> str:
    """What a cell of a state column says: the column's own word where it has one that fits any item in that state.

    Args:
        used: the words that the column uses, by state.
        safe: takes out of words what the format would take for markup; words that it changes are not used.
    """
    own = used.get(status.state, "")
    dated = _DATED.fullmatch(own)
    if own and not dated and _fits(own, status.state, safe):
        return own
    says = dated["words"] if dated and _fits(dated["words"], status.state, safe) else _DEFAULTS[status.state]
    return f"{says} {status.closed_on.isoformat()}" if status.state is State.DONE and status.closed_on else says


def without_day(text: str) -> str:
    """Words without the day behind them: `Done 2026-03-20`."""
    return _DAY_AT_END.sub("", text)


def _fits(words: str, state: State, safe: Callable[[str], str]) -> bool:
    """Whether a cell's words say a state and nothing more: no name, no reason, no progress of another item."""
    if state is State.OPEN and not _JUST_OPEN.fullmatch(words):
        return False
    if states.word(words) is state:
        return safe(words) == words.strip()
    return states.cell(words) is state and _ONE_WORD.fullmatch(words) is not None
