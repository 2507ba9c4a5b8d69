"""What a document must show of its tickets, as edits, each in the idiom of its notation. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.formats.edits import tidy
from sync.formats.markdown.ours import address, cell_words, link, state_words
from sync.model import ActionItem, Cell, Edit, InlineSlot, Postmortem, Reference, Span, State, Status, Table, TableSlot
from sync.postmortem.fields import states

_NOTHING = frozenset((b"-", b"--", b"---", "–".encode(), "—".encode(), b"?", b"tbd", b"n/a", b"na", b"none", b"todo"))
_WONTDO = b"won't do"
_SAID = re.compile(r"(?P<state>open|done|won't do)(?P<date> \d{4}-\d\d-\d\d)?\)\Z")
_TICKET_NAME = re.compile(r"[\[(`]*(?:(?:[\w./-]*#|gh-)\d+|[a-z][a-z0-9_]*-\d+)[\])`]*", re.IGNORECASE)
_MARKER_ALONE = re.compile(rb"[\r\n][ \t>]*(?:[-*+]|\d{1,9}[.)])\Z")
_DATE_AT_END = re.compile(r"\s+\d{4}-\d\d-\d\d\Z")


def render(postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
    """Edits that make the document show these statuses; none where it shows them already.

    Args:
        statuses: by index of the item.

    Returns:
        sorted edits that do not overlap, for `apply_edits(postmortem.data, …)`.
    """
    edits: list[Edit] = []
    rows: dict[int, dict[int, tuple[TableSlot, ActionItem, Status]]] = {}
    for index in sorted(statuses):
        item, status = postmortem.items[index], statuses[index]
        if status.relink and status.reference and not _in_suffix(item, status.reference):
            edits += _relinked(postmortem.data, status.reference, status)
        if isinstance(item.slot, InlineSlot):
            edits += _inline(postmortem.data, item, item.slot, status)
        else:
            rows.setdefault(item.slot.table, {})[item.slot.row] = (item.slot, item, status)
    for number, some in rows.items():
        edits += _table(postmortem.data, postmortem.tables[number], some)
    return tidy(edits, postmortem.data)


# --- running text ----------------------------------------------------------------------------


def _inline(data: bytes, item: ActionItem, slot: InlineSlot, status: Status) -> list[Edit]:
    edits: list[Edit] = []
    if slot.box:
        ticked = data[slot.box.start : slot.box.end] in (b"x", b"X")
        if ticked != (status.state is not State.OPEN):
            edits.append(Edit(slot.box, b" " if ticked else b"x"))
    strike = _strike(data, slot, status)
    return edits + strike + _suffix(data, item, slot, status, unstruck=len(strike) == 2 and not strike[0].text)


def _suffix(data: bytes, item: ActionItem, slot: InlineSlot, status: Status, unstruck: bool) -> list[Edit]:
    """The parenthesis as it must be: added, changed, taken away, or left as it is."""
    old = data[slot.suffix.start : slot.suffix.end].decode("utf-8") if slot.suffix else ""
    reference = status.reference
    needed = _must_say(slot, status, unstruck)
    words = _words(old, status)
    linked = old.startswith("([")
    if reference is not None and not _in_suffix(item, reference):
        if linked:  # a link to something else, which must not be lost
            new = old if item.state is status.state else _link_in(old) + (f", {words})" if needed else ")")
        elif not old or not needed:
            new = f"({words})" if needed else old if old and item.state is status.state is State.OPEN else ""
        else:
            new = old if old == "(done)" and status.state is State.DONE else f"({words})"
    else:
        mine = reference is not None
        shown = _link_in(old) if mine and not status.relink else f"({link(status.label, status.url)}"
        new = f"{shown}, {words})" if needed or slot.box is None else f"{shown})"
        if linked and not mine and slot.suffix:
            return [Edit(Span(slot.suffix.end, slot.suffix.end), f" {new}".encode())]
    if new == old:
        return []
    if slot.suffix is None:
        # A last line of nothing but a marker is text until a blank follows it; then it begins a list.
        alone = _MARKER_ALONE.search(data, max(0, slot.insert - 100), slot.insert)
        return [Edit(Span(slot.insert, slot.insert), f"{'' if alone else ' '}{new}".encode())]
    return [Edit(slot.suffix, new.encode()) if new else Edit(Span(slot.insert, slot.suffix.end), b"")]


def _must_say(slot: InlineSlot, status: Status, unstruck: bool) -> bool:
    """Whether the state needs words of its own, since box, strike and the author's words do not tell it."""
    if slot.box is None:
        return (slot.said or State.OPEN) is not status.state
    if status.state is State.DONE:
        return slot.strike is not None and not unstruck
    return status.state is State.WONTDO or slot.said not in (None, State.OPEN)


def _words(old: str, status: Status) -> str:
    """The state in words; a day that is known already is kept when the tracker tells none."""
    match = _SAID.search(old)
    if match and match["date"] and status.state is State.DONE and status.closed_on is None:
        return old[match.start() : -1]
    return state_words(status.state, status.closed_on)


def _link_in(suffix: str) -> str:
    """The parenthesis up to the end of its link."""
    return suffix[: suffix.rindex("](") + suffix[suffix.rindex("](") :].index(")") + 1]


