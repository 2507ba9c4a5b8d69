"""Marks as text that can stand in an HTML comment: how they are written, and whose are believed. Pure.

A mark is `postmortem-sync:1:<values>:<signature>`, both in Base64 with the alphabet that has no dash, so that no text
can end the comment. A signature holds for one place (an author, a ticket): copied elsewhere it is worth nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from sync.model import Base, Mark

NAME = "postmortem-sync"
VERSION = "1"
LONGEST = 16_384
"""Characters; anything longer is no mark of ours."""

PATTERN = re.compile(rf"{NAME}:[0-9]{{1,3}}:[A-Za-z0-9+/]{{1,{LONGEST}}}:[A-Za-z0-9+/]{{0,64}}")
"""Finds marks within other text."""


def encode(mark: Mark, key: bytes, place: str = "") -> str:
    """The mark as text, signed when there is a key.

    Args:
        place: where alone the signature holds, such as the author's id; "" anywhere.
    """
    values = json.dumps(mark_to_values(mark), ensure_ascii=True, separators=(",", ":"))
    packed = _pack(values.encode())
    return f"{NAME}:{VERSION}:{packed}:{_sign(packed, key, place) if key else ''}"


def decode(text: str, key: bytes, trusted_author: bool, places: Sequence[str] = ("",)) -> Mark | None:
    """The mark, when our account or our signature stands for it; None otherwise, whatever the text is.

    Args:
        trusted_author: whether nobody but our own account can have made what carries the mark.
        places: where the text was found; a signature for any of them counts.
    """
    if not PATTERN.fullmatch(text):
        return None
    _, version, packed, signature = text.split(":")
    if version != VERSION:
        return None
    signed = bool(key) and any(hmac.compare_digest(signature, _sign(packed, key, place)) for place in places)
    if not signed and not trusted_author:
        return None
    try:
        values = json.loads(_unpack(packed))
        if not isinstance(values, list):
            return None
        mark = mark_from_values(values)
    except (ValueError, TypeError, RecursionError):
        return None
    return mark if _is_sound(mark) else None


def mark_to_values(mark: Mark) -> list[Any]:
    """A mark as a list that JSON can hold, in a fixed order."""
    base = mark.base
    return [mark.postmortem, mark.item, mark.text, base.title, list(base.owners), _day(base.due), base.body]


def mark_from_values(values: list[Any]) -> Mark:
    """The mark of a list that `mark_to_values` made. Raises ValueError or TypeError for any other list."""
    postmortem, item, words, title, owners, due, body = values
    # On Jira anybody who may edit a ticket may write whatever they like in the place of a mark.
    if not isinstance(owners, list) or not all(
        isinstance(text, str) for text in (postmortem, item, words, title, body, *owners)
    ):
        raise ValueError("a mark is made of texts")
    return Mark(postmortem, item, words, Base(title, tuple(owners), _date(due), body))


def key_from(secret: str) -> bytes:
    """A key for signatures made from another secret, which cannot be found out from it."""
    return hashlib.sha256(f"{NAME} marks\0{secret}".encode("utf-8", "surrogatepass")).digest()


def _is_sound(mark: Mark) -> bool:
    texts = (mark.postmortem, mark.item, mark.text, mark.base.title, mark.base.body, *mark.base.owners)
    return all(isinstance(text, str) for text in texts)


def _sign(packed: str, key: bytes, place: str) -> str:
    message = f"{NAME}:{VERSION}:{packed}:{place}".encode("utf-8", "surrogatepass")
    return _pack(hmac.new(key, message, hashlib.sha256).digest()[:16])


def _pack(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
