"""Items written as table rows, whatever their columns are called and wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from sync.model import ActionItem, Cell, Due, DueKind, Notation, Row, Span, State, Table, TableSlot
from sync.postmortem import evidence, items, sections, templates, tense
from sync.postmortem.blocks import Block
from sync.postmortem.context import Candidate, Context
from sync.postmortem.fields import owners, references, states
from sync.postmortem.fields.found import Fields, due_of
from sync.postmortem.items import Result
from sync.postmortem.lexicon import Lexicon, fold, phrases, unspaced
from sync.postmortem.plain import Plain, trimmed, words
from sync.postmortem.scope import Scope
from sync.postmortem.sections import Standing

_DATED = re.compile(rb"\w \d{4}-\d\d-\d\d\Z")


class Columns(NamedTuple):
    """A table's columns: their titles, which of them holds what, and which the action; and how many rows there are."""

    titles: list[str]
    found: dict[str, int]
    text: int
    rows: int


_DECORATION = re.compile(r"[*_`:?]|\(s\)")


_ROLES = ("owner", "due", "state", "ticket", "priority", "type", "text", "number", "note")
_SIGNS = {"#": "number", "№": "number", "✅": "state", "☑": "state", "✔": "state"}


@cache
def _columns() -> Lexicon:
    kinds = {role: phrases(role, f"column.{role}") for role in _ROLES}
    kinds["state"] += phrases("state.done")
    return Lexicon(kinds | {"link": phrases("title.link")})


@cache
def _actions() -> Lexicon:
    return Lexicon({"action": phrases("column.action")})


def is_action_column(title: str) -> bool:
    """Whether a column with such a title can hold nothing but actions."""
    return bool(_actions().find(fold(_clean(title))))


def roles(titles: list[str]) -> dict[str, int]:
    """Which column holds what, by the header alone. Each column serves one purpose, the first of its kind wins."""
    found: dict[str, int] = {}
    clean = [_clean(title) for title in titles]
    for index, title in enumerate(clean):
        if "text" not in found and is_action_column(title):
            found["text"] = index
    for index, title in enumerate(clean):
        if index not in found.values() and (role := _role(title, found)):
            found[role] = index
    return found


def _role(title: str, taken: Collection[str]) -> str:
    """What a column of that title holds: its whole name tells, else what its words are made of."""
    if title in _SIGNS:
        return "" if _SIGNS[title] in taken else _SIGNS[title]
    words = fold(title)
    kinds = _columns().find(words) - {"link"}
    if not kinds and words:
        pieces = [piece for piece in _columns().scan(words) if piece.kinds or piece.text.isalnum()]
        if all(piece.kinds for piece in pieces):
            kinds = frozenset[str]().union(*(piece.kinds for piece in pieces)) - {"link"}
    return next((role for role in _ROLES if role in kinds and role not in taken), "")


def _clean(title: str) -> str:
    return " ".join(_DECORATION.sub(" ", title).split())


def is_actions(block: Block) -> bool:
    """Whether a table under any heading lists actions: a column of actions, and one that tracks them."""
    if not block.children or block.children[0].kind != "head":
        return False
    titles = [words(cell.tokens) for cell in block.children[0].children]
    clean = [_clean(title) for title in titles]
    if not any(is_action_column(title) for title in clean if title):
        return False
    found = roles(titles)
    tracked = [name for name in ("owner", "state", "ticket") if name in found]
    if not tracked or any(fold(title) in phrases("column.time") for title in clean):
        return False
    rows = [
        words(row.children[found["text"]].tokens) for row in block.children[1:] if len(row.children) > found["text"]
    ]
    return (
        "due" in found
        or "priority" in found
        or len(tracked) >= 2
        or any(sections.is_action(title) and len(title.split()) > 1 for title in clean)
        or sum(map(tense.is_action_sentence, rows)) * 2 > len(rows) > 1
    )


_TRACKED = "a column for owners, dates, states or tickets"


def is_tracked(block: Block) -> bool:
    """Whether a table has a column that tracks what its rows hold."""
    if not block.children or block.children[0].kind != "head":
        return False
    return bool(
        {"owner", "state", "ticket", "due"} & set(roles([words(cell.tokens) for cell in block.children[0].children]))
    )


