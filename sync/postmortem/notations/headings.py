"""Items written as headings with their fields below: `### Add a limit`, `- Owner: Ana`."""

from __future__ import annotations

import re

from sync.model import Notation
from sync.postmortem import items, sections
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields.found import labelled_line
from sync.postmortem.items import Entry
from sync.postmortem.notations import prose
from sync.postmortem.plain import Plain, words

_NUMBERED = re.compile(r"(?:action(?: item)?|ai|item|task|follow-?up|todo)\s?[#-]?\d{1,3}\s*[:.)–—-]", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\d{1,3}[.)]\s+")
_BOX = re.compile(r"\[[ xX]\]\s")


def is_item(heading: Block, below: list[Block], context: Context) -> bool:
    """Whether a heading within an action section is itself an action.

    It is when it says so (`Action 1: …`), carries a box, or when labelled fields of an item (owner, due, status,
    ticket) stand directly below it.
    """
    if not heading.tokens:
        return False
    text = Plain(heading.tokens, context.opened).text
    if _NUMBERED.match(text) or _BOX.match(text):
        return True
    if sections.is_action(text) or sections.ends_section(text):
        return False
    if fields_below(below, context) > 0:
        return True
    # a heading that asks for a change, with nothing but words below it
    return prose.is_imperative(_NUMBER.sub("", text)) and all(block.kind == "paragraph" for block in below)


def fields_below(below: list[Block], context: Context) -> int:
    """How many labelled fields stand in the blocks directly below a heading."""
    count = 0
    for block in below[:4]:
        paragraphs = [block] if block.kind == "paragraph" else []
        if block.kind == "list":
            if any(item.box for item in block.children[:20]):
                return 0
            paragraphs = [
                item.children[0]
                for item in block.children[:20]
                if item.children and item.children[0].kind == "paragraph"
            ]
        for paragraph in paragraphs:
            if not paragraph.tokens or len(paragraph.tokens) > 60:
                continue
            name = labelled_line(Plain(paragraph.tokens, context.opened))
            if name in ("owner", "due", "state", "ticket", "priority"):
                count += 1
        if block.kind == "list" and paragraphs and count < len(paragraphs) / 2:
            return 0
    return count


def read(heading: Block, below: list[Block], context: Context, section: str) -> bool:
    """Add a heading as an item, its fields taken from below; False when it is none."""
    rule = "heading with the fields of an action below it"
    result = items.read(Entry(heading.tokens, Notation.HEADING, heading.start, section, rule, nested=below), context)
    if result.item is None:
        context.leave_out(heading.start, words(heading.tokens), result.why)
        return False
    context.add(result.item)
    return True
