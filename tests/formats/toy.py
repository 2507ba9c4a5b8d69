"""A format that is not Markdown, to see that nothing but a format knows how documents are written.

It is XML: no pipes, no back-ticks, no boxes. A task says its state in an element, its owner is a mention of an
account, its due date an element; a cell's state may be a lozenge. Entities make text and bytes differ in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from sync.errors import DocumentError
from sync.formats import words
from sync.formats.edits import tidy
from sync.model import Cell, Edit, InlineSlot, Postmortem, Reference, Row, Span, State, Status, TableSlot
from sync.postmortem.blocks import Block, Box, Layout, Statement, Suffix, Token
from sync.postmortem.fields import references, states

_STATES = {"todo": State.OPEN, "ok": State.DONE}
_BLOCKS = {"h": "heading", "p": "paragraph", "ul": "list", "tasks": "list", "li": "item", "task": "item"}
_BLOCKS |= {"table": "table", "tr": "row", "th": "cell", "td": "cell"}
_SPANS = {"b": "strong", "s": "strike", "a": "link"}
_WORDS = r"(?P<state>open|done|won't do)(?: (?P<day>\d{4}-\d\d-\d\d))?"
_SUFFIX = re.compile(rf'\((?:(?P<link><a href="(?P<url>[^"]*)">(?P<label>[^<]*)</a>)(?:, (?:{_WORDS}))?)\)')
_ALONE = re.compile(rf"\({_WORDS}\)")
_SAYS = {"open": State.OPEN, "done": State.DONE, "won't do": State.WONTDO}
_LOZENGE = re.compile(rb"<status>([^<]*)</status>")
_TAG = re.compile(rb"<[^>]*>")


class Event(NamedTuple):
    """What expat told: `end` is where the next event begins."""

    kind: str
    name: str
    start: int
    end: int
    attributes: dict[str, str]


def _events(data: bytes) -> list[Event]:
    found: list[tuple[str, str, int, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.buffer_text = False
    parser.StartElementHandler = lambda name, more: found.append(("start", name, parser.CurrentByteIndex, more))
    parser.EndElementHandler = lambda name: found.append(("end", name, parser.CurrentByteIndex, {}))
    parser.CharacterDataHandler = lambda text: found.append(("text", text, parser.CurrentByteIndex, {}))
    parser.CommentHandler = lambda text: found.append(("comment", text, parser.CurrentByteIndex, {}))
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DocumentError(f"line {error.lineno}: it is no page: {error}.", "Save it again.") from error
    ends = [start for _, _, start, _ in found[1:]] + [len(data)]
    return [Event(kind, name, start, end, more) for (kind, name, start, more), end in zip(found, ends, strict=True)]


class OpenedToy:
    """A page of the toy's format."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._events = _events(data)
        self._front = dict(self._events[0].attributes)
        self._blocks: list[Block] = []
        self._read()

    @property
    def front(self) -> Mapping[str, object]:
        return self._front

    def _read(self) -> None:
        root = Block("other", 0, len(self.data))
        open_: list[Block] = [root]
        spans: list[tuple[Block, int, str, int, str]] = []
        box = -1
        for event in self._events[1:-1]:
            holder = open_[-1]
            if event.kind == "start" and event.name in _BLOCKS:
                level = int(event.attributes.get("level", "2")) if event.name == "h" else None
                block = Block(_BLOCKS[event.name], event.start, event.end, level)
                holder.children.append(block)
                open_.append(block)
            elif event.kind == "end" and event.name in _BLOCKS:
                holder.end = event.end
                if event.name == "table" and holder.children:
                    holder.children[0].kind = "head"
                open_.pop()
            elif event.name == "state":
                box = event.end if event.kind == "start" else -1
            elif box >= 0:
                word = self.data[box : event.end].decode()
                holder.box = Box(Span(box, event.end), _STATES.get(word, State.OPEN))
            elif event.kind == "start" and event.name in _SPANS:
                leaf = _leaf(holder, event.start)
                leaf.tokens.append(("", 0, 0, ""))
                spans.append((leaf, len(leaf.tokens) - 1, event.name, event.start, event.attributes.get("href", "")))
            elif event.kind == "end" and event.name in _SPANS:
                leaf, at, name, start, value = spans.pop()
                leaf.tokens[at] = (_SPANS[name], start, event.end, value)
            elif event.kind == "start" and event.name == "user":
                _leaf(holder, event.start).tokens.append(
                    ("mention", event.start, self._closed(event.start), event.attributes.get("id", ""))
                )
            elif event.kind == "start" and event.name == "day":
                _leaf(holder, event.start).tokens.append(
                    ("time", event.start, self._closed(event.start), event.attributes.get("on", ""))
                )
            elif event.kind == "text" and holder.kind in ("item", "paragraph", "cell", "heading"):
                shown = event.name.strip(" \n") or holder.children or holder.tokens
                value = " " if event.name == "\n" else event.name
                if shown:
                    _leaf(holder, event.start).tokens.append(("text", event.start, event.end, value))
        self._blocks = root.children

    def _closed(self, start: int) -> int:
        return self.data.index(b">", start) + 1

    def blocks(self) -> Iterator[Block]:
        return iter(self._blocks)

    def statements(self, end: int) -> Iterator[Statement]:
        for block in self._blocks:
            if block.kind == "paragraph" and block.end <= end:
                name, colon, value = "".join(token[3] for token in block.tokens).partition(":")
                if colon:
                    yield Statement(name.strip(), value.strip())

    def bare(self) -> bytes:
        return _TAG.sub(b" ", self.data)

    def inside(self, token: Token) -> Span:
        _, start, end, _ = token
        return Span(self._closed(start), self.data.rindex(b"<", start, end))

    def target(self, token: Token) -> Span | None:
        _, start, _, value = token
        at = self.data.index(b'"', start) + 1
        raw = value.encode()
        return Span(at, at + len(raw)) if self.data[at : at + len(raw)] == raw else None

    def suffix(self, start: int, end: int) -> Suffix | None:
        at = self.data.rfind(b"(", start, end)
        text = self.data[at:end].decode() if at >= 0 else ""
        match = _SUFFIX.fullmatch(text) or _ALONE.fullmatch(text)
        if not match:
            return None
        reference = None
        if "url" in match.re.groupindex:
            if not references.is_ticket_url(match["url"]):
                return None
            first, last = (at + len(text[:place].encode()) for place in match.span("link"))
            reference = Reference(match["url"], match["label"], Span(first, last))
        stop = at
        while stop > start and self.data[stop - 1 : stop] == b" ":
            stop -= 1
        return Suffix(Span(at, end), stop, _SAYS.get(match["state"] or ""), reference)

    def layout(self, table: Block) -> Layout:
        lines = [Row(self.data.rindex(b"</tr>", 0, row.end), False, len(row.children)) for row in table.children]
        return Layout((lines[0],), tuple(lines[1:]))

    def cell(self, row: Block, place: Row, column: int) -> Cell:
        if column >= len(row.children):
            return Cell(column, Span(place.end, place.end), False)
        block = row.children[column]
        return Cell(column, Span(self._closed(block.start), self.data.rindex(b"</", block.start, block.end)))