def read(block: Block, context: Context, scope: Scope) -> bool:
    """Add the rows of a table as items; False when the table holds none by its form."""
    if not block.children or block.children[0].kind != "head":
        if any(row.kind == "row" for row in block.children):
            context.leave_out(block.start, _words_of(block.children[0]), "the table has no row of headings")
        return False
    head = block.children[0]
    titles = [words(cell.tokens) for cell in head.children]
    found = roles(titles)
    rows = [row for row in block.children[1:] if row.kind == "row"]
    text_column = _text_column(found, titles, rows, evidence.PLACES[Standing.ACTIONS] in scope.signs)
    if text_column is None:
        context.leave_out(block.start, " | ".join(titles), "no column of the table holds actions")
        return False
    found = {name: index for name, index in found.items() if index != text_column or name == "text"}
    _choose_ticket(found, titles, rows, text_column)
    columns = Columns(titles, found, text_column, len(rows))
    layout = context.opened.layout(block)
    tracked = {_TRACKED} if {"owner", "due", "state", "ticket"} & set(found) else set()
    index = len(context.tables)
    for position, (row, place) in enumerate(zip(rows, layout.body, strict=True)):
        if context.full:
            break
        slot = TableSlot(
            index,
            position,
            _cell(row, place, found.get("ticket"), context),
            _cell(row, place, found.get("state"), context),
        )
        if place.broken:
            why = f"its row has {place.cells} cells for {len(titles)} columns: write a pipe within a cell as \\|"
            context.leave_out(row.start, _words_of(row), why)
            context.warn(row.start, f"the row is left out: {why}")
            continue
        result = _item(row, context, scope, columns, slot)
        if why := _merged(place, columns):
            result = Result(why=why)
        if result.item is None:
            context.leave_out(row.start, _words_of(row), result.why)
            continue
        signs = {*scope.signs, *evidence.of_form(result.item), *tracked}
        context.add(Candidate(result.item, signs))
        if len(result.item.references) > 1:
            first = result.item.references[0].label
            context.warn(row.start, f"more than one ticket is linked; the first is followed: {first}")
        if place.cells != len(titles):
            context.warn(row.start, f"the row has {place.cells} cells, the table has {len(titles)} columns")
    context.tables.append(
        Table(
            len(titles),
            *layout,
            Span(block.start, block.end),
            found.get("ticket"),
            found.get("state"),
            _state_words(rows, found.get("state")),
        )
    )
    return True


def _merged(place: Row, columns: Columns) -> str:
    """Why nothing can be said of a row alone; "" where nothing of it is merged with other cells."""
    if columns.text in place.covered:
        return "its action is merged with another cell"
    for name in ("ticket", "state"):
        if columns.found.get(name, -1) in (*place.covered, *place.shared):
            return f"its {'status' if name == 'state' else name} cell is merged with another cell"
    return ""


def _words_of(row: Block) -> str:
    return " | ".join(words(cell.tokens) for cell in row.children)


def _state_words(rows: list[Block], column: int | None) -> tuple[tuple[State, str], ...]:
    """The first words that a state column uses for each state."""
    used: dict[State, str] = {}
    for row in rows:
        if column is not None and column < len(row.children):
            said = words(row.children[column].tokens)
            state = states.cell(said) if said else None
            if state is not None and len(said) <= 24 and "http" not in said:
                used.setdefault(state, said)
    return tuple(sorted(used.items()))


def _cell(row: Block, place: Row, column: int | None, context: Context) -> Cell | None:
    return None if column is None else context.opened.cell(row, place, column)


def _choose_ticket(found: dict[str, int], titles: list[str], rows: list[Block], text: int) -> None:
    """Settle which column holds tickets: one of sentences is about the problem, whatever its title says."""
    best, most = -1, 0.0
    for index, title in enumerate(titles):
        if index == text or index in (at for name, at in found.items() if name != "ticket"):
            continue
        if "ticket" not in _columns().find(fold(_clean(title))) and _role(_clean(title), ()) != "ticket":
            continue
        texts = [words(row.children[index].tokens) for row in rows[:40] if index < len(row.children)]
        sentences = sum(len(one.split()) > 3 and not references.mentions(one) for one in texts)
        linked = sum(references.mentions(one) for one in texts)
        value = 1.0 + (fold(_clean(title)) not in _ABOUT) + (2 * linked - 4 * sentences) / max(1, len(texts))
        if value > most:
            best, most = index, value
    if best >= 0:
        found["ticket"] = best
    else:
        found.pop("ticket", None)


_ABOUT = frozenset(("issue", "issues", "bug", "bugs", "task", "story", "stories", "card"))
"""Titles of a column that may as well tell what is wrong."""


