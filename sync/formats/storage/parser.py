"""The one place that knows the XML parser: its events, with exact places, go to a method for each kind of element."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar
from xml.parsers import expat

from sync.errors import DocumentError
from sync.formats.storage import elements
from sync.postmortem.blocks import Block, Token

MAX_DEPTH = 500
"""Elements within each other; more is an attack, not a page."""


class Element:
    """An element that is open.

    Attributes:
        inner: where its content begins.
        leaf, place: the running text that it covers tokens of, and the number of its own among them.
    """

    __slots__ = ("block", "inner", "leaf", "name", "place", "role", "start", "user", "value", "values")

    def __init__(self, name: str, role: str, start: int) -> None:
        self.name = name
        self.role = role
        self.start = start
        self.inner = start
        self.leaf: Block | None = None
        self.place = -1
        self.block: Block | None = None
        self.value = ""
        self.user: str | None = None
        self.values: dict[str, str] = {}


class Parser(ABC):
    """Reads a body, element by element. A subclass has a method `_start_ROLE` and `_end_ROLE` for each role."""

    _starts: ClassVar[dict[str, Callable[..., None]]]
    _ends: ClassVar[dict[str, Callable[..., None]]]

    def __init_subclass__(cls) -> None:
        names = dir(cls)
        cls._starts = {one.removeprefix("_start_"): getattr(cls, one) for one in names if one.startswith("_start_")}
        cls._ends = {one.removeprefix("_end_"): getattr(cls, one) for one in names if one.startswith("_end_")}

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.open: list[Element] = []
        self.ends = 0  # links that are open: nothing within them is a block
        self.skipping = 0
        self.caught: list[str] | None = None
        self.pending: list[Token] | None = None
        self.begun: Element | None = None  # whose start tag was the last event
        self.just_begun = False
        self.cdata = -1
        self._base = len(elements.PROLOGUE)
        self._parser: expat.XMLParserType | None = None

    def parse(self) -> None:
        """Read it all. Raises DocumentError."""
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = self._on_text
        parser.CommentHandler = self._on_comment
        parser.ProcessingInstructionHandler = lambda target, data: self._on_comment(data)
        parser.StartCdataSectionHandler = self._on_cdata
        parser.EndCdataSectionHandler = self._on_cdata_end
        try:
            parser.Parse(elements.PROLOGUE, False)
            parser.Parse(self.data, False)
            parser.Parse(b"</" + elements.WRAPPER + b">", True)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise self.error(parser.ErrorByteIndex - self._base, f"it is no storage format: {why}.") from error
        finally:
            self._parser = None  # which holds on to what reads it

    def error(self, at: int, why: str) -> DocumentError:
        """What is wrong at a place."""
        before = self.data[: max(0, min(at, len(self.data)))]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        return DocumentError(f"line {line}, column {column}: {why}", "Save the page again in Confluence's editor.")

    # --- what a subclass does with what is no element --------------------------------------------

    @abstractmethod
    def _text(self, text: str, at: int) -> None:
        """A piece of text; where it ends is known with the next event, which sets it in the tokens of `pending`."""

    @abstractmethod
    def _comment(self, at: int, stop: int) -> None: ...

    @abstractmethod
    def _cdata(self, at: int, stop: int) -> None: ...

    def _in_link_words(self) -> bool:
        return bool(self.open) and self.open[-1].name == "ac:plain-text-link-body"

    def _skip(self, catch: bool = False) -> None:
        """Leave out what stands within the element that begins; with `catch`, keep its text."""
        self.skipping = 1
        self.caught = [] if catch else None

    def _catch(self) -> str:
        """The text that was kept."""
        text = "".join(self.caught or ())
        self.caught = None
        return text

    # --- the parser's events -----------------------------------------------------------------------

    def _settle(self) -> int:
        """Where the present event begins, which is where the one before it ends."""
        at: int = self._parser.CurrentByteIndex - self._base  # type: ignore[union-attr]
        if self.pending is not None:
            kind, start, _, value = self.pending[-1]
            self.pending[-1] = (kind, start, at, value)
            self.pending = None
        if self.begun is not None:
            self.begun.inner = at
            self.begun = None
        return at

    def _on_start(self, name: str, attributes: Mapping[str, str]) -> None:
        at = self._settle()
        self.just_begun = True
        if len(self.open) + self.skipping >= MAX_DEPTH:
            raise self.error(at, f"elements are nested more than {MAX_DEPTH} deep.")
        if self.skipping:
            self.skipping += 1
            return
        if at < 0:
            return  # the wrapper
        role = elements.ROLES.get(name, "")
        element = Element(name, role, at)
        self.open.append(element)
        self.begun = element
        if role:
            if self.ends and role in elements.OUTSIDE_LINKS:
                element.role = ""
            elif start := self._starts.get(role):
                start(self, element, attributes)

    def _on_end(self, name: str) -> None:
        at = self._settle()
        # An empty element ends where what follows it begins; any other one where its end tag does.
        empty = self.just_begun and self.data[at - 2 : at] == b"/>"
        self.just_begun = False
        if self.skipping:
            self.skipping -= 1
            if self.skipping:
                return
        if not self.open:
            return  # the wrapper
        element = self.open.pop()
        if element.role:
            stop = at if empty else self.data.index(b">", at) + 1
            self._ends[element.role](self, element, at, stop)

    def _on_text(self, text: str) -> None:
        at = self._settle()
        self.just_begun = False
        if self.caught is not None:
            self.caught.append(text)
        if not self.skipping and (self.cdata < 0 or self._in_link_words()):
            self._text(text, at)

    def _on_comment(self, text: str) -> None:
        at = self._settle()
        self.just_begun = False
        if not self.skipping and at >= 0:
            mark = b"-->" if self.data[at : at + 4] == b"<!--" else b"?>"
            self._comment(at, self.data.index(mark, at + 2) + len(mark))

    def _on_cdata(self) -> None:
        self.cdata = self._settle()
        self.just_begun = False

    def _on_cdata_end(self) -> None:
        at = self._settle()
        if not self.skipping and not self._in_link_words():
            self._cdata(self.cdata, at + 3)
        self.cdata = -1
