"""The fields of an item while they are being found: each kept once, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sync.model import Due, DueKind, Owner, Reference, Span, State
from sync.postmortem.context import Context
from sync.postmortem.fields import dates
from sync.postmortem.lexicon import Lexicon, fold, phrases
from sync.postmortem.plain import Plain


@dataclass(slots=True)
class Fields:
    """What was found on an item so far."""

    owners: list[Owner] = field(default_factory=list)
    due: Due | None = None
    state: State | None = None
    references: list[Reference] = field(default_factory=list)
    priority: str | None = None
    type: str | None = None
    reasons: list[str] = field(default_factory=list)

    def add_owners(self, found: tuple[Owner, ...], why: str) -> None:
        """Add owners not named yet."""
        known = {owner.text.casefold() for owner in self.owners}
        fresh = [owner for owner in found if owner.text.casefold() not in known]
        if fresh:
            self.owners += fresh
            self.reasons.append(f"owner: {why}")

    def set_due(self, due: Due | None, why: str) -> None:
        """Keep the first due date; a blank one gives way."""
        if due and (self.due is None or (self.due.kind is DueKind.NONE and due.kind is not DueKind.NONE)):
            self.due = due
            self.reasons.append(f"due: {why}")

    def set_state(self, state: State | None, why: str) -> None:
        """Keep the first state stated."""
        if state is not None and self.state is None:
            self.state = state
            self.reasons.append(f"state: {why}")

    def overrule_state(self, state: State, why: str) -> None:
        """A state that outweighs whatever was stated before."""
        self.reasons = [reason for reason in self.reasons if not reason.startswith("state: ")]
        self.state = None
        self.set_state(state, why)

    def take(self, other: Fields) -> None:
        """Add what stands below an item, its state aside: owners and tickets, and of the rest what is missing."""
        known = {owner.text.casefold() for owner in self.owners}
        self.owners += [owner for owner in other.owners if owner.text.casefold() not in known]
        for reference in other.references:
            self.add_reference(reference)
        if other.due and (self.due is None or (self.due.kind is DueKind.NONE and other.due.kind is not DueKind.NONE)):
            self.due = other.due
        self.priority = self.priority or other.priority
        self.type = self.type or other.type
        self.reasons += [reason for reason in other.reasons if not reason.startswith("state: ")]

    def add_reference(self, reference: Reference, why: str = "") -> None:
        """Add a reference once."""
        if len(self.references) < 100 and all(reference.text != other.text for other in self.references):
            self.references.append(reference)
            if why:
                self.reasons.append(f"ticket: {why}")

    def set_priority(self, text: str) -> None:
        """Keep the first priority stated."""
        words = " ".join(text.split()).strip(" .*_`")
        if words and not self.priority:
            self.priority = words[:40]

    def set_type(self, text: str) -> None:
        """Keep the first type stated."""
        words = " ".join(text.split()).strip(" .*_`")
        if words and not self.type:
            self.type = words[:60]


def due_of(plain: Plain, start: int, end: int, context: Context) -> Due:
    """The due date that a range of text says. Warns when it is ambiguous or contradicts itself."""
    text = plain.text
    while start < end and text[start] in " \t\n*_~`([":
        start += 1
    while end > start and text[end - 1] in " \t\n*_~`)].,;":
        end -= 1
    reading = dates.read(text[start:end], context.day, context.options.date_order, context.options.periods)
    span = plain.span(start, end)
    if reading.why and reading.kind in (DueKind.AMBIGUOUS, DueKind.INVALID):
        context.warn(span.start, f"due date {text[start:end]!r} is {reading.kind.value}: {reading.why}")
    elif reading.date is None and reading.kind in (DueKind.UNKNOWN, DueKind.PERIOD):
        context.warn(span.start, f"due date {text[start:end][:60]!r} is no certain date; the ticket gets none")
    return Due(text[start:end], reading.kind, reading.date, span)


def exact_due(text: str, span: Span) -> Due:
    """The due date that an element of the format gives as YYYY-MM-DD."""
    try:
        return Due(text, DueKind.EXACT, date.fromisoformat(text[:10]), span)
    except ValueError:
        return Due(text, DueKind.INVALID, None, span)


_NAMES = ("owner", "due", "state", "ticket", "priority", "type")
_LABELS = Lexicon({name: phrases(name, f"label.{name}") for name in _NAMES})
_COLON = re.compile(r"\s?[*_]{0,3}\s?[:：=](?!//)\s?[*_]{0,3}\s?")
_LAST_WORDS = re.compile(r"(?<![^\W_]-)(?<![^\W_])[^\W_]+(?:[ \-'’/][^\W_]+){0,3}(?:\(s\)|/s)?\Z")
_LONGEST = 40


class Label(NamedTuple):
    """A field's label in a text: its name, where it begins, and where its value does."""

    name: str
    start: int
    value: int


def labels(text: str, start: int, end: int) -> Iterator[Label]:
    """Every field's label and its colon between two places."""
    floor = start
    for colon in _COLON.finditer(text, start, end):
        words = _LAST_WORDS.search(text, max(floor, colon.start() - _LONGEST), colon.start())
        at = words.start() if words else -1
        while 0 <= at < colon.start():
            if name := _named(text[at : colon.start()]):
                yield Label(name, at, colon.end())
                floor = colon.end()
                break
            after = _NEXT_WORD.search(text, at, colon.start())
            at = after.end() if after else -1


_NEXT_WORD = re.compile(r"[ \-'’/]")


def _named(words: str) -> str:
    """Which field a label names; "" for none."""
    words = words.removesuffix("(s)").removesuffix("/s")
    return next((name for name in _NAMES if name in _LABELS.find(fold(words))), "")


def label_at(text: str, start: int, end: int) -> Label | None:
    """The label that a range of text begins with."""
    colon = _COLON.search(text, start, min(end, start + _LONGEST + 8))
    name = _named(text[start : colon.start()].strip(" *_")) if colon else ""
    return Label(name, start, colon.end()) if colon and name else None


def labelled_line(plain: Plain) -> str | None:
    """The name of the field when a whole text is one labelled field: `Owner: Ana`; None otherwise."""
    text = plain.masked
    shift = len(text) - len(text.lstrip(" \t\n*_"))
    label = label_at(text, shift, len(text))
    return label.name if label else None


def names_field(title: str) -> bool:
    """Whether a label names a field of an item: `Owner`, `Due date`."""
    return bool(_named(" ".join(title.split()).strip(" *_:：?#.()")))
