"""One item written as running text: its words, its fields, and where write-back goes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sync.formats.markdown.reader import Block, Token
from sync.model import ActionItem, InlineSlot, Notation, Owner, Reference, Span, State
from sync.postmortem.context import Context
from sync.postmortem.fields import beginning, ending, owners, references, states
from sync.postmortem.fields.annotations import Line
from sync.postmortem.fields.found import Fields, labelled_line
from sync.postmortem.plain import Plain

_STATE = rb"open|done(?: \d{4}-\d\d-\d\d)?|won't do"
_SUFFIX = re.compile(
    rb"[ \t]*(\((?:\[(?P<label>[^\[\]\r\n]{1,120})\]\((?P<url>[^()\s<>]{1,1000})\)(?:, (?P<state>"
    + _STATE
    + rb"))?|(?P<alone>"
    + _STATE
    + rb"))\))\Z"
)
_SUFFIX_REACH = 1400

_PLACEHOLDER = re.compile(
    r"(?:\{\{?[^{}]{0,80}\}?\}|<[^<>]{0,200}>|\[[^\[\]]{0,120}\]|_{2,}|\.{2,}|…|lorem ipsum\b.{0,200}"
    r"|(?:example|e\.g\.):? .{0,200}|(?:action|action item|item|task|todo|to-?do|follow-?up|step|ticket"
    r"|description)\s?(?:#?\d{1,2}|[a-z])?"
    r"|(?:fill (?:in|out)|insert|describe|list|add|replace|enter|write)(?: (?:in|any|all|the|your|an?|this"
    r"|with|each|more|other|further|follow-?up))* (?:actions?|action items?|items?|tasks?|follow-?ups?|text"
    r"|here|description)"
    r"(?: (?:here|items?|items? here|below|you .{0,80}|we .{0,80}|that .{0,80}|with .{0,80}))?|(?:your"
    r"|specific|concrete|preventive|first|second|third|next) (?:actions?|action items?|tasks?"
    r"|follow-?ups?)(?: items?)?(?: here)?|xxx+|todo:?|tbd:?)\.?",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:n/?a|none|nil|nothing|null|no|none (?:required|needed|identified|planned) (?:for|at|in"
    r"|as of) .{1,40}|-+|–|—|tbd|tbc|not applicable|none (?:at this time|so far|yet|identified|required"
    r"|needed|for now)|nothing (?:to do|to add|so far|further|required)"
    r"|(?:there (?:are|were|is) )?no(?:ne)? (?:further |new |additional |specific |outstanding |follow-?up "
    r"|corrective )*(?:action|actions|action items?|items?|follow-?ups?|tasks?|tickets?)(?: (?:were |are "
    r"|is |was )?(?:required|needed|identified|necessary|planned|at this time|so far|yet|to take))*"
    r"|keine?|aucune?|ninguna?|nenhuma?|nessuna?)[.!]?",
    re.IGNORECASE,
)
_BRACED = re.compile(r"\{\{\s*((?:(?!\}\}).){1,600}?)\s*\}\}", re.DOTALL)
_BRACKET_HINT = re.compile(
    r"\s*\[(?:link|url|insert|add|your|name|owner|date|ticket|issue|github|jira|assignee)\b[^\[\]]{0,60}\]\s*(?!\()",
    re.IGNORECASE,
)
_TEMPLATE_WORDS = re.compile(r"\[(?:change|name|date|owner|action|what|who|when)\]", re.IGNORECASE)


_INSTRUCTION = re.compile(
    r"(?:list|describe|document|include|note|enumerate|capture)"
    r"(?: (?:any|all|the|your|each|every|here|out|concrete|specific))*"
    r" (?:(?:follow-?up|corrective|preventive|preventative|remediation) (?:actions?|tasks?|items?|steps?|measures?)"
    r"|actions?|action items?|follow-?ups?)\b.{0,250}",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:what|who|when|where|which|why|how|did|does|is|are|was|were|has|have)\b.{0,300}\?", re.IGNORECASE
)
_CALL = re.compile(
    r"please (?:contact|reach out|see|refer|let us know|get in touch|read|visit|email)\b.{0,300}", re.IGNORECASE
)


_IDEA = re.compile(
    r"(?:maybe|perhaps|possibly|potentially|ideally|an idea|idea:|ideas:|nice to have|it (?:might|may|could|would) be"
    r"|(?:we|one|this) (?:might|may|could) )",
    re.IGNORECASE,
)


def is_template(text: str) -> bool:
    """Whether a text still holds a field of the template, such as `[name]` or `[date]`."""
    return _TEMPLATE_WORDS.search(text) is not None


def placeholder(text: str) -> str:
    """Why a text is no action: a template's placeholder, or words for nothing; "" when it may be one."""
    words = text.strip(" \t\n*_~`")
    if not words or not any(character.isalnum() for character in words):
        return "it is empty" if not words else "it has no words"
    if _INSTRUCTION.fullmatch(words):
        return "it is an instruction of a template"
    if _CALL.fullmatch(words):
        return "it asks the reader for something"
    if words.count("___") > 1 or words.startswith("___"):
        return "it is a placeholder"
    if _NOTHING.fullmatch(words):
        return "it says that there is none"
    if _PLACEHOLDER.fullmatch(words) and len(words) <= 220:
        return "it is a placeholder"
    return ""


