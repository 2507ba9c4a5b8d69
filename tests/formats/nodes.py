"""The nodes of a page as another parser sees them: what a write-back may add, and what it must leave."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree

from sync.formats.storage import elements

MARKER = "ac:inline-comment-marker"
OF_SUFFIX = re.compile(r"[(),]|open|done|won't|do|\d{4}-\d\d-\d\d")


class Node(NamedTuple):
    """An element; strikes without attributes are left out, and what they hold stands in their place."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    words: list[str]
    children: list[Node]


def page(data: bytes) -> Node:
    """The page as the standard library's tree builder has it."""
    names = b'xmlns:ac="ac" xmlns:ri="ri"'
    prologue = elements.PROLOGUE.removesuffix(b"<page>")
    return _node(ElementTree.fromstring(prologue + b"<page %s>%s</page>" % (names, data)))


def _name(element: ElementTree.Element) -> str:
    return element.tag.replace("{ac}", "ac:").replace("{ri}", "ri:")


def _node(element: ElementTree.Element) -> Node:
    node = Node(_name(element), tuple(sorted(element.attrib.items())), _words(element.text), [])
    for child in element:
        inner = _node(child)
        if inner.name == "s" and not inner.attributes:
            node.words.extend(inner.words)
            node.children.extend(inner.children)
        else:
            node.children.append(inner)
        node.words.extend(_words(child.tail))
    return node


def _words(text: str | None) -> list[str]:
    return re.findall(r"[(),]|[^\s(),]+", text or "")


def only_ours(before: bytes, after: bytes) -> None:
    """Raises where a node or a word of the author was taken away or moved, or one came that we never write."""
    _same(page(before), page(after), "", False)


def _same(old: Node, new: Node, path: str, free: bool) -> None:
    path = f"{path}/{old.name}"
    assert (old.name, old.attributes) == (new.name, new.attributes), path
    free = free or old.name in ("td", "th") or old.name == "ac:task-status"
    kept = [word for word in old.words if not OF_SUFFIX.fullmatch(word)]
    left = iter(new.words)
    assert free or all(word in left for word in kept), f"{path}: other words"
    assert free or all(word in old.words or OF_SUFFIX.fullmatch(word) for word in new.words), f"{path}: new words"
    if old.name == MARKER:
        assert old == new, f"{path}: a comment is about something else"
    children = [one for one in old.children if not _is_ours(one, old.name)]
    others = [one for one in new.children if not _is_ours(one, old.name)]
    if old.name == "tr" or old.name == "colgroup":
        others, more = others[: len(children)], others[len(children) :]
        assert all(one.name in ("td", "th", "col") for one in more), path
    assert len(children) == len(others), f"{path}: more nodes, or fewer"
    for one, other in zip(children, others, strict=True):
        _same(one, other, path, free)


def _is_ours(node: Node, within: str) -> bool:
    lozenge = node.name == "ac:structured-macro" and node.attributes == (("{ac}name", "status"),)
    address = dict(node.attributes).get("href", "")
    colour = node.name == "ac:parameter" and node.attributes == (("{ac}name", "colour"),)
    return (
        (lozenge and within in ("td", "p", "div"))
        or colour
        or (node.name == "a" and address.startswith("https://acme.example/browse/OPS-"))
    )
