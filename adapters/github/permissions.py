"""What GitHub tells about a token beside its answers: scopes, and when it ends. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sync.model import Finding

ENOUGH = frozenset({"repo", "public_repo"})
MORE = frozenset({"delete_repo", "admin:org", "admin:enterprise", "site_admin", "admin:repo_hook", "write:packages"})
SOON = 14
"""Days before its end from which on a token is worth a word."""


def check_token(headers: Mapping[str, str], private: bool, now: datetime) -> Iterator[Finding]:
    """Judge a token by the headers of any answer; fine-grained ones and Apps do not tell what they may do.

    Args:
        headers: by their lower-case names.
        private: whether the repository that is used is private.
    """
    if "x-oauth-scopes" in headers:
        scopes = {scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip()}
        yield _scopes(scopes, private)
        if scopes & MORE:
            detail = f"the token may do more than it must: {', '.join(sorted(scopes & MORE))}"
            yield Finding("scopes", False, False, detail, "Make one with the scope repo alone, or a fine-grained one.")
    ends = _ends(headers.get("github-authentication-token-expiration", ""))
    if ends is None:
        return
    days = (ends - now).total_seconds() / 86400
    day = ends.date().isoformat()
    if days > SOON:
        yield Finding("expiry", True, detail=f"the token ends on {day}")
    else:
        cure = "Make a new one and put it where the old one is; see docs/operations.md."
        yield Finding("expiry", False, False, f"the token ends on {day}, in {max(days, 0):.0f} days", cure)


def _scopes(scopes: set[str], private: bool) -> Finding:
    if "repo" in scopes or (scopes & ENOUGH and not private):
        return Finding("scopes", True, detail=", ".join(sorted(scopes)))
    wanted = "repo" if private else "repo (or public_repo)"
    have = ", ".join(sorted(scopes)) or "none"
    return Finding("scopes", False, detail=f"the token has the scopes: {have}", cure=f"Give it the scope {wanted}.")


def _ends(text: str) -> datetime | None:
    """As in "2026-12-01 00:00:00 UTC", or with an offset."""
    try:
        found = datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
