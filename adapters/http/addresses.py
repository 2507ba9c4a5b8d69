"""Addresses of a file at one commit: the same page, whichever commit they name."""

from __future__ import annotations

import re

_AT_A_COMMIT = re.compile(r"(/(?:blob|raw)/)[0-9a-f]{40}(?=/)")


def without_commits(text: str) -> str:
    """The text with the commits taken out of its addresses, so that a newer commit alone is no change."""
    return _AT_A_COMMIT.sub(r"\1-", text)