def _strike(data: bytes, slot: InlineSlot, status: Status) -> list[Edit]:
    """A task that will not be done is struck out; a strike of ours goes when it no longer holds."""
    if slot.box is None:
        return []
    if status.state is State.WONTDO:
        if slot.strike or not _can_be_struck(data[slot.content.start : slot.content.end].decode("utf-8")):
            return []
        return [Edit(Span(at, at), b"~~") for at in slot.content]
    ours = slot.suffix and _WONTDO in data[slot.suffix.start : slot.suffix.end]
    if slot.strike and ours:
        return [Edit(span, b"") for span in slot.strike]
    return []


def _can_be_struck(content: str) -> bool:
    """Whether `~~` around it is a strike: no blanks at its ends, no backslash before ours, no tilde to pair with it."""
    return content != "" and content == content.strip() and "~" not in content and not content.endswith("\\")


def _in_suffix(item: ActionItem, reference: Reference) -> bool:
    slot = item.slot
    if not isinstance(slot, InlineSlot) or slot.suffix is None or reference.span is None:
        return False
    return slot.suffix.start <= reference.span.start and reference.span.end <= slot.suffix.end


def _relinked(data: bytes, reference: Reference, status: Status) -> list[Edit]:
    """The author's link, led to where the ticket is now; a bare URL stays bare, a label of their own words is kept."""
    if reference.span is None:
        return []
    named = reference.label in ("", reference.text) or _TICKET_NAME.fullmatch(reference.label)
    if reference.target and not (named and data[reference.span.start : reference.span.start + 1] == b"["):
        return [Edit(reference.target, address(status.url).encode())]
    return [Edit(reference.span, link(status.label if named else reference.label, status.url).encode())]


# --- tables ----------------------------------------------------------------------------------


def _table(data: bytes, table: Table, rows: Mapping[int, tuple[TableSlot, ActionItem, Status]]) -> list[Edit]:
    edits: list[Edit] = []
    tails: dict[int, dict[int, str]] = {}
    needs_link = any(status.reference is None for _, _, status in rows.values())
    unsaid = {row for row, (slot, item, status) in rows.items() if _unsaid(data, slot, item, status)}
    add_ticket = table.ticket_column is None and needs_link
    add_state = table.state_column is None and (add_ticket or bool(unsaid))
    ticket_at = table.columns if add_ticket else -1
    state_at = table.columns + add_ticket if add_state else -1
    used = dict(table.state_words)
    for number, (slot, _, status) in rows.items():
        shown = link(status.label, status.url) if status.reference is None else ""
        words = cell_words(status, used)
        tail = tails.setdefault(number, {})
        if add_ticket:
            tail[ticket_at] = shown
        elif shown and slot.ticket:
            edits += _fill(data, slot.ticket, shown, tail)
        if add_state:
            tail[state_at] = words
        elif slot.state and number in unsaid:
            edits += _say(data, slot.state, words, tail)
    return edits + _tails(table, tails, ticket_at, state_at)


def _unsaid(data: bytes, slot: TableSlot, item: ActionItem, status: Status) -> bool:
    """Whether the row must be told its state: another one, none beside a link that is new, or one only in the cell
    that the link will share."""
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
    old = data[cell.content.start : cell.content.end]
    if not old or old.lower() in _NOTHING:
        return [Edit(cell.content, _spaced(data, cell.content, text))]
    return [Edit(Span(cell.content.end, cell.content.end), f" {text}".encode())]


def _say(data: bytes, cell: Cell, words: str, tail: dict[int, str]) -> list[Edit]:
    """A state into a cell: it takes the place of another state; what else an author wrote there stays behind it."""
    if not cell.present:
        tail[cell.column] = words
        return []
    old = data[cell.content.start : cell.content.end].decode("utf-8")
    first, comma, _ = old.partition(",")
    if states.word(_DATE_AT_END.sub("", first)) is not None and comma:
        return [Edit(Span(cell.content.start, cell.content.start + len(first.encode())), words.encode())]
    if old and ("](" in old or "http" in old or states.cell(old) is None):
        return [Edit(Span(cell.content.start, cell.content.start), f"{words}, ".encode())]
    return [Edit(cell.content, _spaced(data, cell.content, words))]


def _spaced(data: bytes, span: Span, text: str) -> bytes:
    """The text with a blank where it would touch a pipe."""
    before = b" " if data[span.start - 1 : span.start] == b"|" else b""
    after = b" " if data[span.end : span.end + 1] == b"|" else b""
    return before + text.encode() + after


def _tails(table: Table, tails: Mapping[int, Mapping[int, str]], ticket_at: int, state_at: int) -> list[Edit]:
    """What rows get at their right edge: cells they lack, and the columns that are new."""
    added = [at for at in (ticket_at, state_at) if at >= 0]
    edits: list[Edit] = []
    for number, ((end, closed), cells) in enumerate(zip(table.row_ends, table.cells_in_row, strict=True)):
        filled = dict(tails.get(number, {}))
        if number == 0:
            filled = {at: name for at, name in ((ticket_at, "Ticket"), (state_at, "Status")) if at >= 0}
        elif number == 1:
            filled = dict.fromkeys(added, "---")
        last = max([*filled, *added], default=-1)
        if last < cells:
            continue
        texts = [filled.get(column, "") for column in range(cells, last + 1)]
        edits.append(Edit(Span(end, end), _tail(texts, closed).encode()))
    return edits


def _tail(texts: list[str], closed: bool) -> str:
    if closed:
        return "".join(f" {text} |" if text else " |" for text in texts)
    return "".join(f" | {text}" if text else " |" for text in texts)
