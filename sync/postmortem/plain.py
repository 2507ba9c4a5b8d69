"""Running text as plain words, each of which knows its bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from sync.formats.markdown.reader import Token
from sync.model import Span

HIDDEN = "\ufffc"
"""Stands for a character of code where no field may be found."""

_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


class Link(NamedTuple):
    """A link in plain text: its label's range there, where it leads, and its bytes."""

    start: int
    end: int
    url: str
    span: Span
    target: Span | None


class Mark(NamedTuple):
    """Emphasis over a range of plain text: strong, em, strike or code, with the bytes of the whole."""

    kind: str
    start: int
    end: int
    span: Span


class Plain:
    """Text of tokens without markup. Line breaks are newlines.

    Attributes:
        text: the words.
        masked: the same with code hidden, of equal length.
        links, marks: in order of their beginning.
        start, end: byte range of the tokens taken.
    """

    __slots__ = ("_bytes", "_exact", "_plain", "_width", "end", "links", "marks", "masked", "start", "text")

    def __init__(self, tokens: list[Token], data: bytes, stop: int | None = None) -> None:
        self.links: list[Link] = []
        self.marks: list[Mark] = []
        self._plain: list[int] = []
        self._bytes: list[int] = []
        self._width: list[int] = []
        self._exact: list[bool] = []
        parts: list[str] = []
        masked: list[str] = []
        open_: list[tuple[str, int, int, int, str]] = []  # kind, plain start, byte start, byte end, value
        at = 0
        hidden_until = -1
        first = last = -1
        for kind, start, end, value in tokens:
            if stop is not None and start >= stop:
                break
            while open_ and start >= open_[-1][3]:
                self._close(open_.pop(), at, data)
            if first < 0:
                first = start
            last = max(last, end)
            if start < hidden_until:
                continue
            exact = True
            if kind == "text":
                piece = value
                if stop is not None and end > stop:
                    piece = data[start:stop].decode("utf-8", "ignore")
                    end = stop
                width = end - start
                exact = len(piece) == width or len(piece.encode()) == width
            elif kind == "code":
                piece = value
                pad, odd = divmod(end - start - len(value.encode()), 2)
                exact = not odd and pad >= 0
                if exact:
                    self.marks.append(Mark("code", at, at + len(piece), Span(start, end)))
                    start += pad
                    end -= pad
                else:
                    self.marks.append(Mark("code", at, at + len(piece), Span(start, end)))
            elif kind == "break":
                piece = "\n"
                exact = False
            elif kind == "html":
                piece = "\n" if _BREAK_TAG.fullmatch(value) else ""
                exact = False
                if not piece:
                    continue
            elif kind == "image":
                hidden_until = end
                continue
            else:
                open_.append((kind, at, start, end, value))
                continue
            if not piece:
                continue
            self._plain.append(at)
            self._bytes.append(start)
            self._width.append(end - start)
            self._exact.append(exact)
            parts.append(piece)
            masked.append(HIDDEN * len(piece) if kind == "code" else piece)
            at += len(piece)
        while open_:
            self._close(open_.pop(), at, data)
        self.links.sort()
        self.text = "".join(parts)
        self.masked = "".join(masked)
        self.start = first if first >= 0 else 0
        self.end = min(last, stop) if stop is not None and last >= 0 else max(last, 0)

    def _close(self, opened: tuple[str, int, int, int, str], at: int, data: bytes) -> None:
        kind, plain_start, start, end, value = opened
        span = Span(start, end)
        if kind in ("strong", "em", "strike"):
            self.marks.append(Mark(kind, plain_start, at, span))
            return
        target = None
        if kind == "link":
            place = data.rfind(b"](", start, end)
            if place >= 0:
                inner = place + 2
                while inner < end and data[inner] in b" \t\r\n<":
                    inner += 1
                raw = value.encode()
                if data[inner : inner + len(raw)] == raw:
                    target = Span(inner, inner + len(raw))
        elif kind == "autolink":
            target = Span(start + 1, end - 1)
        self.links.append(Link(plain_start, at, value, span, target))

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
        if kind in ("text", "code"):
            parts.append(value)
        elif kind == "break":
            parts.append(" ")
        elif kind == "image":
            hidden = end
    return " ".join("".join(parts).split())
