"""What GitHub sends by itself. Pure.

https://docs.github.com/webhooks (deliveries, and how to validate them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from adapters.http.webhook import Sender, delivery_of, payload_of, text_at
from sync.ports import Pushed, WebhookEvent


def _event(headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    payload = payload_of(headers, body)
    event = headers.get("x-github-event", "")
    if not event:
        raise ValueError("the header X-GitHub-Event is missing")
    delivery = delivery_of(headers.get("x-github-delivery", ""), body)
    if event == "push":
        return WebhookEvent(delivery, event, pushed=_pushed(payload))
    subject = payload.get({"issues": "issue", "pull_request": "pull_request"}.get(event, ""))
    if subject is None:
        return WebhookEvent(delivery, event)
    return WebhookEvent(delivery, event, tickets=(text_at(subject, "html_url"),))


def _pushed(payload: Mapping[str, Any]) -> Pushed | None:
    """What a push changed; None when it made or removed a branch or a tag."""
    kind, _, branch = text_at(payload, "ref").removeprefix("refs/").partition("/")
    repository = payload.get("repository")
    commits = payload.get("commits")
    if kind != "heads" or not isinstance(repository, dict) or not isinstance(commits, list):
        return None
    changed = [path for commit in commits for path in _changed(commit)]
    address = text_at(repository, "html_url")
    pages = tuple(f"{address}/blob/HEAD/{quote(path)}" for path in dict.fromkeys(changed))
    return Pushed(text_at(repository, "full_name"), branch, branch == repository.get("default_branch"), pages)


def _changed(commit: object) -> Iterator[str]:
    """The paths that a commit added or changed; what it removed is nothing to sync."""
    if not isinstance(commit, dict):
        raise ValueError("a commit is no object")
    for name in ("added", "modified"):
        paths = commit.get(name) or []
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise ValueError(f"the paths that a commit {name} are no list of texts")
        yield from paths


SENDER = Sender("github", "x-hub-signature-256", _event)
