"""The blocks of one area, group by group: sub-headings and bold lines say whose, in what state, or none at all."""

from __future__ import annotations

import re
from dataclasses import replace

from sync.identity import SAME_ITEM, similarity
from sync.model import Owner, Reference, State, TableSlot
from sync.postmortem import sections
from sync.postmortem.areas import Area
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import references, states
from sync.postmortem.notations import headings, lists, prose, tables
from sync.postmortem.plain import Plain, words

_TERM = re.compile(r"\s*(?:P\d|SEV-?\d|[^\W\d_]+)\s*(?:[:=–—]|-\s)", re.IGNORECASE)


def read(area: Area, context: Context) -> None:
    """Add the items of one area to the context."""
    first = len(context.items)
    if area.kind == "learning":
        for block in area.blocks:
            if block.kind == "list":
                lists.read(block, context, area.title, only_tasks=True)
    elif area.kind == "letter":
        for block in area.blocks:
            if not prose.is_plan(words(block.tokens)) or not prose.read_lines(block, context, area.title):
                break
    else:
        if area.lead is not None:
            rule = "after a label for actions"
            prose.read_inline(area.lead, area.lead_end, context, area.title, rule, area.nested, area.lead_start)
        _Groups(area, context).read()
    if sections.is_immediate(area.title):
        _drop_done(context, first, area.title)
    if sections.is_outlook(area.title) and first:
        _drop(context, first, f"{area.title!r} is an outlook; the actions are listed before")
    elif sections.is_weak(area.title):
        _drop_repeated(context, first, area.title)


