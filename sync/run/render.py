"""What a document is to show once its plan is carried out, and the edits that show it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sync.formats import apply_edits
from sync.model import Action, Outcome, Status, Ticket
from sync.run.planner import Planned


def rendered(planned: Planned, outcomes: Sequence[Outcome], preview: bool = False) -> bytes | None:
    """The document's new bytes; None where it shows everything already.

    Args:
        preview: nothing was carried out; a placeholder stands for tickets that are not there yet.
    """
    statuses = {}
    for outcome in outcomes:
        if status := _status(planned, outcome, preview):
            statuses[outcome.change.index] = status
    edits = planned.format.render(planned.postmortem, statuses)
    return apply_edits(planned.document.data, edits) if edits else None


def _status(planned: Planned, outcome: Outcome, preview: bool) -> Status | None:
    change, ticket = outcome.change, outcome.ticket
    item = planned.postmortem.items[change.index]
    if preview and change.action is Action.CREATE:
        return Status("new", "#new", item.state)
    if ticket is None:
        return None
    if not change.show_state and change.reference and (item.box_says or not change.relink):
        return None
    if change.patch and change.patch.state not in (None, ticket.state):
        # The ticket did not follow the box: the box stays, or the next run would not know what it is for.
        return None
    state = ticket.state if change.show_state else item.state
    closed_on = ticket.closed_on if change.show_state else None
    name = _label(ticket, planned.document.repository)
    return Status(name, ticket.url, state, closed_on, change.reference, change.relink, change.say_state)


def _label(ticket: Ticket, repository: str) -> str:
    """A ticket's name as a reader of a document in `repository` knows it: `#12` at home, else `o/r#12`."""
    key = ticket.ref.key
    return key.removeprefix(repository) if repository and key.startswith(f"{repository}#") else key
