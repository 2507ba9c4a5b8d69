"""What the cells of a table are told: a link, a state in the form of its column, or both in new columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from sync.formats import words
from sync.formats.statuses import RowStatus
from sync.formats.storage import ours
from sync.formats.storage.opened import OpenedStorage
from sync.formats.storage.tables import Grid, Line
from sync.model import Cell, Edit, Postmortem, Span, State, Status, Table
from sync.postmortem import templates
from sync.postmortem.blocks import Token
from sync.postmortem.fields import states
from sync.postmortem.plain import Plain

_TAG = re.compile(r"<ac:parameter\b(?![^<>]*\sac:name\s*=\s*[\"']title[\"'])[^<>]*>[^<>]*</ac:parameter\s*>|<[^<>]*>")
_PARAMETER = rb'<ac:parameter\b[^<>]*\sac:name\s*=\s*["\']%s["\'][^<>]*>\s*([^<>]*?)\s*</ac:parameter'
_TITLE = re.compile(_PARAMETER % b"title")
_COLOUR = re.compile(_PARAMETER % b"colour")
_NAME = re.compile(rb"[^\s/>]+")


def render(postmortem: Postmortem, rows: Mapping[int, Mapping[int, RowStatus]]) -> list[Edit]:
    """Edits of tables, their rows given by the table's number and their own.

    Columns that a table lacks are added together with the first link. The body is read anew only where something
    must be written.
    """
    edits: list[Edit] = []
    opened: OpenedStorage | None = None
    for number, some in rows.items():
        table = postmortem.tables[number]
        needs_link = any(one.status.reference is None for one in some.values())
        unsaid = {row for row, one in some.items() if _unsaid(postmortem.data, one)}
        if needs_link or unsaid:
            opened = opened or OpenedStorage(postmortem.data)
            edits += _Writer(opened, table, needs_link, unsaid).write(some)
    return edits


def _unsaid(data: bytes, row: RowStatus) -> bool:
    """Whether the row must be told its state.

    It says another one, none beside a link that is new, or one only in the cell that the link will share.
    """
    slot, item, status = row
    if item.state is not status.state:
        return True
    if status.reference is None and slot.state and not _text(data, slot.state.content):
        return True
    if status.reference is not None or not slot.ticket or status.state is State.OPEN:
        return False
    shared = _text(data, slot.ticket.content)
    return (states.word(shared) or states.last(shared)) is not None


def _text(data: bytes, span: Span) -> str:
    """The words of a piece of the body."""
    source = data[span.start : span.end].decode("utf-8")
    return "" if source == "/>" else " ".join(unescape(_TAG.sub(" ", source)).split())


class _Writer:
    """Writes into one table."""

    def __init__(self, opened: OpenedStorage, table: Table, needs_link: bool, unsaid: set[int]) -> None:
        self.opened = opened
        self.data = opened.data
        self.table = table
        self.grid: Grid = opened.page.grids[table.span.start]
        self.unsaid = unsaid
        self.add_ticket = table.ticket_column is None and needs_link
        self.add_state = table.state_column is None and (needs_link or bool(unsaid))
        self.used = dict(table.state_words)
        self.colours, self.lozenges = self._lozenges()

    def write(self, rows: Mapping[int, RowStatus]) -> list[Edit]:
        """The edits, rows given by their number in the body."""
        edits: list[Edit] = []
        tails: dict[int, dict[int, str]] = {}
        lines = [line for line in self.grid.lines if line.block.kind == "row"]
        for number, (slot, _, status) in rows.items():
            tail = tails.setdefault(lines[number].block.start, {})
            if status.reference is None:
                link = ours.link(status.label, status.url)
                if self.add_ticket:
                    tail[self.grid.width] = link
                elif slot.ticket:
                    edits += self._fill(slot.ticket, link, tail)
            if self.add_state:
                tail[self.grid.width + self.add_ticket] = ours.text(words.of_cell(status, self.used, ours.safe))
            elif slot.state and number in self.unsaid:
                edits += self._say(slot.state, lines[number], status, tail)
        return edits + self._columns(tails)

    def _lozenges(self) -> tuple[dict[State, str], bool]:
        """The colours that the column's lozenges have for states, and whether it holds any lozenge."""
        colours: dict[State, str] = {}
        found = False
        for line in self.grid.lines:
            one = line.fields.get(-1 if self.table.state_column is None else self.table.state_column)
            for kind, start, end, value in one.block.tokens if one else ():
                if kind == "status":
                    found = True
                    colour = _COLOUR.search(self.data, start, end)
                    state = states.cell(value)
                    if colour and state is not None and line.block.kind == "row":
                        colours.setdefault(state, colour[1].decode())
        return colours, found

    # --- cells that are there ------------------------------------------------------------------

    def _fill(self, cell: Cell, link: str, tail: dict[int, str]) -> list[Edit]:
        """A link into a cell; what an author wrote there stays in front, unless it only says that there is none."""
        if not cell.present:
            tail[cell.column] = link
            return []
        source = self.data[cell.content.start : cell.content.end].decode("utf-8")
        if not source or source == "/>":
            return [self._opened(cell.content, link)]
        if "<" not in source and templates.says_nothing(unescape(source)):
            return [Edit(cell.content, link.encode())]
        return [Edit(Span(cell.content.end, cell.content.end), f" {link}".encode())]

    def _opened(self, place: Span, text: str) -> Edit:
        """Text where there is none; an empty element is given an end tag for it."""
        if place.start == place.end:
            return Edit(place, text.encode())
        begin = self.data.rindex(b"<", 0, place.start) + 1
        name = _NAME.match(self.data, begin)
        return Edit(place, f">{text}</{name[0].decode() if name else 'p'}>".encode())

    def _say(self, cell: Cell, line: Line, status: Status, tail: dict[int, str]) -> list[Edit]:
        """A state into a cell: it takes the place of the words for another; what else an author wrote there stays."""
        new = self._new(status)
        if not cell.present:
            tail[cell.column] = new
            return []
        tokens = line.fields[cell.column].block.tokens
        if not tokens:
            return [self._opened(cell.content, new)]
        plain = Plain(tokens, self.opened)
        said = words.said(plain.text)
        says = ours.text(words.of_cell(status, self.used, ours.safe, said.words if said else ""))
        span = plain.span(said.start, said.end) if said else Span(tokens[0][1], tokens[0][2])
        if not any(kind == "comment" and start <= span.start < end for kind, start, end, _ in tokens):
            lozenge = next((token for token in tokens if token[0] == "status" and token[1] == span.start), None)
            if lozenge is not None and (said or len(tokens) == 1):
                return self._lozenge(lozenge, status)
            if said and b"<" not in self.data[span.start : span.end]:
                return [Edit(span, says.encode())]
        return [Edit(Span(cell.content.start, cell.content.start), f"{says}, ".encode())]

    def _new(self, status: Status) -> str:
        """A state in an empty cell, as a lozenge where the column holds lozenges."""
        says = words.of_cell(status, self.used, ours.safe)
        if not self.lozenges:
            return ours.text(says)
        return ours.lozenge(says, self.colours.get(status.state) or ours.colour(status.state))

    def _lozenge(self, token: Token, status: Status) -> list[Edit]:
        """Another title, and the colour that goes with it."""
        _, start, end, value = token
        says = ours.text(words.of_cell(status, self.used, ours.safe, value))
        title, colour = _TITLE.search(self.data, start, end), _COLOUR.search(self.data, start, end)
        if not title:
            return []
        edits = [Edit(Span(*title.span(1)), says.encode())]
        shade = self.colours.get(status.state) or ours.colour(status.state)
        if colour:
            edits.append(Edit(Span(*colour.span(1)), shade.encode()))
        else:
            at = self.data.index(b">", title.end()) + 1
            edits.append(Edit(Span(at, at), ours.parameter("colour", shade).encode()))
        return edits

    # --- cells that are not ----------------------------------------------------------------------

    def _columns(self, tails: Mapping[int, Mapping[int, str]]) -> list[Edit]:
        """What rows get at their right edge: cells that they lack, and the columns that are new."""
        names = ["Ticket"] * self.add_ticket + ["Status"] * self.add_state
        titles = {self.grid.width + at: name for at, name in enumerate(names)}
        edits: list[Edit] = []
        for number, line in enumerate(self.grid.lines):
            cells = titles if number == 0 else tails.get(line.block.start, {})
            last = max([*cells, *titles], default=-1)
            if last >= line.width and self.data[line.end : line.end + 2] == b"</":
                texts = [cells.get(column, "") for column in range(line.width, last + 1)]
                edits.append(Edit(Span(line.end, line.end), "".join(self._cell(line, text) for text in texts).encode()))
        if names and self.grid.colgroup >= 0:
            edits.append(Edit(Span(self.grid.colgroup, self.grid.colgroup), b"<col />" * len(names)))
        return edits

    def _cell(self, line: Line, text: str) -> str:
        """A cell like those beside it: a heading among headings, with a paragraph where they have one."""
        name = "th" if line.own and all(one.heading for one in line.own) else "td"
        paragraph = any(b"<p" in self.data[one.block.start : one.block.end] for one in line.own)
        return f"<{name}><p>{text}</p></{name}>" if paragraph and text else f"<{name}>{text}</{name}>"
