"""Descriptions for Jira Cloud: valid by Atlassian's schema, and inert, for any text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator

from adapters.jira import adf
from adapters.jira.text import safe_url
from sync.model import Body
from tests.adapters.jira.bodies import BODIES, HOSTILE, PLAIN

SCHEMA = Draft4Validator(json.loads(Path(__file__).with_name("adf-schema.json").read_text(encoding="utf-8")))
KINDS = {"doc", "paragraph", "bulletList", "listItem", "text"}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.get("content", []):
            yield from nodes(child)


def test_the_schema_refuses_what_is_no_document() -> None:
    wrong = [
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]},
        {"type": "doc", "version": 1, "content": [{"type": "text", "text": "bare"}]},
        {"type": "doc", "version": 1, "content": [{"type": "bulletList", "content": []}]},
        {"type": "doc", "content": []},
        "plain text",
    ]
    assert [SCHEMA.is_valid(document) for document in wrong] == [False] * 5


@given(BODIES)
@settings(max_examples=150)
def test_any_body_becomes_a_valid_document_of_inert_nodes(body: Any) -> None:
    document = adf.render(body)
    SCHEMA.validate(document)
    json.dumps(document).encode("ascii")
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    for node in nodes(document):
        assert node["type"] in KINDS
        for mark in node.get("marks", []):
            assert mark["type"] in {"strong", "em", "link"}
            if mark["type"] == "link":
                assert mark["attrs"]["href"].startswith(("http://", "https://"))
        text = node.get("text", "")
        assert not any(ord(c) < 32 or c in "\u202e\u200b\ufeff" for c in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_of_an_item_stay_readable(text: str) -> None:
    first = next(nodes(adf.render(Body(text, "", ""))["content"][0]["content"][0]))
    visible = "".join(c for c in text if c.isascii() and c.isalnum())
    assert visible in "".join(c for c in first["text"] if c.isascii() and c.isalnum())


def test_a_document_that_jira_gives_back_has_the_digest_of_the_one_sent() -> None:
    document = adf.render(PLAIN)
    back = json.loads(json.dumps(document))
    for node in nodes(back):
        if node["type"] != "text":
            node.setdefault("attrs", {})["localId"] = "b1946ac9"
    paragraph = back["content"][0]["content"]
    words = paragraph[0]["text"]
    paragraph[:] = [{"type": "text", "text": words[:5]}, {"type": "text", "text": words[5:]}]
    assert adf.digest(back) == adf.digest(document)


@pytest.mark.parametrize("edit", ["text", "link", "node"])
def test_an_edit_by_hand_changes_the_digest(edit: str) -> None:
    document = adf.render(PLAIN)
    back = json.loads(json.dumps(document))
    if edit == "text":
        back["content"][0]["content"][0]["text"] += " and page on it"
    elif edit == "node":
        back["content"].append({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1"}}]})
    else:
        link = next(mark for node in nodes(back) for mark in node.get("marks", []) if mark["type"] == "link")
        link["attrs"]["href"] = "https://example.org/elsewhere"
    assert adf.digest(back) != adf.digest(document)


def test_the_digest_of_a_document_nested_without_end_is_found() -> None:
    document: dict[str, Any] = {"type": "paragraph"}
    for _ in range(5_000):
        document = {"type": "blockquote", "content": [document]}
    assert len(adf.digest(document)) == 16
    assert adf.digest(None) != adf.digest(document)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://u:p@example.org/", "http://", "https://a b"],
)
def test_an_address_that_no_reader_should_follow_is_no_link(url: str) -> None:
    assert safe_url(url) == ""
