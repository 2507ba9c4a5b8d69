"""Items written as table rows, whatever their columns are called and wherever they stand."""

from __future__ import annotations

import re

from sync.formats.markdown.reader import Block
from sync.model import ActionItem, Cell, Due, DueKind, Notation, Span, State, Table, TableSlot
from sync.postmortem import items, sections
from sync.postmortem.context import Context
from sync.postmortem.fields import owners, references, states, vocabulary
from sync.postmortem.fields.found import Fields, due_of
from sync.postmortem.plain import Plain, words

_ROLE = {name: re.compile(words_, re.IGNORECASE) for name, words_ in vocabulary.COLUMNS.items()}
_ACTION_COLUMN = re.compile(vocabulary.ACTION_COLUMN, re.IGNORECASE)


_DECORATION = re.compile(r"[*_`:?]|\(s\)")


def roles(titles: list[str]) -> dict[str, int]:
    """Which column holds what, by the header alone. Each column serves one purpose, the first of its kind wins."""
    found: dict[str, int] = {}
    order = ("owner", "due", "state", "ticket", "priority", "type", "text", "number", "note")
    clean = [_clean(title).casefold() for title in titles]
    for index, title in enumerate(clean):
        if title and _ACTION_COLUMN.fullmatch(title) and "text" not in found:
            found["text"] = index
    for index, title in enumerate(clean):
        if index in found.values() or not title:
            continue
        for name in order:
            if name not in found and _ROLE[name].fullmatch(title):
                found[name] = index
                break
    return found


def _clean(title: str) -> str:
    return " ".join(_DECORATION.sub(" ", title).split())


def may_be_actions(raw: bytes) -> bool:
    """Whether the header line of a table, as raw bytes, has a column of actions."""
    header = raw.partition(b"\n")[0][:2000].decode("utf-8", "ignore")
    return any(_ACTION_COLUMN.fullmatch(cell.strip(" \t\r>*_`:?")) for cell in header.split("|"))


def is_actions(block: Block) -> bool:
    """Whether a table under any heading lists actions: a column of actions, and one that tracks them."""
    if not block.children or block.children[0].kind != "head":
        return False
    titles = [words(cell.tokens) for cell in block.children[0].children]
    clean = [_clean(title) for title in titles]
    if not any(_ACTION_COLUMN.fullmatch(title) for title in clean if title):
        return False
    found = roles(titles)
    tracked = [name for name in ("owner", "state", "ticket") if name in found]
    return bool(tracked) and (
        "due" in found
        or "priority" in found
        or len(tracked) >= 2
        or any(sections.is_action(title) and len(title.split()) > 1 for title in clean)
    )


def read(block: Block, context: Context, section: str) -> bool:
    """Add the rows of a table as items; False when the table holds none by its form."""
    data = context.data
    if not block.children or block.children[0].kind != "head":
        return False
    head = block.children[0]
    titles = [words(cell.tokens) for cell in head.children]
    found = roles(titles)
    rows = [row for row in block.children[1:] if row.kind == "row"]
    text_column = _text_column(found, titles, rows)
    if text_column is None:
        context.leave_out(block.start, " | ".join(titles), "no column of the table holds actions")
        return False
    found = {name: index for name, index in found.items() if index != text_column or name == "text"}
    ticket_column, state_column = found.get("ticket"), found.get("state")
    columns = len(head.children)
    ends: list[tuple[int, bool]] = []
    counts: list[int] = []
    ends.append(_edge(data, head, columns)[0])
    counts.append(columns)
    ends.append(_delimiter(data, head.end, block.end))
    counts.append(columns)
    words_used: dict[State, str] = {}
    index = len(context.tables)
    for position, row in enumerate(rows):
        end, closed = row_end(data, row)
        edge, count = _edge(data, row, columns)
        ends.append(edge)
        counts.append(min(count, columns))
        if state_column is not None and state_column < len(row.children):
            said = words(row.children[state_column].tokens)
            state = states.cell(said) if said else None
            if state is not None and state not in words_used and len(said) <= 24 and "http" not in said:
                words_used[state] = said
        if not context.full:
            slot = TableSlot(
                index,
                position + 2,
                _cell(data, row, ticket_column, count, end, closed),
                _cell(data, row, state_column, count, end, closed),
            )
            result = _item(row, context, section, found, text_column, slot, end, titles)
            if isinstance(result, str):
                context.leave_out(row.start, data[row.start : end][:120].decode("utf-8", "replace"), result)
            else:
                context.add(result)
                if len(result.references) > 1:
                    first = result.references[0].label
                    context.warn(row.start, f"more than one ticket is linked; the first is followed: {first}")
                if count != columns:
                    context.warn(row.start, f"the row has {count} cells, the table has {columns} columns")
    context.tables.append(
        Table(columns, tuple(ends), tuple(counts), ticket_column, state_column, tuple(sorted(words_used.items())))
    )
    return True


