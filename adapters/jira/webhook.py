"""What Jira sends by itself, Cloud and Data Center. Pure.

It signs as GitHub does, under another header:
https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.http.webhook import Sender, delivery_of, payload_of, text_at
from sync.ports import WebhookEvent


def _event(headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    payload = payload_of(headers, body)
    event = text_at(payload, "webhookEvent")
    delivery = delivery_of(headers.get("x-atlassian-webhook-identifier", ""), body)
    if not event.startswith("jira:issue_"):
        return WebhookEvent(delivery, event)
    keys = [text_at(payload.get("issue"), "key"), *_former_keys(payload.get("changelog"))]
    return WebhookEvent(delivery, event, tickets=tuple(dict.fromkeys(keys)))


def _former_keys(changelog: object) -> Iterator[str]:
    """The keys that an issue had before it was moved: documents may still link it by them."""
    items = changelog.get("items") if isinstance(changelog, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("field") == "Key" and isinstance(item.get("fromString"), str):
            yield item["fromString"]


SENDER = Sender("jira", "x-hub-signature", _event)
