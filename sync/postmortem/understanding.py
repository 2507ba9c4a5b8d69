"""Understand a document: its metadata and its action items."""

from __future__ import annotations

from sync.model import ParseOptions, Postmortem
from sync.postmortem import groups, metadata
from sync.postmortem.areas import Finder
from sync.postmortem.blocks import Opened
from sync.postmortem.context import Context
from sync.postmortem.fields import dates
from sync.postmortem.metadata import Metadata

_NO_TITLES = frozenset(("metadata", "overview", "summary"))


def understand(opened: Opened, path: str, name: str, options: ParseOptions, format: str, title: str = "") -> Postmortem:
    """What a document says.

    Args:
        path: as the source names it; a date in it may date the postmortem.
        name: its title where it states none.
        options: what settings change.
        format: name of the format that it was opened in.
        title: where its source keeps it apart from the bytes; its path is no name that people chose then.

    Raises:
        DocumentError: it cannot be read on; the message names the place.
    """
    data = opened.data
    about = Metadata()
    for key, value in opened.front.items():
        metadata.take(about, str(key), value)
    context = Context(opened, options)
    finder = Finder(context)
    areas = finder.find(opened.blocks())
    first = min((area.start for area in areas if area.kind != "learning"), default=len(data))
    for statement in opened.statements(first):
        metadata.state(about, statement)
    in_path = None if title else dates.find_in_path(path)
    title = title or about.title or ("" if finder.title.casefold() in _NO_TITLES else finder.title)
    context.day = about.date or dates.find(title, options.date_order) or in_path
    context.people = frozenset(about.people) | {name.casefold() for name in options.people}
    for area in areas:
        groups.read(area, context)
    groups.compare(areas, context)
    context.decide()
    published, reason = metadata.published(about, options.published)
    return Postmortem(
        path=path,
        data=data,
        format=format,
        title=title or name,
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
