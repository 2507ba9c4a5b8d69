"""The blocks of one area, group by group: sub-headings and labels say whose, in what state, or none at all."""

from __future__ import annotations

import re
from dataclasses import replace

from sync.model import Reference, State, TableSlot
from sync.model.names import similarity
from sync.postmortem import evidence, sections, tense
from sync.postmortem.areas import Area
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import references, states
from sync.postmortem.lexicon import fold, phrases
from sync.postmortem.notations import headings, lists, prose, tables
from sync.postmortem.notations.headings import Part
from sync.postmortem.plain import Plain, words
from sync.postmortem.scope import Scope
from sync.postmortem.sections import Standing

_TERM = re.compile(r"\s*(?:P\d|SEV-?\d|[^\W\d_]+)\s*(?:[:=–—：]|-\s)", re.IGNORECASE)


def read(area: Area, context: Context) -> None:
    """Add what may be the items of one area to the context."""
    first = len(context.found)
    context.area += 1
    scope = Scope(area.title, area.signs, state=area.state, explicit=area.explicit)
    if area.kind in ("learning", "elsewhere"):
        for block in area.blocks:
            if block.kind == "list":
                lists.read(block, context, replace(scope, only_tasks=True))
    elif area.kind == "letter":
        for block in area.blocks:
            if not tense.is_plan(words(block.tokens)) or not prose.read_lines(block, context, scope):
                break
    else:
        if area.lead is not None:
            rule = "after a label for actions"
            prose.read_inline(area.lead, area.lead_end, context, scope, rule, area.nested, area.lead_start)
        _Groups(area, scope, context).read()
    if sections.is_immediate(area.title):
        _drop_done(context, first, area.title)


