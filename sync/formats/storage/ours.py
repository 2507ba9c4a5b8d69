"""The grammar of what we write into a storage body ourselves, and what reads it again.

suffix = "(" link [ ", " words ] ")" | "(" words ")"
link   = <a href="url">label</a>
words  = "open" | "done" [ " " YYYY-MM-DD ] | "won't do"

The server writes what it was given anew: other entities, attributes of its own on a link. It is read all the same.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote
from xml.sax.saxutils import escape

from sync.formats import suffix
from sync.formats.suffix import Written
from sync.model import Reference, Span, State
from sync.model.text import BIDI
from sync.postmortem.blocks import Suffix
from sync.postmortem.fields import references

_UNSAFE_IN_LABEL = re.compile(
    rf"[{BIDI}()\[\]<>\"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\ud800-\udfff\ufffe\uffff]+"
)
_HREF = r"""\shref\s*=\s*(?:"(?P<url>[^"<>]{1,3000})"|'(?P<other>[^'<>]{1,3000})')"""
_ANCHOR = rf"<a\b[^<>]*?{_HREF}[^<>]*>"
_BEGINS = re.compile(_ANCHOR.encode(), re.DOTALL)
_SUFFIX = re.compile(
    rf"\((?:(?P<link>{_ANCHOR}(?P<label>[^<>()]{{1,400}})</a\s*>)(?:, ?(?P<more>[^()<>]{{4,40}}))?"
    r"|(?P<alone>[^()<>]{4,40}))\)",
    re.DOTALL,
)
_CLOSING = re.compile(rb"(?:\s*</(?:span|u|em|i|strong|b|ac:inline-comment-marker)\s*>)*\Z")
_BLANK = re.compile(rb"(?:[ \t\r\n]|&nbsp;|&#160;|&#xa0;|\xc2\xa0)*\Z", re.IGNORECASE)
_REACH = 4000
"""Bytes that the longest suffix may take."""

_COLOURS = {State.OPEN: "Blue", State.DONE: "Green", State.WONTDO: "Grey"}


def link(label: str, url: str) -> str:
    """A plain link; neither the label nor the address can end it."""
    return f'<a href="{address(url)}">{text(safe(label) or "ticket")}</a>'


def safe(words: str) -> str:
    """Words without what would be taken for more than words, or is no character of XML."""
    return _UNSAFE_IN_LABEL.sub("", words).strip()[:120]


def text(words: str) -> str:
    """Words as they stand between tags."""
    return escape(words)


def address(url: str) -> str:
    """The URL as the value of an attribute, with everything percent-encoded that has no place in one."""
    return escape(quote(url, safe="/:?#@!&'*+,=%~-._", errors="replace")[:1000])


def lozenge(title: str, colour: str) -> str:
    """A status lozenge."""
    inner = parameter("title", title) + parameter("colour", colour)
    return f'<ac:structured-macro ac:name="status">{inner}</ac:structured-macro>'


def parameter(name: str, value: str) -> str:
    """One parameter of a macro."""
    return f'<ac:parameter ac:name="{name}">{text(value)}</ac:parameter>'


def colour(state: State) -> str:
    """The colour of a lozenge for a state, where the column has none for it."""
    return _COLOURS[state]


def take_apart(source: str) -> Written | None:
    """What a suffix says; None when it is none of ours."""
    match = _SUFFIX.fullmatch(source)
    if not match:
        return None
    words = match["more"] or match["alone"]
    state, day = None, ""
    if words:
        said = suffix.said(_plain(words))
        if said is None:
            return None
        state, day = said
    if not match["link"]:
        return Written(state=state, day=day)
    place = "url" if match["url"] else "other"
    return Written(_plain(match["label"]), unescape(match[place]), state, day, match.span("link"), match.span(place))


def _plain(source: str) -> str:
    return " ".join(unescape(source).replace("’", "'").split())


def find(data: bytes, start: int, end: int) -> Suffix | None:
    """The suffix at the very end of a range of bytes, tags that end there left aside; None where there is none."""
    closing = _CLOSING.search(data, max(start, end - 400), end)
    stop = closing.start() if closing else end
    if data[stop - 1 : stop] != b")":
        return None
    at = data.rfind(b"(", max(start, stop - _REACH), stop)
    if at < 0:
        return None
    source = data[at:stop].decode("utf-8", "replace")
    written = take_apart(source)
    if written is None:
        return None
    reference = None
    if written.url:
        if not references.is_ticket_url(written.url):
            return None
        first, last = (at + len(source[:place].encode()) for place in written.link)
        target = Span(*(at + len(source[:place].encode()) for place in written.address))
        reference = Reference(written.url, written.label, Span(first, last), target)
    blank = _BLANK.search(data, max(start, at - 400), at)
    before = blank.start() if blank else at
    if before <= start and reference is None:
        return None
    return Suffix(Span(at, stop), before, written.state, reference, bool(written.day))


def address_of(data: bytes, start: int) -> Span | None:
    """The value of the `href` of a link that begins there, as it is written; None where it has none."""
    match = _BEGINS.match(data, start, start + 8000)
    if match is None:
        return None
    return Span(*match.span("url" if match["url"] is not None else "other"))
