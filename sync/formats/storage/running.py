"""Running text of a body: words, emphasis, links, mentions, dates and whatever else stands within a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.formats.storage import elements
from sync.formats.storage.parser import Element, Parser
from sync.model import Span
from sync.postmortem.blocks import Block, Token

HOLDERS = frozenset(("other", "item", "quote"))
"""Kinds of blocks that hold paragraphs."""

BLANK = frozenset(("break", "markup", "comment"))
"""Kinds of tokens without words."""

_STRUCK = re.compile(r"text-decoration[^;]*line-through")
_MANY = 50
"""Tokens within one element from which its end is marked once more, so that nobody must look for it far back."""


class RunningText(Parser):
    """Reads the running text.

    Attributes:
        blocks: those that are open and hold others, the innermost last.
        leaf: the running text that is open: a paragraph, a heading or a cell.
        inlines: the elements that are open within it.
        inner: what stands between the tags of emphasis, strikes and code, by where they begin.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.root = Block("other", 0, len(data))
        self.blocks = [self.root]
        self.leaf: Block | None = None
        self.inlines: list[Element] = []
        self.inner: dict[int, Span] = {}

    def _text(self, text: str, at: int) -> None:
        leaf = self.leaf
        blank = text.isspace()
        if leaf is None:
            if blank or (leaf := self._running(at)) is None:
                return
        elif blank and leaf.tokens:
            last = leaf.tokens[-1]
            if last[0] == "text" and last[3][-1:] == " " and text.isascii():
                return
        leaf.tokens.append(("text", at, at, " " if text in ("\n", "\r") else text))
        self.pending = leaf.tokens

    def _comment(self, at: int, stop: int) -> None:
        if self.leaf is not None:
            self.leaf.tokens.append(("markup", at, stop, "<!-- -->"))
        elif len(self.blocks) == 1:
            self.root.children.append(Block("markup", at, stop))

    def _cdata(self, at: int, stop: int) -> None:
        if self.leaf is not None:
            self.leaf.tokens.append(("markup", at, stop, ""))

    def _running(self, at: int) -> Block | None:
        """What a word goes into: the running text that is open, else one that begins here; None where none may."""
        if self.leaf is None:
            holder = self.blocks[-1]
            if holder.kind == "cell":
                if holder.tokens:
                    holder.tokens.append(("break", at, at, ""))
                self.leaf = holder
            elif holder.kind in HOLDERS:
                self.leaf = Block("paragraph", at, at)
                holder.children.append(self.leaf)
        return self.leaf

    def _finish(self) -> None:
        """End the running text that is open; elements that reach beyond it no longer cover it."""
        leaf = self.leaf
        if leaf is None:
            return
        for element in self.inlines:
            leaf.tokens[element.place] = ("markup", element.start, element.inner, "")
            element.leaf = None
        self.inlines.clear()
        self.leaf = None
        if leaf.kind == "cell":
            return
        trim(leaf.tokens)
        if leaf.tokens:
            leaf.end = max(leaf.end, leaf.tokens[-1][2])
        else:
            self.blocks[-1].children.pop()

    def _cover(self, element: Element) -> None:
        """Begin an element that covers tokens of the running text."""
        leaf = self._running(element.start)
        if leaf is None:
            element.role = ""
            return
        element.leaf = leaf
        element.place = len(leaf.tokens)
        leaf.tokens.append(("markup", element.start, element.start, ""))
        self.inlines.append(element)

    def _covered(self, element: Element, kind: str, stop: int, value: str = "") -> bool:
        """End one; False where the running text that it began in has ended before."""
        leaf = element.leaf
        if leaf is None:
            return False
        self.inlines.pop()
        leaf.tokens[element.place] = (kind, element.start, stop, value)
        if len(leaf.tokens) - element.place > _MANY:
            leaf.tokens.append(("markup", stop, stop, ""))
        return True

    def _add(self, element: Element, kind: str, stop: int, value: str = "") -> None:
        """One token for a whole element."""
        leaf = self._running(element.start)
        if leaf is not None:
            leaf.tokens.append((kind, element.start, stop, value))

    def _start_cover(self, element: Element, attributes: Mapping[str, str]) -> None:
        element.value = elements.COVERS[element.name]
        self._cover(element)

    def _end_cover(self, element: Element, at: int, stop: int) -> None:
        if self._covered(element, element.value, stop):
            self.inner[element.start] = Span(element.inner, at)

    def _start_inline(self, element: Element, attributes: Mapping[str, str]) -> None:
        if "placeholder-inline-tasks" in attributes.get("class", ""):
            element.role = ""  # the editor's own wrapper of a task's words
            return
        if _STRUCK.search(attributes.get("style", "")):
            element.role, element.value = "cover", "strike"
        self._cover(element)

    def _end_inline(self, element: Element, at: int, stop: int) -> None:
        leaf = element.leaf
        if leaf is not None:
            self.inlines.pop()
            comment = element.name == "ac:inline-comment-marker"
            leaf.tokens[element.place] = (
                ("comment", element.start, stop, "") if comment else ("markup", element.start, element.inner, "")
            )
            leaf.tokens.append(("markup", at, stop, ""))
        elif self.leaf is not None:
            self.leaf.tokens.append(("markup", at, stop, ""))

    def _start_anchor(self, element: Element, attributes: Mapping[str, str]) -> None:
        element.value = attributes.get("href", "")
        if not element.value:
            element.role = "inline"
        else:
            self.ends += 1
        self._cover(element)
        if not element.role and element.value:
            self.ends -= 1

    def _end_anchor(self, element: Element, at: int, stop: int) -> None:
        self.ends -= 1
        self._covered(element, "link", stop, element.value)

    def _start_link(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._cover(element)
        if element.role:
            self.ends += 1

    def _end_link(self, element: Element, at: int, stop: int) -> None:
        self.ends -= 1
        leaf = element.leaf
        if not self._covered(element, "reflink", stop) or leaf is None:
            return
        if element.user is not None:
            del leaf.tokens[element.place :]
            kind = "mention" if element.user else "markup"
            leaf.tokens.append((kind, element.start, stop, element.user))
        elif element.value and not any(token[0] in ("text", "code") for token in leaf.tokens[element.place + 1 :]):
            leaf.tokens.append(("text", element.start, stop, element.value))

    def _start_hidden(self, element: Element, attributes: Mapping[str, str]) -> None:
        outer = self.open[-2] if len(self.open) > 1 else None
        if outer is not None and outer.role == "link":
            if element.name == "ri:user":
                outer.user = elements.account(attributes)
            else:
                outer.value = outer.value or elements.title(attributes)
        if outer is not None and outer.role == "macro" and element.name == "ac:parameter":
            element.value = attributes.get("ac:name", "")
            self._skip(catch=True)
        else:
            self._skip()

    def _end_hidden(self, element: Element, at: int, stop: int) -> None:
        if self.caught is not None:
            self.open[-1].values[element.value] = self._catch().strip()
        elif self.leaf is not None:
            self.leaf.tokens.append(("markup", element.start, stop, ""))

    def _start_image(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._skip()

    def _end_image(self, element: Element, at: int, stop: int) -> None:
        self._add(element, "image", stop)

    def _start_emoticon(self, element: Element, attributes: Mapping[str, str]) -> None:
        element.value = elements.emoticon(attributes)
        self._skip()

    def _end_emoticon(self, element: Element, at: int, stop: int) -> None:
        self._add(element, "text" if element.value else "markup", stop, element.value)

    def _start_code(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._skip(catch=True)

    def _end_code(self, element: Element, at: int, stop: int) -> None:
        self.inner[element.start] = Span(element.inner, at)
        self._add(element, "code", stop, self._catch())

    def _start_time(self, element: Element, attributes: Mapping[str, str]) -> None:
        element.value = attributes.get("datetime", "")[:10]
        self._skip()

    def _end_time(self, element: Element, at: int, stop: int) -> None:
        self._add(element, "time" if element.value else "markup", stop, element.value)

    def _start_break(self, element: Element, attributes: Mapping[str, str]) -> None:
        self._skip()

    def _end_break(self, element: Element, at: int, stop: int) -> None:
        if self.leaf is not None:
            self.leaf.tokens.append(("break", element.start, stop, ""))


def trim(tokens: list[Token]) -> None:
    """Take blanks and breaks off both ends of running text; all of it where it holds no words."""
    if all(kind in BLANK or (kind == "text" and not value.strip()) for kind, _, _, value in tokens):
        tokens.clear()
        return
    while tokens[-1][0] == "break" or (tokens[-1][0] == "text" and not tokens[-1][3].strip()):
        tokens.pop()
    first = 0
    while tokens[first][0] == "break" or (tokens[first][0] == "text" and not tokens[first][3].strip()):
        first += 1
    del tokens[:first]
