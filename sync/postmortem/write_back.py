"""What a document must show of its tickets, as edits, each in the idiom of its notation. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sync.model import ActionItem, Cell, Edit, InlineSlot, Postmortem, Reference, Span, State, Status, Table, TableSlot
from sync.postmortem.edits import tidy
from sync.postmortem.links import address, cell_words, link, state_words

_NOTHING = frozenset((b"-", b"--", b"---", "–".encode(), "—".encode(), b"?", b"tbd", b"n/a", b"na", b"none", b"todo"))
_WONTDO = b"won't do"


def write_back(postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
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
    said = item.state is status.state
    if slot.box:
        ticked = data[slot.box.start : slot.box.end] in (b"x", b"X")
        if ticked != (status.state is not State.OPEN):
            edits.append(Edit(slot.box, b" " if ticked else b"x"))
            said = True
    edits += _strike(data, slot, status)
    suffix = _suffix(data, item, slot, status, said)
    if slot.suffix is None:
        if suffix:
            edits.append(Edit(Span(slot.insert, slot.insert), b" " + suffix))
    elif suffix is not None:
        edits.append(Edit(slot.suffix, suffix))
    return edits


def _suffix(data: bytes, item: ActionItem, slot: InlineSlot, status: Status, said: bool) -> bytes | None:
    """The parenthesis as it must be; None where the present one, or none, is right."""
    words = state_words(status.state, status.closed_on)
    old = data[slot.suffix.start : slot.suffix.end] if slot.suffix else b""
    reference = status.reference
    if reference is not None and not _in_suffix(item, reference):
        return _alone(item, slot, status, said, words, old)
    if reference and reference.span and not status.relink:
        shown = data[reference.span.start : reference.span.end].decode("utf-8")
    else:
        shown = link(status.label, status.url)
    if slot.box is None:
        return f"({shown}, {words})".encode()
    if status.state is State.WONTDO or not said:
        return f"({shown}, {words})".encode()
    plain = f"({shown})".encode()
    # Words that an author's own mark made necessary (`[ ] text ✅` of an open ticket) stay while they are right.
    stays = item.state is status.state and status.state is State.OPEN and old.endswith(b", open)")
    return old if stays and not status.relink else plain


def _alone(item: ActionItem, slot: InlineSlot, status: Status, said: bool, words: str, old: bytes) -> bytes | None:
    """The parenthesis of an item whose link stands elsewhere on it: the state alone, and only where it is needed."""
    if old:
        return f"({words})".encode()
    if item.state is status.state or (slot.box and said and status.state is not State.WONTDO):
        return None
    return f"({words})".encode()


def _strike(data: bytes, slot: InlineSlot, status: Status) -> list[Edit]:
    """A task that will not be done is struck out; a strike of ours goes when it no longer holds."""
    if slot.box is None:
        return []
    if status.state is State.WONTDO:
        content = data[slot.content.start : slot.content.end]
        if slot.strike or not content.strip() or b"~~" in content or content.endswith(b"\\"):
            return []
        if not _can_be_struck(content):
            return []
        return [Edit(Span(at, at), b"~~") for at in slot.content]
    ours = slot.suffix and _WONTDO in data[slot.suffix.start : slot.suffix.end]
    if slot.strike and ours:
        return [Edit(span, b"") for span in slot.strike]
    return []


def _can_be_struck(content: bytes) -> bool:
    """Whether `~~` around it is a strike: its ends are no blanks, and no lone tilde pairs with ours."""
    return content == content.strip() and b"~" not in content


def _in_suffix(item: ActionItem, reference: Reference) -> bool:
    slot = item.slot
    if not isinstance(slot, InlineSlot) or slot.suffix is None or reference.span is None:
        return False
    return slot.suffix.start <= reference.span.start and reference.span.end <= slot.suffix.end


def _relinked(data: bytes, reference: Reference, status: Status) -> list[Edit]:
    """The author's link, led to where the ticket is now; a label of their own words is kept."""
    if reference.span is None:
        return []
    if reference.target and reference.label not in (reference.text, ""):
        return [Edit(reference.target, address(status.url).encode())]
    return [Edit(reference.span, link(status.label, status.url).encode())]


# --- tables ----------------------------------------------------------------------------------


def _table(data: bytes, table: Table, rows: Mapping[int, tuple[TableSlot, ActionItem, Status]]) -> list[Edit]:
    edits: list[Edit] = []
    tails: dict[int, dict[int, str]] = {}
    needs_link = any(status.reference is None for _, _, status in rows.values())
    needs_state = any(item.state is not status.state for _, item, status in rows.values())
    fits = all(cells <= table.columns for cells in table.cells_in_row)
    add_ticket = table.ticket_column is None and needs_link and fits
    add_state = table.state_column is None and (add_ticket or needs_state) and fits
    ticket_at = table.columns if add_ticket else -1
    state_at = table.columns + add_ticket if add_state else -1
    used = dict(table.state_words)
    for number, (slot, item, status) in rows.items():
        shown = link(status.label, status.url) if status.reference is None else ""
        words = cell_words(status, used)
        tail = tails.setdefault(number, {})
        if add_ticket:
            tail[ticket_at] = shown
        elif shown and slot.ticket:
            edits += _fill(data, slot.ticket, shown, tail)
        if add_state:
            tail[state_at] = words
        elif slot.state and item.state is not status.state:
            edits += _say(data, slot.state, words, tail)
    return edits + _tails(table, tails, ticket_at, state_at)


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
    if not cell.present:
        tail[cell.column] = words
        return []
    old = data[cell.content.start : cell.content.end]
    if b"](" in old or b"http" in old:
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
