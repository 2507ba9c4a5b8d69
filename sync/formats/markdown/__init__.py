"""Markdown as GitHub has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync.errors import DocumentError
from sync.formats.markdown import boxes, front_matter, ours, reader, tables
from sync.formats.markdown.render import render
from sync.model import Cell, Edit, Postmortem, Row, Span, Status
from sync.postmortem.blocks import Block, Layout, Statement, Suffix, Token

_BOM = b"\xef\xbb\xbf"
_PREAMBLE = 12_000
"""Bytes of the body that are looked through for what it says of itself."""


class Markdown:
    """The format `markdown`: UTF-8, with a BOM or without, with front matter or without."""

    name = "markdown"
    endings = (".md", ".markdown")

    def open(self, data: bytes) -> OpenedMarkdown:
        """Begin to read a document. Raises DocumentError where it is not UTF-8, or its front matter no YAML."""
        return OpenedMarkdown(data)

    def render(self, postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
        """As `Format.render`."""
        return render(postmortem, statuses)


class OpenedMarkdown:
    """A Markdown document, as `Opened` asks for it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        start = len(_BOM) if data.startswith(_BOM) else 0
        try:
            data[start:].decode("utf-8")
        except UnicodeDecodeError as error:
            at = start + error.start
            line = data.count(b"\n", 0, at) + 1
            raise DocumentError(f"line {line}, byte {at}: the file is not UTF-8.", "Save it as UTF-8.") from error
        self.front, self._begin = front_matter.read(data, start)

    def blocks(self) -> Iterator[Block]:
        """The tree of blocks behind the front matter."""
        found = reader.blocks(self.data[self._begin :].decode("utf-8"), self._begin)
        return boxes.read(found, self) if boxes.LIKE.search(self.data, self._begin) else found

    def statements(self, end: int) -> Iterator[Statement]:
        """What the body says of the document before `end`, such as `Status: final`."""
        body = self.data[self._begin : min(end, self._begin + _PREAMBLE)]
        return front_matter.statements(body.decode("utf-8", "ignore"))

    def bare(self) -> bytes:
        """The bytes as they are: nothing of Markdown must be blanked for a search."""
        return self.data

    def inside(self, token: Token) -> Span:
        """What an emphasis, a strike or a code span holds, without its signs."""
        kind, start, end, value = token
        if kind == "code":
            pad, rest = divmod(end - start - len(value.encode()), 2)
            return Span(start, end) if rest or pad < 0 else Span(start + pad, end - pad)
        width = 1 if kind == "em" or self.data[start + 1 : start + 2] != self.data[start : start + 1] else 2
        return Span(start + width, end - width)

    def target(self, token: Token) -> Span | None:
        """Where a link's URL stands; None where it stands elsewhere."""
        kind, start, end, value = token
        if kind == "autolink":
            return Span(start + 1, end - 1)
        place = self.data.rfind(b"](", start, end) if kind == "link" else -1
        if place < 0:
            return None
        inner = place + 2
        while inner < end and self.data[inner] in b" \t\r\n<":
            inner += 1
        raw = value.encode()
        return Span(inner, inner + len(raw)) if self.data[inner : inner + len(raw)] == raw else None

    def suffix(self, start: int, end: int) -> Suffix | None:
        """What we wrote ourselves within these bytes."""
        return ours.find(self.data, start, end)

    def layout(self, table: Block) -> Layout:
        """Where the cells of a table stand."""
        return tables.layout(self.data, table)

    def cell(self, row: Block, place: Row, column: int) -> Cell:
        """One cell of a row, or where it would stand."""
        return tables.cell(self.data, row, place, column)
