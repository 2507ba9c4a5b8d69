"""What a Markdown document must show of its tickets, as edits, each in the idiom of its notation. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.formats import suffix
from sync.formats.edits import tidy
from sync.formats.markdown import boxes, ours, tables
from sync.formats.statuses import sort_out
from sync.formats.suffix import Old, Written
from sync.model import ActionItem, Edit, InlineSlot, Postmortem, Reference, Span, State, Status

_MARKER_ALONE = re.compile(rb"[\r\n][ \t>]*(?:[-*+]|\d{1,9}[.)])\Z")


def render(postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
    """Edits that make the document show these statuses; none where it shows them already.

    Args:
        statuses: by index of the item.

    Returns:
        sorted edits that do not overlap, for `apply_edits(postmortem.data, …)`.
    """
    edits, rows = sort_out(postmortem, statuses, _inline, _relinked)
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
    text = data[slot.suffix.start : slot.suffix.end].decode("utf-8") if slot.suffix else ""
    box = boxes.said(data[slot.box.start : slot.box.end]) if slot.box else None
    old = Old(text, ours.take_apart(text) or Written(), box)
    new, beside = suffix.wanted(old, item, slot, status, ours.link(status.label, status.url), unstruck)
    if new == text:
        return []
    if slot.suffix is None:
        # A last line of nothing but a marker is text until a blank follows it; then it begins a list.
        alone = _MARKER_ALONE.search(data, max(0, slot.insert - 100), slot.insert)
        return [Edit(Span(slot.insert, slot.insert), f"{'' if alone else ' '}{new}".encode())]
    if beside:
        return [Edit(Span(slot.suffix.end, slot.suffix.end), f" {new}".encode())]
    return [Edit(slot.suffix, new.encode()) if new else Edit(Span(slot.insert, slot.suffix.end), b"")]


def _shows(data: bytes, box: Span, state: State) -> bool:
    """Whether a box tells a state; a tick with a strike is how a task that will not be done is shown."""
    shown = boxes.said(data[box.start : box.end])
    return shown is state or (state is State.WONTDO and shown is State.DONE)


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


def _relinked(data: bytes, reference: Reference, status: Status) -> list[Edit]:
    """The author's link, led to where the ticket is now; a bare URL stays bare, a label of their own words is kept."""
    if reference.span is None:
        return []
    named = suffix.names_ticket(reference)
    if reference.target and not (named and data[reference.span.start : reference.span.start + 1] == b"["):
        return [Edit(reference.target, ours.address(status.url).encode())]
    return [Edit(reference.span, ours.link(status.label if named else reference.label, status.url).encode())]