def bounds(tokens: Sequence[Token], data: bytes) -> tuple[int, int]:
    """The byte range of running text without blanks around it."""
    start = tokens[0][1]
    end = max(token[2] for token in tokens[-64:])
    end = (
        max(end, tokens[0][2])
        if tokens[0][2] <= tokens[-1][2] or tokens[0][0] in ("strike", "strong", "em", "link", "reflink")
        else end
    )
    while end > start and data[end - 1 : end] in (b" ", b"\t", b"\n", b"\r"):
        end -= 1
    return start, end


def annotated(plain: Plain, context: Context, fields: Fields) -> str:
    """Read every annotation of a text into `fields`; return the words that are left."""
    line = Line(plain, context, fields)
    beginning.read(line)
    ending.read(line)
    line.labels()
    ending.read(line)
    line.take_references()
    return line.rest()


class Suffix:
    """The parenthesis that write-back owns, at the end of a text."""

    __slots__ = ("reference", "span", "state", "stop")

    def __init__(self, span: Span, stop: int, state: State | None, reference: Reference | None) -> None:
        self.span = span
        self.stop = stop
        self.state = state
        self.reference = reference


def suffix_of(data: bytes, start: int, end: int) -> Suffix | None:
    """Find the parenthesis of an earlier write-back at the very end of a byte range."""
    if data[end - 1 : end] != b")":
        return None
    low = max(start, end - _SUFFIX_REACH)
    opening = data.rfind(b"(", low, end)
    link = data.rfind(b"([", low, end)
    match = None
    for at in (link, opening):
        if at >= 0:
            match = _SUFFIX.match(data[at:end])
            if match:
                base = at
                break
    if not match:
        return None
    said = match["state"] or match["alone"]
    state = None
    if said:
        state = State.OPEN if said == b"open" else State.DONE if said.startswith(b"done") else State.WONTDO
    reference = None
    if match["url"]:
        url = match["url"].decode("utf-8", "replace")
        if not references.is_ticket_url(url):
            return None
        link_start = base + match.start(1) + 1
        target = Span(base + match.start("url"), base + match.end("url"))
        reference = Reference(url, match["label"].decode("utf-8", "replace"), Span(link_start, target.end + 1), target)
    stop = base
    while stop > start and data[stop - 1 : stop] in (b" ", b"\t", b"\n", b"\r"):
        stop -= 1
    if stop <= start and reference is None:
        return None
    return Suffix(Span(base + match.start(1), end), stop, state, reference)


