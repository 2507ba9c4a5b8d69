"""Tickets as text for the journal, and back. Pure."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sync.marks import mark_from_values, mark_to_values
from sync.model import State, Ticket, TicketRef


def ticket_to_text(ticket: Ticket) -> str:
    """One line of JSON that `ticket_from_text` reads back as an equal ticket."""
    mark = ticket.mark
    values: dict[str, Any] = {
        "ref": [ticket.ref.tracker, ticket.ref.project, ticket.ref.key],
        "url": ticket.url,
        "title": ticket.title,
        "created": ticket.created.isoformat(),
        "state": ticket.state.value,
        "started": ticket.started,
        "closed_on": _day(ticket.closed_on),
        "assignees": list(ticket.assignees),
        "due": _day(ticket.due),
        "labels": list(ticket.labels),
        "duplicate_of": ticket.duplicate_of,
        "pull_request": ticket.pull_request,
        "former": ticket.former,
        "version": ticket.version,
        "mark": mark_to_values(mark) if mark else None,
        "id": ticket.id,
        "sealed": ticket.sealed,
        "ours": ticket.ours,
        "copied": mark_to_values(ticket.copied) if ticket.copied else None,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def ticket_from_text(text: str) -> Ticket:
    """The ticket of a line that `ticket_to_text` wrote. Raises ValueError, KeyError or TypeError for any other text."""
    values = json.loads(text)
    mark = mark_from_values(values["mark"]) if values["mark"] is not None else None
    copied = values.get("copied")
    return Ticket(
        ref=TicketRef(*values["ref"]),
        url=values["url"],
        title=values["title"],
        created=datetime.fromisoformat(values["created"]),
        state=State(values["state"]),
        # Stores of earlier versions do not have it.
        started=bool(values.get("started")),
        closed_on=_date(values["closed_on"]),
        assignees=tuple(values["assignees"]),
        due=_date(values["due"]),
        labels=tuple(values["labels"]),
        mark=mark,
        duplicate_of=values["duplicate_of"],
        pull_request=values["pull_request"],
        former=values["former"],
        version=values["version"],
        # The first edition kept none of these.
        id=values.get("id", ""),
        sealed=values.get("sealed", False),
        ours=values.get("ours", mark is not None),
        copied=mark_from_values(copied) if copied is not None else None,
    )


def ticket_digest(ticket: Ticket) -> str:
    """Changes when anything changes that a plan looks at; the tracker's own version does not count."""
    values = json.loads(ticket_to_text(ticket))
    del values["version"]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
