"""What reading one document has at hand and has found so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from sync.model import ActionItem, DocumentWarning, LeftOut, ParseOptions, Table
from sync.postmortem.blocks import Opened

MAX_ITEMS = 10_000
_LOWER = re.compile(rb"(?<![A-Za-z@])[a-z]{2,40}(?![A-Za-z])")


@dataclass(slots=True)
class Context:
    """What is known of a document while it is understood, and what was found in it so far.

    Attributes:
        day: the postmortem's date, which gives a missing year.
        people: names of people that the document's metadata mentions, in lower case.
    """

    opened: Opened
    options: ParseOptions
    day: date | None = None
    people: frozenset[str] = frozenset()
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
        """The line of an offset, counted from 1. Cheap when asked in ascending order."""
        if offset < self._at:
            self._at, self._line = 0, 1
        self._line += self.opened.data.count(self._newline, self._at, offset)
        self._at = offset
        return self._line

    def warn(self, offset: int, message: str) -> None:
        """Tell a person about a place in the document."""
        self.warnings.append(DocumentWarning(self.line(offset), message))

    def leave_out(self, offset: int, text: str, why: str) -> None:
        """Note a list, table or line of an action section that is no item."""
        words = " ".join(text[:200].split())
        self.left_out.append(LeftOut(self.line(offset), words[:100], why))

    def ordinary(self, word: str) -> bool:
        """Whether a word stands in the document in lower case too: then it is no name."""
        if self._lower is None:
            self._lower = frozenset(_LOWER.findall(self.opened.bare()[:200_000]))
        return word.lower().encode() in self._lower

    def add(self, item: ActionItem) -> None:
        """Keep an item, up to MAX_ITEMS."""
        if len(self.items) < MAX_ITEMS:
            self.items.append(item)
            if len(self.items) == MAX_ITEMS:
                self.warn(item.span.start, f"only the first {MAX_ITEMS} items are read")

    @property
    def full(self) -> bool:
        """Whether no further item is kept."""
        return len(self.items) >= MAX_ITEMS
