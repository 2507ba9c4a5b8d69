"""Marks as values of issue properties: whose are believed. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

from sync.marks import mark_from_values, mark_to_values
from sync.model import Mark

VERSION = 1


class Marks:
    """Marks as values of an issue property.

    Args:
        key: signs marks; "" for none.
        own: whether an account is ours, asked only when there is no signature of ours.
    """

    def __init__(self, key: str, own: Callable[[str], bool]) -> None:
        self._key = key.encode()
        self._own = own

    def value(self, mark: Mark) -> object:
        """The property's value: the mark, and its signature where there is a key."""
        values = mark_to_values(mark)
        return {"v": VERSION, "mark": values} | ({"hmac": self._sign(values)} if self._key else {})

    def believed(self, value: object, creator: str) -> Mark | None:
        """The mark, when our signature or our account stands for it; None otherwise, whatever the value is."""
        if not isinstance(value, Mapping) or value.get("v") != VERSION or not isinstance(value.get("mark"), list):
            return None
        try:
            mark = mark_from_values(value["mark"])
        except (ValueError, TypeError):
            return None
        signature = str(value.get("hmac") or "")
        if self._key and hmac.compare_digest(signature.encode(), self._sign(value["mark"]).encode()):
            return mark
        return mark if self._own(creator) else None

    def _sign(self, values: object) -> str:
        text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
