"""The webhook reader against payloads that GitHub sent, as others recorded them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters.github.webhook import SENDER
from sync.ports import WebhookEvent

PLACE = Path(__file__).parents[4] / "shared" / "recorded" / "github-webhooks.json"
pytestmark = pytest.mark.skipif(not PLACE.exists(), reason="../shared/recorded/github-webhooks.json is not here")


@cache
def payloads() -> tuple[tuple[str, Any], ...]:
    """Event and payload of each."""
    events = json.loads(PLACE.read_text("utf-8"))
    return tuple((event["name"], payload) for event in events for payload in event["examples"])


def read(event: str, payload: Any) -> WebhookEvent:
    headers = {"content-type": "application/json", "x-github-event": event, "x-github-delivery": "d"}
    return SENDER.event(headers, json.dumps(payload).encode())


def test_every_payload_is_read_and_the_ones_that_concern_us_name_their_ticket() -> None:
    assert payloads()
    for event, payload in payloads():
        found = read(event, payload)
        subject = payload.get({"issues": "issue", "pull_request": "pull_request"}.get(event, ""))
        assert found.tickets == ((subject["html_url"],) if subject else ())
        assert (found.pushed is None) or event == "push"


def test_a_push_to_a_branch_tells_what_it_changed() -> None:
    pushes = [payload for event, payload in payloads() if event == "push"]
    for payload in pushes:
        pushed = read("push", payload).pushed
        changed = {p for c in payload["commits"] for name in ("added", "modified") for p in c.get(name) or ()}
        if payload["ref"].startswith("refs/heads/"):
            assert pushed is not None
            assert pushed.repository == payload["repository"]["full_name"]
            assert len(pushed.pages) == len(changed)
        else:
            assert pushed is None