def _text_column(found: dict[str, int], titles: list[str], rows: list[Block], promised: bool) -> int | None:
    """The column that holds the action: by its title, else the one of sentences; None where no row holds one."""
    tracked = {"owner", "due", "state", "ticket"} & set(found)
    if "text" in found:
        index = found["text"]
        if not (tracked or is_action_column(titles[index]) or (promised and _length(rows, index) > 2)):
            return None
        if not is_action_column(titles[index]) and _length(rows, index) <= 2:
            longer = [at for at in range(len(titles)) if at not in found.values() and _length(rows, at) >= 4]
            return longer[0] if longer else index
        return index
    taken = {found.get(name) for name in ("number", "owner", "due", "state", "priority")}
    sizes = {at: _length(rows, at) for at in range(len(titles)) if at not in taken}
    best = max(sizes, key=lambda at: sizes[at], default=None)
    if best is None or not sizes[best]:
        return 0 if len(titles) == 1 else None
    return best if tracked or "priority" in found or (promised and sizes[best] >= 3) else None


def _length(rows: list[Block], column: int) -> float:
    """How many words the cells of a column have on average."""
    texts = [words(row.children[column].tokens) for row in rows[:20] if column < len(row.children)]
    counts = [len(text) / 3 if unspaced(text) else len(text.split()) for text in texts]
    return sum(counts) / len(counts) if counts else 0.0


def _item(row: Block, context: Context, scope: Scope, columns: Columns, slot: TableSlot) -> Result:
    titles, found, text_column, _ = columns
    cells = row.children
    if text_column >= len(cells):
        return Result(why="it has no action")
    filled = [index for index, cell in enumerate(cells) if cell.tokens]
    if not filled:
        return Result(why="the row is empty")
    fields = Fields()
    plain = Plain(cells[text_column].tokens, context.opened)
    own = Fields()
    strike = [mark for mark in plain.marks if mark.kind == "strike"]
    struck = bool(strike) and strike[0].start == 0 and strike[0].end >= len(plain.text.rstrip())
    text = items.annotated(plain, context, own)
    for name in ("state", "owner", "due", "ticket", "priority", "type"):
        at = found.get(name)
        if at is not None and at < len(cells) and cells[at].tokens:
            _field(name, Plain(cells[at].tokens, context.opened), context, fields)
    for index in filled:
        if (index not in found.values() and index != text_column) or index in (
            found.get("note"),
            found.get("type"),
            found.get("number"),
        ):
            for one in references.find(Plain(cells[index].tokens, context.opened)):
                if not one.loose:
                    fields.add_reference(one.reference, f"column {titles[index] if index < len(titles) else index}")
    fields.add_owners(tuple(own.owners) if "owner" not in found else (), "in the text")
    fields.set_due(own.due, "in the text")
    fields.set_state(own.state, "in the text")
    for reference in own.references:
        fields.add_reference(reference, "in the text")
    if "number" in found:
        fields.references = [one for one in fields.references if not _is_row(one.text, columns.rows)]
    fields.priority = fields.priority or own.priority
    if struck:
        fields.set_state(State.DONE, "struck through")
    fields.set_state(scope.state, "the group's title")
    if not fields.owners:
        fields.add_owners(scope.people, "the line above the group")
    if not text or templates.placeholder(text):
        if not (fields.references and text):
            if not fields.references or not (set(filled) - {found.get("number")}):
                return Result(why=templates.placeholder(text) or "the row is empty")
            text = text or fields.references[0].label
        elif not fields.references:
            return Result(why=templates.placeholder(text))
    item = ActionItem(
        line=context.line(row.start),
        text=text,
        notation=Notation.TABLE,
        section=scope.section,
        span=trimmed(context.opened.data, row.start, row.end),
        slot=slot,
        owners=tuple(fields.owners),
        due=fields.due,
        state=fields.state or State.OPEN,
        state_stated=fields.state is not None,
        written=State.DONE if slot.state and _DATED.search(_text(slot.state, context)) else None,
        references=tuple(fields.references),
        priority=fields.priority,
        type=fields.type,
        rule="row of a table of actions",
        reasons=tuple(fields.reasons),
        parent=scope.parent,
    )
    return Result(item)


def _is_row(text: str, rows: int) -> bool:
    """Whether `#3` means the third row of a table whose rows are numbered."""
    return text[:1] == "#" and text[1:].isdigit() and int(text[1:]) <= rows


def _text(cell: Cell, context: Context) -> bytes:
    return context.opened.data[cell.content.start : cell.content.end].partition(b",")[0]


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
    elif name in ("priority", "type") and (state := states.word(text)) is not None:
        fields.set_state(state, f"the {name} column")
    elif name == "priority":
        fields.priority = fields.priority or " ".join(text.split())[:40] or None
    elif name == "type":
        fields.type = fields.type or " ".join(text.split())[:60] or None
