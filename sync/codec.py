"""Tickets as text for the journal, and back. Pure."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sync.model import Base, Mark, State, Ticket, TicketRef


def ticket_to_text(ticket: Ticket) -> str:
    """One line of JSON that `ticket_from_text` reads back as an equal ticket."""
    mark = ticket.mark
    values: dict[str, Any] = {
        "ref": [ticket.ref.tracker, ticket.ref.project, ticket.ref.key],
        "url": ticket.url,
        "title": ticket.title,
        "created": ticket.created.isoformat(),
        "state": ticket.state.value,
        "closed_on": _day(ticket.closed_on),
        "assignees": list(ticket.assignees),
        "due": _day(ticket.due),
        "labels": list(ticket.labels),
        "duplicate_of": ticket.duplicate_of,
        "pull_request": ticket.pull_request,
        "former": ticket.former,
        "version": ticket.version,
        "mark": None
        if mark is None
        else [
            mark.postmortem,
            mark.item,
            mark.text,
            mark.base.title,
            list(mark.base.owners),
            _day(mark.base.due),
            mark.base.body,
        ],
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def ticket_from_text(text: str) -> Ticket:
    """Raises ValueError, KeyError or TypeError for text that `ticket_to_text` did not write."""
    values = json.loads(text)
    mark = None
    if values["mark"] is not None:
        mark = mark_from_values(values["mark"])
    return Ticket(
        ref=TicketRef(*values["ref"]),
        url=values["url"],
        title=values["title"],
        created=datetime.fromisoformat(values["created"]),
        state=State(values["state"]),
        closed_on=_date(values["closed_on"]),
        assignees=tuple(values["assignees"]),
        due=_date(values["due"]),
        labels=tuple(values["labels"]),
        mark=mark,
        duplicate_of=values["duplicate_of"],
        pull_request=values["pull_request"],
        former=values["former"],
        version=values["version"],
    )


def mark_to_values(mark: Mark) -> list[Any]:
    """A mark as a list that JSON can hold, in a fixed order."""
    base = mark.base
    return [mark.postmortem, mark.item, mark.text, base.title, list(base.owners), _day(base.due), base.body]


def mark_from_values(values: list[Any]) -> Mark:
    """Raises ValueError or TypeError for a list that `mark_to_values` did not make."""
    postmortem, item, words, title, owners, due, body = values
    # On Jira anybody who may edit a ticket may write whatever they like in the place of a mark.
    if not isinstance(owners, list) or not all(
        isinstance(text, str) for text in (postmortem, item, words, title, body, *owners)
    ):
        raise ValueError("a mark is made of texts")
    return Mark(postmortem, item, words, Base(title, tuple(owners), _date(due), body))


def ticket_digest(ticket: Ticket) -> str:
    """Changes when anything changes that a plan looks at; the tracker's own version does not count."""
    values = json.loads(ticket_to_text(ticket))
    del values["version"]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
