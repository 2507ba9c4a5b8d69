"""Marks: what a ticket carries to say which item it belongs to, and whose are believed. Pure.

A mark is the text `postmortem-sync:2:<values>:<signature>`, both in Base64 with the alphabet that has no dash, so that
no text can end the HTML comment it may stand in. Its signature covers everything, the tracker's own id of the ticket
included: such a mark is *sealed*, and worth nothing on any other ticket. In the call that creates a ticket that id is
not known yet: an *unsealed* mark counts only on a ticket that our account created, until a later write seals it.

Version 1 had no print, no nonce and no ticket in it; it is read, and believed as little as an unsealed one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.model import Base, Mark
from sync.model.names import item_digest

NAME = "postmortem-sync"
VERSION = "2"
LONGEST = 16_384
"""Characters; anything longer is no mark of ours."""

PATTERN = re.compile(rf"{NAME}:[0-9]{{1,3}}:[A-Za-z0-9+/]{{1,{LONGEST}}}:[A-Za-z0-9+/]{{0,64}}")
"""Finds marks within other text."""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """A mark as read from a ticket.

    Attributes:
        mark: only when it may be believed.
        sealed: whether its signature names this very ticket.
        ours: whether our account created the ticket.
        copied: what it says when it is sealed for another ticket.
    """

    mark: Mark | None = None
    sealed: bool = False
    ours: bool = False
    copied: Mark | None = None


NOTHING = ReadMark()


def encode(mark: Mark, key: bytes, ticket: str = "", creator: str = "") -> str:
    """The mark as text, signed when there is a key.

    Args:
        ticket: the tracker's own id of the ticket, which seals the mark; "" while it is not known.
        creator: the account that created the ticket, when it is ours; "" when it is not, or not known.
    """
    values = [*mark_to_values(mark), creator, ticket]
    packed = _pack(json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode())
    return f"{NAME}:{VERSION}:{packed}:{_sign(packed, key) if key else ''}"


def read(text: str, key: bytes, ticket: str, creator: str, mine: Callable[[], bool]) -> ReadMark:
    """What a text on a ticket says; NOTHING when it is no mark, or none that may be believed there.

    Args:
        ticket: the tracker's own id of the ticket that carries the text.
        creator: the account that created that ticket.
        mine: whether that account is ours; asked only where no signature tells.
    """
    if not PATTERN.fullmatch(text):
        return NOTHING
    _, version, packed, signature = text.split(":")
    try:
        values = json.loads(_unpack(packed))
        if version == "1":
            return believed_as_unsealed(mark_from_values(values), mine)
        if version != VERSION or not isinstance(values, list):
            return NOTHING
        *rest, by, meant = values
        mark = mark_from_values(rest)
    except (ValueError, TypeError, RecursionError):
        return NOTHING
    signed = bool(key) and hmac.compare_digest(signature, _sign(packed, key))
    made_by_us = signed and by != "" and by == creator
    if meant and meant != ticket:
        return ReadMark(copied=mark) if signed or mine() else NOTHING
    if meant and signed:
        return ReadMark(mark, sealed=True, ours=made_by_us)
    if made_by_us:
        return ReadMark(mark, ours=True)
    return believed_as_unsealed(mark, mine)


def believed_as_unsealed(mark: Mark, mine: Callable[[], bool]) -> ReadMark:
    """A mark that nothing but the ticket's creator stands for."""
    return ReadMark(mark, ours=True) if mine() else NOTHING


def link_id(mark: Mark) -> str:
    """What a ticket's link to its postmortem is called; it stays the same for the ticket's life."""
    return mark.nonce.removeprefix(_FIRST)


_FIRST = "v1:"


def mark_to_values(mark: Mark) -> list[Any]:
    """A mark as a list that JSON can hold, in a fixed order."""
    base = mark.base
    pushed = [base.title, list(base.owners), _day(base.due), base.body]
    return [mark.place, mark.print, mark.id, mark.item, mark.nonce, pushed]


def mark_from_values(values: Any) -> Mark:
    """Read what `mark_to_values` made, of version 1 as well. Raises ValueError or TypeError for anything else."""
    if isinstance(values, list) and len(values) == len(_OF_VERSION_1):
        place, item, words, *pushed = values
        _texts(place, item, words)
        base = _base(pushed)
        # The words of the item stand in its title; two items of the same words have two ids.
        return Mark(place, "", f"{item_digest(base.title)}.{item}", base, f"{_FIRST}{item}", version=1)
    place, print_, stated, item, nonce, pushed = values
    _texts(place, print_, stated, item, nonce)
    # Sealed before its document was looked at, it still has the names of version 1.
    first = nonce.startswith(_FIRST) and place.startswith(("path:", "id:")) and not (print_ or stated)
    return Mark(place, print_, item, _base(pushed), nonce, stated, version=1 if first else 2)


_OF_VERSION_1 = ("postmortem", "item", "text", "title", "owners", "due", "body")


def _base(values: Any) -> Base:
    title, owners, due, body = values
    # On Jira anybody who may edit a ticket may write whatever they like in the place of a mark.
    if not isinstance(owners, list):
        raise ValueError("owners are a list")
    _texts(title, body, *owners)
    return Base(title, tuple(owners), _date(due), body)


def _texts(*values: object) -> None:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("a mark is made of texts")


def key_from(secret: str) -> bytes:
    """A key for signatures made from another secret, which cannot be found out from it; none from none."""
    return hashlib.sha256(f"{NAME} marks\0{secret}".encode("utf-8", "surrogatepass")).digest() if secret else b""


def _sign(packed: str, key: bytes) -> str:
    message = f"{NAME}:{VERSION}:{packed}".encode("utf-8", "surrogatepass")
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


def _date(value: Any) -> date | None:
    if value is None:
        return None
    _texts(value)
    return date.fromisoformat(value)
