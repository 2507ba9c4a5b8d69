"""Where in a document its actions are listed: found block by block, before anything is read in detail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.formats.markdown.reader import Block
from sync.model import ParseOptions
from sync.postmortem import sections
from sync.postmortem.context import Context
from sync.postmortem.notations import tables
from sync.postmortem.plain import Plain, words


@dataclass(slots=True)
class Area:
    """A run of blocks that may hold actions.

    Attributes:
        title: as written; part of every item's section.
        level: of the heading that began it; 9 when a bold line or a label did.
        kind: "actions", "learning" (only explicit to-dos count) or "table".
        lead: a paragraph whose text after `lead_end` (a byte offset) follows the label that began the area.
    """

    title: str
    level: int
    kind: str
    start: int
    blocks: list[Block] = field(default_factory=list)
    lead: Block | None = None
    lead_end: int = -1
    lead_start: int = -1
    nested: list[Block] = field(default_factory=list)


_LOOK = 100_000
_LABEL_LINE = re.compile(rb"[*_]{0,3}([^\r\n:*_][^\r\n:*]{0,90})(?:[*_:]|\r?\n|\Z)")
_LABEL_BULLET = re.compile(
    rb"(?:\A|\n)[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:[-*+][ \t]+)?[*_]{0,3}"
    rb"([^\r\n:*_\[][^\r\n:*]{0,90})(?:[*_:]|\r?\n|\Z)"
)


class Finder:
    """Divides a document's blocks into areas."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.options: ParseOptions = context.options
        self.areas: list[Area] = []
        self.current: Area | None = None
        self.title = ""
        self._headings = 0
        self._heading = ""
        self._number = 0
        self._announced = -1
        self._plain: list[Block] = []

    def wants(self, kind: str, start: int, end: int) -> bool:
        """Whether the contents of a block must be read. Cheap: most blocks of a document are not."""
        current = self.current
        if current is not None and current.kind == "actions":
            return kind in ("list", "table", "paragraph", "quote")
        raw = self.context.data[start : min(end, start + _LOOK)]
        if kind == "paragraph":
            return raw.rstrip().endswith(b":") or self._may_be_label(raw)
        if kind == "list":
            if (
                current is not None and (b"[" in raw or b"TODO" in raw or b"ction" in raw)
            ) or 0 <= self._announced == self._number:
                return True
            return any(self._labels_actions(match) for match in _LABEL_BULLET.finditer(raw))
        return kind == "table" and tables.may_be_actions(raw)

    def _may_be_label(self, raw: bytes) -> bool:
        """Whether a paragraph that no section holds can begin actions. Its beginning alone decides: the end changes."""
        return not self._headings or self._labels_actions(_LABEL_LINE.match(raw))

    def _labels_actions(self, match: re.Match[bytes] | None) -> bool:
        """Whether the raw words of what may be a label begin actions."""
        return match is not None and sections.is_action(match[1].decode("utf-8", "ignore"), self.options.sections)

    def find(self, blocks: Iterable[Block]) -> list[Area]:
        """The areas of a document, in order."""
        for block in blocks:
            self._number += 1
            if not block.opened:
                continue
            if block.kind == "heading":
                self._on_heading(block)
            elif block.kind == "paragraph":
                self._on_paragraph(block)
            elif block.kind == "list":
                self._on_list(block)
            elif block.kind == "table":
                self._on_table(block)
            elif block.kind == "quote":
                self._on_quote(block)
        if not self.areas and not self._headings:
            self._announced_paragraphs()
        return self.areas

    def _announced_paragraphs(self) -> None:
        """A letter without headings: the paragraphs after the one that announces changes."""
        for index, block in enumerate(self._plain):
            if announces(Plain(block.tokens, self.context.data).masked):
                following = self._plain[index + 1 :]
                if following:
                    self._open("", 9, "letter", following[0].start).blocks = following
                return

    def _open(self, title: str, level: int, kind: str, start: int) -> Area:
        area = Area(" ".join(title.split()), level, kind, start)
        self.areas.append(area)
        self.current = area
        return area

    def _on_heading(self, block: Block) -> None:
        title = words(block.tokens)
        self._headings += 1
        first = self._headings == 1
        level = block.value or 1
        self._heading = title
        if first and level == 1 and not self.title:
            self.title = title
        current = self.current
        if current is not None and (level <= current.level):
            self.current = current = None
        if current is not None and current.kind == "actions":
            current.blocks.append(block)
            return
        more = self.options.sections
        if sections.is_action(title, more) and not (first and level == 1 and len(title.split()) > 3):
            self._open(title, level, "actions", block.start)
        elif current is None and sections.is_learning(title):
            self._open(title, level, "learning", block.start)

    def _on_paragraph(self, block: Block) -> None:
        if not block.tokens:
            return
        inside = self.current is not None and self.current.kind == "actions"
        raw = self.context.data[block.start : min(block.end, block.start + _LOOK)]
        label = label_at(block, self.context) if inside or self._may_be_label(raw) else None
        if label is not None:
            title, end = label
            if sections.is_action(title, self.options.sections):
                rest = self.context.data[end : block.end].strip(b" \t\r\n*_:")
                if self.current is not None and self.current.kind == "actions":
                    if not rest:
                        if self.current.level == 9:
                            self._open(title, 9, "actions", block.start)
                        else:
                            self.current.blocks.append(block)
                        return
                    self._side(block, title, end)
                    return
                if rest:
                    self._side(block, title, end)
                else:
                    self._open(title, 9, "actions", block.start)
                return
            if self.current is not None and self.current.level == 9 and sections.ends_section(title):
                self.current = None
                return
        if self.current is not None:
            self.current.blocks.append(block)
        elif not self._headings:
            self._plain.append(block)
        if self.current is None or self.current.kind == "learning":
            tail = self.context.data[max(block.start, block.end - 10) : block.end]
            if tail.rstrip().endswith(b":") and announces(Plain(block.tokens[-20:], self.context.data).masked):
                self._announced = self._number

    def _side(self, block: Block, title: str, end: int) -> None:
        """Actions in the same paragraph as their label."""
        current = self.current
        area = Area(
            " ".join(title.split()), 9, "actions", block.start, lead=block, lead_end=end, lead_start=block.start
        )
        self.areas.append(area)
        if current is None:
            self.current = area
        elif current.level < 9:
            # what follows belongs to the section again
            resumed = Area(current.title, current.level, current.kind, block.end)
            self.areas.append(resumed)
            self.current = resumed
        else:
            self.current = area

    def _on_list(self, block: Block) -> None:
        if (
            self.current is not None
            and self.current.kind == "actions"
            and not (self.current.level == 9 and self._labelled(block))
        ):
            self.current.blocks.append(block)
            return
        if self._labels(block, 0):
            return
        if self._announced >= 0 and self._announced == self._number - 1:
            self.areas.append(Area(self._heading or "Actions", 9, "actions", block.start, [block]))
            return
        if self.current is not None:
            self.current.blocks.append(block)

    def _labelled(self, block: Block) -> bool:
        """Whether a list's items are themselves labelled sections, one of them known."""
        for item in block.children[:40]:
            if item.children and item.children[0].kind == "paragraph" and item.children[0].tokens:
                label = label_at(item.children[0], self.context)
                if label and (sections.is_action(label[0], self.options.sections) or sections.ends_section(label[0])):
                    return True
        return False

    def _labels(self, block: Block, depth: int) -> bool:
        """Look for labels among the items of a list: `- **Review actions**:`."""
        found = False
        last: Area | None = None
        for item in block.children:
            last = None
            if (
                item.box >= 0
                or not item.children
                or item.children[0].kind != "paragraph"
                or not item.children[0].tokens
            ):
                continue
            paragraph = item.children[0]
            label = label_at(paragraph, self.context)
            nested = item.children[1:]
            if label is not None and sections.is_action(label[0], self.options.sections):
                title, end = label
                area = Area(" ".join(title.split()), 9, "actions", item.start)
                rest = (
                    self.context.data[end : paragraph.tokens[-1][2]].strip(b" \t\r\n*_:")
                    if end < paragraph.tokens[-1][2]
                    else b""
                )
                if rest:
                    area.lead, area.lead_end, area.lead_start, area.nested = paragraph, end, item.start, nested
                else:
                    area.blocks = nested
                    if not nested:
                        last = area
                self.areas.append(area)
                found = True
            elif depth < 2:
                for child in nested:
                    if child.kind == "list":
                        found = self._labels(child, depth + 1) or found
        if last is not None:
            self.current = last
        elif found and self.current is not None and self.current.level == 9:
            self.current = None
        return found

    def _on_table(self, block: Block) -> None:
        if self.current is not None and self.current.kind == "actions":
            self.current.blocks.append(block)
        elif tables.is_actions(block):
            area = Area(self._heading or "Actions", 9, "table", block.start, [block])
            self.areas.append(area)

    def _on_quote(self, block: Block) -> None:
        if self.current is not None and self.current.kind == "actions":
            self.current.blocks.extend(block.children)


