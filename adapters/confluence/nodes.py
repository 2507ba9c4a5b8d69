"""What a page says, node by node, whichever way it is written: to tell what a server changed. Pure.

Two bodies say the same when a reader, the editor and we would understand the same: entities and characters, the way an
empty element is closed, the order of attributes, and the attributes that the server gives away itself do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from html.entities import html5
from xml.parsers import expat

MOST_COMPARED = 4000
"""Nodes that differ in a row: beyond that, no one tells them apart."""

_GIVEN_AWAY = frozenset(
    ("ac:local-id", "local-id", "ac:macro-id", "ac:schema-version", "ri:version-at-save", "data-local-id")
)
_UNNAMED = frozenset(("ac:task-id", "ac:task-uuid"))
_DTD = "".join(
    f'<!ENTITY {name[:-1]} "{"".join(f"&#{ord(sign)};" for sign in text)}">'
    for name, text in html5.items()
    if name.endswith(";") and name[:-1] not in ("lt", "gt", "amp", "quot", "apos")
)
_BLANKS = re.compile(r"\s+")


class Malformed(ValueError):
    """A body is no well-formed storage format."""


def nodes(body: bytes) -> tuple[str, ...]:
    """Tags, with the attributes that people or programs set, and runs of text, in order. Raises Malformed."""
    reader = _Reader()
    reader.read(body)
    return tuple(reader.found)


class _Reader:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._text: list[str] = []
        self._unnamed = 0
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.UseForeignDTD(True)
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        self._parser.ExternalEntityRefHandler = self._entities
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.SkippedEntityHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def read(self, body: bytes) -> None:
        try:
            self._parser.Parse(b"<page>", False)
            self._parser.Parse(body, False)
            self._parser.Parse(b"</page>", True)
        except expat.ExpatError as error:
            raise Malformed(str(error)) from None

    def _entities(self, context: str | None, base: str | None, system: str | None, public: str | None) -> int:
        self._parser.ExternalEntityParserCreate(context).Parse(_DTD.encode(), True)
        return 1

    def _refuse(self, name: str, *_: object) -> None:
        raise Malformed(f"a document type or an unknown entity: {name}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._unnamed += name in _UNNAMED
        kept = sorted((key, value) for key, value in attributes.items() if key not in _GIVEN_AWAY)
        if not self._unnamed:
            self.found.append(f"<{name}{''.join(f' {key}={value!r}' for key, value in kept)}>")

    def _end(self, name: str) -> None:
        self._flush()
        if not self._unnamed:
            self.found.append(f"</{name}>")
        self._unnamed -= name in _UNNAMED

    def _flush(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._text))
        self._text.clear()
        if text.strip(" ") and not self._unnamed:
            self.found.append(text)


def same(one: bytes, other: bytes) -> bool:
    """Whether two bodies say the same; what is not well-formed is like nothing but itself."""
    try:
        return one == other or nodes(one) == nodes(other)
    except Malformed:
        return False


def changed_by_server(before: bytes, sent: bytes, stored: bytes) -> tuple[list[str], list[str]]:
    """What a server made of a body that was sent to it: (of nodes that stood there before, of nodes that are ours).

    Args:
        before: as it was read; sent: with our splices; stored: as it was read back.

    Returns:
        a sentence for each place, "" for none. Raises Malformed.
    """
    if sent == stored:
        return [], []
    wanted, found = nodes(sent), nodes(stored)
    if wanted == found:
        return [], []
    ours = _ours(nodes(before), wanted)
    theirs: list[str] = []
    own: list[str] = []
    for start, end, at, to in _differences(wanted, found):
        said = f"{_shown(wanted[start:end])} became {_shown(found[at:to])}"
        touched = range(start, end) if end > start else (start - 1, start)
        (own if all(number in ours for number in touched) else theirs).append(said)
    return theirs, own


def _ours(before: Sequence[str], after: Sequence[str]) -> set[int]:
    """The numbers of the nodes that our splices brought or changed."""
    return {number for _, _, at, to in _differences(before, after) for number in range(at, to)}


def _differences(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where two rows of nodes differ: (start, end) in the one, (start, end) in the other."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    tail = 0
    while tail < min(len(one), len(other)) - start and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    left, right = one[start : len(one) - tail], other[start : len(other) - tail]
    if max(len(left), len(right)) > MOST_COMPARED:
        return [(start, start + len(left), start, start + len(right))]
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [(start + a, start + b, start + c, start + d) for kind, a, b, c, d in codes if kind != "equal"]


def _shown(some: Sequence[str]) -> str:
    text = "".join(some[:12]) + (" …" if len(some) > 12 else "")
    return text[:160] if text else "nothing"