class _Groups:
    """Reads the blocks of an area in order.

    Attributes:
        title: of the present group; "" in front of the first.
        scope: what area and group say of all items.
        ticket: what the group's title says of its only item.
        excluded: level of the heading whose blocks are left out; 0 for none.
        listed: whether the group has a list or a table, so that its paragraphs only explain.
    """

    def __init__(self, area: Area, scope: Scope, context: Context) -> None:
        self.area = area
        self.context = context
        self.blocks = area.blocks
        self.outer = scope
        self.scope = scope
        self.title = ""
        self.path: list[tuple[int, Scope]] = []
        self.ticket: Reference | None = None
        self.excluded = 0
        self.intro = ""
        self.listed = any(block.kind in ("list", "table") for block in area.blocks)
        self.leads = self._bold_leads(area.blocks)
        self._first = len(context.found)
        self._items = self._headings_that_are_items(0, len(area.blocks))

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
                tables.read(block, self.context, self.scope)
            elif block.kind == "paragraph" and block.tokens:
                self._on_paragraph(block, index)
        self._end_group()

    def _headings_that_are_items(self, first: int, last: int) -> set[int]:
        """Starts of the headings that are items themselves, those side by side judged together, level by level."""
        found: set[int] = set()
        places = [at for at in range(first, last) if self.blocks[at].kind == "heading"]
        if not places:
            return found
        level = min(self.blocks[at].value or 6 for at in places)
        starts = [at for at in places if (self.blocks[at].value or 6) == level]
        parts = [
            (Part(self.blocks[at], self.blocks[at + 1 : end]), at + 1, end)
            for at, end in zip(starts, [*starts[1:], last], strict=True)
        ]
        decided = headings.are_items([part for part, _, _ in parts], self.context)
        for (part, start, end), is_item in zip(parts, decided, strict=True):
            if is_item:
                found.add(part.heading.start)
            else:
                found |= self._headings_that_are_items(start, end)
        return found

    def _on_heading(self, block: Block, index: int) -> int:
        """Begin a group, or read the heading as an item; returns where to go on."""
        level = block.value or 6
        if self.excluded and level > self.excluded:
            return index
        self._end_group()
        self.excluded, self.ticket, self.intro = 0, None, ""
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        outer = self.path[-1][1] if self.path else self.outer
        end = index
        while end < len(self.blocks) and not (
            self.blocks[end].kind == "heading" and (self.blocks[end].value or 6) <= level
        ):
            end += 1
        below = self.blocks[index:end]
        if block.start in self._items:
            self.title, self.scope = "", outer
            if headings.read(Part(block, below), self.context, outer):
                self.path.append((level, outer))
                return end
        near = [one for one in below if one.kind != "heading"]
        self.listed = any(one.kind in ("list", "table") for one in near)
        self.leads = self._bold_leads(near)
        self.title = title = words(block.tokens)
        self._begin_group(block, title, below, outer, level)
        self.path.append((level, self.scope))
        return index

    def _begin_group(self, block: Block, title: str, below: list[Block], outer: Scope, level: int) -> None:
        context = self.context
        found = sections.read(title)
        state = found.state
        vain = lists.drops(found.standing) and state is not State.OPEN and not lists.promising(below, context)
        taken = state is State.DONE and found.standing is Standing.DONE
        said = states.word(sections.plain_title(title)) is not None or (state is State.DONE and outer.explicit)
        if (vain or taken) and not said:
            self.excluded = level
            self._leave_out(block, title, "what it heads was done during the incident or is no action")
            self.scope = outer
            return
        people = lists.group_people(block, context, heading=True)
        parent = "" if people else title
        scope = outer.grouped(people, state, parent)
        scope = replace(scope, section=f"{outer.section} / {' '.join(title.split())}" if outer.section else title)
        if found.begins:
            own = evidence.PLACES[found.standing]
            heaviest = max(
                {own} | (outer.signs & set(evidence.PLACES.values())), key=lambda sign: evidence.WEIGHTS[sign]
            )
            signs = (outer.signs - set(evidence.PLACES.values())) | {heaviest}
            scope = replace(scope, signs=frozenset(signs), explicit=outer.explicit or found.compound)
        self.scope = scope
        linked = [one for one in references.find(Plain(block.tokens, context.opened)) if not one.loose]
        self.ticket = linked[0].reference if len(linked) == 1 else None

    def _end_group(self) -> None:
        """What can only be said of a group when it is complete."""
        context, first = self.context, self._first
        if self.title and sections.is_immediate(self.title) and not self.outer.explicit:
            _drop_done(context, first, self.title)
        if self.ticket and len(context.found) == first + 1 and not context.found[first].item.references:
            # a ticket in the heading is the item's own only where there is no other item it could be of
            one = context.found[first]
            away = replace(self.ticket, span=None, target=None)
            one.item = replace(one.item, references=(away,), reasons=(*one.item.reasons, "ticket: the heading above"))
        self._first = len(context.found)

    def _on_list(self, block: Block, index: int) -> None:
        if self._defines(block, index):
            self._leave_out(block, "", "it defines the words of the table below it")
            return
        if self._belongs(block, index):
            self._leave_out(block, "", "it tells what the action above it speaks of")
            return
        scope = self.scope.signed("introduced as one of several ways") if offers_choice(self.intro) else self.scope
        lists.read(block, self.context, scope)
        self.intro = ""

    def _on_paragraph(self, block: Block, index: int) -> None:
        context = self.context
        label = lists.label_of(block)
        if label is not None:
            self._on_label(block, label, index)
        elif self.listed:
            self.intro = words(block.tokens)
        else:
            lead = self.leads > 1 and block.tokens[0][0] == "strong"
            if not prose.read_lines(block, context, self.scope, sure=lead):
                self._leave_out(block, words(block.tokens), "it is no sentence that asks for a change")

    def _on_label(self, block: Block, label: str, index: int) -> None:
        """Begin a group below bold words or a short line with a colon."""
        self._end_group()
        self.ticket = None
        end = index
        while end < len(self.blocks) and self.blocks[end].kind not in ("heading",):
            if self.blocks[end].kind == "paragraph" and end > index and lists.label_of(self.blocks[end]) is not None:
                break
            end += 1
        outer = self.path[-1][1] if self.path else self.outer
        found = sections.read(label.rstrip(":："))
        if (
            found.state is None
            and lists.drops(found.standing)
            and not lists.promising(self.blocks[index:end], self.context)
        ):
            self.excluded = 7
            return
        people = lists.group_people(block, self.context)
        self.title = label.rstrip(":： ")
        self.scope = outer.grouped(people, found.state, "" if people or found.state else self.title)
        self.scope = replace(self.scope, section=f"{outer.section} / {self.title}" if outer.section else self.title)
        self.intro = label

    def _bold_leads(self, blocks: list[Block]) -> int:
        """How many paragraphs begin with bold words and go on."""
        return sum(
            block.kind == "paragraph" and len(block.tokens) > 2 and block.tokens[0][0] == "strong"
            for block in blocks[:200]
        )

    def _belongs(self, block: Block, index: int) -> bool:
        """Whether a list follows one whose last entry ends in a colon: its details, at the margin by mistake."""
        before = self.blocks[index - 2] if index >= 2 else None
        if before is None or before.kind != "list" or not before.children or not before.children[-1].children:
            return False
        last = before.children[-1].children[-1]
        says = lists.said(last, self.context) if last.kind == "paragraph" and last.tokens else ""
        return says.endswith((":", "：")) and not lists.promising([block], self.context)

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


