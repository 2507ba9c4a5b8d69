"""Writes the store of the present revision, for the tests of later ones. It refuses to write one that is there."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from sync.journal.identity import Documents, Proposal, Proposals
from sync.journal.inbox import Inbox
from sync.journal.journal import Checkpoint, Event, Intent
from sync.journal.notes import Notes
from sync.journal.open import open_journal
from sync.journal.questions import Question, Questions
from sync.journal.rate_limits import SharedRateLimiter
from sync.journal.schema import HEAD
from sync.model import Base, Mark, State, Ticket, TicketRef
from sync.model.names import Origin
from sync.ports import Limit

FOLDER = Path(__file__).parent
POSTMORTEM = "path:docs/2026-02-11-checkout.md"
OPEN, DONE = TicketRef("jira", "OPS", "OPS-1"), TicketRef("jira", "OPS", "OPS-2")


def tickets() -> list[Ticket]:
    """Two tickets of one postmortem, one of them done."""
    made = datetime(2026, 3, 1, 12, tzinfo=UTC)
    base = Base("Alert on lag", ("ana",), date(2026, 4, 3), "digest")
    mark = Mark(POSTMORTEM, "print", "item-one", base, "nonce-one", "id")
    one = Ticket(
        OPEN, "https://example.org/OPS-1", "Alert on lag", made, assignees=("ana",), version="1", mark=mark, id="7"
    )
    other = Mark(POSTMORTEM, "print", "item-two")
    two = Ticket(DONE, "https://example.org/OPS-2", "Größe prüfen", made, State.DONE, version="2", mark=other)
    return [one, two]


def fill(url: str) -> None:
    """Put something into every table."""
    journal = open_journal(url)
    journal.save_checkpoint("docs", "a.md", Checkpoint(POSTMORTEM, "v1", "f1", True, 12.5, {"items": 2}))
    journal.cache_tickets(tickets())
    journal.move_cursor("jira", "OPS", "2026-03-01T12:00:00+00:00")
    journal.intend([Intent("jira", "OPS", "item-three", POSTMORTEM, 13.0, "Move the disk")])
    journal.save_shown(POSTMORTEM, {OPEN: State.OPEN, DONE: State.DONE})
    journal.record([Event(11.0, "created", POSTMORTEM, OPEN, {"due": "2026-04-03"})])
    SharedRateLimiter(journal, "account").take({"write": Limit(1.0)}, 60.0)
    Notes(journal).put("scan", {"documents": 3})
    Inbox(journal).put("delivery-one", [("docs", "a.md")])
    origin = Origin("github.com/acme/docs", "docs/2026-02-11-checkout.md", "print", "id", date(2026, 2, 11))
    Documents(journal).save("docs", "a.md", origin, [OPEN])
    asked = Question(POSTMORTEM, "item-one", "ticket", "OPS-1", "docs", "a.md", 3, "may be OPS-1", {"ticket": "OPS-1"})
    Questions(journal).answer(Questions(journal).ask([asked])[0].number, "same")
    Proposals(journal).put("docs", "a.md", Proposal("https://example.org/pull/1", (("jira", "OPS-1"),)))
    journal.close()


def main() -> None:
    place = FOLDER / f"{HEAD}.sql"
    if place.exists():
        sys.exit(f"{place.name} is there: a released store is never written again")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        fill(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as store:
            place.write_text("\n".join(store.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
