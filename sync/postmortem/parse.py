"""Understand a document: its metadata and its action items."""

from __future__ import annotations

import re

from sync.errors import DocumentError
from sync.identity import similarity
from sync.model import Owner, ParseOptions, Postmortem, State, TableSlot
from sync.postmortem import dates, headings, lists, markdown, metadata, prose, sections, states, tables
from sync.postmortem.areas import Area, Finder
from sync.postmortem.context import Context
from sync.postmortem.markdown import Block
from sync.postmortem.plain import words

SAME = 0.75
"""Share of common words from which an item repeats another."""

MAX_BYTES = 10_000_000
"""A larger file is no postmortem."""

_BOM = b"\xef\xbb\xbf"


def parse(data: bytes, path: str, options: ParseOptions = ParseOptions()) -> Postmortem:
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
    areas = finder.find(markdown.blocks(text, begin, finder.wants))
    first = min((area.start for area in areas if area.kind != "learning"), default=len(data))
    metadata.body(about, data[begin : min(first, begin + 12_000)].decode("utf-8", "ignore"))
    title = about.title or finder.title
    context.day = about.date or dates.find(title, options.date_order) or dates.find_in_path(path)
    context.people = frozenset(about.people)
    for area in areas:
        before = len(context.items)
        _read(area, context)
        if sections.is_weak(area.title):
            _repeats(context, before, area.title)
    published, reason = metadata.published(about, options.published)
    return Postmortem(
        path=path,
        data=data,
        title=title,
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


def _read(area: Area, context: Context) -> None:
    """Add the items of one area."""
    if area.kind == "learning":
        for block in area.blocks:
            if block.kind == "list" and any(item.box >= 0 for item in block.children):
                lists.read(block, context, area.title, only_tasks=True)
        return
    if area.kind == "letter":
        for block in area.blocks:
            if not prose.is_plan(words(block.tokens)) or not prose.read_lines(block, context, area.title):
                break
        return
    if area.lead is not None:
        prose.read_inline(
            area.lead, area.lead_end, context, area.title, "after a label for actions", area.nested, area.lead_start
        )
    _blocks(area.blocks, area, context)


def _blocks(blocks: list[Block], area: Area, context: Context) -> None:
    group = ""
    people: tuple[Owner, ...] = ()
    state: State | None = None
    excluded = 0
    listed = any(block.kind in ("list", "table") for block in blocks)
    skip_until = -1
    for index, block in enumerate(blocks):
        if index < skip_until:
            continue
        if context.full:
            return
        section = f"{area.title} / {group}" if group else area.title
        if block.kind == "heading":
            level = block.value or 6
            title = words(block.tokens)
            if excluded and level > excluded:
                continue
            excluded = 0
            people, state = (), None
            below = _until_heading(blocks, index + 1)
            if headings.is_item(block, below, context):
                if headings.read(block, below, context, section):
                    skip_until = index + 1 + len(below)
                continue
            group = title
            state = states.word(sections.plain_title(title))
            if state is None and (sections.is_done_group(title) or sections.ends_section(title)):
                excluded = level
                context.leave_out(block.start, title, "what it heads was done during the incident or is no action")
            else:
                people = lists.group_people(block, context, heading=True)
        elif excluded:
            continue
        elif block.kind == "list" and _defines(block, blocks[index + 1 : index + 5]):
            context.leave_out(block.start, "", "it defines the words of the table below it")
        elif block.kind == "list":
            lists.read(block, context, section, group_owners=people, group_state=state)
        elif block.kind == "table":
            tables.read(block, context, section)
        elif block.kind == "paragraph" and block.tokens:
            label = lists.label_of(block, context)
            if label is not None:
                state = states.word(label.rstrip(":"))
                if state is None and (sections.ends_section(label) or sections.is_done_group(label)):
                    excluded = 7
                    continue
                people = lists.group_people(block, context)
                group = label.rstrip(": ")
            elif not listed:
                if not prose.read_lines(block, context, section, people, state):
                    context.leave_out(block.start, words(block.tokens), "it is no sentence that asks for a change")


_TERM = re.compile(r"\s*(?:P\d|SEV-?\d|[^\W\d_]+)\s*(?:[:=–—]|-\s)", re.IGNORECASE)


def _defines(block: Block, following: list[Block]) -> bool:
    """Whether a list above a table only explains the table's words, such as its priorities."""
    for later in following:
        if later.kind == "heading":
            return False
        if later.kind == "table":
            texts = [words(item.children[0].tokens) for item in block.children[:40] if item.children]
            return len(texts) > 1 and all(_TERM.match(text) for text in texts)
    return False


def _repeats(context: Context, first: int, title: str) -> bool:
    """Whether the items from `first` on mostly repeat those before; then they are taken out again."""
    fresh = context.items[first:]
    earlier = context.items[:first]
    if not fresh or not earlier or len(fresh) * len(earlier) > 10_000:
        return False
    same = [item for item in fresh if any(similarity(item.text, other.text) >= SAME for other in earlier)]
    if len(same) * 2 < len(fresh) or any(isinstance(item.slot, TableSlot) for item in fresh):
        return False
    del context.items[first:]
    for item in fresh:
        context.leave_out(item.span.start, item.text, f"{title!r} repeats the actions above")
    return True


def _until_heading(blocks: list[Block], start: int) -> list[Block]:
    end = start
    while end < len(blocks) and blocks[end].kind != "heading":
        end += 1
    return blocks[start:end]
