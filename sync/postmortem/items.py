"""One item written as running text: its words, its fields, and where write-back goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sync.model import ActionItem, InlineSlot, Notation, Span, State
from sync.postmortem import evidence, templates, tense
from sync.postmortem.blocks import Block, Box, Suffix, Token
from sync.postmortem.context import Candidate, Context
from sync.postmortem.fields import beginning, ending, owners, states
from sync.postmortem.fields.annotations import Line
from sync.postmortem.fields.found import Fields, exact_due, labelled_line
from sync.postmortem.plain import Plain, bounds, words
from sync.postmortem.scope import Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """Running text that may be an item.

    Attributes:
        tokens: of the item's own first paragraph.
        start: where the item begins, its marker included.
        rule: as on the item.
        nested: what stands below it; labelled lines and bare tickets there belong to the item.
        details: the rest of what stands below it, a line each.
        named: whether its list's items end in names, so that a name at the end is an owner.
        past: whether those beside it tell what was done, so that a participle in front does so too.
    """

    tokens: list[Token]
    notation: Notation
    start: int
    scope: Scope
    rule: str
    box: Box | None = None
    nested: Sequence[Block] = ()
    details: tuple[str, ...] = ()
    named: bool = False
    past: bool = False


class Result(NamedTuple):
    """An item, or why a text is none."""

    item: ActionItem | None = None
    why: str = ""


class _Extent(NamedTuple):
    """Where an item's text lies: as a whole, its own words, and what stands around them."""

    whole: Span
    content: Span
    stop: int
    suffix: Suffix | None
    strike: tuple[Span, Span] | None


class _Words(NamedTuple):
    """The words of an item, or why they are none."""

    text: str = ""
    why: str = ""


class _Said(NamedTuple):
    """An item's state, and the one that shows without a suffix (see `InlineSlot.said`).

    Attributes:
        written, box_says: see `ActionItem`.
    """

    state: State | None
    shown: State | None
    written: State | None = None
    box_says: State | None = None


def add(entry: Entry, context: Context, *signs: str) -> bool:
    """Add an item, with what speaks for and against it, or note why it is none; False then."""
    result = read(entry, context)
    item = result.item
    if item is None:
        context.leave_out(entry.start, words(entry.tokens), result.why)
        return False
    every = {*entry.scope.signs, *signs, *evidence.of_form(item), *evidence.of_words(item.text, item.state)}
    if "a box" in every:
        every.discard("boxes beside it")
    if entry.tokens[0][0] == "strong" and entry.tokens[0][2] < entry.tokens[-1][2]:
        every.add("words in bold in front")
    if "below a heading for actions" in every and "below a heading about the response" not in every:
        every -= {"tells what was done", "others beside it tell what was done"}
    certain = isinstance(item.slot, InlineSlot) and item.slot.suffix is not None
    context.add(Candidate(item, every, certain))
    return True


def read(entry: Entry, context: Context) -> Result:
    """Build an item from running text."""
    if not entry.tokens:
        return Result(why="it is empty")
    extent = _extent(entry.tokens, context)
    plain = Plain(entry.tokens, context.opened, extent.stop)
    if why := templates.unfilled(plain.text):
        return Result(why=why)
    fields = Fields()
    text = annotated(plain, context, fields, entry.named)
    if entry.notation is Notation.TASK:
        _of_task(plain, fields)
    own = fields.state
    if extent.suffix and extent.suffix.reference:
        fields.add_reference(extent.suffix.reference, "the parenthesis written back")
    text, why = _filter(text, fields, entry.box is not None)
    if why:
        return Result(why=why)
    below = _below(entry.nested, context) if entry.nested else Fields()
    fields.take(below)
    if len(fields.references) > 1:
        first = fields.references[0].label
        context.warn(entry.start, f"more than one ticket is linked; the first is followed: {first}")
    if entry.scope.people and not fields.owners:
        fields.add_owners(entry.scope.people, "the line above the group")
    said = _state(entry, extent, text, own, below.state, fields)
    return Result(_build(entry, extent, text, fields, said, context))


def _build(entry: Entry, extent: _Extent, text: str, fields: Fields, said: _Said, context: Context) -> ActionItem:
    box, suffix = entry.box, extent.suffix
    return ActionItem(
        line=context.line(entry.start),
        text=text,
        notation=entry.notation,
        section=entry.scope.section,
        span=Span(entry.start, max(entry.start, extent.whole.end)),
        slot=InlineSlot(
            content=extent.content,
            insert=extent.stop,
            suffix=suffix.span if suffix else None,
            box=box.span if box else None,
            strike=extent.strike,
            said=said.shown,
        ),
        owners=tuple(fields.owners),
        due=fields.due,
        state=said.state or State.OPEN,
        state_stated=said.state is not None,
        written=said.written,
        box_says=said.box_says,
        references=tuple(fields.references),
        priority=fields.priority,
        type=fields.type,
        rule=entry.rule,
        reasons=tuple(fields.reasons),
        parent=entry.scope.parent,
        details=entry.details,
    )


def _extent(tokens: list[Token], context: Context) -> _Extent:
    opened = context.opened
    whole = bounds(tokens, opened.data)
    suffix = opened.suffix(whole.start, whole.end)
    stop = suffix.stop if suffix else whole.end
    head = tokens[0]
    if head[0] == "strike" and head[1] == whole.start and head[2] == stop:
        inner = opened.inside(head)
        return _Extent(whole, inner, stop, suffix, (Span(head[1], inner.start), Span(inner.end, stop)))
    return _Extent(whole, Span(whole.start, max(whole.start, stop)), stop, suffix, None)


