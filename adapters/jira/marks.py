"""Marks as values of issue properties. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync.marks import NOTHING, ReadMark, believed_as_unsealed, encode, mark_from_values, read
from sync.model import Mark

VERSION = 2


class Marks:
    """Marks as values of an issue property.

    Args:
        key: signs marks; none when it is empty.
        own: whether an account is ours, asked only where no signature tells.
    """

    def __init__(self, key: bytes, own: Callable[[str], bool]) -> None:
        self._key = key
        self._own = own

    def value(self, mark: Mark, ticket: str = "", creator: str = "") -> object:
        """The value of the property.

        Args:
            ticket: Jira's own id of the issue, which seals the mark; "" while it is not known.
            creator: the account that created the issue; that it is ours is noted with the mark.
        """
        return {"v": VERSION, "mark": encode(mark, self._key, ticket, creator if self._own(creator) else "")}

    def read(self, value: object, ticket: str, creator: str) -> ReadMark:
        """What a property's value says on this issue; NOTHING where it may not be believed, whatever it is."""

        def mine() -> bool:
            return self._own(creator)

        if not isinstance(value, Mapping):
            return NOTHING
        mark = value.get("mark")
        if value.get("v") == 1 and isinstance(mark, list):
            try:
                return believed_as_unsealed(mark_from_values(mark), mine)
            except (ValueError, TypeError):
                return NOTHING
        if value.get("v") == VERSION and isinstance(mark, str):
            return read(mark, self._key, ticket, creator, mine)
        return NOTHING
