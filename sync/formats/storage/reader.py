"""A body as a tree of blocks with exact byte ranges: headings, paragraphs, lists, tasks, tables and macros."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.formats.storage import elements, tables
from sync.formats.storage.parser import Element
from sync.formats.storage.running import BLANK, HOLDERS, RunningText, trim
from sync.formats.storage.tables import Field, Grid, Line
from sync.model import Span, State
from sync.postmortem import sections
from sync.postmortem.blocks import Block, Box

MAX_CELLS = 300_000
"""Cells of all tables together, those counted that merged ones cover."""

_KEY = re.compile(r"[A-Z][A-Z0-9_]+-\d+")


@dataclass(slots=True)
class Page:
    """A body as it was read.

    Attributes:
        blocks: the tree, without its page properties.
        grids: its tables, by where they begin.
        lines: rows of tables, by where they begin.
        inner: what stands between the tags of emphasis, strikes and code, by where they begin.
        properties: the tables of page properties.
    """

    blocks: list[Block] = field(default_factory=list)
    grids: dict[int, Grid] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    inner: dict[int, Span] = field(default_factory=dict)
    properties: list[Grid] = field(default_factory=list)


def read(data: bytes) -> Page:
    """The tree of a body.

    Raises:
        DocumentError: it is no well-formed storage format, or nested or wide beyond all measure; names the place.
    """
    return _Reader(data).read()


class _Reader(RunningText):
    """Reads the blocks."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.page = Page(inner=self.inner)
        self.grids: list[Grid] = []
        self.hoisted: list[Block] = []
        self.cells = 0

    def read(self) -> Page:
        self.parse()
        self.page.blocks = self.root.children
        return self.page

    # --- macros ------------------------------------------------------------------------------------

    def _start_macro(self, element: Element, attributes: Mapping[str, str]) -> None:
        element.value = attributes.get("ac:name", "")

    def _end_macro(self, element: Element, at: int, stop: int) -> None:
        says = element.values
        if element.value == "status" and says.get("title"):
            self._add(element, "status", stop, says["title"])
        elif element.value in elements.TICKETS and _KEY.fullmatch(says.get("key", "")):
            self._add(element, "ticket", stop, says["key"])
        elif element.block is None and self.leaf is not None:
            self.leaf.tokens.append(("markup", element.start, stop, ""))
        if element.value == "details" and element.block is not None:
            self._take_properties(element.block, element.place)

    def _take_properties(self, holder: Block, first: int) -> None:
        """The tables of names and values that a macro of page properties holds are no part of the text."""
        kept = holder.children[:first]
        for block in holder.children[first:]:
            grid = self.page.grids.get(block.start) if block.kind == "table" else None
            if grid is not None and tables.names_values(grid):
                self.page.properties.append(grid)
            else:
                kept.append(block)
        holder.children[:] = kept

    def _start_body(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        macro = self.open[-2] if len(self.open) > 1 else None
        if macro is None or macro.role != "macro":
            return
        holder = self.blocks[-1]
        macro.block, macro.place = holder, len(holder.children)
        title = macro.values.get("title", "")
        if holder is self.root and sections.read(title).standing is not sections.Standing.UNKNOWN:
            label = Block("paragraph", macro.start, element.start)
            label.tokens = [
                ("strong", macro.start, element.start, ""),
                ("text", macro.start, element.start, title),
            ]
            holder.children.append(label)

    def _end_body(self, element: Element, at: int, stop: int) -> None:
        self._finish()

    def _start_raw(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        if len(self.open) > 1 and self.open[-2].role == "macro":
            self.open[-2].block = self.blocks[-1]
        self._skip()

    def _end_raw(self, element: Element, at: int, stop: int) -> None:
        holder = self.blocks[-1]
        if holder.kind in HOLDERS:
            holder.children.append(Block("code", element.start, stop))

    # --- blocks ------------------------------------------------------------------------------------

    def _start_through(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()

    def _end_through(self, element: Element, at: int, stop: int) -> None:
        self._finish()
        if element.name == "div":
            self._offer(element, at, stop)
        elif element.name in ("tbody", "tfoot") and self.blocks[-1].kind == "table":
            self.grids[-1].group += 1

    def _start_paragraph(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        if self.blocks[-1].kind in HOLDERS:
            element.block = self._running(element.start)

    def _end_paragraph(self, element: Element, at: int, stop: int) -> None:
        if element.block is not None and self.leaf is element.block:
            element.block.end = stop
        self._finish()
        self._offer(element, at, stop)

    def _start_heading(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._start_paragraph(element, attributes)
        if element.block is not None:
            element.block.kind, element.block.value = "heading", int(element.name[1])

    _end_heading = _end_paragraph

    def _start_quote(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        if self.blocks[-1].kind in HOLDERS:
            self._begin(element, "quote")
        else:
            element.role = "through"

    def _end_quote(self, element: Element, at: int, stop: int) -> None:
        self._end_block(stop)

    def _start_rule(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        self._skip()

    def _end_rule(self, element: Element, at: int, stop: int) -> None:
        if len(self.blocks) == 1:
            self.root.children.append(Block("rule", element.start, stop))

    def _begin(self, element: Element, kind: str, holder: Block | None = None) -> Block:
        """Begin a block that holds others, within the innermost one or within `holder`."""
        block = Block(kind, element.start, element.start)
        (holder or self.blocks[-1]).children.append(block)
        self.blocks.append(block)
        element.block = block
        return block

    def _end_block(self, stop: int) -> Block:
        self._finish()
        block = self.blocks.pop()
        block.end = stop
        return block

    def _start_list(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        holder = self.blocks[-1]
        if holder.kind in HOLDERS:
            block = self._begin(element, "list")
        elif holder.kind == "list":
            if not holder.children:
                holder.children.append(Block("item", element.start, element.start))
            block = self._begin(element, "list", holder.children[-1])
        elif element.name == "ac:task-list":
            block = self._hoist(element, "list")
        else:
            element.role = "through"  # a list in a cell is lines of it
            return
        if element.name == "ol":
            block.value = tables.count(attributes, "start")

    def _hoist(self, element: Element, kind: str) -> Block:
        """Begin a block within a cell that is read on its own, behind the table."""
        block = Block(kind, element.start, element.start)
        self.hoisted.append(block)
        self.blocks.append(block)
        element.block = block
        return block

    def _end_list(self, element: Element, at: int, stop: int) -> None:
        self._end_block(stop)

    def _start_item(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        if self.blocks[-1].kind == "list":
            self._begin(element, "item")
        else:
            element.role = "through"

    def _end_item(self, element: Element, at: int, stop: int) -> None:
        self._end_block(stop)

    def _start_status(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._skip(catch=True)

    def _end_status(self, element: Element, at: int, stop: int) -> None:
        word = self._catch()
        item = self.blocks[-1]
        if item.kind == "item" and stop > at:
            bare = word.strip()
            first = self.data.find(bare.encode(), element.inner, at)
            if first >= 0:
                item.box = Box(Span(first, first + len(bare)), State.DONE if bare == "complete" else State.OPEN)

    def _start_table(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        holder = self.blocks[-1]
        if holder.kind in HOLDERS:
            block = self._begin(element, "table")
        elif holder.kind == "list" and holder.children:
            block = self._begin(element, "table", holder.children[-1])
        else:
            block = self._hoist(element, "table")
        self.grids.append(Grid(block))

    def _end_table(self, element: Element, at: int, stop: int) -> None:
        block = self._end_block(stop)
        grid = self.grids.pop()
        self.cells += tables.lay_out(grid)
        if self.cells > MAX_CELLS:
            raise self.error(element.start, f"the tables have more than {MAX_CELLS} cells.")
        self.page.grids[block.start] = grid
        if not self.grids and self.hoisted:
            self.blocks[-1].children += self.hoisted
            self.hoisted = []

    def _start_thead(self, element: Element, attributes: Mapping[str, str]) -> None:
        if self.blocks[-1].kind == "table":
            self.grids[-1].header = True

    def _end_thead(self, element: Element, at: int, stop: int) -> None:
        if self.blocks[-1].kind == "table":
            self.grids[-1].header = False
            self.grids[-1].group += 1

    def _start_colgroup(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._skip()

    def _end_colgroup(self, element: Element, at: int, stop: int) -> None:
        if self.blocks[-1].kind == "table" and stop > at:
            self.grids[-1].colgroup = at

    def _start_row(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        if self.blocks[-1].kind != "table":
            element.role = "through"
            return
        block = self._begin(element, "row")
        grid = self.grids[-1]
        line = Line(block, grid.group, grid.header)
        grid.lines.append(line)
        self.page.lines[block.start] = line

    def _end_row(self, element: Element, at: int, stop: int) -> None:
        block = self._end_block(stop)
        self.page.lines[block.start].end = at if stop > at else stop

    def _start_cell(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._finish()
        row = self.blocks[-1]
        if row.kind != "row":
            element.role = "through"
            return
        block = Block("cell", element.start, element.start)
        self.blocks.append(block)
        columns, rows = tables.count(attributes, "colspan"), tables.count(attributes, "rowspan")
        numbering = "numberingColumn" in attributes.get("class", "")
        one = Field(block, Span(-1, -1), columns, rows, element.name == "th", numbering)
        self.page.lines[row.start].own.append(one)

    def _end_cell(self, element: Element, at: int, stop: int) -> None:
        block = self._end_block(stop)
        trim(block.tokens)
        self._offer(element, at, stop, block)

    def _offer(self, element: Element, at: int, stop: int, cell: Block | None = None) -> None:
        """Let words go into an element of a cell that has none, unless one within it was offered before."""
        if cell is None:
            cell = self.blocks[-1]
            if cell.kind != "cell" or any(token[0] not in BLANK for token in cell.tokens):
                return
            row = self.blocks[-2]
        else:
            row = self.blocks[-1]
        one = self.page.lines[row.start].own[-1]
        if one.block is cell and one.place.start < 0:
            one.place = Span(stop - 2, stop) if stop == at else Span(element.inner, element.inner)
