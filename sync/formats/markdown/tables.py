"""Tables of Markdown: how many cells a line really has, where one can be written, and what is written there."""

from __future__ import annotations

from collections.abc import Mapping

from sync.formats import words
from sync.formats.markdown import ours
from sync.formats.statuses import RowStatus
from sync.model import Cell, Edit, Row, Span, State, Status, Table
from sync.postmortem import templates
from sync.postmortem.blocks import Block, Layout
from sync.postmortem.fields import states

# --- reading -----------------------------------------------------------------------------------


def layout(data: bytes, table: Block) -> Layout:
    """The lines of a table: header, delimiter and rows."""
    head = table.children[0]
    columns = len(head.children)
    first = _row(data, head, columns)._replace(cells=columns)
    return Layout(
        (first, _delimiter(data, head.end, table.end, columns)),
        tuple(_row(data, row, columns) for row in table.children[1:] if row.kind == "row"),
    )


def cell(data: bytes, row: Block, place: Row, column: int) -> Cell:
    """Where a row's cell can be written."""
    end = _visible_end(data, row)
    if column >= place.cells or column >= len(row.children):
        return Cell(column, Span(end, end), False)
    block = row.children[column]
    start, stop = block.start, min(block.end, end)
    while start < stop and data[start : start + 1] in (b" ", b"\t"):
        start += 1
    while stop > start and data[stop - 1 : stop] in (b" ", b"\t"):
        stop -= 1
    if start == stop:
        width = min(block.end, end) - block.start
        start = stop = block.start + (1 if width >= 2 else 0)
    return Cell(column, Span(start, stop))


def _row(data: bytes, row: Block, columns: int) -> Row:
    """A line of the table; new columns go in front of cells that no reader sees."""
    end = _visible_end(data, row)
    count = _cells(data, row, end, columns)
    if count > columns:
        last = row.children[columns - 1].end
        return Row(last + 1, True, count, bool(data[last:end].strip(b" \t|")))
    return Row(end, _is_pipe(data, end - 1, row.start), count)


def _visible_end(data: bytes, row: Block) -> int:
    """The offset behind a row's last visible byte."""
    end = row.end
    while end > row.start and data[end - 1 : end] in (b" ", b"\t", b"\n", b"\r"):
        end -= 1
    return end


def _is_pipe(data: bytes, at: int, floor: int) -> bool:
    if at < floor or data[at : at + 1] != b"|":
        return False
    slashes = 0
    while at - 1 - slashes >= floor and data[at - 1 - slashes : at - slashes] == b"\\":
        slashes += 1
    return slashes % 2 == 0


def _delimiter(data: bytes, start: int, end: int, columns: int) -> Row:
    stop = start
    while stop < end and data[stop : stop + 1] not in (b"\n", b"\r"):
        stop += 1
    while stop > start and data[stop - 1 : stop] in (b" ", b"\t"):
        stop -= 1
    return Row(stop, data[stop - 1 : stop] == b"|", columns)


def _cells(data: bytes, row: Block, end: int, columns: int) -> int:
    """How many cells a row really has, the superfluous ones included."""
    present = 0
    last = row.start
    for block in row.children:
        if block.start >= end and not (block.start == end and block.end > end):
            break
        present += 1
        last = block.end
    if present < columns:
        return present
    extra = 0
    at = last
    while at < end:
        if _is_pipe(data, at, row.start) and at + 1 < end:
            extra += 1
        at += 1
    return present + extra


# --- writing -----------------------------------------------------------------------------------


