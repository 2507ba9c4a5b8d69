"""Items written as lists: tasks, bullets and numbers."""

from __future__ import annotations

import re

from sync.model import Notation, Owner, State
from sync.postmortem import items, sections
from sync.postmortem.blocks import Block
from sync.postmortem.context import Context
from sync.postmortem.fields import owners, states, vocabulary
from sync.postmortem.fields.found import names_field
from sync.postmortem.items import Entry
from sync.postmortem.notations import prose, tables
from sync.postmortem.plain import Plain, as_written, words

_MAX_DEPTH = 4


def first_paragraph(item: Block) -> Block | None:
    """The running text that a list item begins with."""
    if item.children and item.children[0].kind in ("paragraph", "heading"):
        return item.children[0]
    return None


def read(
    block: Block,
    context: Context,
    section: str,
    *,
    group_owners: tuple[Owner, ...] = (),
    group_state: State | None = None,
    only_tasks: bool = False,
    depth: int = 0,
) -> None:
    """Add the items of a list to the context; note what is left out."""
    if not depth and (why := _no_actions(block)):
        context.leave_out(block.start, why[0], why[1])
        return
    named = _ends_in_names(block, context)
    for item in block.children:
        if item.kind != "item" or context.full:
            continue
        paragraph = first_paragraph(item)
        if paragraph is None or not paragraph.tokens:
            if not _only_nested(item, context, section, depth) and not only_tasks:
                context.leave_out(item.start, "", "it is empty")
            continue
        if only_tasks and item.box is None and not _SAYS_TODO.match(words(paragraph.tokens)):
            continue  # a lesson, no action
        nested = item.children[1:]
        lists = [child for child in nested if child.kind == "list"]
        if lists and item.box is None and depth < _MAX_DEPTH:
            group = label_of(paragraph)
            if group is not None and not prose.is_imperative(group):
                if states.word(group.rstrip(":")) is None and (
                    sections.is_done_group(group) or sections.ends_section(group)
                ):
                    context.leave_out(
                        item.start, group, "what is below it was done during the incident or is no action"
                    )
                    continue
                people = group_people(paragraph, context)
                state = states.word(group.rstrip(":"))
                for child in lists:
                    read(
                        child,
                        context,
                        section,
                        group_owners=people or group_owners,
                        group_state=state or group_state,
                        depth=depth + 1,
                    )
                continue
        table = next((child for child in nested if child.kind == "table"), None)
        if table is not None and item.box is None and tables.read(table, context, section):
            context.leave_out(item.start, words(paragraph.tokens), "it only introduces the table below it")
            continue
        notation = Notation.TASK if item.box else Notation.NUMBER if block.value is not None else Notation.BULLET
        rule = f"{notation.value} in an action section"
        entry = Entry(
            paragraph.tokens,
            notation,
            item.start,
            section,
            rule,
            item.box,
            nested,
            group_owners,
            group_state,
            named,
        )
        result = items.read(entry, context)
        if result.item is None:
            context.leave_out(item.start, words(paragraph.tokens), result.why)
        else:
            context.add(result.item)


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
    about = [text for text in texts if _PROCESS.search(text) and not prose.is_imperative(text)]
    if len(about) * 2 >= len(texts):
        return texts[0], "it is a checklist about the report itself"
    if all(item.box for item in block.children) and all(
        len(text.split()) <= 2 and not prose.is_imperative(text) and "#" not in text and "/" not in text
        for text in texts
    ):
        return texts[0], "it is a choice among kinds, not a list of actions"
    return None


_SAYS_TODO = re.compile(r"\W*(?:to-?do|action(?: item)?|ai|follow-?up)\s*(?::|\s[-–—]\s|[–—]|\()", re.IGNORECASE)
"""How a to-do among lessons begins."""

_NAME_LAST = re.compile(r"(?:\((?P<a>[^()]{2,60})\)|\s[-–—]\s(?P<b>[^()–—]{2,40}))[\s.]*\Z")


def _ends_in_names(block: Block, context: Context) -> bool:
    """Whether most items of a list end in what has the form of names and is no ordinary word of the document.

    One item alone is no evidence: a parenthesis may hold anything. What write-back added is looked through.
    """
    named = total = 0
    for item in block.children[:100]:
        paragraph = first_paragraph(item)
        if paragraph is None or not paragraph.tokens:
            continue
        total += 1
        match = _NAME_LAST.search(words(as_written(paragraph.tokens, context.opened))[-240:])
        if match and owners.is_name(match["a"] or match["b"], context):
            named += 1
    return named > 1 and named * 2 > total


def _only_nested(item: Block, context: Context, section: str, depth: int) -> bool:
    """An item without text of its own that holds a list or a table."""
    done = False
    for child in item.children[:20]:
        if child.kind == "list" and depth < _MAX_DEPTH:
            read(child, context, section, depth=depth + 1)
            done = True
        elif child.kind == "table":
            done = tables.read(child, context, section) or done
    return done


_LABEL_END = re.compile(r"[::]\s*\Z")


def label_of(paragraph: Block) -> str | None:
    """The words of a paragraph that only names a group of what follows: bold, or short with a colon; else None."""
    if not paragraph.tokens or len(paragraph.tokens) > 12:
        return None
    text = words(paragraph.tokens)
    if not text or len(text) > 90:
        return None
    kind, _, end, _ = paragraph.tokens[0]
    if kind == "strong" and not words([token for token in paragraph.tokens if token[1] >= end]).strip(" *:._"):
        return text.strip(" *")
    if _LABEL_END.search(text) and len(text.split()) <= 9:
        return text
    return None


def group_people(paragraph: Block, context: Context, heading: bool = False) -> tuple[Owner, ...]:
    """The owners that a group's title names: `**JG**`, `**Alex/Jamie**`, `@ana:`; none for `**For planning**`."""
    plain = Plain(paragraph.tokens, context.opened)
    text = plain.text.strip(" *:\n")
    if not text or names_field(text) or states.word(text) is not None or sections.plain_title(text) == "":
        return ()
    if owners.is_person(text, context.people):
        return owners.split(plain, 0, len(plain.text))
    if (
        heading
        or not paragraph.tokens
        or not owners.looks_like_names(text)
        or sections.is_action(text)
        or sections.ends_section(text)
    ):
        return ()
    pieces = [piece.strip() for piece in re.split(r"[,/&+]|\band\b", text)]
    if any(piece in vocabulary.ACRONYMS or owners.CAMEL.search(piece) for piece in pieces) or any(
        context.ordinary(word) for piece in pieces for word in piece.split()
    ):
        return ()
    if all(_INITIALS.fullmatch(piece) or _FIRST_LAST.fullmatch(piece) for piece in pieces) or (
        len(pieces) > 1 and all(_FIRST.fullmatch(piece) for piece in pieces)
    ):
        return owners.split(plain, 0, len(plain.text))
    return ()


_INITIALS = re.compile(r"[A-Z]{2,3}")
_FIRST = re.compile(r"[^\W\d_][^\W\d_]{1,14}")
_FIRST_LAST = re.compile(
    r"(?!\w+(?:ing|ion|ment|ity|ness|ance|ence)\b)[^\W\d_]+ (?!\w+(?:ing|ions?|ments?|ity|ness|ance|ence|s)\b)[^\W\d_]+"
)
