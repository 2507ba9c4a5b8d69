"""What write-back must keep, whatever the document: shared by generated documents and by the fuzzer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sync.model import Edit, Postmortem, State, Status


def statuses(postmortem: Postmortem, state: State, chosen: Sequence[int] | None = None) -> dict[int, Status]:
    """What made-up tickets say of the items, or of those at the chosen indexes."""
    closed = None if state is State.OPEN else date(2026, 3, 20)
    return {
        index: Status(
            f"OPS-{index + 1}",
            f"https://acme.example/browse/OPS-{index + 1}",
            state,
            closed,
            item.references[0] if item.references else None,
        )
        for index, item in enumerate(postmortem.items)
        if chosen is None or index in chosen
    }


def facts(postmortem: Postmortem) -> list[tuple[Any, ...]]:
    """What write-back may not touch, by item."""
    return [(i.line, i.text, [o.text for o in i.owners], str(i.due_date or "") or None) for i in postmortem.items]


def only_edited(before: bytes, edits: Sequence[Edit], after: bytes) -> None:
    """Every byte outside of the edits is where it was, and no edit makes or breaks a line."""
    outside, at, shift = [], 0, 0
    for edit in edits:
        outside.append((before[at : edit.span.start], at + shift))
        shift += len(edit.text) - (edit.span.end - edit.span.start)
        at = edit.span.end
    outside.append((before[at:], at + shift))
    for piece, place in outside:
        assert after[place : place + len(piece)] == piece
    assert len(after) == len(before) + shift
    assert not any(b"\n" in edit.text or b"\r" in edit.text for edit in edits)
