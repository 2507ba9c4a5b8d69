"""What Jira Cloud and Data Center write differently. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.jira import adf, wiki
from adapters.jira.text import plain
from sync.model import Body


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the two.

    Attributes:
        version: of the REST API.
        user_key: the name under which users are identified.
        render, digest: of descriptions; a digest is the same for what was sent and what is read back.
        document: of plain text, for a field that wants blocks.
        comment: of an account to mention ("" for nobody) and plain text.
        settle_seconds: how long after a write a search, and a read by key, must show it.
    """

    cloud: bool
    version: str
    user_key: str
    render: Callable[[Body], object]
    digest: Callable[[object], str]
    document: Callable[[str], object]
    comment: Callable[[str, str], object]
    settle_seconds: float


def _document(text: str) -> object:
    content = [{"type": "text", "text": plain(text)}] if plain(text) else []
    return {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": content}]}


CLOUD = Dialect(True, "3", "accountId", adf.render, adf.digest, _document, adf.comment, 120.0)
DATA_CENTER = Dialect(False, "2", "name", wiki.render, wiki.digest, wiki.escape, wiki.comment, 60.0)
