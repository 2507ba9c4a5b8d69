"""Boxes that GitHub shows as words and people mean as boxes: `[-]`, `[~]`, `[/]`, `[>]`, `[N/A]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sync.model import Span, State
from sync.postmortem.blocks import Block, Box, Opened
from sync.postmortem.plain import cut

LIKE = re.compile(rb"(?:^|[-*+.)] +)\[(?:[-~/>]|[Nn]/[Aa])\][ \t]", re.MULTILINE)
"""Whether a document may have one at all."""

_BOX = re.compile(rb"\[(?P<mark>[-~/>]|[Nn]/[Aa])\][ \t]+")
_STATES = {b"-": State.WONTDO, b"~": State.WONTDO, b"n/a": State.WONTDO, b"/": State.OPEN, b">": State.OPEN}


def said(mark: bytes) -> State:
    """What stands between the brackets of a box says: an `x` done, a dash won't do, a blank open."""
    return _STATES.get(mark.lower(), State.DONE if mark in (b"x", b"X") else State.OPEN)


def read(blocks: Iterable[Block], opened: Opened) -> Iterator[Block]:
    """The same blocks; entries of lists that begin with such a box are tasks."""
    for block in blocks:
        stack = [block]
        while stack:
            one = stack.pop()
            if one.kind == "item" and one.box is None and one.children:
                _take(one, opened)
            if one.kind in ("list", "item", "quote"):
                stack += one.children
        yield block


def _take(item: Block, opened: Opened) -> None:
    paragraph = item.children[0]
    if paragraph.kind != "paragraph" or not paragraph.tokens or paragraph.tokens[0][0] != "text":
        return
    match = _BOX.match(opened.data, paragraph.tokens[0][1], paragraph.tokens[-1][2])
    tokens = cut(paragraph.tokens, opened, match.end()) if match else []
    if match and tokens:
        item.box = Box(Span(*match.span("mark")), said(match["mark"]))
        paragraph.tokens = tokens