_INTENT = re.compile(
    r"\b(?:we|team|teams|us|our)\b.{0,60}?(?:\b(?:will|going to|plan(?:s|ning)? to|intend|committed"
    r"|committing|working on|need to|should|want to|commit)\b|['’]ll\b|['’]re (?:making|taking|adding))",
    re.IGNORECASE | re.DOTALL,
)
_AIM = re.compile(
    r"\b(?:prevent|avoid|happens? again|happening again|recur|recurrence|in (?:the )?future|going forward"
    r"|improve|improvements?|next steps?|(?:following|several|some|a few) (?:changes|actions|measures"
    r"|steps))\b",
    re.IGNORECASE,
)


def announces(text: str) -> bool:
    """Whether the last sentences of a paragraph announce changes to come: `To prevent this, we will:`."""
    tail = text[-300:]
    return bool(_INTENT.search(tail) and _AIM.search(tail))


def label_at(block: Block, context: Context) -> tuple[str, int] | None:
    """The label a paragraph begins with and the byte offset behind it.

    `**Action items**`, `**Action items:** text`, `Action items: text`, a plain line `Action Items`.
    """
    kind, _, end, _ = block.tokens[0]
    data = context.data
    if kind in ("strong", "em"):
        inside = [token for token in block.tokens[1:12] if token[1] < end]
        title = words(inside)
        if 0 < len(title) <= 90:
            after = end
            while data[after : after + 1] in (b" ", b"*", b"_"):
                after += 1
            if data[after : after + 1] == b":":
                after += 1
            elif (
                not title.rstrip().endswith(":")
                and after < block.tokens[-1][2]
                and data[after : after + 1] not in (b"\n", b"\r", b"-", b"")
            ):
                return None
            return title, after
        return None
    if kind != "text":
        return None
    head = Plain(block.tokens[:8], data)
    line, newline, _ = head.text.partition("\n")
    before, colon, _ = line.partition(":")
    if colon and len(before) <= 60 and len(before.split()) <= 7:
        return before, head.offset(len(before) + 1, end=True)
    if not colon and len(line) <= 60 and len(line.split()) <= 7 and (newline or len(block.tokens) <= 2):
        return line, head.offset(len(line), end=True)
    return None
