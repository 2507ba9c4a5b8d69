"""What a Markdown document must show of its tickets, as edits, each in the idiom of its notation. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.formats.edits import tidy
from sync.formats.markdown import boxes, ours, tables
from sync.formats.markdown.tables import RowStatus
from sync.model import ActionItem, Edit, InlineSlot, Postmortem, Reference, Span, State, Status

_TICKET_NAME = re.compile(r"[\[(`]*(?:(?:[\w./-]*#|gh-)\d+|[a-z][a-z0-9_]*-\d+)[\])`]*", re.IGNORECASE)
_MARKER_ALONE = re.compile(rb"[\r\n][ \t>]*(?:[-*+]|\d{1,9}[.)])\Z")


def render(postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
    """Edits that make the document show these statuses; none where it shows them already.

    Args:
        statuses: by index of the item.

    Returns:
        sorted edits that do not overlap, for `apply_edits(postmortem.data, …)`.
    """
    edits: list[Edit] = []
    rows: dict[int, dict[int, RowStatus]] = {}
    for index in sorted(statuses):
        item, status = postmortem.items[index], statuses[index]
        if status.relink and status.reference and not _in_suffix(item, status.reference):
            edits += _relinked(postmortem.data, status.reference, status)
        if isinstance(item.slot, InlineSlot):
            edits += _inline(postmortem.data, item, item.slot, status)
        else:
            rows.setdefault(item.slot.table, {})[item.slot.row] = RowStatus(item.slot, item, status)
    for number, some in rows.items():
        edits += tables.render(postmortem.data, postmortem.tables[number], some)
    return tidy(edits, postmortem.data)


def _inline(data: bytes, item: ActionItem, slot: InlineSlot, status: Status) -> list[Edit]:
    edits: list[Edit] = []
    if slot.box and not _shows(data, slot.box, status.state):
        edits.append(Edit(slot.box, b" " if status.state is State.OPEN else b"x"))
    strike = _strike(data, slot, status)
    return edits + strike + _suffix(data, item, slot, status, unstruck=len(strike) == 2 and not strike[0].text)


def _suffix(data: bytes, item: ActionItem, slot: InlineSlot, status: Status, unstruck: bool) -> list[Edit]:
    """The parenthesis as it must be: added, changed, taken away, or left as it is."""
    old = data[slot.suffix.start : slot.suffix.end].decode("utf-8") if slot.suffix else ""
    written = ours.take_apart(old) or ours.Written()
    reference = status.reference
    needed = _must_say(data, slot, written, status, unstruck)
    words = _words(written, status)
    their_link = old[slice(*written.link)]
    if reference is not None and not _in_suffix(item, reference):
        if their_link:  # a link to something else, which must not be lost
            new = old if item.state is status.state else f"({their_link}" + (f", {words})" if needed else ")")
        elif not old or not needed:
            new = f"({words})" if needed else old if old and item.state is status.state is State.OPEN else ""
        else:
            undated = written == ours.Written(state=State.DONE) and status.state is State.DONE
            new = old if undated else f"({words})"
    else:
        mine = reference is not None
        shown = their_link if mine and not status.relink else ours.link(status.label, status.url)
        new = f"({shown}, {words})" if needed or slot.box is None else f"({shown})"
        if their_link and not mine and slot.suffix:
            return [Edit(Span(slot.suffix.end, slot.suffix.end), f" {new}".encode())]
    if new == old:
        return []
    if slot.suffix is None:
        # A last line of nothing but a marker is text until a blank follows it; then it begins a list.
        alone = _MARKER_ALONE.search(data, max(0, slot.insert - 100), slot.insert)
        return [Edit(Span(slot.insert, slot.insert), f"{'' if alone else ' '}{new}".encode())]
    return [Edit(slot.suffix, new.encode()) if new else Edit(Span(slot.insert, slot.suffix.end), b"")]


def _shows(data: bytes, box: Span, state: State) -> bool:
    """Whether a box tells a state; a tick with a strike is how a task that will not be done is shown."""
    shown = boxes.said(data[box.start : box.end])
    return shown is state or (state is State.WONTDO and shown is State.DONE)


def _must_say(data: bytes, slot: InlineSlot, written: ours.Written, status: Status, unstruck: bool) -> bool:
    """Whether the state needs words of its own.

    Box, strike and the author's words may tell it, but only words of ours beside a box tell who ticked it. They come
    with our tick and with our link; a document that was written without them stays as it is.
    """
    if slot.box is None:
        return (slot.said or State.OPEN) is not status.state
    if status.state is State.OPEN:
        return not unstruck and (slot.strike is not None or slot.said not in (None, State.OPEN))
    if status.state is State.WONTDO and slot.strike is not None and written.state is not State.WONTDO:
        return False  # with words of ours beside it, a person's strike would pass for one of ours
    struck = status.state is State.DONE and slot.strike is not None and not unstruck
    shown = boxes.said(data[slot.box.start : slot.box.end]) is status.state and not struck
    return written.state is not None or not shown or status.say or status.reference is None


def _words(written: ours.Written, status: Status) -> str:
    """The state in words; a day that is known already is kept when the tracker tells none."""
    if written.day and status.state is State.DONE and status.closed_on is None:
        return f"done {written.day}"
    return ours.state_words(status.state, status.closed_on)


def _strike(data: bytes, slot: InlineSlot, status: Status) -> list[Edit]:
    """A task that will not be done is struck out; a strike of ours goes when it no longer holds."""
    if slot.box is None:
        return []
    if status.state is State.WONTDO:
        crossed = boxes.said(data[slot.box.start : slot.box.end]) is State.WONTDO
        if slot.strike or crossed or not _can_be_struck(data[slot.content.start : slot.content.end].decode("utf-8")):
            return []
        return [Edit(Span(at, at), b"~~") for at in slot.content]
    written = ours.take_apart(data[slot.suffix.start : slot.suffix.end].decode("utf-8")) if slot.suffix else None
    if slot.strike and written and written.state is State.WONTDO:
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
        return [Edit(reference.target, ours.address(status.url).encode())]
    return [Edit(reference.span, ours.link(status.label if named else reference.label, status.url).encode())]
