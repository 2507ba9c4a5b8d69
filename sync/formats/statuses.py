"""Statuses that a document must show, sorted by where a format writes them: in running text, or in rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sync.formats import suffix
from sync.model import ActionItem, Edit, InlineSlot, Postmortem, Reference, Status, TableSlot


class RowStatus(NamedTuple):
    """A row that must show a ticket's status."""

    slot: TableSlot
    item: ActionItem
    status: Status


def sort_out(
    postmortem: Postmortem,
    statuses: Mapping[int, Status],
    inline: Callable[[bytes, ActionItem, InlineSlot, Status], list[Edit]],
    relinked: Callable[[bytes, Reference, Status], list[Edit]],
) -> tuple[list[Edit], dict[int, dict[int, RowStatus]]]:
    """Edits of links and of running text, and by table and row what its cells must show.

    Args:
        statuses: by index of the item.
        inline, relinked: how the format shows a status in running text, and leads the author's link elsewhere.
    """
    edits: list[Edit] = []
    rows: dict[int, dict[int, RowStatus]] = {}
    for index in sorted(statuses):
        item, status = postmortem.items[index], statuses[index]
        if status.relink and status.reference and not suffix.within(item, status.reference):
            edits += relinked(postmortem.data, status.reference, status)
        if isinstance(item.slot, InlineSlot):
            edits += inline(postmortem.data, item, item.slot, status)
        else:
            rows.setdefault(item.slot.table, {})[item.slot.row] = RowStatus(item.slot, item, status)
    return edits, rows