class _Groups:
    """Reads the blocks of an area in order.

    Attributes:
        title: of the present group; "" in front of the first.
        people, state, ticket: what the group's title says of all its items.
        excluded: level of the heading whose blocks are left out; 0 for none.
        listed: whether the group has a list or a table, so that its paragraphs only explain.
    """

    def __init__(self, area: Area, context: Context) -> None:
        self.area = area
        self.context = context
        self.blocks = area.blocks
        self.title = ""
        self.people: tuple[Owner, ...] = ()
        self.state: State | None = None
        self.ticket: Reference | None = None
        self.excluded = 0
        self.listed = any(block.kind in ("list", "table") for block in area.blocks)
        self.leads = self._bold_leads(area.blocks)
        self._first = len(context.items)

    def read(self) -> None:
        """Add every item."""
        index = 0
        while index < len(self.blocks) and not self.context.full:
            block = self.blocks[index]
            index += 1
            if block.kind == "heading":
                index = self._on_heading(block, index)
            elif self.excluded:
                continue
            elif block.kind == "list":
                self._on_list(block, index)
            elif block.kind == "table":
                tables.read(block, self.context, self.section)
            elif block.kind == "paragraph" and block.tokens:
                self._on_paragraph(block)
        self._end_group()

    @property
    def section(self) -> str:
        return " / ".join(part for part in (self.area.title, self.title) if part)

    def _on_heading(self, block: Block, index: int) -> int:
        """Begin a group, or read the heading as an item; returns where to go on."""
        level = block.value or 6
        if self.excluded and level > self.excluded:
            return index
        self._end_group()
        self.excluded, self.people, self.ticket = 0, (), None
        end = index
        while end < len(self.blocks) and self.blocks[end].kind != "heading":
            end += 1
        below = self.blocks[index:end]
        self.listed = any(one.kind in ("list", "table") for one in below)
        self.leads = self._bold_leads(below)
        if headings.is_item(block, below, self.context):
            self.title = ""
            return end if headings.read(block, below, self.context, self.section) else index
        self.title = title = words(block.tokens)
        self.state = states.word(sections.plain_title(title)) or states.last(title)
        if self.state is None and (sections.is_done_group(title) or sections.ends_section(title)):
            self.excluded = level
            self._leave_out(block, title, "what it heads was done during the incident or is no action")
        else:
            self.people = lists.group_people(block, self.context, heading=True)
            found = [one for one in references.find(Plain(block.tokens, self.context.opened)) if not one.loose]
            self.ticket = found[0].reference if len(found) == 1 else None
        return index

    def _end_group(self) -> None:
        """What can only be said of a group when it is complete."""
        context, first = self.context, self._first
        if self.title and sections.is_immediate(self.title):
            _drop_done(context, first, self.title)
        if self.ticket and len(context.items) == first + 1 and not context.items[first].references:
            # a ticket in the heading is the item's own only where there is no other item it could be of
            away = replace(self.ticket, span=None, target=None)
            reasons = (*context.items[first].reasons, "ticket: the heading above")
            context.items[first] = replace(context.items[first], references=(away,), reasons=reasons)
        self._first = len(context.items)

    def _on_list(self, block: Block, index: int) -> None:
        if self._defines(block, index):
            self._leave_out(block, "", "it defines the words of the table below it")
        else:
            lists.read(block, self.context, self.section, group_owners=self.people, group_state=self.state)

    def _on_paragraph(self, block: Block) -> None:
        context = self.context
        label = lists.label_of(block)
        if label is not None:
            self._end_group()
            self.state = states.word(label.rstrip(":")) or states.last(label.rstrip(":"))
            self.ticket = None
            if self.state is None and (sections.ends_section(label) or sections.is_done_group(label)):
                self.excluded = 7
                return
            self.people = lists.group_people(block, context)
            self.title = label.rstrip(": ")
        elif not self.listed:
            lead = self.leads > 1 and block.tokens[0][0] == "strong"
            if not prose.read_lines(block, context, self.section, self.people, self.state, sure=lead):
                self._leave_out(block, words(block.tokens), "it is no sentence that asks for a change")

    def _bold_leads(self, blocks: list[Block]) -> int:
        """How many paragraphs begin with bold words and go on."""
        return sum(
            block.kind == "paragraph" and len(block.tokens) > 2 and block.tokens[0][0] == "strong"
            for block in blocks[:200]
        )

    def _defines(self, block: Block, index: int) -> bool:
        """Whether a list above a table only explains the table's words, such as its priorities."""
        for later in self.blocks[index : index + 4]:
            if later.kind == "heading":
                return False
            if later.kind == "table":
                texts = [words(item.children[0].tokens) for item in block.children[:40] if item.children]
                return len(texts) > 1 and all(_TERM.match(text) for text in texts)
        return False

    def _leave_out(self, block: Block, text: str, why: str) -> None:
        self.context.leave_out(block.start, text, why)


def _drop(context: Context, first: int, why: str) -> None:
    fresh = context.items[first:]
    del context.items[first:]
    for item in fresh:
        context.leave_out(item.span.start, item.text, why)


def _drop_done(context: Context, first: int, title: str) -> None:
    """Take out what was done during the incident: items below "Immediate actions" that mostly say they are done.

    Where one has a ticket they are followed through, and it is we who say that they are done.
    """
    fresh = context.items[first:]
    done = sum(item.state is State.DONE for item in fresh)
    kept = any(item.references or isinstance(item.slot, TableSlot) for item in fresh)
    if done and done * 2 >= len(fresh) and not kept:
        _drop(context, first, f"{title!r} lists what was done during the incident")


def _drop_repeated(context: Context, first: int, title: str) -> None:
    """Take out a list that mostly repeats actions listed before, such as under "Prevention"."""
    fresh, earlier = context.items[first:], context.items[:first]
    if not fresh or not earlier or len(fresh) * len(earlier) > 10_000:
        return
    same = sum(any(similarity(item.text, other.text) >= SAME_ITEM for other in earlier) for item in fresh)
    if same * 2 >= len(fresh) and not any(isinstance(item.slot, TableSlot) for item in fresh):
        _drop(context, first, f"{title!r} repeats the actions above")
