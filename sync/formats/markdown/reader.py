"""The one place that knows the Markdown parser: its events become a small tree of blocks with byte ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyromark

from sync.errors import DocumentError

_OPTIONS = pyromark.Options
_PARSER = pyromark.Markdown(
    options=_OPTIONS.ENABLE_TABLES | _OPTIONS.ENABLE_STRIKETHROUGH | _OPTIONS.ENABLE_TASKLISTS | _OPTIONS.ENABLE_GFM
)

MAX_TOKENS = 1_000_000
"""Pieces of inline markup kept for one block; more is an attack, not a postmortem."""

Token = tuple[str, int, int, str]
"""A piece of running text: kind, start, end and value.

Kinds: text, code, break, html, link (URL in place), autolink, reflink (URL elsewhere), image, strong, em,
strike. The last seven cover the tokens within their range. The value of a link is its destination.
"""

Interest = Callable[[str, int, int], bool]
"""Whether a top-level block (kind, start, end) is worth its contents."""


class Block:
    """A block and its byte range.

    Attributes:
        kind: heading, paragraph, list, item, table, head, row, cell, html, code, quote, rule or other.
        value: a heading's level; a numbered list's first number; None otherwise.
        box: the offset of the byte between `[` and `]` of a task list item, else -1.
        tokens: the running text of a heading, a paragraph or a cell.
        children: blocks within; the text of a tight list item is a paragraph among them.
        opened: whether tokens and children were read at all.
    """

    __slots__ = ("box", "children", "end", "kind", "opened", "start", "tokens", "value")

    def __init__(self, kind: str, start: int, end: int, value: int | None = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.box = -1
        self.tokens: list[Token] = []
        self.children: list[Block] = []
        self.opened = True


_PLAIN_BLOCKS = {
    "Paragraph": "paragraph",
    "Item": "item",
    "TableHead": "head",
    "TableRow": "row",
    "TableCell": "cell",
    "HtmlBlock": "html",
}
_KEYED_BLOCKS = {"Heading": "heading", "List": "list", "Table": "table", "CodeBlock": "code", "BlockQuote": "quote"}
_PLAIN_SPANS = {"Strong": "strong", "Emphasis": "em", "Strikethrough": "strike"}
_INLINE_LINKS = {"Inline": "link", "Autolink": "autolink", "Email": "autolink"}
_LEAVES = {"Text": "text", "Code": "code", "InlineHtml": "html", "Html": "html"}


def _kind(tag: Any) -> str:
    if type(tag) is str:
        return _PLAIN_BLOCKS.get(tag, "other")
    for key in tag:
        return _KEYED_BLOCKS.get(key, "other")
    return "other"


def _value(tag: Any) -> int | None:
    if type(tag) is dict:
        if "Heading" in tag:
            return int(tag["Heading"]["level"][1:])
        if "List" in tag:
            number = tag["List"]
            return None if number is None else int(number)
    return None


def _span_token(tag: Any, start: int, end: int) -> Token | None:
    """The token of an inline element that spans others; None for a block."""
    if type(tag) is str:
        kind = _PLAIN_SPANS.get(tag)
        return (kind, start, end, "") if kind else None
    if "Link" in tag:
        link = tag["Link"]
        return (_INLINE_LINKS.get(link["link_type"], "reflink"), start, end, link["dest_url"])
    if "Image" in tag:
        return ("image", start, end, "")
    return None


def blocks(text: str, base: int, interest: Interest) -> Iterator[Block]:
    """The top-level blocks of a Markdown text, in order.

    Args:
        text: without BOM and front matter.
        base: number of bytes in front of it; added to every offset.
        interest: asked for each block before its contents are read; a heading's are always read.

    Raises:
        DocumentError: one block holds an absurd amount of markup.
    """
    events = iter(_PARSER.events_with_range(text))
    for event, extent in events:
        if "Start" not in event:
            if event == "Rule":
                yield Block("rule", extent["start"] + base, extent["end"] + base)
            continue
        tag = event["Start"]  # type: ignore[index]
        block = Block(_kind(tag), extent["start"] + base, extent["end"] + base, _value(tag))
        if block.kind == "heading" or interest(block.kind, block.start, block.end):
            _fill(block, events, base)
        else:
            block.opened = False
            depth = 1
            for inner, _ in events:
                if "Start" in inner:
                    depth += 1
                elif "End" in inner:
                    depth -= 1
                    if not depth:
                        break
        yield block


def _fill(top: Block, events: Iterator[Any], base: int) -> None:
    """Read the contents of a block up to its end."""
    stack: list[Block | None] = [top]  # None stands for an inline element
    leaf: Block | None = top if top.kind in ("heading", "paragraph") else None
    count = 0
    for event, extent in events:
        start = extent["start"] + base
        end = extent["end"] + base
        if type(event) is str:
            if leaf is None and event != "Rule":
                leaf = _tight(stack, start)
            if leaf is not None:
                leaf.tokens.append(("break", start, end, ""))
            continue
        key, tag = next(iter(event.items()))
        if key == "Start":
            token = _span_token(tag, start, end)
            if token is not None:
                if leaf is None:
                    leaf = _tight(stack, start)
                leaf.tokens.append(token)
                stack.append(None)
                count += 1
            else:
                block = Block(_kind(tag), start, end, _value(tag))
                parent = next(one for one in reversed(stack) if one is not None)
                parent.children.append(block)
                stack.append(block)
                leaf = block if block.kind in ("paragraph", "heading", "cell") else None
        elif key == "End":
            if stack.pop() is not None:
                leaf = None
            if not stack:
                return
        elif key == "TaskListMarker":
            for holder in reversed(stack):
                if holder is not None and holder.kind == "item":
                    holder.box = start + 1
                    break
        elif key in _LEAVES:
            holder = stack[-1]
            if holder is not None and holder.kind in ("html", "code"):
                continue
            if leaf is None:
                leaf = _tight(stack, start)
            leaf.tokens.append((_LEAVES[key], start, end, tag))
            count += 1
        if count > MAX_TOKENS:
            raise DocumentError(f"one block holds more than {MAX_TOKENS} pieces of markup.", "Split the document.")


def _tight(stack: list[Block | None], start: int) -> Block:
    """A paragraph for text that stands directly in its parent, as in a tight list."""
    parent = next(one for one in reversed(stack) if one is not None)
    paragraph = Block("paragraph", start, parent.end)
    parent.children.append(paragraph)
    return paragraph
