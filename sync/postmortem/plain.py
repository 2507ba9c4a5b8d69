"""Running text as plain words, each of which knows its bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from sync.model import Span
from sync.postmortem.blocks import Opened, Token

HIDDEN = "\ufffc"
"""Stands for a character of code where no field may be found."""

_HANDLE_ALONE = re.compile(r"@[A-Za-z0-9][\w.-]{0,60}")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


class Link(NamedTuple):
    """A link in plain text: its label's range there, where it leads, and its bytes."""

    start: int
    end: int
    url: str
    span: Span
    target: Span | None


class Markup(NamedTuple):
    """What is more than words over a range of plain text, with the bytes of the whole.

    Kinds: strong, em, strike, code, comment; mention, time, status and ticket, with their token's value.
    """

    kind: str
    start: int
    end: int
    span: Span
    value: str = ""


_SHOWN = frozenset(("mention", "time", "status", "ticket"))
_MARKED = frozenset(("strong", "em", "strike", "comment"))
_NOT_IN_HANDLES = re.compile(r"[^\w-]+")


class Plain:
    """Text of tokens without markup. Line breaks are newlines, a mention of a user is `@` and the account's id.

    Attributes:
        text: the words.
        masked: the same with code hidden, of equal length.
        links, marks: in order of their beginning.
        start, end: byte range of the tokens taken.
    """

    __slots__ = ("_bytes", "_exact", "_plain", "_width", "end", "links", "marks", "masked", "start", "text")

    def __init__(self, tokens: list[Token], opened: Opened, stop: int | None = None) -> None:
        self.links: list[Link] = []
        self.marks: list[Markup] = []
        self._plain: list[int] = []
        self._bytes: list[int] = []
        self._width: list[int] = []
        self._exact: list[bool] = []
        parts: list[str] = []
        masked: list[str] = []
        open_: list[tuple[int, Token]] = []  # plain start of what covers other tokens
        at = 0
        hidden_until = -1
        shown: re.Match[str] | None = None
        first = last = -1
        for token in tokens:
            kind, start, end, value = token
            if stop is not None and start >= stop:
                break
            while open_ and start >= open_[-1][1][2]:
                self._close(*open_.pop(), at, opened)
            if first < 0:
                first = start
            last = max(last, end)
            if start < hidden_until:
                continue
            piece = value
            exact = False
            if kind == "text":
                if stop is not None and end > stop:
                    piece = opened.data[start:stop].decode("utf-8", "ignore")
                    end = stop
                width = end - start
                exact = len(piece) == width or len(piece.encode()) == width
            elif kind == "code":
                shown = _HANDLE_ALONE.fullmatch(value)
                self.marks.append(Markup("code", at, at + len(piece), Span(start, end)))
                start, end = opened.inside(token)
                exact = len(piece.encode()) == end - start
            elif kind == "break":
                piece = "\n"
            elif kind == "markup":
                if not _BREAK_TAG.fullmatch(value):
                    continue
                piece = "\n"
            elif kind == "image":
                hidden_until = end
                continue
            elif kind in _SHOWN:
                if kind == "mention":
                    piece = "@" + _NOT_IN_HANDLES.sub("-", value).strip("-_")
                self.marks.append(Markup(kind, at, at + len(piece), Span(start, end), value))
            else:
                open_.append((at, token))
                continue
            if not piece:
                continue
            self._plain.append(at)
            self._bytes.append(start)
            self._width.append(end - start)
            self._exact.append(exact)
            parts.append(piece)
            masked.append(HIDDEN * len(piece) if kind == "code" and not shown else piece)
            at += len(piece)
        while open_:
            self._close(*open_.pop(), at, opened)
        self.links.sort()
        self.text = "".join(parts)
        self.masked = "".join(masked)
        self.start = first if first >= 0 else 0
        self.end = min(last, stop) if stop is not None and last >= 0 else max(last, 0)

    def _close(self, plain_start: int, token: Token, at: int, opened: Opened) -> None:
        kind, start, end, value = token
        if kind in _MARKED:
            self.marks.append(Markup(kind, plain_start, at, Span(start, end)))
        else:
            self.links.append(Link(plain_start, at, value, Span(start, end), opened.target(token)))

    def marked(self, kind: str, start: int, end: int) -> Markup | None:
        """The first mark of a kind that lies within a range of the text."""
        return next((one for one in self.marks if one.kind == kind and start <= one.start and one.end <= end), None)

    def offset(self, index: int, end: bool = False) -> int:
        """The byte offset of a character; with `end`, that behind the character before it."""
        if not self._plain:
            return self.start
        at = bisect_right(self._plain, index - 1 if end and index > 0 else index) - 1
        at = max(at, 0)
        inside = index - self._plain[at]
        if self._exact[at]:
            piece = self.text[self._plain[at] : self._plain[at] + inside]
            return self._bytes[at] + min(len(piece.encode()), self._width[at])
        return self._bytes[at] + (self._width[at] if inside > 0 else 0)

    def span(self, start: int, end: int) -> Span:
        """The bytes of a range of the text."""
        first = self.offset(start)
        return Span(first, max(first, self.offset(end, end=True)))


def words(tokens: list[Token]) -> str:
    """The text of tokens alone, on one line."""
    parts = []
    hidden = -1
    for kind, start, end, value in tokens:
        if start < hidden:
            continue
        if kind in _WORDED:
            parts.append(value)
        elif kind == "mention":
            parts.append(f"@{value}")
        elif kind == "break":
            parts.append(" ")
        elif kind == "image":
            hidden = end
    return " ".join("".join(parts).split())


_WORDED = frozenset(("text", "code", "time", "status", "ticket"))
_COVERING = frozenset(("strike", "strong", "em", "link", "reflink"))


def cut(tokens: list[Token], opened: Opened, start: int, end: int = -1) -> list[Token]:
    """The tokens of a byte range; text on an edge is divided. `end` may be -1."""
    result: list[Token] = []
    for kind, first, last, value in tokens:
        if last <= start or (end >= 0 and first >= end):
            continue
        if first < start or (end >= 0 and last > end):
            if kind != "text":
                continue
            first = max(first, start)
            last = last if end < 0 else min(last, end)
            value = opened.data[first:last].decode("utf-8", "ignore")
        result.append((kind, first, last, value))
    while result and result[0][0] == "text" and not result[0][3].strip():
        result.pop(0)
    if result and result[0][0] == "text":
        kind, first, last, value = result[0]
        bare = value.lstrip()
        result[0] = (kind, last - len(bare.encode()) if last - first == len(value.encode()) else first, last, bare)
    return result


def bounds(tokens: list[Token], data: bytes) -> Span:
    """The byte range of running text without blanks around it."""
    start, end = tokens[0][1], tokens[-1][2]
    if len(tokens) > 1:
        end = max(end, *(token[2] for token in tokens[-64:-1]))
        if tokens[0][0] in _COVERING:
            end = max(end, tokens[0][2])
    return trimmed(data, start, end)


def trimmed(data: bytes, start: int, end: int) -> Span:
    """A byte range without the blanks and line ends at its end."""
    while end > start and data[end - 1 : end] in (b" ", b"\t", b"\n", b"\r"):
        end -= 1
    return Span(start, end)


def as_written(tokens: list[Token], opened: Opened) -> list[Token]:
    """Running text as it was before an earlier write-back added something behind it."""
    whole = bounds(tokens, opened.data)
    suffix = opened.suffix(whole.start, whole.end)
    return cut(tokens, opened, whole.start, suffix.stop) if suffix else tokens
