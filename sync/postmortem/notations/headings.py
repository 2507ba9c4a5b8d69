"""Items written as headings with their fields below: `### Add a limit`, `- Owner: Ana`."""

from __future__ import annotations

import re
from typing import NamedTuple

from sync.model import Notation
from sync.postmortem import items, sections, tense
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import owners
from sync.postmortem.fields.found import labelled_line
from sync.postmortem.items import Entry
from sync.postmortem.notations import lists, tables
from sync.postmortem.plain import Plain
from sync.postmortem.scope import Scope
from sync.postmortem.sections import Standing

_SAYS_ITEM = re.compile(
    r"(?:action(?: item)?|ai|item|task|follow-?up|todo)\s?[#-]?\d{1,3}\s*[:.)–—-]|\[[ xX]\]\s", re.IGNORECASE
)
_CODE = re.compile(r"\s*(?:[A-Z]{1,4}-?\d{1,3}\s*[:.)–—-]?|#?\d{1,3}\s*[.:)–—-])\s+")
_OWNED = re.compile(rf"{owners.HANDLE}")

WEIGHTS = {
    "it is numbered or coded": 1.0,
    "it names an owner": 1.5,
    "it asks for a change": 1.5,
    "it has four words or more": 0.7,
    "it has one word or two": -1.0,
    "its words only group": -2.5,
    "it is a part of a postmortem": -1.0,
    "fields of an item stand below it": 2.0,
    "only text stands below it": 1.0,
    "nothing stands below it": 0.5,
    "boxes stand below it": -2.0,
    "a list of demands stands below it": -1.5,
    "a table of actions stands below it": -3.0,
}
"""What speaks for a heading being an item itself, and for being the title of a group."""

ITEM = 0.5
"""From which sum headings side by side are items."""

GROUP = -1.5
"""Up to which sum one among items is a group after all."""


class Part(NamedTuple):
    """A heading within an action section, and the blocks below it up to the next of its level or above."""

    heading: Block
    below: list[Block]


def are_items(parts: list[Part], context: Context) -> list[bool]:
    """Which of some headings side by side are items themselves.

    They are judged together, so that one like the others is what they are.
    """
    sums = [_sum(part, context) for part in parts]
    together = sum(sums) / len(sums) > ITEM
    return [
        (value > GROUP if together else value >= 2.5) or _says_so(part, context)
        for part, value in zip(parts, sums, strict=True)
    ]


def _says_so(part: Part, context: Context) -> bool:
    return bool(part.heading.tokens) and bool(_SAYS_ITEM.match(Plain(part.heading.tokens, context.opened).text))


def _sum(part: Part, context: Context) -> float:
    return sum(WEIGHTS[sign] for sign in _signs(part, context))


def _signs(part: Part, context: Context) -> list[str]:
    text = lists.said(part.heading, context) if part.heading.tokens else ""
    bare = _CODE.sub("", text, count=1)
    found = sections.read(bare)
    signs = []
    if bare != text:
        signs.append("it is numbered or coded")
    if _OWNED.search(text):
        signs.append("it names an owner")
    if tense.is_imperative(bare):
        signs.append("it asks for a change")
    size = len(bare.split())
    if size >= 4 or (len(bare) > 12 and not bare.isascii()):
        signs.append("it has four words or more")
    elif size <= 2:
        signs.append("it has one word or two")
    if found.standing in (Standing.PART, Standing.DONE) or found.begins or (found.state is not None and size <= 3):
        signs.append("its words only group")
    elif found.standing in (Standing.OTHER, Standing.LEARNING):
        signs.append("it is a part of a postmortem")
    return signs + _below(part.below, context)


def _below(below: list[Block], context: Context) -> list[str]:
    near = below[:6]
    if fields_below(near, context):
        return ["fields of an item stand below it"]
    if any(tables.is_tracked(block) for block in near if block.kind == "table"):
        return ["a table of actions stands below it"]
    some = [block for block in near if block.kind == "list"]
    if any(entry.box for one in some for entry in one.children):
        return ["boxes stand below it"]
    if some:
        return ["a list of demands stands below it"] if lists.promising(some, context) else []
    return ["only text stands below it" if near else "nothing stands below it"]


def fields_below(below: list[Block], context: Context) -> int:
    """How many labelled fields stand in the blocks directly below a heading."""
    count = 0
    for block in below[:6]:
        paragraphs = [block] if block.kind == "paragraph" else []
        if block.kind == "list":
            if any(item.box for item in block.children[:20]):
                continue
            paragraphs = [
                item.children[0]
                for item in block.children[:20]
                if item.children and item.children[0].kind == "paragraph"
            ]
        of_block = 0
        for paragraph in paragraphs:
            if not paragraph.tokens:
                continue
            name = labelled_line(Plain(paragraph.tokens[:12], context.opened))
            if name in ("owner", "due", "state", "ticket", "priority"):
                of_block += 1
        if block.kind != "list" or of_block >= len(paragraphs) / 2:
            count += of_block
    return count


def read(part: Part, context: Context, scope: Scope) -> bool:
    """Add a heading as an item, its fields taken from below; False when it is none."""
    rule = "heading with the fields of an action below it"
    details = lists.details_of(part.below, context)
    heading = part.heading
    entry = Entry(heading.tokens, Notation.HEADING, heading.start, scope, rule, None, part.below, details)
    return items.add(entry, context)
