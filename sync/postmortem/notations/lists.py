"""Items written as lists: tasks, bullets and numbers, in groups and with details below them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync.model import Notation, Owner, State
from sync.postmortem import items, sections, tense
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import owners, states, vocabulary
from sync.postmortem.fields.found import labelled_line, names_field
from sync.postmortem.items import Entry
from sync.postmortem.notations import tables
from sync.postmortem.plain import Plain, as_written, words
from sync.postmortem.scope import Scope
from sync.postmortem.sections import Standing

_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Beside:
    """What the entries of one list have in common.

    Attributes:
        signs: for weighing each of them.
        named: whether they end in names.
        past: whether they tell what was done.
    """

    signs: frozenset[str]
    named: bool
    past: bool


def said(paragraph: Block, context: Context) -> str:
    """The words of running text, without what we wrote behind them ourselves."""
    return words(as_written(paragraph.tokens, context.opened))


def first_paragraph(item: Block) -> Block | None:
    """The running text that a list item begins with."""
    if item.children and item.children[0].kind in ("paragraph", "heading") and item.children[0].tokens:
        return item.children[0]
    return None


def read(block: Block, context: Context, scope: Scope, depth: int = 0) -> None:
    """Add the items of a list to the context; note what is left out."""
    if not depth and (why := _no_actions(block)):
        context.leave_out(block.start, why[0], why[1])
        return
    beside = _beside(block, context)
    for item in block.children:
        if item.kind == "item" and not context.full:
            _entry(item, block, context, scope, beside, depth)


def _entry(item: Block, block: Block, context: Context, scope: Scope, beside: Beside, depth: int) -> None:
    paragraph = first_paragraph(item)
    if paragraph is None:
        if not _only_nested(item, context, scope, depth) and not scope.only_tasks:
            context.leave_out(item.start, "", "it is empty")
        return
    if scope.only_tasks:
        if item.box is None and not _SAYS_TODO.match(words(paragraph.tokens)):
            return  # a lesson, no action
        if item.box and item.box.state is not State.OPEN:
            return  # what was ticked there was no action of its own
    nested = item.children[1:]
    lists = [child for child in nested if child.kind == "list"]
    if lists and item.box is None and depth < _MAX_DEPTH and is_group(paragraph, lists, context):
        _group(item, paragraph, lists, context, scope, depth)
        return
    table = next((child for child in nested if child.kind == "table"), None)
    if table is not None and item.box is None and tables.read(table, context, scope):
        context.leave_out(item.start, words(paragraph.tokens), "it only introduces the table below it")
        return
    notation = Notation.TASK if item.box else Notation.NUMBER if block.value is not None else Notation.BULLET
    rule = f"{notation.value} in an action section"
    own = [child for one in lists for child in one.children if stands_alone(child, context)]
    kept = without(nested, own)
    entry = Entry(
        paragraph.tokens,
        notation,
        item.start,
        scope,
        rule,
        item.box,
        kept,
        details_of(kept, context),
        beside.named,
        beside.past,
    )
    if items.add(entry, context, *beside.signs) and own and depth < _MAX_DEPTH:
        inner = scope.grouped((), None, said(paragraph, context))
        for one in lists:
            for child in one.children:
                if child in own:
                    _entry(child, one, context, inner, Beside(frozenset(), False, False), depth + 1)


def _group(item: Block, paragraph: Block, lists: list[Block], context: Context, scope: Scope, depth: int) -> None:
    """A bullet whose words only group what is nested below it."""
    title = words(paragraph.tokens)
    found = sections.read(title)
    state = state_of(title)
    if state is None and drops(found.standing) and not promising(lists, context):
        why = "what is below it was done during the incident or is no action"
        context.leave_out(item.start, title, why)
        return
    people = group_people(paragraph, context)
    parent = "" if people or state else title.strip(" *:：.")
    for child in lists:
        read(child, context, scope.grouped(people, state, parent), depth + 1)


def is_group(paragraph: Block, lists: list[Block], context: Context) -> bool:
    """Whether a line heads the list below it, rather than being an action with details.

    A label does, such as bold words or few words with a colon. Boxes below it always say so; entries that ask for a
    change say so of few words.
    """
    text = said(paragraph, context)
    boxed = any(entry.box for one in lists for entry in one.children)
    asks = tense.is_imperative(text) or tense.intends(text)
    if boxed and not _has_fields(paragraph, context):
        return not asks or len(text.split()) <= 2
    if label_of(paragraph) is not None:
        return not asks
    return not asks and len(text.split()) <= 4 and _share(lists, context, tense.is_action_sentence) >= 0.5


def drops(standing: Standing) -> bool:
    """Whether a title within an action section may head what is no action."""
    return standing in (Standing.OTHER, Standing.LEARNING, Standing.DONE)


def promising(blocks: list[Block], context: Context) -> bool:
    """Whether what stands below a title are actions whatever the title says: boxes, owners, dates, or demands."""
    lists = [block for block in blocks if block.kind == "list"]
    tabled = any(tables.is_tracked(block) for block in blocks if block.kind == "table")
    if tabled or any(entry.box for one in lists for entry in one.children):
        return True
    if any(stands_alone(entry, context) for one in lists for entry in one.children[:40]):
        return True
    return _share(lists, context, tense.is_action_sentence) >= 0.5


def _share(lists: list[Block], context: Context, test: object) -> float:
    texts = [
        said(paragraph, context)
        for one in lists
        for entry in one.children[:40]
        if (paragraph := first_paragraph(entry))
    ]
    return sum(bool(test(text)) for text in texts) / len(texts) if texts else 0.0  # type: ignore[operator]


def state_of(title: str) -> State | None:
    """The state that a group's title tells: `Done`, `Immediate (completed)`, `Planned — open`."""
    return sections.read(title.rstrip(":：")).state


