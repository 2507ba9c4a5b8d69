"""What GitHub and Jira send is understood, believed only under the secret, and never a surprise."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.github.webhook import SENDER as GITHUB
from adapters.jira.webhook import SENDER as JIRA
from sync.ports import Pushed, WebhookEvent

JSON = {"content-type": "application/json"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def github(event: str, payload: Any, delivery: str = "d-1") -> WebhookEvent:
    headers = JSON | {"x-github-event": event, "x-github-delivery": delivery}
    return GITHUB.event(headers, json.dumps(payload).encode())


def jira(payload: Any, **headers: str) -> WebhookEvent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JIRA.event(JSON | {"x-atlassian-webhook-identifier": "d-2"} | named, json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("sender", "header", "body", "digest"),
    [
        # The examples that the vendors publish, with the secret "It's a Secret to Everybody".
        (
            GITHUB,
            "x-hub-signature-256",
            b"Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        (
            JIRA,
            "x-hub-signature",
            b"Hello World!",
            "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        ),
    ],
)
def test_the_published_examples_are_believed(sender: Any, header: str, body: bytes, digest: str) -> None:
    secret = "It's a Secret to Everybody"
    assert sender.signed({header: f"sha256={digest}"}, body, secret)
    assert not sender.signed({header: f"sha256={digest}"}, body + b" ", secret)
    assert not sender.signed({header: f"sha256={digest}"}, body, secret + "x")
    assert not sender.signed({header: digest}, body, secret)
    assert not sender.signed({header: f"sha1={digest}"}, body, secret)
    assert not sender.signed({header: "sha256="}, body, secret)
    assert not sender.signed({}, body, secret)
    other = "x-hub-signature" if header.endswith("256") else "x-hub-signature-256"
    assert not sender.signed({other: f"sha256={digest}"}, body, secret)


@given(st.binary(max_size=50), st.text(min_size=1, max_size=20), st.text(max_size=80))
def test_only_the_digest_itself_is_believed(body: bytes, secret: str, given_digest: str) -> None:
    right = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert GITHUB.signed({"x-hub-signature-256": right}, body, secret)
    assert GITHUB.signed({"x-hub-signature-256": given_digest}, body, secret) == (given_digest.strip().lower() == right)


def test_issues_and_pull_requests_are_tickets() -> None:
    page = "https://github.com/acme/shop/issues/7"
    assert github("issues", {"action": "closed", "issue": {"html_url": page}}) == WebhookEvent("d-1", "issues", (page,))
    pull = page.replace("issues", "pull")
    assert github("pull_request", {"pull_request": {"html_url": pull}}).tickets == (pull,)
    assert github("ping", {"zen": "Design for failure."}) == WebhookEvent("d-1", "ping")
    assert github("issue_comment", {"issue": {"html_url": page}}) == WebhookEvent("d-1", "issue_comment")


def test_a_push_tells_what_was_added_and_changed() -> None:
    commits = [
        {"added": ["docs/a b.md"], "modified": ["x.md"], "removed": ["gone.md"]},
        {"added": [], "modified": ["x.md", "ü.md"], "removed": []},
    ]
    home = "https://github.com/Acme/Docs"
    repository = {"full_name": "Acme/Docs", "html_url": home, "default_branch": "main"}
    pages = (f"{home}/blob/HEAD/docs/a%20b.md", f"{home}/blob/HEAD/x.md", f"{home}/blob/HEAD/%C3%BC.md")
    payload = {"ref": "refs/heads/main", "repository": repository, "commits": commits}
    assert github("push", payload).pushed == Pushed("Acme/Docs", "main", True, pages)
    assert github("push", payload | {"ref": "refs/heads/feature/x"}).pushed == Pushed(
        "Acme/Docs", "feature/x", False, pages
    )
    assert github("push", payload | {"ref": "refs/tags/v1"}).pushed is None


def test_an_issue_of_jira_is_a_ticket_under_its_former_key_too() -> None:
    moved = {"items": [{"field": "Key", "fromString": "OPS-3", "toString": "PAY-9"}, {"field": "status"}]}
    payload = {"webhookEvent": "jira:issue_updated", "issue": {"key": "PAY-9"}, "changelog": moved}
    assert jira(payload) == WebhookEvent("d-2", "jira:issue_updated", ("PAY-9", "OPS-3"))
    assert jira({"webhookEvent": "jira:issue_deleted", "issue": {"key": "OPS-1"}}).tickets == ("OPS-1",)
    assert jira({"webhookEvent": "comment_created", "issue": {"key": "OPS-1"}}).tickets == ()


def test_a_delivery_without_a_name_is_known_by_its_body() -> None:
    body = {"webhookEvent": "jira:issue_updated", "issue": {"key": "OPS-1"}, "timestamp": 1}
    names = [
        jira(body | {"timestamp": n}, x_atlassian_webhook_identifier=name).delivery
        for n in (1, 2)
        for name in ("", "x" * 300)
    ]
    assert len(set(names)) == 2
    assert all(len(name) <= 150 for name in names)


@pytest.mark.parametrize(
    ("headers", "body", "why"),
    [
        (JSON | {"x-github-event": "issues"}, b"[]", "no JSON object"),
        (JSON | {"x-github-event": "issues"}, b"{" * 100_000, "no JSON object"),
        (JSON | {"x-github-event": "issues"}, b'{"a":' * 100_000, "no JSON object"),
        (JSON | {"x-github-event": "issues"}, b'{"issue": {}}', "html_url is missing"),
        (JSON | {"x-github-event": "push"}, b"{}", "ref is missing"),
        (JSON, b"{}", "X-GitHub-Event"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"payload=%7B%7D", "choose it where the webhook"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(headers: dict[str, str], body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        GITHUB.event(headers, body)


@given(
    st.sampled_from(["issues", "pull_request", "push", "ping", ""]),
    st.dictionaries(
        st.sampled_from(["issue", "pull_request", "ref", "repository", "commits", "webhookEvent", "changelog"]),
        json_values
        | st.sampled_from(
            [
                "refs/heads/x",
                "jira:issue_updated",
                {"html_url": "x", "key": "K-1"},
                [{"added": [1]}],
                {"items": [{"field": "Key"}, 3]},
            ]
        ),
    ),
)
def test_odd_payloads_are_refused_or_understood(event: str, payload: dict[str, Any]) -> None:
    for call in (partial(github, event), jira):
        with contextlib.suppress(ValueError):
            assert isinstance(call(payload), WebhookEvent)
