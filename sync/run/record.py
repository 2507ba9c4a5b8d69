"""What the journal keeps of a document for reports, as plain JSON values. Pure.

Nothing in it changes with time or with a ticket's state: a document that stays as it is is recorded once.
"""

from __future__ import annotations

from typing import Any

from sync.model import ActionItem, Outcome
from sync.run.summary import DocumentReport

EVENT = "document"


def record(report: DocumentReport, url: str) -> dict[str, Any]:
    """What a run found in a document.

    Args:
        url: the page where people read it, or "".
    """
    place = {"source": report.source, "path": report.path}
    postmortem = report.postmortem
    if postmortem is None or report.plan is None:
        return {**place, "published": False}
    waiting = [entry for outcome in report.outcomes for entry in _waiting(postmortem.items, outcome)]
    waiting += [
        ["orphan", 0, _storable(ticket.title), ticket.ref.key, _storable(ticket.url)] for ticket in report.plan.orphans
    ]
    return {
        **place,
        "published": True,
        "title": _storable(postmortem.title),
        "url": _storable(url),
        "date": postmortem.date.isoformat() if postmortem.date else None,
        "service": _storable(postmortem.service),
        "team": _storable(postmortem.team),
        "severity": _storable(postmortem.severity),
        "labels": [_storable(label) for label in postmortem.labels],
        "items": [_item(postmortem.items[outcome.change.index], outcome) for outcome in report.outcomes],
        "waiting": waiting,
    }


def _item(item: ActionItem, outcome: Outcome) -> dict[str, Any]:
    ticket = outcome.ticket
    return {
        "text": _storable(item.text),
        "line": item.line,
        "owners": [_storable(owner.called) for owner in item.owners],
        "due": item.due_date.isoformat() if item.due_date else None,
        "priority": _storable(item.priority or ""),
        "type": _storable(item.type or ""),
        "state": item.state.value if ticket is None else None,
        "elsewhere": _elsewhere(item, outcome),
        "ticket": [ticket.ref.tracker, ticket.ref.project, ticket.ref.key] if ticket else None,
    }


def _elsewhere(item: ActionItem, outcome: Outcome) -> str:
    """What it links of a tracker that is not configured; "" when it has a ticket of ours, or links none."""
    if outcome.ticket or outcome.change.reference or not item.references:
        return ""
    return _storable(item.references[0].text)


def _waiting(items: tuple[ActionItem, ...], outcome: Outcome) -> list[list[Any]]:
    """Entries of kind, line, words, key and address of the ticket; of an owner also the name and its tracker."""
    item, ticket = items[outcome.change.index], outcome.ticket
    name = [ticket.ref.key, _storable(ticket.url)] if ticket else ["", ""]
    found = [["conflict", item.line, _storable(str(conflict)), *name] for conflict in outcome.change.conflicts]
    if maybe := outcome.change.maybe:
        words = _storable("; ".join(outcome.change.reasons))
        found.append(["held", item.line, words, maybe.ref.key, _storable(maybe.url)])
    notes = dict.fromkeys(outcome.notes)
    return found + [
        ["owner", item.line, _storable(note), *name, _unresolved(item, note), outcome.change.tracker]
        for note in notes
        if _is_about_owner(note)
    ]


def _unresolved(item: ActionItem, note: str) -> str:
    """The owner whom a note says nobody knows; "" when it says something else of an owner."""
    named = (owner.called for owner in item.owners if note.startswith(f"owner {owner.called!r} is not resolved"))
    return _storable(next(named, ""))


def _is_about_owner(note: str) -> bool:
    return "assignee" in note or "[people]" in note or (note.startswith("owner ") and "is not resolved" in note)


def _storable(text: str) -> str:
    """Without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()
