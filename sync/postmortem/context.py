"""What reading one document has at hand and has found so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from sync.model import ActionItem, DocumentWarning, LeftOut, Notation, ParseOptions, State, Table
from sync.postmortem import evidence
from sync.postmortem.blocks import Opened
from sync.postmortem.evidence import Zone

MAX_ITEMS = 10_000
_LOWER = re.compile(rb"(?<![A-Za-z@])[a-z]{2,40}(?![A-Za-z])")


@dataclass(slots=True)
class Candidate:
    """What may be an item, and the signs for and against it.

    Attributes:
        certain: that it is one whatever its words say.
        area: number of the area that it was found in.
    """

    item: ActionItem
    signs: set[str]
    certain: bool = False
    area: int = 0


@dataclass(slots=True)
class Context:
    """What is known of a document while it is understood, and what was found in it so far.

    Attributes:
        area: number of the one that is read.
        found: what may be an item, in the order of the document; `decide` makes items of it.
        day: the postmortem's date, which gives a missing year.
        people: names of people that the document's metadata mentions, in lower case.
    """

    opened: Opened
    options: ParseOptions
    day: date | None = None
    area: int = 0
    people: frozenset[str] = frozenset()
    found: list[Candidate] = field(default_factory=list)
    items: list[ActionItem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    warnings: list[DocumentWarning] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    _lower: frozenset[bytes] | None = None
    _at: int = 0
    _line: int = 1
    _newline: bytes = b"\n"

    def __post_init__(self) -> None:
        if b"\n" not in self.opened.data and b"\r" in self.opened.data:
            self._newline = b"\r"

    def line(self, offset: int) -> int:
        """The line of an offset, counted from 1. Cheap when it is near the one asked before."""
        if offset < self._at:
            self._line -= self.opened.data.count(self._newline, offset, self._at)
        else:
            self._line += self.opened.data.count(self._newline, self._at, offset)
        self._at = offset
        return self._line

    def warn(self, offset: int, message: str) -> None:
        """Tell a person about a place in the document."""
        self.warnings.append(DocumentWarning(self.line(offset), message))

    def leave_out(self, offset: int, text: str, why: str, signs: tuple[tuple[str, float], ...] = ()) -> None:
        """Note a list, table or line of an action section that is no item."""
        words = " ".join(text[:200].split())
        self.left_out.append(LeftOut(self.line(offset), words[:100], why, signs))

    def ordinary(self, word: str) -> bool:
        """Whether a word stands in the document in lower case too: then it is no name."""
        if self._lower is None:
            self._lower = frozenset(_LOWER.findall(self.opened.bare()[:200_000]))
        return word.lower().encode() in self._lower

    def add(self, candidate: Candidate) -> None:
        """Keep what may be an item, up to MAX_ITEMS."""
        if len(self.found) < MAX_ITEMS:
            candidate.area = self.area
            self.found.append(candidate)
            if len(self.found) == MAX_ITEMS:
                self.warn(candidate.item.span.start, f"only the first {MAX_ITEMS} items are read")

    @property
    def full(self) -> bool:
        """Whether no further item is kept."""
        return len(self.found) >= MAX_ITEMS

    def decide(self) -> None:
        """Weigh everything that was found: it becomes an item, one that is unsure, or is left out."""
        for one in self.found:
            verdict = evidence.weigh(one.signs)
            item = replace(one.item, evidence=verdict.parts)
            if one.certain or verdict.zone is Zone.SURE:
                self.items.append(item)
            elif verdict.zone is Zone.UNSURE:
                self.items.append(replace(item, unsure=item.unsure or f"it {verdict.against}"))
            else:
                self.leave_out(item.span.start, item.text, f"it {verdict.against}", verdict.parts)
                if item.notation is Notation.TASK and item.state is State.OPEN and (item.owners or item.due):
                    self.warn(item.span.start, f"a task with an owner or a date is no item: {item.text[:80]}")
        self.left_out.sort(key=lambda left: left.line)