def read(
    tokens: list[Token],
    context: Context,
    *,
    notation: Notation,
    start: int,
    section: str,
    rule: str,
    box: int = -1,
    nested: Sequence[Block] = (),
    group_owners: tuple[Owner, ...] = (),
    group_state: State | None = None,
    skip: int = 0,
    end: int = -1,
) -> ActionItem | str:
    """Build an item from running text.

    Args:
        tokens: of the item's own first paragraph.
        start: where the item begins, its marker included.
        box: offset of the byte between the brackets of a task, or -1.
        nested: what stands below it; labelled lines and bare tickets there belong to the item.
        skip, end: byte offsets between which the item's text lies, when it is only part of the tokens.

    Returns:
        the item, or why it is none.
    """
    data = context.data
    if skip or end >= 0:
        tokens = cut(tokens, data, skip, end)
    if not tokens:
        return "it is empty"
    first, last = bounds(tokens, data)
    suffix = suffix_of(data, first, last)
    stop = suffix.stop if suffix else last
    strike = None
    content = Span(first, max(first, stop))
    head = tokens[0]
    if head[0] == "strike" and head[1] == first and head[2] == stop:
        width = 2 if data[first : first + 2] == b"~~" else 1
        strike = (Span(first, first + width), Span(stop - width, stop))
        content = Span(first + width, stop - width)
    fields = Fields()
    plain = Plain(tokens, data, stop)
    if "[" in plain.text and len(_TEMPLATE_WORDS.findall(plain.text[:2000])) >= 2:
        return "it is a placeholder"
    text = annotated(plain, context, fields)
    said = fields.state
    if box >= 0 and data[box : box + 1] in (b"x", b"X"):
        fields.overrule_state(State.WONTDO if strike else State.DONE, "the box")
    elif box >= 0:
        fields.set_state(State.OPEN, "the box")
    elif strike:
        fields.set_state(State.DONE, "struck through")
    if fields.state is None:
        fields.set_state(states.sentence(text), "the tense of the sentence")
    braced = _BRACED.search(text[:2000]) if "}}" in text else None
    if braced:
        inner = braced[1]
        if len(inner.split()) < 4 or placeholder(inner):
            return "it is a placeholder"
        text = _BRACED.sub(r"\1", text)
    if "[" in text:
        text = _BRACKET_HINT.sub(" ", text).strip() or text
    if suffix and suffix.reference:
        fields.add_reference(suffix.reference, "the parenthesis written back")
    if not text or not any(character.isalnum() for character in text):
        if not fields.references:
            return "it is empty"
        text = fields.references[0].label or fields.references[0].text
    elif why := placeholder(text):
        only = fields.references[0] if fields.references else None
        if only is None or text.strip("[]() ") not in (only.text, only.label.strip("[]() ")):
            return why
        text = only.label.strip("[]() ") or only.text
    elif box < 0 and text.endswith("?") and not fields.references and not fields.owners and _QUESTION.fullmatch(text):
        return "it is a question"
    if nested:
        _below(nested, context, fields)
    if len(fields.references) > 1:
        context.warn(start, f"more than one ticket is linked; the first is followed: {fields.references[0].label}")
    if group_owners and not fields.owners:
        fields.add_owners(group_owners, "the line above the group")
    if group_state is not None:
        fields.set_state(group_state, "the group's title")
    if box < 0:
        said = fields.state
    if suffix and suffix.state is not None:
        fields.overrule_state(suffix.state, "the parenthesis written back")
    bare = box < 0 and not (suffix or fields.owners or fields.due or fields.references or fields.state)
    return ActionItem(
        line=context.line(start),
        text=text,
        notation=notation,
        section=section,
        span=Span(start, max(start, last)),
        slot=InlineSlot(
            content=content,
            insert=stop,
            suffix=suffix.span if suffix else None,
            box=Span(box, box + 1) if box >= 0 else None,
            strike=strike,
            said=said,
        ),
        owners=tuple(fields.owners),
        due=fields.due,
        state=fields.state or State.OPEN,
        state_stated=fields.state is not None,
        references=tuple(fields.references),
        priority=fields.priority,
        type=fields.type,
        rule=rule,
        reasons=tuple(fields.reasons),
        unsure=_doubt(text) if bare else "",
    )


def _doubt(text: str) -> str:
    """Why words without owner, date, box or ticket may be no action after all; "" when nothing speaks against it."""
    if text.endswith("?"):
        return "it is put as a question"
    return "it is put as an idea" if _IDEA.match(text) else ""


def cut(tokens: list[Token], data: bytes, start: int, end: int) -> list[Token]:
    """The tokens of a byte range; text on an edge is divided. `end` may be -1."""
    result: list[Token] = []
    for kind, first, last, value in tokens:
        if last <= start or (end >= 0 and first >= end):
            continue
        if first < start or (end >= 0 and last > end):
            if kind != "text":
                continue
            first = max(first, start)
            last = last if end < 0 else min(last, end)
            value = data[first:last].decode("utf-8", "ignore")
        result.append((kind, first, last, value))
    while result and result[0][0] == "text" and not result[0][3].strip():
        result.pop(0)
    if result and result[0][0] == "text":
        kind, first, last, value = result[0]
        bare = value.lstrip()
        result[0] = (kind, last - len(bare.encode()) if last - first == len(value.encode()) else first, last, bare)
    return result


def _below(blocks: Sequence[Block], context: Context, fields: Fields, depth: int = 0) -> None:
    """Take labelled lines (`Owner: Ana`) and lines that are only tickets from below an item."""
    for block in blocks[:50]:
        if block.kind == "list" and depth < 2:
            for item in block.children[:50]:
                _below(item.children[:1], context, fields, depth + 1)
        elif block.kind == "paragraph" and block.tokens and len(block.tokens) < 60:
            plain = Plain(block.tokens, context.data)
            line = Line(plain, context, fields)
            if labelled_line(plain):
                line.labels()
                line.take_references()
                continue
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
