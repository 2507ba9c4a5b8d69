"""An item's running text, and the annotations that are cut out of it until only the change itself is left."""

from __future__ import annotations

import re

from sync.model import DueKind
from sync.postmortem.context import Context
from sync.postmortem.fields import owners, references, states
from sync.postmortem.fields.found import Fields, due_of, labels
from sync.postmortem.fields.references import FoundReference
from sync.postmortem.plain import Plain

_BEFORE_LABEL = re.compile(r"(?:^|[\n(\[{;,.|!?/·•]|\s[-–—*]|[–—])\s*\Z")
_VALUE_END = re.compile(r"[\n;|)\]}·•]|\s[-–—]\s|\.\s(?=[A-Z])|,\s(?=[^,]{1,24}[:=])")
_EMPTY_BRACKETS = re.compile(r"\s*[(\[][\s,;.|]*[)\]]")


class Line:
    """Running text while its annotations are read.

    Attributes:
        text: the words with code hidden; `plain.text` has the same length.
        start, end: what is left at both ends.
        cuts: ranges within that are annotations.
        found: every reference in the text.
        named: whether a name at the end is an owner, as in the items beside it.
    """

    def __init__(self, plain: Plain, context: Context, fields: Fields, named: bool = False) -> None:
        self.plain = plain
        self.context = context
        self.fields = fields
        self.named = named
        self.text = plain.masked
        self.start = 0
        self.end = len(self.text)
        self.cuts: list[tuple[int, int]] = []
        self.found: list[FoundReference] = references.find(plain)
        self._accepted: set[int] = set()
        self.trim()

    def trim(self) -> None:
        """Leave out blanks at both ends."""
        text = self.text
        while self.start < self.end and text[self.start].isspace():
            self.start += 1
        while self.end > self.start and text[self.end - 1].isspace():
            self.end -= 1

    def skip_cuts(self) -> None:
        """Move the end in front of annotations that were cut there."""
        moved = True
        while moved and self.end > self.start:
            moved = False
            while self.end > self.start and self.text[self.end - 1].isspace():
                self.end -= 1
            for start, end in self.cuts:
                if start < self.end <= end:
                    self.end = start
                    moved = True

    def linked(self, at: int) -> bool:
        """Whether a place lies within a link."""
        return any(link.start <= at < link.end for link in self.plain.links)

    def accept(self, one: FoundReference) -> None:
        """A bare Jira key counts after all, for the place where it stands."""
        self._accepted.add(one.start)

    def owners(self, start: int, end: int, why: str) -> None:
        """A range names owners."""
        self.fields.add_owners(owners.split(self.plain, start, end), why)

    def due(self, start: int, end: int, why: str) -> None:
        """A range is a due date."""
        self.fields.set_due(due_of(self.plain, start, end, self.context), why)

    def take_references(self) -> None:
        """Keep every reference; a bare Jira key only where it is an annotation."""
        for one in self.found:
            if not one.loose or one.start in self._accepted or self._is_cut(one.start):
                self.fields.add_reference(one.reference)

    def rest(self) -> str:
        """The text without what was cut, on one line."""
        pieces = []
        at = self.start
        for start, end in sorted(self.cuts):
            if start > at:
                pieces.append(self.plain.text[at : min(start, self.end)])
            at = max(at, end)
        if at < self.end:
            pieces.append(self.plain.text[at : self.end])
        words = " ".join(" ".join(pieces).split())
        if self.cuts:
            words = _EMPTY_BRACKETS.sub("", words).replace(" ,", ",").replace(" .", ".")
        return words.strip(" ,;:–—|").removeprefix("- ").removesuffix(" -").strip(" ,;:–—|")

    def _is_cut(self, at: int) -> bool:
        return at < self.start or at >= self.end or any(start <= at < end for start, end in self.cuts)

    # --- labelled fields, anywhere -----------------------------------------------------------

    def labels(self) -> None:
        """Read and cut `Owner: Ana`, `(due: 2026-04-03)`, and the like."""
        text = self.text
        if ":" not in text and "=" not in text and "：" not in text:
            return
        strong = {mark.start for mark in self.plain.marks if mark.kind == "strong"}
        at = self.start
        for label in labels(text, self.start, min(self.end, self.start + 20_000)):
            if label.start < at or len(self.cuts) > 20:
                continue
            at = label.value
            before = text[max(self.start, label.start - 40) : label.start]
            if label.start != self.start and label.start not in strong and not _BEFORE_LABEL.search(before):
                continue
            stop = _VALUE_END.search(text, at, self.end)
            end = stop.start() if stop else self.end
            following = next(labels(text, at, end), None)
            if following:
                end = following.start
                while end > at and text[end - 1] in " ,;.([-–—|":
                    end -= 1
            if self.value(label.name, at, end):
                self.cuts.append(self._with_wrap(label.start, end))
                at = max(at, end)

    def _with_wrap(self, start: int, end: int) -> tuple[int, int]:
        """Widen a cut by the brackets or separators that only served it."""
        text = self.text
        while start > self.start and text[start - 1] in " \t*_":
            start -= 1
        while end < self.end and text[end] in " \t*_.":
            end += 1
        if start > self.start and end < self.end and text[start - 1] + text[end] in ("()", "[]"):
            return start - 1, end + 1
        if start > self.start and text[start - 1] in ";,|-–—":
            start -= 1
        elif end < self.end and text[end] in ",;|" and (start == self.start or text[start - 1] in "(["):
            end += 1
        return start, end

    def value(self, name: str, start: int, end: int) -> bool:
        """Read the value of a label; False when it is no such value."""
        plain, fields = self.plain, self.fields
        value = plain.text[start:end].strip(" \t\n*_")
        if name == "owner":
            if len(value) > 120 or len(value.split()) > 14:
                return False
            found = owners.split(plain, start, end)
            if value and not found and not owners.is_nobody(value):
                return False
            fields.add_owners(found, "a label")
        elif name == "due":
            if not value or len(value) > 60:
                return not value
            due = due_of(plain, start, end, self.context)
            if due.kind is DueKind.UNKNOWN and len(value.split()) > 5:
                return False
            fields.set_due(due, "a label")
        elif name == "state":
            state = states.cell(value)
            if value and state is None:
                return False
            fields.set_state(state, "a label")
        elif name == "ticket":
            inside = [one for one in self.found if start <= one.start < end]
            if value and not inside and not owners.is_nobody(value):
                return False
            for one in inside:
                self.accept(one)
        elif len(value.split()) > 3:
            return False
        elif name == "priority":
            fields.set_priority(value)
        else:
            fields.set_type(value)
        return True