_SAYS_TODO = re.compile(r"\W*(?:to-?do|action(?: item)?|ai|follow-?up)\s*(?::|\s[-–—]\s|[–—]|\()", re.IGNORECASE)
"""How a to-do among lessons begins."""

_OWNED = re.compile(rf"{owners.HANDLE}|{owners.EMAIL}", re.IGNORECASE)


def stands_alone(entry: Block, context: Context) -> bool:
    """Whether a nested line is an item of its own: it has a box, or an owner or a due date."""
    if entry.box:
        return True
    paragraph = first_paragraph(entry)
    if paragraph is None or len(paragraph.tokens) > 60 or labelled_line(Plain(paragraph.tokens, context.opened)):
        return False
    text = said(paragraph, context)
    if owners.is_person(text) or tense.describes(text) or tense.tells_past(text):
        return False
    return _has_fields(paragraph, context)


def _has_fields(paragraph: Block, context: Context) -> bool:
    """Whether running text names an owner or a due date."""
    entry = Entry(paragraph.tokens, Notation.BULLET, paragraph.start, Scope(""), "")
    stated = len(context.warnings)
    item = items.read(entry, context).item
    del context.warnings[stated:]
    return item is not None and bool(item.owners or (item.due and item.due.text))


def without(nested: list[Block], entries: list[Block]) -> list[Block]:
    """What is nested, without the entries that are items of their own."""
    if not entries:
        return nested
    kept = []
    for block in nested:
        if block.kind == "list":
            copy = Block(block.kind, block.start, block.end, block.value)
            copy.children = [entry for entry in block.children if entry not in entries]
            block = copy
        kept.append(block)
    return kept


def details_of(blocks: list[Block], context: Context, depth: int = 0) -> tuple[str, ...]:
    """What stands below an item and is no field of it, a line each."""
    lines: list[str] = []
    for block in blocks[:40]:
        if block.kind == "paragraph" and block.tokens:
            if len(block.tokens) > 60 or labelled_line(Plain(block.tokens, context.opened)) is None:
                lines.append("  " * max(0, depth - 1) + words(block.tokens)[:400])
        elif block.kind == "list" and depth < 3:
            for entry in block.children[:40]:
                lines += details_of(entry.children, context, depth + 1)
    return tuple(line for line in lines if line.strip())[:40]


def _beside(block: Block, context: Context) -> Beside:
    """What the entries of a list say together. One alone says nothing of itself."""
    texts = []
    boxes = named = 0
    for entry in block.children[:100]:
        paragraph = first_paragraph(entry)
        if paragraph is None:
            continue
        text = said(paragraph, context)
        texts.append(text)
        boxes += entry.box is not None
        match = _NAME_LAST.search(text[-240:])
        if match and owners.is_name(match["a"] or match["b"], context):
            named += 1
    if len(texts) < 2:
        return Beside(frozenset(), False, False)
    signs = set()
    past = 2 * sum(map(tense.tells_past, texts)) >= len(texts)
    if 0 < boxes < len(texts):
        signs.add("boxes beside it")
    if past:
        signs.add("others beside it tell what was done")
    elif 2 * sum(map(tense.is_action_sentence, texts)) > len(texts):
        signs.add("others beside it ask for a change")
    return Beside(frozenset(signs), named > 1 and named * 2 > len(texts), past)


