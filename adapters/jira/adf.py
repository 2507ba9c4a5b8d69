"""A ticket's description as an Atlassian document (ADF), which Jira Cloud wants. Pure.

Text is only ever put into text nodes, where Jira gives no character a meaning; mentions, macros, cards and media
are nodes of their own, of which this module makes none but the mention of a ticket's assignee in a reminder.
"""

from __future__ import annotations

from typing import Any

from adapters.bodies import body_digest
from adapters.jira.text import FOOTER, entries, plain
from sync.model import Body

Node = dict[str, Any]


def render(body: Body) -> Node:
    """The document of a description; valid by Atlassian's schema for any text in `body`."""
    content: list[Node] = []
    text = plain(body.text)
    if text:
        content.append(_paragraph(_text(text)))
    items = [_item(entry.name, entry.value, entry.url) for entry in entries(body)]
    if items:
        content.append({"type": "bulletList", "content": items})
    content.append(_paragraph(_text(FOOTER, {"type": "em"})))
    return {"version": 1, "type": "doc", "content": content}


def comment(account: str, words: str) -> Node:
    """The document of a comment, which mentions an account where one is given: the only mention there ever is."""
    mention: list[Node] = [{"type": "mention", "attrs": {"id": account}}, _text(" ")] if account else []
    return {"version": 1, "type": "doc", "content": [_paragraph(*mention, _text(plain(words)))]}


def digest(document: object) -> str:
    """Digest of what a reader of the document sees and may follow; the same after Jira has normalised it."""
    seen, links = _read(document)
    parts = (" ".join(seen.split()), *sorted(links))
    return body_digest("\n".join(parts))


def _read(document: object) -> tuple[str, set[str]]:
    """The text of a document, and the targets of its links. Iterative: a stranger's document may nest without end."""
    words: list[str] = []
    links: set[str] = set()
    stack: list[object] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            kind = node.get("type")
            # Jira may cut a run of text in two or join two: only blocks separate words.
            words.append(str(node.get("text", "")) if kind == "text" else f" <{kind}> ")
            for mark in node.get("marks") or []:
                if isinstance(mark, dict) and mark.get("type") == "link":
                    links.add(str((mark.get("attrs") or {}).get("href", "")))
            stack.append(node.get("content"))
    return "".join(words), links


def _paragraph(*inline: Node) -> Node:
    return {"type": "paragraph", "content": list(inline)}


def _text(text: str, *marks: Node) -> Node:
    return {"type": "text", "text": text, "marks": list(marks)} if marks else {"type": "text", "text": text}


def _item(name: str, value: str, url: str) -> Node:
    link = [{"type": "link", "attrs": {"href": url}}] if url else []
    inline = (_text(f"{name}:", {"type": "strong"}), _text(f" {value}" if not link else " "))
    linked = (_text(value, *link),) if link else ()
    return {"type": "listItem", "content": [_paragraph(*inline, *linked)]}