def annotated(plain: Plain, context: Context, fields: Fields, named: bool = False) -> str:
    """Read every annotation of a text into `fields`; return the words that are left."""
    line = Line(plain, context, fields, named)
    beginning.read(line)
    ending.read(line)
    line.labels()
    if line.cuts:
        ending.read(line)
    line.take_references()
    return line.rest()


def _of_task(plain: Plain, fields: Fields) -> None:
    """A task that mentions a user is theirs, and one that holds a date is due then, wherever in it they stand."""
    mention = plain.marked("mention", 0, len(plain.text))
    if mention and not fields.owners:
        fields.add_owners(owners.split(plain, mention.start, mention.end), "the first mention in the task")
    day = plain.marked("time", 0, len(plain.text))
    if day and fields.due is None:
        fields.set_due(exact_due(day.value, day.span), "the date in the task")


def _filter(text: str, fields: Fields, boxed: bool) -> _Words:
    """The words without what a template left in them, or why they are the template's own."""
    filled = templates.without_braces(text)
    if filled is None:
        return _Words(why="it is a placeholder")
    text = templates.without_hints(filled)
    only = fields.references[0] if fields.references else None
    if not text or not any(character.isalnum() for character in text):
        return _Words(only.label or only.text) if only else _Words(why="it is empty")
    if why := templates.placeholder(text):
        label = only.label.strip("[]() ") if only else ""
        if only is None or text.strip("[]() ") not in (only.text, label):
            return _Words(why=why)
        return _Words(label or only.text)
    if not boxed and not fields.references and not fields.owners and templates.is_question(text):
        return _Words(why="it is a question")
    return _Words(text)


def _state(entry: Entry, extent: _Extent, text: str, own: State | None, below: State | None, fields: Fields) -> _Said:
    """Who says an item's state: a tick, its words, an empty box, a strike, its tense, a line below, its group.

    What we wrote behind it ourselves outweighs them all.
    """
    shown, why = own, ""
    if entry.box and entry.box.state is not State.OPEN:
        shown, why = State.WONTDO if extent.strike else entry.box.state, "the box"
    elif own is None:
        if entry.box and _crossed_out(extent, entry.tokens):
            shown, why = State.WONTDO, "it is struck through and not ticked"
        elif entry.box:
            shown, why = entry.box.state, "the box"
        elif extent.strike:
            shown, why = State.DONE, "struck through"
        elif (stated := states.sentence(text)) is not None:
            shown, why = stated, "the tense of the sentence"
        elif entry.past and entry.scope.state is None and tense.tells_past(text) and not tense.intends(text):
            shown, why = State.DONE, "the tense of the lines beside it"
        elif below is not None:
            shown, why = below, "a line below"
        else:
            shown, why = entry.scope.state, "the group's title"
    crossed = entry.box is not None and entry.box.state is State.OPEN and _crossed_out(extent, entry.tokens)
    said = shown if entry.box is None or crossed else own
    suffix, written, box_says = extent.suffix, None, None
    if suffix and suffix.state is not None:
        shown, why = suffix.state, "the parenthesis written back"
        if entry.box and fields.references:
            # The box is a person's, the words beside it are ours: where they differ, somebody ticked or unticked it.
            written = suffix.state
            box_says = entry.box.state if (entry.box.state is State.OPEN) != (written is State.OPEN) else None
        elif suffix.dated:
            written = suffix.state
    if shown is not None and why:
        fields.overrule_state(shown, why)
    return _Said(shown, said, written, box_says)


def _crossed_out(extent: _Extent, tokens: list[Token]) -> bool:
    """Whether a task's words are struck through, but for an explanation in brackets behind them."""
    if extent.strike is not None:
        return True
    kind, start, end, _ = tokens[0]
    if kind != "strike" or start != extent.whole.start:
        return False
    rest = words([token for token in tokens if end <= token[1] < extent.stop])
    return rest[:1] + rest[-1:] == "()"


def _below(blocks: Sequence[Block], context: Context) -> Fields:
    """What labelled lines (`Owner: Ana`) and lines that are only tickets say below an item."""
    fields = Fields()
    _collect(blocks, context, fields, 0)
    return fields


def _collect(blocks: Sequence[Block], context: Context, fields: Fields, depth: int) -> None:
    for block in blocks[:50]:
        if block.kind == "list" and depth < 2:
            for item in block.children[:50]:
                _collect(item.children[:1], context, fields, depth + 1)
        elif block.kind == "paragraph" and block.tokens and len(block.tokens) < 60:
            _line_below(Plain(block.tokens, context.opened), context, fields)


def _line_below(plain: Plain, context: Context, fields: Fields) -> None:
    line = Line(plain, context, fields)
    if labelled_line(plain):
        line.labels()
        line.take_references()
        return
    if line.found and not any(one.loose for one in line.found):
        rest = list(plain.text)
        for one in line.found:
            for index in range(one.start, one.end):
                rest[index] = " "
        if not "".join(rest).strip(" \n,;()[]-*"):
            for one in line.found:
                fields.add_reference(one.reference, "on a line below")
    elif owners.is_person(plain.text):
        fields.add_owners(owners.split(plain, 0, len(plain.text)), "on a line below")