def offers_choice(text: str) -> bool:
    """Whether a sentence introduces a list of ways, of which one is to be taken, or of examples."""
    tail = fold(text[-90:])
    return tail.endswith((":", "：")) and any(one in tail for one in phrases("options"))


def _drop(context: Context, first: int, why: str) -> None:
    fresh = context.found[first:]
    del context.found[first:]
    for one in fresh:
        context.leave_out(one.item.span.start, one.item.text, why)


def _drop_done(context: Context, first: int, title: str) -> None:
    """Take out what was done during the incident: items below "Immediate actions" that mostly say they are done.

    Where one has a ticket they are followed through, and it is we who say that they are done.
    """
    fresh = [one.item for one in context.found[first:]]
    done = sum(item.state is State.DONE for item in fresh)
    kept = any(item.references or isinstance(item.slot, TableSlot) for item in fresh)
    if done and done * 2 >= len(fresh) and not kept:
        _drop(context, first, f"{title!r} lists what was done during the incident")


REPEATED = 0.75
"""Share of common words from which an action is one that was listed before."""


def compare(areas: list[Area], context: Context) -> None:
    """What areas say of each other: a list of actions elsewhere, and lists that mostly repeat it."""
    explicit = [one for one in context.found if areas[one.area - 1].standing is Standing.ACTIONS]
    strong = {one.area for one in explicit if explicit and areas[one.area - 1].explicit}
    by_area: dict[int, int] = {}
    for one in context.found:
        by_area[one.area] = by_area.get(one.area, 0) + 1
    for number, count in by_area.items():
        area = areas[number - 1]
        fresh = [one for one in context.found if one.area == number]
        earlier = [one.item for one in context.found if one.area < number]
        if sections.is_outlook(area.title) and earlier:
            for one in fresh:
                one.signs.add("the document lists its actions elsewhere")
                one.signs.add("repeats an action listed elsewhere")
            continue
        if area.standing is not Standing.ACTIONS and strong - {number}:
            for one in fresh:
                one.signs.add("the document lists its actions elsewhere")
        if not earlier or count * len(earlier) > 10_000 or area.standing is Standing.ACTIONS:
            continue
        tabled = any(isinstance(one.item.slot, TableSlot) for one in fresh)
        same = [one for one in fresh if any(similarity(one.item.text, other.text) >= REPEATED for other in earlier)]
        if not tabled:
            for one in fresh if len(same) * 2 >= count else same:
                one.signs.add("repeats an action listed elsewhere")
