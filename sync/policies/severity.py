"""One name for the many ways of writing a severity. Pure."""

from __future__ import annotations

import re

_RANK = re.compile(
    r"(?:(?:sev(?:erity)?|s|p(?:rio(?:rity)?)?|level|tier)?\s*[-_.:#]?\s*(?:level\s*)?)(?P<rank>[0-9])(?:\s*(?:[-–—:,(]\D*)?)",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """The number of a severity, else its words in lower case; empty for nothing.

    `SEV-1`, `sev 1`, `P1` and `Severity: 1 (critical)` are all `1`.
    """
    words = " ".join(text.split())
    found = _RANK.fullmatch(words)
    return found["rank"] if found else words.casefold()