def _text_column(found: dict[str, int], titles: list[str], rows: list[Block]) -> int | None:
    tracked = {"owner", "due", "state", "ticket"} & set(found)
    if "text" in found and (tracked or _ACTION_COLUMN.fullmatch(_clean(titles[found["text"]]))):
        return found["text"]
    if "text" in found:
        return None
    best, most = None, 0
    for index in range(len(titles)):
        if index in (
            found.get("number"),
            found.get("owner"),
            found.get("due"),
            found.get("state"),
            found.get("priority"),
        ):
            continue
        size = sum(len(words(row.children[index].tokens)) for row in rows[:20] if index < len(row.children))
        if size > most:
            best, most = index, size
    if best is None and len(titles) == 1:
        return 0
    if best is not None and not ({"owner", "due", "state", "ticket", "priority"} & set(found)):
        return None
    return best


def row_end(data: bytes, row: Block) -> tuple[int, bool]:
    """The offset behind a row's last visible byte, and whether a pipe closes it."""
    end = row.end
    while end > row.start and data[end - 1 : end] in (b" ", b"\t", b"\n", b"\r"):
        end -= 1
    return end, _is_pipe(data, end - 1, row.start)


def _edge(data: bytes, row: Block, columns: int) -> tuple[tuple[int, bool], int]:
    """Where new columns go (as `row_end`), in front of cells that no reader sees; how many cells the row really has."""
    end, closed = row_end(data, row)
    count = _cells(data, row, end, columns)
    return ((row.children[columns - 1].end + 1, True) if count > columns else (end, closed)), count


def _is_pipe(data: bytes, at: int, floor: int) -> bool:
    if at < floor or data[at : at + 1] != b"|":
        return False
    slashes = 0
    while at - 1 - slashes >= floor and data[at - 1 - slashes : at - slashes] == b"\\":
        slashes += 1
    return slashes % 2 == 0


def _delimiter(data: bytes, start: int, end: int) -> tuple[int, bool]:
    stop = start
    while stop < end and data[stop : stop + 1] not in (b"\n", b"\r"):
        stop += 1
    while stop > start and data[stop - 1 : stop] in (b" ", b"\t"):
        stop -= 1
    return stop, data[stop - 1 : stop] == b"|"


def _cells(data: bytes, row: Block, end: int, columns: int) -> int:
    """How many cells a row really has, the superfluous ones included."""
    present = 0
    last = row.start
    for cell in row.children:
        if cell.start >= end and not (cell.start == end and cell.end > end):
            break
        present += 1
        last = cell.end
    if present < columns:
        return present
    extra = 0
    at = last
    while at < end:
        if _is_pipe(data, at, row.start) and at + 1 < end:
            extra += 1
        at += 1
    return present + extra


def _cell(data: bytes, row: Block, column_: int | None, count: int, end: int, closed: bool) -> Cell | None:
    if column_ is None:
        return None
    if column_ >= count or column_ >= len(row.children):
        return Cell(column_, Span(end, end), False, column_ - count + (0 if closed else 1))
    cell = row.children[column_]
    start, stop = cell.start, min(cell.end, end)
    while start < stop and data[start : start + 1] in (b" ", b"\t"):
        start += 1
    while stop > start and data[stop - 1 : stop] in (b" ", b"\t"):
        stop -= 1
    if start == stop:
        width = min(cell.end, end) - cell.start
        start = stop = cell.start + (1 if width >= 2 else 0)
    return Cell(column_, Span(start, stop))


