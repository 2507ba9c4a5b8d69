"""What Confluence's answers mean: limits, refusals, conflicts of versions, and trouble. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.http.policy import Transient, reset_after, retry_after, web_page
from adapters.http.transport import is_page
from sync.errors import CredentialsError, TrackerError

_CONFLICT = re.compile(r"version must be incremented|stale data|stale state|current version is", re.IGNORECASE)
_LOCK = re.compile(r"optimistic\s*lock", re.IGNORECASE)
_NOT_PERMITTED = re.compile(r"not permitted to use confluence", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What Confluence answered; the body is None where it is no JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


class ConfluenceRefusal(TrackerError):
    """Confluence says no to a call, which was not carried out.

    Attributes:
        status: of the answer; stated: its words.
    """

    def __init__(self, status: int, stated: str, cure: str = "") -> None:
        super().__init__(f"Confluence refused the call ({status}{f': {stated}' if stated else ''}).", cure)
        self.status = status
        self.stated = stated


class Conflict(TrackerError):
    """Somebody wrote the page since its version was read; nothing was written."""


def judge(reply: Reply, now: datetime) -> None:
    """Raise what a reply means unless it is well; a 401 is judged by who knows the credentials."""
    status, headers = reply.status, reply.headers
    stated = words_of(reply.body)
    asked = retry_after(headers, now)
    if status == 429:
        seconds = asked if asked is not None else reset_after(headers, now)
        raise Transient("Confluence limits us: too many calls.", done=False, limit=True, seconds=seconds)
    if status == 409 and _LOCK.search(stated):
        raise Transient("Confluence could not lock the page (409).", done=False)
    if status >= 500:
        raise Transient(f"Confluence is in trouble ({status}).", done=True, limit=asked is not None, seconds=asked)
    if status == 409 or (status == 400 and _CONFLICT.search(stated)):
        raise Conflict(f"Somebody else wrote the page meanwhile ({status}).")
    if status >= 400 and is_page(headers):
        page = web_page("Confluence", status, "confluence.base_url")
        raise TrackerError(page.message, page.cure)
    if status == 403 and _NOT_PERMITTED.search(stated):
        raise CredentialsError(
            f"Confluence refuses confluence.token ({status}: {stated}).", "Let the account use Confluence."
        )
    if status >= 400:
        raise ConfluenceRefusal(status, stated)


def words_of(body: object) -> str:
    """What an error's body says, in one line: v2 has a list of errors, v1 a message."""
    if not isinstance(body, Mapping):
        return ""
    errors = body.get("errors")
    found = [str(body.get("message") or "")]
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, Mapping):
            found += [str(error.get(key) or "") for key in ("title", "detail")]
    data = body.get("data")
    inner = data.get("errors") if isinstance(data, Mapping) else None
    for error in inner if isinstance(inner, list) else ():
        message = error.get("message") if isinstance(error, Mapping) else None
        if isinstance(message, Mapping):
            found.append(str(message.get("translation") or message.get("key") or ""))
    return " ".join("; ".join(dict.fromkeys(word for word in found if word)).split())[:300]


def read_json(status: int, text: bytes) -> Any:
    """The body; None for an error without JSON. Raises Transient for a success without it: it was damaged."""
    if not text and (status >= 400 or status == 204):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if status >= 400:
            return None
        raise Transient("Confluence's answer did not arrive whole.", done=True) from None


def next_page(body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """The query of the next page, by `_links.next` or the Link header; empty after the last.

    Only its query is used: where it points to is not for the server to say.
    """
    links = body.get("_links")
    following = str(links.get("next") or "") if isinstance(links, Mapping) else ""
    if not following:
        for part in headers.get("Link", "").split(","):
            match = re.match(r'\s*<([^>]*)>\s*;.*\brel="?next"?', part)
            following = match[1] if match else following
    return dict(parse_qsl(urlsplit(following).query, keep_blank_values=True)) if following else {}
