"""Tables of the storage format: which cell stands in which column, merged cells counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.model import Cell, Row, Span
from sync.postmortem.blocks import Block, Layout
from sync.postmortem.plain import bounds

MOST_COLUMNS = 100
_MOST_ROWS = 10_000
_EMPTY = Block("cell", 0, 0)
"""Stands in a column that a wider cell covers."""


@dataclass(slots=True)
class Field:
    """A `th` or `td`.

    Attributes:
        place: where words can go while it has none; the `/>` of an element that is to be opened for them.
        columns, rows: that it covers.
        heading: whether it is a `th`.
        numbering: whether it only counts the rows.
    """

    block: Block
    place: Span
    columns: int = 1
    rows: int = 1
    heading: bool = False
    numbering: bool = False


@dataclass(slots=True)
class Line:
    """A `tr`.

    Attributes:
        end: where its end tag begins; -1 where it has none.
        group: which thead or tbody it belongs to, by number.
        header: whether it stands in a thead.
        own, fields: its own cells in order, and by column.
        width: how many columns its cells and those that reach over it fill.
        covered: columns that a cell of another column or of a row above reaches over.
        shared: columns whose cell reaches over rows below.
    """

    block: Block
    group: int
    header: bool
    end: int = -1
    own: list[Field] = field(default_factory=list)
    fields: dict[int, Field] = field(default_factory=dict)
    covered: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)
    width: int = 0


@dataclass(slots=True)
class Grid:
    """A table.

    Attributes:
        colgroup: where the end tag of its `colgroup` begins; -1 where it has none.
        width: columns of its widest row.
    """

    block: Block
    colgroup: int = -1
    lines: list[Line] = field(default_factory=list)
    width: int = 0
    group: int = 0
    header: bool = False

    def row(self, line: Line) -> Row:
        """A line as `Layout` has it."""
        return Row(line.end, False, self.width, False, tuple(line.covered), tuple(line.shared))


def count(attributes: Mapping[str, str], name: str) -> int:
    """How many columns or rows a cell covers by an attribute."""
    most = MOST_COLUMNS if name == "colspan" else _MOST_ROWS
    text = attributes.get(name, "1").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    number = int(text)
    return min(number or (most if name == "rowspan" else 1), most)


def lay_out(grid: Grid) -> int:
    """Give each row of the tree its cells by column, and say which rows are the header; returns how many cells."""
    above: dict[int, tuple[Block, int]] = {}
    group = -1
    cells = 0
    for number, line in enumerate(grid.lines):
        if line.group != group:
            above, group = {}, line.group
        above = _fill(line, above, last=number + 1 == len(grid.lines))
        line.width = len(line.block.children)
        grid.width = max(grid.width, line.width)
        cells += line.width
    for line in grid.lines:
        filled = [(column, one) for column, one in line.fields.items() if one.block.tokens]
        if len(filled) == 1 and filled[0][1].columns > 1:
            line.covered.append(filled[0][0])  # a title for the rows below it
    _name_header(grid)
    return cells


def _fill(line: Line, above: dict[int, tuple[Block, int]], last: bool) -> dict[int, tuple[Block, int]]:
    """The cells of one row; returns what reaches over the next one, by column, and for how many rows."""
    cells = line.block.children
    below: dict[int, tuple[Block, int]] = {}

    def reach_over() -> None:
        while len(cells) in above:
            block, left = above[len(cells)]
            line.covered.append(len(cells))
            if left > 1:
                below[len(cells)] = (block, left - 1)
            cells.append(block)

    for one in line.own:
        reach_over()
        if len(cells) >= MOST_COLUMNS:
            break
        first = len(cells)
        line.fields[first] = one
        if one.rows > 1 and not last:
            line.shared.append(first)
        for column in range(first, first + one.columns):
            block = one.block if column == first else _EMPTY
            if column > first:
                line.covered.append(column)
            if one.rows > 1:
                below[column] = (block, one.rows - 1)
            cells.append(block)
    for column in sorted(above):
        if column >= len(cells):
            cells += [_EMPTY] * (column - len(cells))
            reach_over()
    return below


def _name_header(grid: Grid) -> None:
    """The first row names the columns unless only its first cell does; further rows of the thead are no rows."""
    if not grid.lines:
        return
    first = grid.lines[0]
    headings = [one.heading for one in first.own if not one.numbering]
    if first.header or all(headings) or not any(headings):
        first.block.kind = "head"
        first.block.children += [_EMPTY] * (grid.width - len(first.block.children))
        for line in grid.lines[1:]:
            if not line.header and not (line.own and all(one.heading for one in line.own)):
                break
            line.block.kind = "other"


def layout(grid: Grid) -> Layout:
    """The lines of the header, then those that may be items."""
    head = tuple(grid.row(line) for line in grid.lines if line.block.kind != "row")
    return Layout(head, tuple(grid.row(line) for line in grid.lines if line.block.kind == "row"))


def names_values(grid: Grid) -> bool:
    """Whether a table only gives values by name: a column or a row of headings, and one of values."""
    return bool(grid.lines) and (_across(grid) or _down(grid))


def _across(grid: Grid) -> bool:
    """Names in the first of two rows."""
    return len(grid.lines) == 2 and _all_headings(grid.lines[0]) and not any(one.heading for one in grid.lines[1].own)


def _down(grid: Grid) -> bool:
    """Names in the first of two columns."""
    return grid.width == 2 and (len(grid.lines) == 1 or not _all_headings(grid.lines[0]))


def _all_headings(line: Line) -> bool:
    return bool(line.own) and all(one.heading for one in line.own)


def pairs(grid: Grid) -> list[tuple[Block, Block]]:
    """The cells of names and of their values, of a table that `names_values`."""
    if _across(grid):
        names, values = grid.lines[0].fields, grid.lines[1].fields
        return [(one.block, values[column].block) for column, one in names.items() if column in values]
    return [(line.fields[0].block, line.fields[1].block) for line in grid.lines if len(line.fields) == 2]


def cell(data: bytes, line: Line, column: int) -> Cell:
    """Where a cell can be written: its words, else the place for them; the row's end where it has no such cell."""
    one = line.fields.get(column)
    if one is None:
        return Cell(column, Span(line.end, line.end), False)
    return Cell(column, bounds(one.block.tokens, data) if one.block.tokens else one.place)