def _item(
    row: Block,
    context: Context,
    section: str,
    found: dict[str, int],
    text_column: int,
    slot: TableSlot,
    end: int,
    titles: list[str],
) -> ActionItem | str:
    cells = row.children
    if text_column >= len(cells):
        return "it has no action"
    filled = [index for index, cell in enumerate(cells) if cell.tokens]
    if not filled:
        return "the row is empty"
    fields = Fields()
    plain = Plain(cells[text_column].tokens, context.data)
    own = Fields()
    strike = [mark for mark in plain.marks if mark.kind == "strike"]
    struck = bool(strike) and strike[0].start == 0 and strike[0].end >= len(plain.text.rstrip())
    text = items.annotated(plain, context, own)
    for name in ("state", "owner", "due", "ticket", "priority", "type"):
        at = found.get(name)
        if at is not None and at < len(cells) and cells[at].tokens:
            _field(name, Plain(cells[at].tokens, context.data), context, fields)
    for index in filled:
        if (index not in found.values() and index != text_column) or index in (
            found.get("note"),
            found.get("type"),
            found.get("number"),
        ):
            for one in references.find(Plain(cells[index].tokens, context.data)):
                if not one.loose:
                    fields.add_reference(one.reference, f"column {titles[index] if index < len(titles) else index}")
    fields.add_owners(tuple(own.owners) if "owner" not in found else (), "in the text")
    fields.set_due(own.due, "in the text")
    fields.set_state(own.state, "in the text")
    for reference in own.references:
        fields.add_reference(reference, "in the text")
    fields.priority = fields.priority or own.priority
    if struck:
        fields.set_state(State.DONE, "struck through")
    if not text or items.placeholder(text):
        if not (fields.references and text):
            if not fields.references or not (set(filled) - {found.get("number")}):
                return items.placeholder(text) or "the row is empty"
            text = text or fields.references[0].label
        elif not fields.references:
            return items.placeholder(text)
    return ActionItem(
        line=context.line(row.start),
        text=text,
        notation=Notation.TABLE,
        section=section,
        span=Span(row.start, end),
        slot=slot,
        owners=tuple(fields.owners),
        due=fields.due,
        state=fields.state or State.OPEN,
        state_stated=fields.state is not None,
        references=tuple(fields.references),
        priority=fields.priority,
        type=fields.type,
        rule="row of a table of actions",
        reasons=tuple(fields.reasons),
    )


def _field(name: str, plain: Plain, context: Context, fields: Fields) -> None:
    text = plain.text
    if name != "ticket":
        linked = references.find(plain)
        for one in linked:
            if not one.loose:
                fields.add_reference(one.reference, f"the {name} column")
    if name == "state":
        fields.set_state(states.cell(text), "the status column")
    elif name == "owner":
        state = states.word(text)
        if state is not None:
            fields.set_state(state, "the owner column")
        elif len(text) <= 160:
            fields.add_owners(owners.split(plain, 0, len(text)), "the owner column")
    elif name == "due":
        due: Due = due_of(plain, 0, len(text), context)
        if due.kind is DueKind.UNKNOWN and (state := states.cell(text)) is not None:
            fields.set_state(state, "the due column")
        fields.set_due(due, "the due column")
    elif name == "ticket":
        for one in references.find(plain):
            fields.add_reference(one.reference, "the ticket column")
        state = states.word(text) or states.last(text)
        if state is not State.OPEN:  # `TBD` says that there is no ticket yet
            fields.set_state(state, "the ticket column")
    elif name == "priority":
        fields.priority = fields.priority or " ".join(text.split())[:40] or None
    elif name == "type":
        fields.type = fields.type or " ".join(text.split())[:60] or None
