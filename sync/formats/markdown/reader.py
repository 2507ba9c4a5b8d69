"""The one place that knows the Markdown parser: its events become a small tree of blocks with byte ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyromark

from sync.errors import DocumentError
from sync.model import Span, State
from sync.postmortem.blocks import Block, Box

_OPTIONS = pyromark.Options
_PARSER = pyromark.Markdown(
    options=_OPTIONS.ENABLE_TABLES | _OPTIONS.ENABLE_STRIKETHROUGH | _OPTIONS.ENABLE_TASKLISTS | _OPTIONS.ENABLE_GFM
)

MAX_TOKENS = 1_000_000
"""Pieces of inline markup kept for one block; more is an attack, not a postmortem."""

_NAMED_BLOCKS = {
    "Paragraph": "paragraph",
    "Item": "item",
    "TableHead": "head",
    "TableRow": "row",
    "TableCell": "cell",
    "HtmlBlock": "markup",
}
_KEYED_BLOCKS = {"Heading": "heading", "List": "list", "Table": "table", "CodeBlock": "code", "BlockQuote": "quote"}
_NAMED_SPANS = {"Strong": "strong", "Emphasis": "em", "Strikethrough": "strike"}
_LINKS = {"Inline": "link", "Autolink": "autolink", "Email": "autolink"}
_LEAVES = {"Text": "text", "Code": "code", "InlineHtml": "markup", "Html": "markup"}
_RUNNING = frozenset(("paragraph", "heading", "cell"))


def blocks(text: str, base: int) -> Iterator[Block]:
    """The top-level blocks of a Markdown text, in order.

    Args:
        text: without BOM and front matter.
        base: number of bytes in front of it; added to every offset.

    Raises:
        DocumentError: one block holds an absurd amount of markup.
    """
    open_: list[Block | None] = []  # None stands for an inline element
    leaf: Block | None = None
    count = 0
    events: Iterator[tuple[Any, Any]] = iter(_PARSER.events_with_range(text))
    for event, extent in events:
        if type(event) is str:
            start, end = extent["start"] + base, extent["end"] + base
            if event != "Rule":
                leaf = leaf or _tight(open_, start)
                leaf.tokens.append(("break", start, end, ""))
            elif not open_:
                yield Block("rule", start, end)
        elif "End" in event:
            closed = open_.pop()
            if closed is not None:
                leaf = None
                if not open_:
                    yield closed
                    count = 0
        elif "Start" in event:
            tag = event["Start"]
            start, end = extent["start"] + base, extent["end"] + base
            kind, value = (_NAMED_SPANS.get(tag), "") if type(tag) is str else _link(tag)
            if kind is None:
                block = _block(tag, start, end)
                for holder in reversed(open_):
                    if holder is not None:
                        holder.children.append(block)
                        break
                open_.append(block)
                leaf = block if block.kind in _RUNNING else None
            else:
                leaf = leaf or _tight(open_, start)
                leaf.tokens.append((kind, start, end, value))
                open_.append(None)
                count += 1
        elif "TaskListMarker" in event:
            start = extent["start"] + base
            for holder in reversed(open_):
                if holder is not None and holder.kind == "item":
                    state = State.DONE if event["TaskListMarker"] else State.OPEN
                    holder.box = Box(Span(start + 1, start + 2), state)
                    break
        elif leaf is not None or not _raw(open_):
            ((key, value),) = event.items()
            if key in _LEAVES:
                start = extent["start"] + base
                leaf = leaf or _tight(open_, start)
                leaf.tokens.append((_LEAVES[key], start, extent["end"] + base, value))
                count += 1
                if count > MAX_TOKENS:
                    why = f"one block holds more than {MAX_TOKENS} pieces of markup."
                    raise DocumentError(why, "Split the document.")


def _link(tag: dict[str, Any]) -> tuple[str | None, str]:
    """The token kind and address of a link or an image; None for a block."""
    if "Link" in tag:
        link = tag["Link"]
        return _LINKS.get(link["link_type"], "reflink"), link["dest_url"]
    return ("image" if "Image" in tag else None), ""


def _block(tag: Any, start: int, end: int) -> Block:
    if type(tag) is str:
        return Block(_NAMED_BLOCKS.get(tag, "other"), start, end)
    for key, inner in tag.items():
        value = None
        if key == "Heading":
            value = int(inner["level"][1:])
        elif key == "List" and inner is not None:
            value = int(inner)
        return Block(_KEYED_BLOCKS.get(key, "other"), start, end, value)
    return Block("other", start, end)


def _raw(open_: list[Block | None]) -> bool:
    """Whether what is open is code or a block of HTML, whose contents are no text."""
    holder = open_[-1] if open_ else None
    return holder is not None and holder.kind in ("markup", "code")


def _tight(open_: list[Block | None], start: int) -> Block:
    """A paragraph for text that stands directly in its parent, as in a tight list."""
    parent = next(one for one in reversed(open_) if one is not None)
    paragraph = Block("paragraph", start, parent.end)
    parent.children.append(paragraph)
    return paragraph
