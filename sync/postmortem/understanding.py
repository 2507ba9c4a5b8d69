"""Understand a document: its metadata and its action items."""

from __future__ import annotations

from sync.errors import DocumentError
from sync.formats.markdown import reader
from sync.model import ParseOptions, Postmortem
from sync.postmortem import groups, metadata
from sync.postmortem.areas import Finder
from sync.postmortem.context import Context
from sync.postmortem.fields import dates

MAX_BYTES = 10_000_000
"""A larger file is no postmortem."""

_BOM = b"\xef\xbb\xbf"


_NO_TITLES = frozenset(("metadata", "overview", "summary"))
_DEFAULTS = ParseOptions()


def parse(data: bytes, path: str, options: ParseOptions = _DEFAULTS) -> Postmortem:
    """Understand a document.

    Args:
        data: its bytes, UTF-8 with or without a BOM.
        path: as the source names it; a date in it may date the postmortem.
        options: what settings change.

    Raises:
        DocumentError: the bytes cannot be understood; the message names the path and the place.
    """
    try:
        return _parse(data, path, options)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error.message}", error.cure) from error


def _parse(data: bytes, path: str, options: ParseOptions) -> Postmortem:
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"the file has {len(data)} bytes, more than the {MAX_BYTES} that a postmortem may have.",
            "Exclude it, or split it.",
        )
    start = len(_BOM) if data.startswith(_BOM) else 0
    try:
        data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        at = start + error.start
        line = data.count(b"\n", 0, at) + 1
        raise DocumentError(f"line {line}, byte {at}: the file is not UTF-8.", "Save it as UTF-8.") from error
    about, begin = metadata.front_matter(data, start)
    text = data[begin:].decode("utf-8")
    context = Context(data, options)
    finder = Finder(context)
    areas = finder.find(reader.blocks(text, begin, finder.wants))
    first = min((area.start for area in areas if area.kind != "learning"), default=len(data))
    metadata.body(about, data[begin : min(first, begin + 12_000)].decode("utf-8", "ignore"))
    title = about.title or ("" if finder.title.casefold() in _NO_TITLES else finder.title)
    context.day = about.date or dates.find(title, options.date_order) or dates.find_in_path(path)
    context.people = frozenset(about.people)
    for area in areas:
        groups.read(area, context)
    published, reason = metadata.published(about, options.published)
    return Postmortem(
        path=path,
        data=data,
        title=title or path.rsplit("/", 1)[-1].removesuffix(".md"),
        date=context.day,
        id=about.id,
        status=about.status,
        service=about.service,
        team=about.team,
        severity=about.severity,
        incident=about.incident,
        labels=about.labels,
        fields=tuple(about.fields.items()),
        published=published,
        reason=reason,
        items=tuple(context.items),
        tables=tuple(context.tables),
        warnings=tuple(context.warnings),
        left_out=tuple(context.left_out),
    )
