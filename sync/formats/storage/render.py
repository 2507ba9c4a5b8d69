"""What a page must show of its tickets, as edits of its body, each in the idiom of its notation. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from sync.formats import suffix
from sync.formats.edits import tidy
from sync.formats.statuses import sort_out
from sync.formats.storage import cells, elements, ours
from sync.formats.suffix import Old, Written
from sync.model import ActionItem, Edit, InlineSlot, Postmortem, Reference, Span, State, Status

_OUT_OF_MARKER = re.compile(rb"(?:</(?!ac:inline)[a-z0-9]+\s*>)*</ac:inline-comment-marker\s*>")
_KEY = re.compile(rb'<ac:parameter\b[^<>]*\sac:name\s*=\s*["\']key["\'][^<>]*>\s*([^<>]*?)\s*</ac:parameter')
_LABEL = re.compile(rb"<a\b[^<>]*>([^<>]*)</a\s*>")


def render(postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
    """Edits that make the page show these statuses; none where it shows them already.

    Args:
        statuses: by index of the item.

    Returns:
        sorted edits that do not overlap, for `apply_edits(postmortem.data, …)`. What they insert is well-formed by
        itself, and stands within no link, macro or inline comment.
    """
    edits, rows = sort_out(postmortem, statuses, _inline, _relinked)
    edits += cells.render(postmortem, rows)
    return tidy(edits, postmortem.data)


def _inline(data: bytes, item: ActionItem, slot: InlineSlot, status: Status) -> list[Edit]:
    edits: list[Edit] = []
    if slot.box and (data[slot.box.start : slot.box.end] == b"complete") is (status.state is State.OPEN):
        edits.append(Edit(slot.box, b"incomplete" if status.state is State.OPEN else b"complete"))
    strike = _strike(data, slot, status)
    return edits + strike + _suffix(data, item, slot, status, unstruck=len(strike) == 2 and not strike[0].text)


def _suffix(data: bytes, item: ActionItem, slot: InlineSlot, status: Status, unstruck: bool) -> list[Edit]:
    """The parenthesis as it must be: added, changed, taken away, or left as it is."""
    text = data[slot.suffix.start : slot.suffix.end].decode("utf-8") if slot.suffix else ""
    box = None
    if slot.box:
        box = State.DONE if data[slot.box.start : slot.box.end] == b"complete" else State.OPEN
    old = Old(text, ours.take_apart(text) or Written(), box)
    new, beside = suffix.wanted(old, item, slot, status, ours.link(status.label, status.url), unstruck)
    if new == text:
        return []
    if slot.suffix is None:
        at = _outside(data, slot.insert)
        return [Edit(Span(at, at), f" {new}".encode())]
    if beside:
        at = _outside(data, slot.suffix.end)
        return [Edit(Span(at, at), f" {new}".encode())]
    return [Edit(slot.suffix, new.encode()) if new else Edit(Span(slot.insert, slot.suffix.end), b"")]


def _outside(data: bytes, at: int) -> int:
    """The place behind an inline comment that ends there."""
    while match := _OUT_OF_MARKER.match(data, at):
        at = match.end()
    return at


def _strike(data: bytes, slot: InlineSlot, status: Status) -> list[Edit]:
    """A task that will not be done is struck out; a strike of ours goes when it no longer holds."""
    if slot.box is None:
        return []
    if status.state is State.WONTDO:
        if slot.strike or slot.content.start >= slot.content.end or not _whole(data, slot.content):
            return []
        return [Edit(Span(at, at), tag) for at, tag in zip(slot.content, (b"<s>", b"</s>"), strict=True)]
    written = ours.take_apart(data[slot.suffix.start : slot.suffix.end].decode("utf-8")) if slot.suffix else None
    if slot.strike and written and written.state is State.WONTDO:
        return [Edit(span, b"") for span in slot.strike]
    return []


def _whole(data: bytes, span: Span) -> bool:
    """Whether each element that begins within a range ends there too."""
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(elements.PROLOGUE, False)
        parser.Parse(data[span.start : span.end], False)
        parser.Parse(b"</" + elements.WRAPPER + b">", True)
    except expat.ExpatError:
        return False
    return True


def _relinked(data: bytes, reference: Reference, status: Status) -> list[Edit]:
    """The author's link, led to where the ticket is now; a bare URL stays bare, words of their own are kept."""
    if reference.span is None:
        return []
    source = data[reference.span.start : reference.span.end]
    label = ours.text(ours.safe(status.label)).encode()
    if source.startswith(b"<ac:"):
        key = _KEY.search(source)
        at = reference.span.start
        return [Edit(Span(at + key.start(1), at + key.end(1)), label)] if key else []
    if reference.target is None:
        return [Edit(reference.span, ours.link(status.label, status.url).encode())]
    edits = [Edit(reference.target, ours.address(status.url).encode())]
    words = _LABEL.fullmatch(source)
    if words and suffix.names_ticket(reference):
        at = reference.span.start
        edits.append(Edit(Span(at + words.start(1), at + words.end(1)), label))
    return edits
