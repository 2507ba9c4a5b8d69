"""What systems send by themselves: whether it is theirs, and how it is read. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.ports import WebhookEvent

MAX_BYTES = 25 * 1024 * 1024
"""GitHub sends no payload that is larger; Jira's are smaller."""

_LONGEST = 150


@dataclass(frozen=True, slots=True)
class Sender:
    """One system that sends events.

    Attributes:
        signature: the header with the HMAC-SHA256 of the body.
        event: what a delivery tells, from its headers (names in lower case) and its body. Raises ValueError, which
            says what is wrong with it.
    """

    name: str
    signature: str
    event: Callable[[Mapping[str, str], bytes], WebhookEvent]

    def signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether the sender knows the secret."""
        given = headers.get(self.signature, "")
        expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(given.strip().lower().encode(), expected.encode())


def payload_of(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises ValueError, which says what is wrong with it."""
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


def text_at(value: object, name: str) -> str:
    """The text of that name in an object. Raises ValueError when there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise ValueError(f"{name} is missing")
    return found


def delivery_of(name: str, body: bytes) -> str:
    """The delivery's name, the same in a repetition; where the sender gives none, what the body is."""
    return name if 0 < len(name) <= _LONGEST else hashlib.sha256(body).hexdigest()
