"""Byte-exact edits: replacements of spans, applied once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sync.model import Edit


def apply_edits(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The document after the edits; every byte outside their spans stays.

    Raises:
        ValueError: the edits are not sorted, overlap, or reach outside of the document.
    """
    parts: list[bytes] = []
    at = 0
    for edit in edits:
        if not at <= edit.span.start <= edit.span.end <= len(data):
            raise ValueError(f"edit {edit.span} overlaps another one, or lies outside of the document")
        parts += [data[at : edit.span.start], edit.text]
        at = edit.span.end
    return b"".join([*parts, data[at:]])


def tidy(edits: Sequence[Edit], data: bytes) -> tuple[Edit, ...]:
    """Sorted, without those that change nothing; insertions at one place keep their order."""
    kept = [edit for edit in edits if data[edit.span.start : edit.span.end] != edit.text]
    return tuple(sorted(kept, key=lambda edit: edit.span))
