"""Where in a document its actions are listed: found block by block, before anything is read in detail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sync.model import ParseOptions, State
from sync.postmortem import evidence, sections
from sync.postmortem.blocks import Block, Token
from sync.postmortem.context import Context
from sync.postmortem.notations import tables
from sync.postmortem.plain import Plain, cut, words
from sync.postmortem.sections import Standing


@dataclass(slots=True)
class Area:
    """A run of blocks that may hold actions.

    Attributes:
        title: as written; part of every item's section.
        level: of the heading that began it; 9 when a bold line or a label did.
        kind: "actions", "table", "letter" (paragraphs), "learning" or "elsewhere" (only explicit to-dos count).
        standing: what its title promises.
        signs: of the place, for weighing.
        state: of what was listed as done already.
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
    standing: Standing = Standing.ACTIONS
    signs: frozenset[str] = frozenset()
    state: State | None = None

    @property
    def explicit(self) -> bool:
        """Whether its title promises actions and nothing else."""
        return self.standing is Standing.ACTIONS and sections.read(self.title).compound


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
        self._path: list[tuple[int, str]] = []

    def find(self, blocks: Iterable[Block]) -> list[Area]:
        """The areas of a document, in order."""
        for block in blocks:
            self._number += 1
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
            if announces(Plain(block.tokens, self.context.opened).masked):
                following = self._plain[index + 1 :]
                if following:
                    area = self._open("", 9, "letter", following[0].start)
                    area.blocks, area.signs = following, frozenset(("announced by the sentence above",))
                return

    def _area(self, title: str, level: int, kind: str, start: int, standing: Standing | None = None) -> Area:
        """A new area; its place is told by its title, and by the headings above."""
        if standing is None:
            standing = sections.read(title).standing
            if kind == "actions" and not sections.read(title).begins:
                standing = Standing.ACTIONS  # the settings say so
        signs = {evidence.PLACES[standing]}
        above = [name for above, name in self._path if above < level]
        if any(sections.is_response(name) for name in above):
            signs.add("below a heading about the response")
        area = Area(" ".join(title.split()), level, kind, start, standing=standing, signs=frozenset(signs))
        self.areas.append(area)
        return area

    def _open(self, title: str, level: int, kind: str, start: int) -> Area:
        self.current = self._area(title, level, kind, start)
        return self.current

    def _found(self, title: str, kind: str, block: Block, sign: str) -> None:
        """An area of one block, known by a sign of its own."""
        area = Area(title, 9, kind, block.start, [block], standing=Standing.MAYBE, signs=frozenset((sign,)))
        self.areas.append(area)

    def _on_heading(self, block: Block) -> None:
        title = words(block.tokens)
        self._headings += 1
        first = self._headings == 1
        level = block.value or 1
        self._heading = title
        self._path = [(above, name) for above, name in self._path if above < level]
        if first and level == 1 and not self.title:
            self.title = title
        current = self.current
        if current is not None and (level <= current.level):
            self.current = current = None
        if current is not None and current.kind == "actions":
            current.blocks.append(block)
            self._path.append((level, title))
            return
        more = self.options.sections
        if sections.is_action(title, more) and not (first and level == 1 and len(title.split()) > 3):
            self._open(title, level, "actions", block.start)
        elif current is None and sections.is_learning(title):
            self._open(title, level, "learning", block.start)
        self._path.append((level, title))

    def _on_paragraph(self, block: Block) -> None:
        if not block.tokens:
            return
        label = label_at(block, self.context)
        if label is not None:
            title, end = label
            if sections.is_action(title, self.options.sections):
                rest = _behind(block, end, self.context)
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
        if self.current is not None:
            self.current.blocks.append(block)
        elif not self._headings:
            self._plain.append(block)
        outside = self.current is None or self.current.kind == "learning"
        last = block.tokens[-20:]
        if outside and last[-1][3].rstrip().endswith(":") and announces(Plain(last, self.context.opened).masked):
            self._announced = self._number

    def _side(self, block: Block, title: str, end: int) -> None:
        """Actions in the same paragraph as their label."""
        current = self.current
        area = self._area(title, 9, "actions", block.start)
        area.lead, area.lead_end, area.lead_start = block, end, block.start
        if current is None:
            self.current = area
        elif current.level < 9:
            # what follows belongs to the section again
            resumed = replace(current, start=block.end, blocks=[], lead=None)
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
            self._found(self._heading or "Actions", "actions", block, "announced by the sentence above")
            return
        if self.current is not None:
            self.current.blocks.append(block)
        elif any(entry.box and entry.box.state is State.OPEN for entry in block.children):
            area = self._area(self._heading, 9, "elsewhere", block.start, sections.read(self._heading).standing)
            area.blocks = [block]

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
            if item.box or not item.children or item.children[0].kind != "paragraph" or not item.children[0].tokens:
                continue
            paragraph = item.children[0]
            label = label_at(paragraph, self.context)
            nested = item.children[1:]
            if label is not None and sections.is_action(label[0], self.options.sections):
                title, end = label
                area = self._area(title, 9, "actions", item.start)
                if _behind(paragraph, end, self.context):
                    area.lead, area.lead_end, area.lead_start, area.nested = paragraph, end, item.start, nested
                else:
                    area.blocks = nested
                    if not nested:
                        last = area
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
            self._found(self._heading or "Actions", "table", block, "a table with a column for actions")

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
    tokens = _visible(block.tokens)
    if not tokens:
        return None
    kind, start, end, value = tokens[0]
    if kind in ("strong", "em"):
        return _emphasised(tokens, end)
    if kind != "text":
        return None
    before, colon, _ = value[: _LONGEST + 1].partition(":")
    if (colon and len(before.split()) > 7) or (not colon and len(value) > _LONGEST):
        return None
    if colon and end - start == len(value.encode()):
        return before, start + len(before.encode()) + 1
    head = Plain(tokens[:8], context.opened)
    line, newline, _ = head.text.partition("\n")
    before, colon, _ = line.partition(":")
    if colon and len(before) <= _LONGEST and len(before.split()) <= 7:
        return before, head.offset(len(before) + 1, end=True)
    if not colon and len(line) <= _LONGEST and len(line.split()) <= 7 and (newline or len(tokens) <= 2):
        return line, head.offset(len(line), end=True)
    return None


_LONGEST = 60
"""Characters of a label without emphasis."""


def _visible(tokens: list[Token]) -> list[Token]:
    """Running text without the tags in front of its first words."""
    first = 0
    while first < len(tokens) and tokens[first][0] in ("markup", "comment"):
        first += 1
    return tokens[first:] if first else tokens


def _emphasised(tokens: list[Token], end: int) -> tuple[str, int] | None:
    """A label in bold or italics, which ends at `end`."""
    title = words([token for token in tokens[1:12] if token[1] < end])
    if not 0 < len(title) <= 90:
        return None
    following = next((token for token in tokens[1:] if token[1] >= end), None)
    if following is None or following[0] != "text":
        return title, end
    bare = following[3].lstrip(" *_")
    if bare.startswith(":"):
        return title, following[1] + len(following[3]) - len(bare) + 1
    if bare and not bare.startswith("-") and not title.rstrip().endswith(":"):
        return None
    return title, end


def _behind(block: Block, end: int, context: Context) -> str:
    """The words of a paragraph behind its label."""
    return words(cut(block.tokens, context.opened, end)).strip(" *_:")
