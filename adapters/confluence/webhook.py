"""What a Data Center sends by itself; Cloud sends nothing to those who are no app of it. Pure.

It signs as GitHub does, under Jira's header:
https://confluence.atlassian.com/doc/managing-webhooks-1021225606.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters.confluence.addresses import ID, page_url
from adapters.http.webhook import Sender, delivery_of, payload_of, text_at
from sync.ports import WebhookEvent

_INSIDE = re.compile(r"/(?:display|pages|spaces|rest/api|x)/")
KINDS = ("page_created", "page_updated", "page_restored", "page_moved")
"""After these a page may be one that is to be synced, or say something new."""


def _event(headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    payload = payload_of(headers, body)
    kind = headers.get("x-event-key", "") or str(payload.get("event") or payload.get("eventType") or "")
    # A delivery is told apart by its time: the same edit twice is two events.
    delivery = delivery_of(headers.get("x-request-id", ""), body)
    page = payload.get("page")
    if not isinstance(page, dict) or (kind and kind not in KINDS):
        return WebhookEvent(delivery, kind or "other")
    return WebhookEvent(delivery, kind or "page", pages=(_address(page),))


def _address(page: Mapping[str, Any]) -> str:
    """The page by its id, at the site that the page's own link names."""
    number = str(page.get("idAsString") or page.get("id") or "")
    if not ID.fullmatch(number):
        raise ValueError("the page's id is missing")
    link = urlsplit(text_at(page, "self"))
    web = f"{link.scheme}://{link.netloc}"
    inside = _INSIDE.search(link.path)
    return page_url(web + (link.path[: inside.start()] if inside else ""), number)


SENDER = Sender("confluence", "x-hub-signature", _event)
