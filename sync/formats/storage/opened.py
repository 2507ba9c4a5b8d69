"""A body of the storage format, as understanding asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sync.formats.storage import ours, properties, reader, tables
from sync.model import Cell, Row, Span
from sync.postmortem.blocks import Block, Layout, Statement, Suffix, Token

_TAG = re.compile(rb"<[^>]*>")
_BARE = 400_000
"""Bytes of a body that are looked through for ordinary words."""


class OpenedStorage:
    """A body, as `Opened` asks for it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.page = reader.read(data)
        self.front: Mapping[str, object] = properties.front(self.page)

    def blocks(self) -> Iterator[Block]:
        """The tree of blocks, without the page properties."""
        return iter(self.page.blocks)

    def statements(self, end: int) -> Iterator[Statement]:
        """What the body says of the page before `end`, such as `Status: final`."""
        return properties.statements(self.page, end)

    def bare(self) -> bytes:
        """The words of the body, and blanks for its tags."""
        return _TAG.sub(b" ", self.data[:_BARE])

    def inside(self, token: Token) -> Span:
        """What stands between the tags of an emphasis, a strike or code."""
        return self.page.inner.get(token[1], Span(token[1], token[2]))

    def target(self, token: Token) -> Span | None:
        """The value of a link's `href`, with its entities; None where it stands elsewhere."""
        return ours.address_of(self.data, token[1]) if token[0] == "link" else None

    def suffix(self, start: int, end: int) -> Suffix | None:
        """What we wrote ourselves within these bytes."""
        return ours.find(self.data, start, end)

    def layout(self, table: Block) -> Layout:
        """Where the rows of a table can be added to."""
        return tables.layout(self.page.grids[table.start])

    def cell(self, row: Block, place: Row, column: int) -> Cell:
        """One cell of a row, or where it would stand."""
        return tables.cell(self.data, self.page.lines[row.start], column)