def _leaf(holder: Block, start: int) -> Block:
    """What running text goes into: the block itself, or the paragraph that an item begins with."""
    if holder.kind in ("paragraph", "heading", "cell"):
        return holder
    if not holder.children or holder.children[-1].kind != "paragraph":
        holder.children.append(Block("paragraph", start, start))
    return holder.children[-1]


class Toy:
    """The format `toy`."""

    name = "toy"
    endings = (".toy",)

    def open(self, data: bytes) -> OpenedToy:
        return OpenedToy(data)

    def render(self, postmortem: Postmortem, statuses: Mapping[int, Status]) -> tuple[Edit, ...]:
        edits: list[Edit] = []
        tables: set[int] = set()
        for index in sorted(statuses):
            item, status = postmortem.items[index], statuses[index]
            if isinstance(item.slot, InlineSlot):
                edits += _inline(postmortem.data, item.slot, status)
            else:
                edits += _row(postmortem, item.slot, status)
                tables.add(item.slot.table)
        for number in sorted(tables):
            table = postmortem.tables[number]
            new = "".join(
                f"<th>{name}</th>"
                for name, column in (("Ticket", table.ticket_column), ("Status", table.state_column))
                if column is None
            )
            if new:
                edits.append(Edit(Span(table.head[0].end, table.head[0].end), new.encode()))
        return tidy(edits, postmortem.data)


def _link(status: Status) -> str:
    return f"<a href={quoteattr(status.url)}>{escape(status.label)}</a>"


def _inline(data: bytes, slot: InlineSlot, status: Status) -> list[Edit]:
    edits = []
    said = "" if slot.box and status.state is State.OPEN else f", {_words(status)}"
    if slot.box:
        edits.append(Edit(slot.box, b"todo" if status.state is State.OPEN else b"ok"))
        old = data[slot.suffix.start : slot.suffix.end] if slot.suffix else b""
        if status.state is State.WONTDO and not slot.strike:
            edits += [Edit(Span(at, at), tag) for at, tag in zip(slot.content, (b"<s>", b"</s>"), strict=True)]
        elif status.state is not State.WONTDO and slot.strike and b"won't do" in old:
            edits += [Edit(span, b"") for span in slot.strike]
    text = f"({_link(status)}{said})"
    if slot.suffix:
        return [*edits, Edit(slot.suffix, text.encode())]
    return [*edits, Edit(Span(slot.insert, slot.insert), f" {text}".encode())]


def _words(status: Status) -> str:
    if status.state is State.DONE and status.closed_on:
        return f"done {status.closed_on.isoformat()}"
    return {State.OPEN: "open", State.DONE: "done", State.WONTDO: "won't do"}[status.state]


def _row(postmortem: Postmortem, slot: TableSlot, status: Status) -> list[Edit]:
    data, table = postmortem.data, postmortem.tables[slot.table]
    edits, tail = [], ""
    says = words.of_cell(status, dict(table.state_words), lambda text: text)
    if slot.ticket is None or not slot.ticket.present:
        tail += f"<td>{_link(status)}</td>" if slot.ticket is None else ""
    elif status.reference is None:
        edits.append(Edit(slot.ticket.content, _link(status).encode()))
    if slot.state is None:
        tail += f"<td>{escape(says)}</td>"
    else:
        old = data[slice(*slot.state.content)]
        lozenge = _LOZENGE.search(old)
        shown = states.cell((lozenge[1] if lozenge else old).decode())
        if shown is not status.state:
            new = f"<status>{says}</status>" if lozenge else escape(says)
            edits.append(Edit(slot.state.content, new.encode()))
    if tail:
        end = table.body[slot.row].end
        edits.append(Edit(Span(end, end), tail.encode()))
    return edits
