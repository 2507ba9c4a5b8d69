"""A document as a reader sees it: its headings, its running text without code and quotations, its comments. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sync.formats import FORMATS, Format, format_of
from sync.model import Postmortem
from sync.postmortem import metadata
from sync.postmortem.blocks import Block
from sync.postmortem.metadata import Metadata
from sync.postmortem.plain import words

_COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
_HIDDEN = b"\x1a"  # one byte that stands for one byte of code, so that the words around it do not meet
_QUOTED = re.compile(
    r"\"[^\"]{0,800}\"|“[^”]{0,800}”|„[^“”]{0,800}[“”]|«[^»]{0,800}»|(?<![\w’'])['‘][^'’\n]{1,400}['’](?!\w)"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, a heading or a cell, with what is not its author's own words blotted out.

    Attributes:
        start: offset of its first byte in the document.
        text: its characters, each where it stands in the source; markup, comments, addresses and what is struck
            out are blanks, code and quotations are U+001A.
        source: the same with quotations left in, for offsets.
    """

    start: int
    text: str
    source: str

    def offset(self, index: int) -> int:
        """Where the character at `index` stands in the document, in bytes."""
        return self.start + len(self.source[:index].encode())


@dataclass(slots=True)
class Heading:
    """A heading. `filled` tells whether anything can be read before the next one of its level or above."""

    level: int
    words: str
    start: int
    end: int
    filled: bool = False


@dataclass(slots=True)
class Reading:
    """Everything that the rules look at beside the items.

    Attributes:
        comments: (offset, words) of each HTML comment.
        people: names that the front matter mentions, in lower case.
        opening: how many characters are written before the first heading below the title.
    """

    data: bytes
    headings: list[Heading] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    people: frozenset[str] = frozenset()
    opening: int = 0
    _lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        newline = b"\r" if b"\r" in self.data and b"\n" not in self.data else b"\n"
        self._lines = [0, *(found.end() for found in re.finditer(newline, self.data))]

    def place(self, offset: int) -> tuple[int, int]:
        """(line, column) of an offset, both counted from 1, the column in characters; a BOM is none."""
        line = bisect_right(self._lines, offset)
        before = self.data[self._lines[line - 1] : offset].decode("utf-8", "ignore").removeprefix("\ufeff")
        return line, len(before) + 1

    def line(self, number: int) -> str:
        """The text of a line without its ending; "" beyond the end."""
        if not 0 < number <= len(self._lines):
            return ""
        end = self._lines[number] if number < len(self._lines) else len(self.data)
        text = self.data[self._lines[number - 1] : end].decode("utf-8", "replace")
        return text.rstrip("\r\n").removeprefix("\ufeff")

    def line_end(self, offset: int) -> int:
        """The offset behind the last visible byte of the line that `offset` stands in."""
        line = bisect_right(self._lines, offset)
        end = self._lines[line] if line < len(self._lines) else len(self.data)
        return max(offset, len(self.data[:end].rstrip()) if end - offset < 4096 else end)


def read(postmortem: Postmortem, formats: Mapping[str, Format] = FORMATS) -> Reading:
    """Read a document that was understood once more, in its format.

    Raises:
        DocumentError: as `sync.formats.parse` does.
    """
    data = postmortem.data
    opened = format_of(postmortem.format, formats).open(data)
    about = Metadata()
    for name, value in opened.front.items():
        metadata.take(about, str(name), value)
    reading = Reading(data, people=frozenset(about.people))
    open_: list[Heading] = []
    for block in opened.blocks():
        if block.kind == "heading":
            heading = Heading(block.value or 1, words(block.tokens), block.start, reading.line_end(block.start))
            open_ = [one for one in open_ if one.level < heading.level]
            open_.append(heading)
            reading.headings.append(heading)
        elif _visible(block):
            for heading in open_:
                heading.filled = True
        _collect(block, reading)
    return reading


def _collect(top: Block, reading: Reading) -> None:
    stack = [top]
    while stack:
        block = stack.pop()
        if block.kind in ("paragraph", "heading", "cell"):
            passage = _passage(block, reading.data)
            reading.passages.append(passage)
            if block.kind == "paragraph" and not any(heading.level > 1 for heading in reading.headings):
                reading.opening += len(passage.text.strip())
        if block.kind in ("markup", "paragraph", "heading", "cell"):
            reading.comments += _comments(block, reading.data)
        elif block.kind not in ("code", "quote"):
            stack += reversed(block.children)


def _comments(block: Block, data: bytes) -> Iterator[tuple[int, str]]:
    spans = [(block.start, block.end)]
    if block.kind != "markup":
        spans = [(start, end) for kind, start, end, _ in block.tokens if kind == "markup"]
    for start, end in spans:
        for found in _COMMENT.finditer(data, start, end):
            yield found.start(), found[1].decode("utf-8", "replace")


def _passage(block: Block, data: bytes) -> Passage:
    length = block.end - block.start
    shown = bytearray(b" " * length)
    hidden: list[tuple[int, int]] = []
    for kind, start, end, value in block.tokens:
        at = slice(start - block.start, end - block.start)
        if kind == "text":
            shown[at] = value.encode().ljust(end - start)[: end - start]
        elif kind == "code":
            shown[at] = _HIDDEN * (end - start)
        elif kind in ("strike", "autolink", "image"):
            hidden.append((start - block.start, end - block.start))
    for first, last in hidden:
        shown[first:last] = b" " * (last - first)
    source = shown.decode("utf-8", "replace")
    text = _QUOTED.sub(lambda found: "\x1a" * len(found[0]), source).replace("’", "'")
    return Passage(block.start, text, source)


def _visible(top: Block) -> bool:
    """Whether a block shows anything; the head of a table and a comment do not count."""
    stack = [top]
    while stack:
        block = stack.pop()
        if block.kind == "code" or any(kind in ("text", "code", "image") for kind, *_ in block.tokens):
            return True
        stack += [child for child in block.children if child.kind != "head"]
    return False
