"""Words for Jira's query language, and names of issues as people write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

KEY = re.compile(r"([A-Z][A-Z0-9_]+)-([1-9][0-9]{0,9})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def quote(value: str) -> str:
    """A JQL string that means exactly `value`; nothing in it can end the string."""
    inner = _CONTROL.sub(" ", value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def listing(project: str, labels: Sequence[str], *, updated: int | None = None, also: str = "") -> str:
    """Tickets under any of the labels, in an order that changes of theirs do not touch.

    Args:
        project: "" for all projects: a ticket that was moved is no longer in the one where it was made.
        updated: only those changed within so many minutes. Relative, for an absolute time would be read in the time
            zone of the account's profile.
        also: key of one ticket more, changed or not.
    """
    terms = [f"project = {quote(project)}"] if project else []
    terms.append(f"labels in ({', '.join(map(quote, labels))})")
    if updated is not None:
        terms.append(f'updated >= "-{updated}m"')
    other = f" OR key = {quote(also)}" if also else ""
    return " AND ".join(terms) + other + f" ORDER BY {'key' if project else 'created'} ASC"


def newest(project: str, minutes: int | None) -> str:
    """A project's tickets from the newest, leaving out those created within so many minutes."""
    older = f' AND created < "-{minutes}m"' if minutes is not None else ""
    return f"project = {quote(project)}{older} ORDER BY key DESC"


def an_open_one(project: str, kind: str) -> str:
    """The newest ticket of an issue type that is not closed."""
    terms = f"project = {quote(project)} AND issuetype = {quote(kind)} AND statusCategory != {quote('Done')}"
    return f"{terms} ORDER BY key DESC"


def keyed(keys: Iterable[str]) -> str:
    """The tickets of these keys."""
    return f"key in ({', '.join(map(quote, keys))})"


def label_word(text: str) -> str:
    """A label as Jira can hold it: no blanks, at most 255 characters."""
    return "-".join(_CONTROL.sub(" ", text).split())[:255]


def key_in(text: str, *sites: str) -> str:
    """The issue key that a reference's words name on the site at one of these addresses; "" when they name none there.

    A bare key is taken as it stands; an address must be one of the site's pages.
    """
    text = text.strip()
    if KEY.fullmatch(text):
        return text
    return next((key for site in sites if (key := _key_on(text, site))), "")


def _key_on(text: str, base_url: str) -> str:
    try:
        url, site = urlsplit(text), urlsplit(base_url)
        same = _place(url.scheme, url.hostname, url.port) == _place(site.scheme, site.hostname, site.port)
    except ValueError:
        return ""
    if url.scheme.lower() not in ("http", "https") or not same:
        return ""
    root = site.path.rstrip("/")
    if root and not url.path.startswith(root + "/"):
        return ""
    parts = [unquote(part) for part in url.path[len(root) :].split("/") if part]
    chosen = parse_qs(url.query).get("selectedIssue", [""])[0]
    named = [parts[n + 1] for n, part in enumerate(parts[:-1]) if part in ("browse", "issues")]
    # Jira Service Management: an agent's queue, and a customer's portal.
    if "servicedesk" in parts and ("queues" in parts or "portal" in parts):
        named.append(parts[-1])
    for name in (chosen, *named):
        if KEY.fullmatch(name.upper()):
            return name.upper()
    return ""


def _place(scheme: str, host: str | None, port: int | None) -> tuple[str, int]:
    """Host and port; http and https of one host are one site."""
    usual = port is None or (scheme.lower(), port) in (("http", 80), ("https", 443))
    return (host or "").lower(), 0 if usual else port or 0