_NAME_LAST = re.compile(r"(?:\((?P<a>[^()]{2,60})\)|\s[-–—]\s(?P<b>[^()–—]{2,40}))[\s.]*\Z")

_PROCESS = re.compile(
    r"\b(?:sections? (?:above|below)|(?:this|the|incident"
    r"|after-action)(?: title)?(?: and [\w -]{1,30})? (?:document|report|template|post-?mortem|page|doc"
    r"|review)(?: \w+)? (?:is|are|has|have|was)\b"
    r"|incident (?:is|has been|was) (?:\w+ )?(?:dealt with|over|resolved|closed|declared)|(?:is|are|has been"
    r"|have been) (?:filled (?:in|out)|cleaned up|reviewed|published|shared|linked|attached)"
    r"|(?:items|actions) above\b|above (?:have|has|are|is)\b)",
    re.IGNORECASE,
)


def _no_actions(block: Block) -> tuple[str, str] | None:
    """Why a whole list is none of actions: a checklist about the report itself, or a choice among kinds."""
    texts = [
        words(item.children[0].tokens)
        for item in block.children[:60]
        if item.children and item.children[0].kind == "paragraph"
    ]
    if len(texts) < 2:
        return None
    about = [text for text in texts if _PROCESS.search(text) and not tense.is_imperative(text)]
    if len(about) * 2 >= len(texts):
        return texts[0], "it is a checklist about the report itself"
    if all(item.box for item in block.children) and all(
        len(text.split()) <= 2
        and text.isascii()
        and not tense.is_imperative(text)
        and "#" not in text
        and "/" not in text
        for text in texts
    ):
        return texts[0], "it is a choice among kinds, not a list of actions"
    return None


def _only_nested(item: Block, context: Context, scope: Scope, depth: int) -> bool:
    """An item without text of its own that holds a list or a table."""
    done = False
    for child in item.children[:20]:
        if child.kind == "list" and depth < _MAX_DEPTH:
            read(child, context, scope, depth + 1)
            done = True
        elif child.kind == "table":
            done = tables.read(child, context, scope) or done
    return done


_LABEL_END = re.compile(r"[:：]\s*\Z")


def label_of(paragraph: Block) -> str | None:
    """The words of a paragraph that only names a group of what follows: bold, or short with a colon; else None."""
    if not paragraph.tokens or len(paragraph.tokens) > 12:
        return None
    text = words(paragraph.tokens)
    if not text or len(text) > 90:
        return None
    kind, _, end, _ = paragraph.tokens[0]
    if kind == "strong" and not words([token for token in paragraph.tokens if token[1] >= end]).strip(" *:：._"):
        return text.strip(" *")
    if _LABEL_END.search(text) and len(text.split()) <= 9:
        return text
    return None


def group_people(paragraph: Block, context: Context, heading: bool = False) -> tuple[Owner, ...]:
    """The owners that a group's title names: `**JG**`, `**Alex/Jamie**`, `@ana:`; none for `**For planning**`."""
    plain = Plain(paragraph.tokens, context.opened)
    text = plain.text.strip(" *:：\n")
    if not text or names_field(text) or states.word(text) is not None or sections.plain_title(text) == "":
        return ()
    if owners.is_person(text, context.people) or owners.names_team(text):
        return owners.split(plain, 0, len(plain.text))
    if heading or not owners.looks_like_names(text) or sections.read(text).standing is not Standing.UNKNOWN:
        return ()
    pieces = [piece.strip() for piece in re.split(r"[,/&+]|\band\b", text)]
    if any(piece in vocabulary.ACRONYMS or owners.CAMEL.search(piece) for piece in pieces) or any(
        context.ordinary(word) for piece in pieces for word in piece.split()
    ):
        return ()
    if all(_INITIALS.fullmatch(piece) or _FIRST_LAST.fullmatch(piece) for piece in pieces) or (
        (len(pieces) > 1 or paragraph.tokens[0][0] == "strong") and all(_FIRST.fullmatch(piece) for piece in pieces)
    ):
        return owners.split(plain, 0, len(plain.text))
    return ()


_INITIALS = re.compile(r"[A-Z]{2,3}")
_FIRST = re.compile(r"[^\W\d_][^\W\d_]{1,14}")
_FIRST_LAST = re.compile(
    r"(?!\w+(?:ing|ion|ment|ity|ness|ance|ence)\b)[^\W\d_]+ (?!\w+(?:ing|ions?|ments?|ity|ness|ance|ence|s)\b)[^\W\d_]+"
)
