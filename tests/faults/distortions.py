"""JSON made unexpected, one place at a time: null, removed, of another type, empty. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
"""Keys and indexes that lead to a value; () for the whole."""

REMOVED = "removed"
OTHERS: dict[str, Any] = {
    "null": None,
    "text": "unexpected",
    "number": 7,
    "true": True,
    "empty list": [],
    "list of null": [None],
    "empty object": {},
    "object": {"unexpected": "unexpected"},
}
EMPTY: dict[type, Any] = {str: "", list: [], dict: {}}
"""What is unexpected though the type is right."""


def paths(body: Any, at: Path = ()) -> Iterator[Path]:
    """Every place; of a list the first and the last entry."""
    yield at
    if isinstance(body, dict):
        for key in body:
            yield from paths(body[key], (*at, key))
    elif isinstance(body, list):
        for index in sorted({0, len(body) - 1} if body else ()):
            yield from paths(body[index], (*at, index))


def ways(body: Any, at: Path) -> Iterator[str]:
    """What can be done at a place."""
    value = _at(body, at)
    yield from (way for way, other in OTHERS.items() if type(other) is not type(value))
    if type(value) in EMPTY and value:
        yield "emptied"
    if isinstance(value, list | dict):
        yield from (way for way in ("list of null",) if isinstance(value, list) and value != [None])
    if at and isinstance(at[-1], str):
        yield REMOVED


def made_unexpected(body: Any, at: Path, way: str) -> Any:
    """A copy with that done."""
    value = _at(body, at)
    other = EMPTY.get(type(value)) if way == "emptied" else OTHERS.get(way)
    if not at:
        return other
    changed = copy.deepcopy(body)
    holder = _at(changed, at[:-1])
    if way == REMOVED:
        del holder[at[-1]]
    else:
        holder[at[-1]] = copy.deepcopy(other)
    return changed


def _at(body: Any, at: Path) -> Any:
    for step in at:
        body = body[step]
    return body
