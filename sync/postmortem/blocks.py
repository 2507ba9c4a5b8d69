"""The tree that a format gives of a document, and what understanding asks a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from sync.model import Cell, Reference, Row, Span, State

Token = tuple[str, int, int, str]
"""A piece of running text: kind, start, end (bytes of the source) and value (what a reader sees).

Kinds with words of their own: text, code, and what a person does not type as words: mention (value: an account's
id), time (value: YYYY-MM-DD), status (value: the words of a lozenge), ticket (value: its key). An entity is a text
of its own, since its value is not as long as its bytes. Without words: break, markup (comments and tags, never read).
Kinds that cover the tokens within their range: link, autolink, reflink (the address stands elsewhere), image,
strong, em, strike, comment (what readers comment on, which must stay whole). The value of a link is its address.
"""


class Box(NamedTuple):
    """The box of a task: the bytes that say its state, and the state."""

    span: Span
    state: State


class Block:
    """A block and its byte range.

    Attributes:
        kind: heading, paragraph, list, item, table, head, row, cell, markup, code, quote, rule or other.
        value: a heading's level; a numbered list's first number; None otherwise.
        box: of an item that is a task.
        tokens: the running text of a heading, a paragraph or a cell. Several paragraphs of a cell are one running
            text with breaks.
        children: blocks within; an item's own text is the paragraph that it begins with.
    """

    __slots__ = ("box", "children", "end", "kind", "start", "tokens", "value")

    def __init__(self, kind: str, start: int, end: int, value: int | None = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.box: Box | None = None
        self.tokens: list[Token] = []
        self.children: list[Block] = []


class Suffix(NamedTuple):
    """What an earlier write-back added behind an item's words.

    Attributes:
        stop: where the words end in front of it.
        state: that it tells; None when it is only a link.
        dated: whether a day stands beside the state.
        reference: its link; None when it only tells a state.
    """

    span: Span
    stop: int
    state: State | None
    reference: Reference | None
    dated: bool = False


class Layout(NamedTuple):
    """A table's lines: those of its header, and one for each row of its body."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]


class Statement(NamedTuple):
    """What a document says of itself in its body: `Status: final`. `url` is the address of a link in the value."""

    name: str
    value: str
    url: str = ""


class Opened(Protocol):
    """A document opened in its format. Offsets are bytes of `data`."""

    data: bytes

    @property
    def front(self) -> Mapping[str, object]:
        """The values of the front matter, by name as written."""

    def blocks(self) -> Iterator[Block]:
        """The top-level blocks in order. Raises DocumentError where it cannot be read on."""

    def statements(self, end: int) -> Iterator[Statement]:
        """What the body in front of `end` says of the document, one field a line, row or heading."""

    def bare(self) -> bytes:
        """The source with as little markup as is cheap, of any length: to see which words occur."""

    def inside(self, token: Token) -> Span:
        """The bytes between the opening and the closing markup of code, emphasis or a strike."""

    def target(self, token: Token) -> Span | None:
        """The bytes of a link's address, where they stand in place and as they are."""

    def suffix(self, start: int, end: int) -> Suffix | None:
        """What an earlier write-back added at the very end of running text that stands between two offsets."""

    def layout(self, table: Block) -> Layout:
        """How a table's lines can be added to."""

    def cell(self, row: Block, place: Row, column: int) -> Cell:
        """Where the cell of a column can be written in a row; `place` is the row's own in the layout."""
