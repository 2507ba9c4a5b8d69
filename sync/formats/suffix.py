"""What stands behind an item's words, in the parenthesis that is ours: decided here once, spelled by each format.

suffix = "(" link [ ", " words ] ")" | "(" words ")"
words  = "open" | "done" [ " " YYYY-MM-DD ] | "won't do"
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from sync.model import ActionItem, InlineSlot, Reference, State, Status

WONTDO = "won't do"
_STATES = {"open": State.OPEN, "done": State.DONE, WONTDO: State.WONTDO}
_WORDS = re.compile(rf"(?P<state>open|done|{WONTDO})(?: (?P<day>\d{{4}}-\d\d-\d\d))?")
_TICKET_NAME = re.compile(r"[\[(`]*(?:(?:[\w./-]*#|gh-)\d+|[a-z][a-z0-9_]*-\d+)[\])`]*", re.IGNORECASE)


class Written(NamedTuple):
    """A suffix of ours, taken apart. `link` and `address` are where, in it, its link and the address of that stand."""

    label: str = ""
    url: str = ""
    state: State | None = None
    day: str = ""
    link: tuple[int, int] = (0, 0)
    address: tuple[int, int] = (0, 0)


class Old(NamedTuple):
    """What stands there: the suffix as the document has it ("" for none), taken apart; and what the box says."""

    text: str = ""
    written: Written = Written()
    box: State | None = None


class Wanted(NamedTuple):
    """The suffix as it must be; "" for none. `beside`: the old one stays, and this one stands behind it."""

    text: str
    beside: bool = False


def state_words(state: State, closed_on: date | None) -> str:
    """`open`, `done 2026-03-20` or `won't do`, as they stand in a parenthesis."""
    if state is State.DONE:
        return f"done {closed_on.isoformat()}" if closed_on else "done"
    return "open" if state is State.OPEN else WONTDO


def said(words: str) -> tuple[State, str] | None:
    """The state and the day that such words tell; None for other words."""
    match = _WORDS.fullmatch(words)
    if not match or (match["day"] and match["state"] != "done"):
        return None
    return _STATES[match["state"]], match["day"] or ""


def wanted(old: Old, item: ActionItem, slot: InlineSlot, status: Status, link: str, unstruck: bool) -> Wanted:
    """The parenthesis as it must be: added, changed, taken away, or left as it is.

    Args:
        link: to the ticket, as the format writes it.
        unstruck: whether a strike of ours is taken away by the same edits.
    """
    text, written, _ = old
    reference = status.reference
    needed = _must_say(slot, old, status, unstruck)
    words = _words(written, status)
    their_link = text[slice(*written.link)]
    if reference is not None and not within(item, reference):
        if their_link:  # a link to something else, which must not be lost
            return Wanted(text if item.state is status.state else f"({their_link}" + (f", {words})" if needed else ")"))
        if not text or not needed:
            kept = text if item.state is status.state is State.OPEN else ""
            return Wanted(f"({words})" if needed else kept)
        undated = written == Written(state=State.DONE) and status.state is State.DONE
        return Wanted(text if undated else f"({words})")
    mine = reference is not None
    shown = their_link if mine and not status.relink else link
    new = f"({shown}, {words})" if needed or slot.box is None else f"({shown})"
    return Wanted(new, bool(their_link and not mine and slot.suffix))


def _must_say(slot: InlineSlot, old: Old, status: Status, unstruck: bool) -> bool:
    """Whether the state needs words of its own.

    Box, strike and the author's words may tell it, but only words of ours beside a box tell who ticked it. They come
    with our tick and with our link; a document that was written without them stays as it is.
    """
    if slot.box is None:
        return (slot.said or State.OPEN) is not status.state
    if status.state is State.OPEN:
        if unstruck:
            return slot.said is State.DONE
        return slot.strike is not None or slot.said not in (None, State.OPEN)
    if status.state is State.WONTDO and slot.strike is not None and old.written.state is not State.WONTDO:
        return False  # with words of ours beside it, a person's strike would pass for one of ours
    struck = status.state is State.DONE and slot.strike is not None and not unstruck
    shown = old.box is status.state and not struck
    return old.written.state is not None or not shown or status.say or status.reference is None


def _words(written: Written, status: Status) -> str:
    """The state in words; a day that is known already is kept when the tracker tells none."""
    if written.day and status.state is State.DONE and status.closed_on is None:
        return f"done {written.day}"
    return state_words(status.state, status.closed_on)


def within(item: ActionItem, reference: Reference) -> bool:
    """Whether a link stands in the parenthesis that is ours."""
    slot = item.slot
    if not isinstance(slot, InlineSlot) or slot.suffix is None or reference.span is None:
        return False
    return slot.suffix.start <= reference.span.start and reference.span.end <= slot.suffix.end


def names_ticket(reference: Reference) -> bool:
    """Whether a link's words only name the ticket, so that they follow it to another name."""
    return reference.label in ("", reference.text) or _TICKET_NAME.fullmatch(reference.label) is not None
