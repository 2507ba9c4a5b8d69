"""The shortest document that fails in the same way."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.fuzz.target import run

T = TypeVar("T")


def kind_of(error: Exception) -> str:
    """The error's class and the line that it comes from."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}"


def kind(data: bytes) -> str:
    """How a document fails; "" when it does not."""
    try:
        run(data)
    except Exception as error:  # noqa: BLE001 - what the program raises is what is looked for
        return kind_of(error)
    return ""


def shorten(data: bytes) -> bytes:
    """Leave out lines, then characters, as long as it fails as before."""
    wanted = kind(data)
    if not wanted or wanted.startswith("Slow"):
        return data
    lines = _fewer(data.splitlines(keepends=True), lambda some: kind(b"".join(some)) == wanted)
    text = b"".join(lines).decode("utf-8", "surrogateescape")
    letters = _fewer(list(text), lambda some: kind("".join(some).encode("utf-8", "surrogateescape")) == wanted)
    return "".join(letters).encode("utf-8", "surrogateescape")


def _fewer(parts: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    left = list(parts)
    step = max(1, len(left) // 2)
    while step:
        at = 0
        while at < len(left):
            without = left[:at] + left[at + step :]
            if fails(without):
                left = without
            else:
                at += step
        step = min(step // 2, len(left))
    return left
