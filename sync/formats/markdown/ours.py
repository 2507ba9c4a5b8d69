"""The grammar of what we write into Markdown ourselves: links, the parenthesis behind an item, and what reads it again.

suffix = "(" link [ ", " words ] ")" | "(" words ")"
link   = "[" label "](" url ")"
words  = as `sync.formats.suffix` has them
"""

from __future__ import annotations

import re
from urllib.parse import quote

from sync.formats import suffix
from sync.formats.suffix import Written
from sync.model import Reference, Span
from sync.model.text import BIDI
from sync.postmortem.blocks import Suffix
from sync.postmortem.fields import references

_UNSAFE_IN_LABEL = re.compile(rf"[{BIDI}\[\]()<>`*~|\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029]+")
_SUFFIX = re.compile(
    r"\((?:(?P<link>\[(?P<label>[^\[\]\r\n]{1,120})\]\((?P<url>[^()\s<>]{1,1000})\))(?:, (?P<more>[^()]{4,24}))?"
    r"|(?P<alone>[^()\[\]]{4,24}))\)"
)
_REACH = 1400
"""Bytes that the longest suffix may take."""


def link(label: str, url: str) -> str:
    """`[label](url)`; neither can end the link, the cell or the line it stands in."""
    return f"[{safe(label) or 'ticket'}]({address(url)})"


def safe(text: str) -> str:
    """Words without anything that Markdown, a table or a terminal would take for more than words."""
    return _UNSAFE_IN_LABEL.sub("", text).strip()[:120]


def address(url: str) -> str:
    """The URL with everything percent-encoded that Markdown, or a table, would stumble over."""
    return quote(url, safe="/:?#@!&'*+,=%~-._")[:1000]


def take_apart(text: str) -> Written | None:
    """What a suffix says; None when a text is none of ours."""
    match = _SUFFIX.fullmatch(text)
    if not match:
        return None
    words = match["more"] or match["alone"]
    state, day = None, ""
    if words:
        said = suffix.said(words)
        if said is None:
            return None
        state, day = said
    if not match["link"]:
        return Written(state=state, day=day)
    return Written(match["label"], match["url"], state, day, match.span("link"), match.span("url"))


def find(data: bytes, start: int, end: int) -> Suffix | None:
    """The suffix at the very end of a range of bytes; None where there is none."""
    if data[end - 1 : end] != b")":
        return None
    low = max(start, end - _REACH)
    for opening in (b"([", b"("):
        at = data.rfind(opening, low, end)
        if at < 0:
            continue
        text = data[at:end].decode("utf-8", "replace")
        written = take_apart(text)
        if written is None:
            continue
        reference = None
        if written.url:
            if not references.is_ticket_url(written.url):
                return None
            first, last = (at + len(text[:place].encode()) for place in written.link)
            target = Span(*(at + len(text[:place].encode()) for place in written.address))
            reference = Reference(written.url, written.label, Span(first, last), target)
        stop = at
        while stop > start and data[stop - 1 : stop] in (b" ", b"\t", b"\n", b"\r"):
            stop -= 1
        if stop <= start and reference is None:
            return None
        return Suffix(Span(at, end), stop, written.state, reference, bool(written.day))
    return None
