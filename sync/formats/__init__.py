"""Formats: how a document is written. Bytes in, items out, bytes back. Pure.

`FORMATS` is the one table of them; a new one adds its folder and its line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sync.errors import DocumentError
from sync.formats.edits import apply_edits
from sync.formats.format import Format
from sync.formats.markdown import Markdown
from sync.formats.storage import Storage
from sync.model import MAX_BYTES, Edit, Mentioned, Owner, OwnerKind, ParseOptions, Postmortem, Status
from sync.postmortem import understanding

FORMATS: Mapping[str, Format] = {one.name: one for one in (Markdown(), Storage())}

_DEFAULTS = ParseOptions()
_NOBODY: Mapping[str, Mentioned] = MappingProxyType({})

__all__ = ["FORMATS", "Format", "apply_edits", "format_of", "parse", "render"]


def format_of(name: str, formats: Mapping[str, Format] = FORMATS) -> Format:
    """The format of that name. Raises DocumentError where there is none."""
    try:
        return formats[name]
    except KeyError:
        known = ", ".join(sorted(formats))
        raise DocumentError(f"its format {name!r} is not known; known are {known}.", "Correct the source.") from None


def parse(
    data: bytes,
    path: str,
    options: ParseOptions = _DEFAULTS,
    format: str = Markdown.name,
    formats: Mapping[str, Format] = FORMATS,
    title: str = "",
    people: Mapping[str, Mentioned] = _NOBODY,
) -> Postmortem:
    """Understand a document.

    Args:
        data: its bytes.
        path: as the source names it; a date in it may date the postmortem.
        options: what settings change.
        format: name of the format it is written in, one of `formats`.
        title: where its source keeps it apart from the bytes; nothing in them is one then.
        people: the accounts that it mentions, by their ids.

    Raises:
        DocumentError: the bytes cannot be understood; the message names the path and the place.
    """
    try:
        form = format_of(format, formats)
        if len(data) > MAX_BYTES:
            raise DocumentError(
                f"the file has {len(data)} bytes, more than the {MAX_BYTES} that a postmortem may have.",
                "Exclude it, or split it.",
            )
        name = path.rsplit("/", 1)[-1]
        ending = next((one for one in form.endings if name.endswith(one)), "")
        found = understanding.understand(form.open(data), path, name.removesuffix(ending), options, form.name, title)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error.message}", error.cure) from error
    return _named(found, people) if people else found


def _named(postmortem: Postmortem, people: Mapping[str, Mentioned]) -> Postmortem:
    """The postmortem with its owners known by their accounts."""

    def named(owner: Owner) -> Owner:
        known = people.get(owner.text) if owner.kind is OwnerKind.ACCOUNT else None
        return replace(owner, mentioned=known) if known else owner

    items = [replace(item, owners=tuple(map(named, item.owners))) for item in postmortem.items]
    return replace(postmortem, items=tuple(items))


def render(
    postmortem: Postmortem, statuses: Mapping[int, Status], formats: Mapping[str, Format] = FORMATS
) -> tuple[Edit, ...]:
    """Edits that make a document show these statuses, by index of the item; none where it shows them already.

    Returns:
        sorted edits that do not overlap, for `apply_edits(postmortem.data, …)`.
    """
    return format_of(postmortem.format, formats).render(postmortem, statuses)
