"""What the journal keeps of a finished document, so that an idle run need not look at it again."""

from __future__ import annotations

from dataclasses import dataclass

from sync.journal.codec import ticket_digest
from sync.journal.identity import Documents
from sync.journal.journal import Checkpoint, Event, Journal
from sync.journal.questions import Questions
from sync.model import Action, State, Ticket, TicketRef
from sync.run.planner import Planned, Skipped
from sync.run.questions import not_carried_out
from sync.run.record import EVENT
from sync.run.record import record as record_of
from sync.run.summary import DocumentReport, findings, question_to, undecided


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a document was concluded.

    Attributes:
        fingerprint: of the settings and the program.
        now: seconds since the epoch.
        lasting: whether the next scheduled run may rely on it.
        proposed: what was written back is not what people see, until they merge it.
    """

    fingerprint: str
    now: float
    lasting: bool
    proposed: bool = False


def checkpoint(journal: Journal, result: Planned | Skipped, report: DocumentReport, version: str, terms: Terms) -> None:
    """Write down what became of a document; one whose report tells errors is looked at again by the next run.

    Args:
        version: of the document after write-back.
    """
    outcomes = report.outcomes
    found = {o.change.item_id for o in outcomes if o.ticket and o.action is not Action.FAIL and not report.errors}
    pending = set[str]()
    for intent in journal.intents(result.origin.name):
        if intent.item in found:
            # A create whose answer was lost: its ticket has turned up, and stands in the document.
            journal.conclude(intent.tracker, intent.project, [intent.item])
        else:
            pending.add(intent.item)
    failed = bool(report.errors) or any(o.action is Action.FAIL for o in outcomes)
    held = any(o.action is Action.HOLD or o.change.waits or o.change.item_id in pending for o in outcomes)
    if not report.errors:
        shown = {
            o.ticket.ref.without_project(): o.ticket.state
            for o in outcomes
            if o.ticket and o.action is not Action.FAIL and o.change.show_state
        }
        journal.save_shown(result.origin.name, shown)
    skipped = sum(o.action is Action.SKIP for o in outcomes)
    waiting = sum(o.action is Action.HOLD for o in outcomes)
    record = {
        "title": report.title,
        "items": len(outcomes),
        "followed": len(outcomes) - skipped - waiting,
        "held": waiting,
        "skipped": skipped + bool(report.skipped),
        "conflicts": sum(len(o.change.conflicts) for o in outcomes) + len(undecided(report.plan)),
        "notes": any(o.notes for o in outcomes),
        "watched": [
            [o.ticket.ref.tracker, o.ticket.ref.project, o.ticket.ref.key, ticket_digest(o.ticket)]
            for o in outcomes
            if o.action is Action.FOLLOW and o.ticket and not _final(o.ticket)
        ],
        "questions": [question_to(question) for question in report.questions],
        "findings": findings(result.plan, outcomes, result.postmortem) if isinstance(result, Planned) else [],
    }
    settled = terms.lasting and not failed and not held
    before = journal.checkpoints(result.name.source, [result.name.path]).get(result.name.path)
    seen = Checkpoint(result.origin.name, version, terms.fingerprint, settled, terms.now, record)
    journal.save_checkpoint(*result.name, seen, _event(journal, result, report, terms))
    _note_identity(journal, result, report, before, terms)


def _note_identity(
    journal: Journal, result: Planned | Skipped, report: DocumentReport, before: Checkpoint | None, terms: Terms
) -> None:
    """Where the document is, what it links, and which questions about it are still open."""
    documents, name = Documents(journal), result.origin.name
    shown = [o.ticket.ref for o in report.outcomes if o.ticket] if not report.errors else []
    documents.save(*result.name, result.origin, [*result.links, *shown])
    if before and before.postmortem != name:
        documents.rename(before.postmortem, name)
    again = not_carried_out(report.outcomes, failed=bool(report.errors) or terms.proposed)
    still = {question.number for question in report.questions} | again
    Questions(journal).settle(*result.name, still, named=not terms.lasting)


def _event(journal: Journal, result: Planned | Skipped, report: DocumentReport, terms: Terms) -> Event | None:
    """The event that tells reports what is in the document; None when it tells nothing new."""
    details = record_of(report, result.document.url)
    before = journal.last_event(EVENT, result.origin.name)
    # A page's address may hold the commit it was read at.
    known = {**before.details, "url": details.get("url")} if before else {}
    if known == {"url": None, **details} or (not before and not details["published"]):
        return None
    return Event(terms.now, EVENT, result.origin.name, None, details)


def watched(known: Checkpoint) -> dict[TicketRef, str]:
    """Tickets of a document that each run must look up, as no listing of ours shows them, and their digests then."""
    return {TicketRef(*names): digest for *names, digest in known.record.get("watched", [])}


def _final(ticket: Ticket) -> bool:
    """A merged pull request never changes again."""
    return ticket.pull_request and ticket.state is State.DONE
