"""What GitHub's answers mean: limits, refusals, trouble, and things that live elsewhere now. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from adapters.http.policy import Transient, reset_after, retry_after, web_page
from adapters.http.transport import is_page
from sync.errors import CredentialsError, OutcomeUnknown, TrackerError

SECONDARY_WAIT = 60.0
"""Seconds to stay away when a limit is told without a time."""

SCOPES = (
    "Give the token issues: write (and contents and pull requests: write for a source) for this repository, and"
    " authorise it for the organisation's single sign-on."
)
_CURES = (
    ("archived", "Unarchive the repository, or name another in sync.toml."),
    ("disabled", "Turn on Issues in the repository's settings, or name another in sync.toml."),
    ("locked", "Unlock the conversation, or give the account write access."),
    ("not accessible", SCOPES),
    ("saml", SCOPES),
    ("must have", SCOPES),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What GitHub answered; the body of a 204 or a 304 is None. Headers go by their lower-case names."""

    status: int
    body: Any
    headers: Mapping[str, str]


class GitHubRefusal(TrackerError):
    """GitHub says no to a call, which was not carried out.

    Attributes:
        status: of the answer, 0 for one that is not GitHub's own.
        stated: its message; fields: names of the fields it does not take; types: kinds of GraphQL errors.
    """

    def __init__(
        self,
        message: str,
        cure: str = "",
        *,
        status: int,
        stated: str,
        fields: tuple[str, ...] = (),
        types: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, cure)
        self.status = status
        self.stated = stated
        self.fields = fields
        self.types = types


class Moved(TrackerError):
    """What was asked for lives elsewhere now: a renamed repository, a transferred issue.

    Attributes:
        path: where, on the same host, with its query; "" when it is another host.
    """

    def __init__(self, message: str, cure: str, path: str) -> None:
        super().__init__(message, cure)
        self.path = path


def judge(reply: Reply, now: datetime, whose: str) -> None:
    """Raise what a reply means, unless it is well.

    Args:
        whose: the setting that holds the credentials.
    """
    status, headers = reply.status, _Headers(reply.headers)
    stated = str(reply.body.get("message") or "") if isinstance(reply.body, Mapping) else ""
    asked = retry_after(headers, now)
    if status == 429 or (status == 403 and _is_limit(stated, headers)):
        _limited(stated, asked if asked is not None else reset_after(headers, now))
    if status >= 500:
        raise Transient(f"GitHub is in trouble ({status}).", done=True, limit=asked is not None, seconds=asked)
    if status == 401:
        said = f"401, {stated}" if stated else "401"
        raise CredentialsError(f"GitHub refuses {whose} ({said}).", "Make a new one: it may be expired or revoked.")
    if status >= 400 and is_page(headers):
        page = web_page("GitHub", status, "github.base_url")
        # Not under its own status: a 404 of GitHub itself means that something is gone.
        raise GitHubRefusal(page.message, page.cure, status=0, stated=page.message)
    if status >= 400:
        raise _refusal(status, stated, reply.body, _wanted(headers))
    if status == 202:
        raise Transient("GitHub is still preparing the answer.", done=False)
    if isinstance(reply.body, Mapping) and _limits_of(reply.body):
        _limited(str(reply.body["errors"]), asked if asked is not None else reset_after(headers, now))


def check_graphql(body: Any, partial: bool) -> None:
    """Raise Transient for an answer of GraphQL that tells trouble of the server: an error without a kind.

    Args:
        partial: what the trouble left of the data is of use.
    """
    errors = body.get("errors") if isinstance(body, Mapping) else None
    data = body.get("data") if isinstance(body, Mapping) else None
    left = partial and isinstance(data, Mapping) and any(data.values())
    for error in errors if isinstance(errors, list) and not left else ():
        if isinstance(error, Mapping) and not error.get("type") and not error.get("extensions"):
            stated = str(error.get("message") or "")
            if not unknown_fields(stated):
                raise Transient(f"GitHub is in trouble ({stated[:200] or 'an error without words'}).", done=True)


def unknown_fields(stated: str) -> set[str]:
    """The fields that, by the words of its errors, a server's GraphQL does not have as we ask for them."""
    return set(re.findall(r"Field '(\w+)' doesn't (?:exist on type|accept argument)", stated))


