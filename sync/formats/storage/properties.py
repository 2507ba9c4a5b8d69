"""What a page says of itself: the macro of page properties, and lines, rows and headings such as `Status: final`."""

from __future__ import annotations

from collections.abc import Iterator

from sync.formats.storage import tables
from sync.formats.storage.reader import Page
from sync.postmortem.blocks import Statement, Token
from sync.postmortem.fields import references
from sync.postmortem.plain import words

_MOST = 200
"""Blocks that are looked through for what a body says of itself, and entries of each list and table."""

_LONGEST = 400


def front(page: Page) -> dict[str, str]:
    """The page properties: values by name as written, the first of a name. A lone link to a ticket is its address."""
    found: dict[str, str] = {}
    for grid in page.properties:
        for name, value in tables.pairs(grid):
            written = words(name.tokens).strip(" :")
            said = _address(value.tokens) or words(value.tokens)
            if written and said:
                found.setdefault(written, said)
    return found


def statements(page: Page, end: int) -> Iterator[Statement]:
    """What blocks in front of `end` say, up to the timeline."""
    blocks = page.blocks[:_MOST]
    for number, block in enumerate(blocks):
        if block.start >= end:
            return
        if block.kind == "heading":
            title = words(block.tokens)
            if "timeline" in title.lower():
                return
            below = blocks[number + 1] if number + 1 < len(blocks) else None
            value = _lines(below.tokens)[0] if below is not None and below.kind == "paragraph" else []
            yield from _stated(block.tokens, value)
        elif block.kind == "paragraph":
            for line in _lines(block.tokens):
                yield from _stated(line)
        elif block.kind == "list":
            for item in block.children[:_MOST]:
                if item.children and item.children[0].kind == "paragraph":
                    yield from _stated(item.children[0].tokens)
        elif block.kind == "table" and (grid := page.grids.get(block.start)) and tables.names_values(grid):
            for name, cell in tables.pairs(grid)[:_MOST]:
                yield from _stated(name.tokens, cell.tokens)


def _stated(tokens: list[Token], value: list[Token] | None = None) -> Iterator[Statement]:
    """One field: `Name: value`, or a name alone with its value elsewhere."""
    text = words(tokens)
    if not text or len(text) > _LONGEST:
        return
    before, colon, after = text.partition(":")
    if colon and len(before) <= 60 and after.strip():
        yield Statement(before.strip(), after.strip(), _address(tokens))
    elif value:
        said = words(value)
        if said and len(said) <= _LONGEST:
            yield Statement(before.strip(), said, _address(value))


def _lines(tokens: list[Token]) -> list[list[Token]]:
    """Running text by its lines; at least one."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        if token[0] == "break":
            lines.append([])
        else:
            lines[-1].append(token)
    return lines


def _address(tokens: list[Token]) -> str:
    """The address of the first link to a ticket; "" for none."""
    return next((value for kind, _, _, value in tokens if kind == "link" and references.is_ticket_url(value)), "")