def render(data: bytes, table: Table, rows: Mapping[int, RowStatus]) -> list[Edit]:
    """Edits of one table, its rows given by number. Columns that it lacks are added together with the first link."""
    edits: list[Edit] = []
    tails: dict[int, dict[int, str]] = {}
    needs_link = any(row_status.status.reference is None for row_status in rows.values())
    unsaid = {row for row, row_status in rows.items() if _unsaid(data, row_status)}
    add_ticket = table.ticket_column is None and needs_link
    add_state = table.state_column is None and (needs_link or bool(unsaid))
    ticket_at = table.columns if add_ticket else -1
    state_at = table.columns + add_ticket if add_state else -1
    used = dict(table.state_words)
    for number, (slot, _, status) in rows.items():
        shown = ours.link(status.label, status.url) if status.reference is None else ""
        tail = tails.setdefault(number, {})
        if add_ticket:
            tail[ticket_at] = shown
        elif shown and slot.ticket:
            edits += _fill(data, slot.ticket, shown, tail)
        if add_state:
            tail[state_at] = words.of_cell(status, used, ours.safe)
        elif slot.state and number in unsaid:
            edits += _say(data, slot.state, status, used, tail)
    return edits + _tails(table, tails, ticket_at, state_at)


def _unsaid(data: bytes, row_status: RowStatus) -> bool:
    """Whether the row must be told its state.

    It says another one, none beside a link that is new, or one only in the cell that the link will share.
    """
    slot, item, status = row_status
    if item.state is not status.state:
        return True
    if status.reference is None and slot.state and slot.state.content.start == slot.state.content.end:
        return True
    if status.reference is not None or not slot.ticket or status.state is State.OPEN:
        return False
    shared = data[slot.ticket.content.start : slot.ticket.content.end].decode("utf-8")
    return (states.word(shared) or states.last(shared)) is not None


def _fill(data: bytes, cell: Cell, text: str, tail: dict[int, str]) -> list[Edit]:
    """A link into a cell; what an author wrote there stays in front, unless it only says that there is none."""
    if not cell.present:
        tail[cell.column] = text
        return []
    old = data[cell.content.start : cell.content.end].decode("utf-8")
    if not old or templates.says_nothing(old):
        return [Edit(cell.content, _spaced(data, cell.content, text))]
    return [Edit(Span(cell.content.end, cell.content.end), f" {text}".encode())]


def _say(data: bytes, cell: Cell, status: Status, used: Mapping[State, str], tail: dict[int, str]) -> list[Edit]:
    """A state into a cell: it takes the place of the words for another; what else an author wrote there stays."""
    if not cell.present:
        tail[cell.column] = words.of_cell(status, used, ours.safe)
        return []
    old = data[cell.content.start : cell.content.end].decode("utf-8")
    said = words.said(old)
    says = words.of_cell(status, used, ours.safe, said.words if said else "")
    if said and "](" not in old[: said.end]:
        first, last = (cell.content.start + len(old[:at].encode()) for at in (said.start, said.end))
        return [Edit(Span(first, last), says.encode())]
    if old and states.cell(old) is None:
        return [Edit(Span(cell.content.start, cell.content.start), f"{says}, ".encode())]
    return [Edit(cell.content, _spaced(data, cell.content, says))]


def _spaced(data: bytes, span: Span, text: str) -> bytes:
    """The text with a blank where it would touch a pipe."""
    before = b" " if data[span.start - 1 : span.start] == b"|" else b""
    after = b" " if data[span.end : span.end + 1] == b"|" else b""
    return before + text.encode() + after


def _tails(table: Table, tails: Mapping[int, Mapping[int, str]], ticket_at: int, state_at: int) -> list[Edit]:
    """What lines get at their right edge: cells they lack, and the columns that are new."""
    added = [at for at in (ticket_at, state_at) if at >= 0]
    titles = {at: name for at, name in ((ticket_at, "Ticket"), (state_at, "Status")) if at >= 0}
    filled = [titles, dict.fromkeys(added, "---"), *({**tails.get(row, {})} for row in range(len(table.body)))]
    edits: list[Edit] = []
    for line, cells in zip((*table.head, *table.body), filled, strict=True):
        last = max([*cells, *added], default=-1)
        count = min(line.cells, table.columns)
        if last >= count:
            texts = [cells.get(column, "") for column in range(count, last + 1)]
            edits.append(Edit(Span(line.end, line.end), _tail(texts, line.closed).encode()))
    return edits


def _tail(texts: list[str], closed: bool) -> str:
    if closed:
        return "".join(f" {text} |" if text else " |" for text in texts)
    return "".join(f" | {text}" if text else " |" for text in texts)