def refuse_graphql(errors: list[Any]) -> NoReturn:
    """Raise what the errors of a GraphQL answer without data mean."""
    entries = [error for error in errors if isinstance(error, Mapping)]
    if not entries:
        raise OutcomeUnknown("GitHub's answer says nothing.")
    types = tuple(str(error.get("type") or "") for error in entries)
    stated = "; ".join(str(error.get("message") or "") for error in entries)[:500]
    cure = SCOPES if {"INSUFFICIENT_SCOPES", "FORBIDDEN"} & set(types) else ""
    raise GitHubRefusal(f"GitHub refused: {stated}", cure, status=200, stated=stated, types=types)


def read_json(status: int, text: str) -> Any:
    """The body; an error's page of HTML is no body, but a success without JSON is an answer that was damaged."""
    if status in (204, 304) or (not text and status >= 400):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if status >= 400:
            return None
        raise Transient("GitHub's answer did not arrive whole.", done=True) from None


def next_page(headers: Mapping[str, str]) -> str:
    """The URL under rel="next" of a Link header, or ""."""
    for part in headers.get("link", "").split(","):
        match = re.match(r'\s*<([^>]*)>\s*;.*\brel="?next"?', part)
        if match:
            return match[1]
    return ""


def moment(text: str) -> datetime:
    """A time as GitHub writes it. Raises ValueError."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class _Headers(dict[str, str]):
    """Headers by their lower-case names, found under any."""

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return str(super().get(name.lower(), default))


def _limited(stated: str, seconds: float | None) -> NoReturn:
    wait = SECONDARY_WAIT if seconds is None else seconds
    why = "too many calls at once" if "secondary" in stated.lower() else "too many calls"
    message = f"GitHub limits us: {why}; it asks us to come back in {wait:.0f} s."
    raise Transient(message, done=False, limit=True, seconds=wait)


def _wanted(headers: Mapping[str, str]) -> str:
    """What GitHub says a token must be allowed for this call, as a cure; "" where it does not say."""
    fine, classic = headers.get("X-Accepted-GitHub-Permissions", ""), headers.get("X-Accepted-OAuth-Scopes", "")
    wanted = " or ".join(filter(None, (fine.replace("=", ": ")[:200], f"the scope {classic[:200]}" if classic else "")))
    return f"Give the token what this call wants: {wanted}." if wanted else ""


def _refusal(status: int, stated: str, body: Any, wanted: str) -> GitHubRefusal:
    entries = body.get("errors") if isinstance(body, Mapping) else None
    details = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    fields = tuple(str(entry.get("field") or "") for entry in details)
    words = [stated, *(_detail(entry) for entry in details), *_plain(entries)]
    message = "; ".join(dict.fromkeys(word for word in words if word)) or f"the answer was {status}"
    cure = next((cure for part, cure in _CURES if part in message.lower()), "")
    if cure == SCOPES and wanted:
        cure = f"{wanted} For an organisation with single sign-on, authorise the token for it."
    return GitHubRefusal(f"GitHub refused: {message[:500]}", cure, status=status, stated=message, fields=fields)


def _detail(entry: Mapping[str, Any]) -> str:
    if entry.get("message"):
        return str(entry["message"])
    value = f" ({entry['value']})" if entry.get("value") else ""
    return f"{entry.get('field', 'something')} is {entry.get('code', 'wrong')}{value}"


def _plain(entries: Any) -> list[str]:
    """`errors` may be a list of sentences, or one."""
    if isinstance(entries, str):
        return [entries]
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _is_limit(stated: str, headers: Mapping[str, str]) -> bool:
    words = stated.lower()
    if "rate limit" in words or "abuse" in words:
        return True
    return bool(headers.get("Retry-After", "")) or headers.get("X-RateLimit-Remaining", "") == "0"


def _limits_of(body: Mapping[str, Any]) -> bool:
    """Whether a GraphQL answer, though 200, says that a limit is reached."""
    errors = body.get("errors")
    if not isinstance(errors, list):
        return False
    return any(isinstance(error, Mapping) and _tells_limit(error) for error in errors)


def _tells_limit(error: Mapping[str, Any]) -> bool:
    kind = error.get("type")
    if kind:
        return kind in ("RATE_LIMITED", "RATE_LIMIT")
    return "rate limit" in str(error.get("message") or "").lower()
