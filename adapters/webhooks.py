"""What GitHub and Jira send by themselves: whether it is theirs, and what it tells. Pure.

GitHub: https://docs.github.com/webhooks (deliveries, and how to validate them). Jira, Cloud and Data Center, signs in
the same way under another header: https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sync.ports import Heard, Pushed

MAX_BYTES = 25 * 1024 * 1024
"""GitHub sends no payload that is larger; Jira's are smaller."""

_LONGEST = 150


@dataclass(frozen=True, slots=True)
class Sender:
    """One system that sends events.

    Attributes:
        signature: the header with the HMAC-SHA256 of the body.
        heard: what a delivery tells, from its headers (names in lower case) and its body. Raises ValueError, which
            says what is wrong with it.
    """

    name: str
    signature: str
    heard: Callable[[Mapping[str, str], bytes], Heard]

    def signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether the sender knows the secret."""
        given = headers.get(self.signature, "")
        expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(given.strip().lower().encode(), expected.encode())


def _github(headers: Mapping[str, str], body: bytes) -> Heard:
    payload = _payload(headers, body)
    event = headers.get("x-github-event", "")
    if not event:
        raise ValueError("the header X-GitHub-Event is missing")
    delivery = _delivery(headers.get("x-github-delivery", ""), body)
    if event == "push":
        return Heard(delivery, event, pushed=_pushed(payload))
    subject = payload.get({"issues": "issue", "pull_request": "pull_request"}.get(event, ""))
    if subject is None:
        return Heard(delivery, event)
    return Heard(delivery, event, tickets=(_text(subject, "html_url"),))


def _pushed(payload: Mapping[str, Any]) -> Pushed | None:
    """What a push changed; None when it made or removed a branch or a tag."""
    kind, _, branch = _text(payload, "ref").removeprefix("refs/").partition("/")
    repository = payload.get("repository")
    commits = payload.get("commits")
    if kind != "heads" or not isinstance(repository, dict) or not isinstance(commits, list):
        return None
    changed = [path for commit in commits for path in _changed(commit)]
    address = _text(repository, "html_url")
    pages = tuple(f"{address}/blob/HEAD/{quote(path)}" for path in dict.fromkeys(changed))
    return Pushed(_text(repository, "full_name"), branch, branch == repository.get("default_branch"), pages)


def _changed(commit: object) -> Iterator[str]:
    """The paths that a commit added or changed; what it removed is nothing to sync."""
    if not isinstance(commit, dict):
        raise ValueError("a commit is no object")
    for name in ("added", "modified"):
        paths = commit.get(name) or []
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise ValueError(f"the paths that a commit {name} are no list of texts")
        yield from paths


def _jira(headers: Mapping[str, str], body: bytes) -> Heard:
    payload = _payload(headers, body)
    event = _text(payload, "webhookEvent")
    delivery = _delivery(headers.get("x-atlassian-webhook-identifier", ""), body)
    if not event.startswith("jira:issue_"):
        return Heard(delivery, event)
    keys = [_text(payload.get("issue"), "key"), *_former_keys(payload.get("changelog"))]
    return Heard(delivery, event, tickets=tuple(dict.fromkeys(keys)))


def _former_keys(changelog: object) -> Iterator[str]:
    """The keys that an issue had before it was moved: documents may still link it by them."""
    items = changelog.get("items") if isinstance(changelog, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("field") == "Key" and isinstance(item.get("fromString"), str):
            yield item["fromString"]


def _payload(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ValueError("the content type is not application/json: choose it where the webhook is set up")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise ValueError("the body is no JSON object")
    return payload


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise ValueError(f"{name} is missing")
    return found


def _delivery(name: str, body: bytes) -> str:
    """The delivery's name, the same in a repetition; where the sender gives none, what the body is."""
    return name if 0 < len(name) <= _LONGEST else hashlib.sha256(body).hexdigest()


SENDERS = {
    "github": Sender("github", "x-hub-signature-256", _github),
    "jira": Sender("jira", "x-hub-signature", _jira),
}
