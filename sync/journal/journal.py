"""The durable record of intents and outcomes, and the cache of what was seen. A convenience: losing it costs speed.

Each method is one short transaction, so that none is open while the network is used.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from sync.errors import JournalError
from sync.journal import schema
from sync.journal.codec import ticket_digest, ticket_from_text, ticket_to_text
from sync.journal.locks import StateLock
from sync.model import State, Ticket, TicketRef
from sync.model.names import Origin
from sync.process.signals import held

BATCH = 400


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was concluded when a document was last processed.

    Attributes:
        version: of the document; fingerprint: of the settings and the program.
        settled: nothing is left to do until the document, a ticket or the settings change.
        synced_at: seconds since the epoch.
        record: counts and findings, as the engine wrote them.
    """

    postmortem: str
    version: str
    fingerprint: str
    settled: bool
    synced_at: float
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that was begun and whose outcome is not known."""

    tracker: str
    project: str
    item: str
    postmortem: str
    begun_at: float
    title: str
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a ticket or an item, for the follow-through report."""

    at: float
    event: str
    postmortem: str
    ref: TicketRef | None
    details: Mapping[str, Any]


class Journal:
    """One state store, opened by `sync.journal.open`."""

    def __init__(self, engine: Engine, lock: StateLock) -> None:
        self._engine = engine
        self._lock = lock

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def exclusive(
        self, scope: str, wait: float, waiting: Callable[[], None] = lambda: None, shared: bool = False
    ) -> Iterator[None]:
        """Hold the lock `scope` of this store; it falls free when the process ends, however it ends.

        Raises JournalError after `wait` seconds; `waiting` is called once when it is not free at once.

        Args:
            shared: others may share it meanwhile; whoever wants it alone waits for all of them.
        """
        with self._lock.held(scope, wait, waiting, shared):
            yield

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; for what else is kept in this store, too. Raises JournalError."""
        with held():
            try:
                with self._engine.begin() as connection:
                    yield connection
            except SQLAlchemyError as error:
                raise store_error(self._engine.url, error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One query, or several that need not fit together. Raises JournalError."""
        if self._engine.dialect.name != "postgresql":
            with self.transaction() as connection:
                yield connection
            return
        # A transaction would be two more trips to a server.
        with held():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    yield connection
            except SQLAlchemyError as error:
                raise store_error(self._engine.url, error) from error

    # documents

    def checkpoints(self, source: str, paths: Sequence[str]) -> dict[str, Checkpoint]:
        """What is remembered of these documents, by path."""
        table = schema.documents
        result: dict[str, Checkpoint] = {}
        with self.reading() as connection:
            for some in _batches(paths):
                query = sa.select(table).where(table.c.source == source, table.c.path.in_(some))
                for row in connection.execute(query):
                    record = _loads(row.record)
                    result[row.path] = Checkpoint(
                        row.postmortem, row.version, row.fingerprint, row.settled, row.synced_at, record
                    )
        return result

    def save_checkpoint(self, source: str, path: str, seen: Checkpoint, event: Event | None = None) -> None:
        """Take over what was concluded, together with the event that tells it."""
        values = {
            "source": source,
            "path": path,
            "postmortem": seen.postmortem,
            "version": seen.version,
            "fingerprint": seen.fingerprint,
            "settled": seen.settled,
            "synced_at": seen.synced_at,
            "record": json.dumps(seen.record, ensure_ascii=False, separators=(",", ":")),
        }
        with self.transaction() as connection:
            _upsert(connection, schema.documents, [values])
            if event:
                connection.execute(schema.history.insert(), [_event_row(event)])

    def documents_of(self, postmortem: str) -> list[tuple[str, str]]:
        """(source, path) of every document remembered under a postmortem's id."""
        table = schema.documents
        with self.reading() as connection:
            rows = connection.execute(sa.select(table.c.source, table.c.path).where(table.c.postmortem == postmortem))
            return [(row.source, row.path) for row in rows]

    def documents_showing(self, refs: Sequence[TicketRef]) -> list[tuple[str, str]]:
        """(source, path) of every document that shows one of these tickets, or that they were made for.

        The case of a ticket's name does not matter.
        """
        found: dict[tuple[str, str], None] = {}
        documents = schema.documents
        with self.transaction() as connection:
            for ref in refs:
                query = sa.select(documents.c.source, documents.c.path)
                for table in (schema.shown, schema.tickets):
                    named = (table.c.tracker == ref.tracker) & (sa.func.lower(table.c.key) == ref.key.lower())
                    postmortems = sa.select(table.c.postmortem).where(named)
                    called = documents.c.postmortem.in_(postmortems) | documents.c.place.in_(postmortems)
                    found |= {(row.source, row.path): None for row in connection.execute(query.where(called))}
                links = schema.links
                named = (links.c.tracker == ref.tracker) & (sa.func.lower(links.c.key) == ref.key.lower())
                rows = connection.execute(sa.select(links.c.source, links.c.path).where(named))
                found |= {(row.source, row.path): None for row in rows}
        return list(found)

    def unsettle(self, postmortems: Sequence[str], refs: Sequence[TicketRef] = ()) -> None:
        """These postmortems need work, whatever their documents say, and so do documents that link these tickets."""
        table, links = schema.documents, schema.links
        with self.transaction() as connection:
            for keys in _batches(sorted({(ref.tracker, ref.key) for ref in refs})):
                here = (links.c.source == table.c.source) & (links.c.path == table.c.path)
                linked = sa.tuple_(links.c.tracker, links.c.key).in_(keys)
                linking = sa.select(links.c.path).where(here, linked).exists()
                connection.execute(table.update().where(linking).values(settled=False))
            for some in _batches(postmortems):
                connection.execute(table.update().where(table.c.postmortem.in_(some)).values(settled=False))

    # tickets

    def cache_tickets(self, tickets: Iterable[Ticket]) -> list[Ticket]:
        """Take over tickets as seen now; answers those that are new or differ in what a plan looks at."""
        table = schema.tickets
        changed: list[Ticket] = []
        for some in _batches(list(tickets)):
            rows = {(t.ref.tracker, t.ref.key): (t, ticket_digest(t)) for t in some}
            with self.transaction() as connection:
                query = sa.select(table.c.tracker, table.c.key, table.c.digest).where(
                    table.c.key.in_([key for _, key in rows])
                )
                known = {(row.tracker, row.key): row.digest for row in connection.execute(query)}
                new = [(t, digest) for name, (t, digest) in rows.items() if known.get(name) != digest]
                _upsert(connection, table, [_ticket_row(t, digest) for t, digest in new])
                for ticket in some:
                    # A ticket that moved would stand beside itself under its old name, as its own twin.
                    if ticket.former and ticket.former != ticket.ref.key:
                        old = table.c.key == ticket.former
                        connection.execute(table.delete().where(table.c.tracker == ticket.ref.tracker, old))
            changed.extend(t for t, _ in new)
        return changed

    def forget_ticket(self, ref: TicketRef) -> None:
        """The tracker has no such ticket any more."""
        table = schema.tickets
        with self.transaction() as connection:
            connection.execute(table.delete().where(table.c.tracker == ref.tracker, table.c.key == ref.key))

    def tickets_for(self, origin: Origin) -> list[Ticket]:
        """Remembered tickets whose mark, or a copy on them, names a document's place, its print or its id."""
        table = schema.tickets
        rows: dict[tuple[str, str], str] = {}
        with self.reading() as connection:
            queries = [sa.select(table).where(table.c.postmortem.in_([origin.place, *origin.former]))]
            queries += [sa.select(table).where(table.c.text == origin.print)] if origin.print else []
            queries += [sa.select(table).where(table.c.stated == origin.id)] if origin.id else []
            for query in queries:
                rows |= {(row.tracker, row.key): row.ticket for row in connection.execute(query)}
        return [ticket_from_text(text) for text in rows.values()]

    def tickets_by_ref(self, refs: Sequence[TicketRef]) -> dict[TicketRef, Ticket]:
        """Tickets of the cache by their names; those it does not have are missing."""
        table = schema.tickets
        wanted = set(refs)
        found: dict[TicketRef, Ticket] = {}
        with self.reading() as connection:
            for some in _batches(sorted({ref.key for ref in refs})):
                for row in connection.execute(sa.select(table.c.ticket).where(table.c.key.in_(some))):
                    ticket = ticket_from_text(row.ticket)
                    if ticket.ref in wanted:
                        found[ticket.ref] = ticket
        return found

    def cursor(self, tracker: str, project: str) -> str:
        """Where the next listing of a project begins; "" for the beginning."""
        table = schema.cursors
        with self.reading() as connection:
            query = sa.select(table.c.cursor).where(table.c.tracker == tracker, table.c.project == project)
            return str(connection.execute(query).scalar_one_or_none() or "")

    def move_cursor(self, tracker: str, project: str, cursor: str, listed_at: float | None = None) -> None:
        """A listing ended well; where it says nothing new and nobody asks when it began, nothing is written.

        Args:
            listed_at: when it began, in seconds since the epoch.
        """
        if listed_at is None and self.cursor(tracker, project) == cursor:
            return
        row: dict[str, Any] = {"tracker": tracker, "project": project, "cursor": cursor}
        if listed_at is not None:
            row["listed_at"] = listed_at
        with self.transaction() as connection:
            _upsert(connection, schema.cursors, [row])

    def listed_at(self) -> float | None:
        """When the project that was listed longest ago was listed; None before the first listing."""
        with self.reading() as connection:
            return connection.execute(sa.select(sa.func.min(schema.cursors.c.listed_at))).scalar()

    def projects(self, tracker: str) -> list[str]:
        """Projects of a tracker that were ever listed."""
        table = schema.cursors
        with self.reading() as connection:
            return list(connection.execute(sa.select(table.c.project).where(table.c.tracker == tracker)).scalars())

    # intents

    def intend(self, intents: Sequence[Intent]) -> None:
        """Write down that these creates are about to begin; durable when this returns."""
        rows = [
            {
                "tracker": i.tracker,
                "project": i.project,
                "item": i.item,
                "postmortem": i.postmortem,
                "begun_at": i.begun_at,
                "title": i.title,
                "nonce": i.nonce,
            }
            for i in intents
        ]
        with self.transaction() as connection:
            _upsert(connection, schema.intents, rows)

    def conclude(self, tracker: str, project: str, items: Sequence[str]) -> None:
        """The outcome of these creates is known."""
        table = schema.intents
        with self.transaction() as connection:
            for some in _batches(items):
                connection.execute(
                    table.delete().where(table.c.tracker == tracker, table.c.project == project, table.c.item.in_(some))
                )

    def intents(self, postmortem: str) -> list[Intent]:
        """Creates for a postmortem whose outcome is not known."""
        table = schema.intents
        with self.reading() as connection:
            rows = connection.execute(sa.select(table).where(table.c.postmortem == postmortem)).all()
        return [Intent(r.tracker, r.project, r.item, r.postmortem, r.begun_at, r.title, r.nonce) for r in rows]

    # what the document shows

    def shown(self, postmortem: str) -> dict[TicketRef, State]:
        """The state last written into a postmortem, by ticket (its project is not remembered: "")."""
        table = schema.shown
        with self.reading() as connection:
            rows = connection.execute(sa.select(table).where(table.c.postmortem == postmortem)).all()
        return {TicketRef(row.tracker, "", row.key): State(row.state) for row in rows}

    def save_shown(self, postmortem: str, states: Mapping[TicketRef, State]) -> None:
        """Take over what a postmortem shows now, by ticket."""
        rows = [
            {"postmortem": postmortem, "tracker": ref.tracker, "key": ref.key, "state": state.value}
            for ref, state in states.items()
        ]
        with self.transaction() as connection:
            _upsert(connection, schema.shown, rows)

    # history

    def record(self, events: Sequence[Event]) -> None:
        """Add events to the history."""
        if not events:
            return
        rows = [_event_row(event) for event in events]
        with self.transaction() as connection:
            connection.execute(schema.history.insert(), rows)

    def made_here(self, postmortem: str) -> set[tuple[str, str]]:
        """(tracker, key) of the tickets that runs on this store created for a postmortem."""
        table = schema.history
        query = sa.select(table.c.tracker, table.c.key).where(
            table.c.postmortem == postmortem, table.c.event == "created"
        )
        with self.reading() as connection:
            return {(row.tracker, row.key) for row in connection.execute(query)}

    def last_event(self, event: str, postmortem: str) -> Event | None:
        """The newest event of a name about a postmortem."""
        table = schema.history
        query = sa.select(table).where(table.c.postmortem == postmortem, table.c.event == event)
        with self.reading() as connection:
            row = connection.execute(query.order_by(table.c.number.desc()).limit(1)).first()
        return Event(row.at, row.event, row.postmortem, None, _loads(row.details)) if row else None

    def every_ticket(self) -> Iterator[Ticket]:
        """Every remembered ticket."""
        with self.transaction() as connection:
            rows = connection.execution_options(yield_per=500).execute(sa.select(schema.tickets.c.ticket))
            for row in rows:
                yield ticket_from_text(row.ticket)

    def history(self) -> Iterator[Event]:
        """Every event, the oldest first."""
        table = schema.history
        with self.transaction() as connection:
            for row in connection.execution_options(yield_per=500).execute(sa.select(table).order_by(table.c.number)):
                ref = TicketRef(row.tracker, "", row.key) if row.key else None
                yield Event(row.at, row.event, row.postmortem, ref, _loads(row.details))


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "event": event.event,
        "postmortem": event.postmortem,
        "tracker": event.ref.tracker if event.ref else "",
        "key": event.ref.key if event.ref else "",
        "details": json.dumps(dict(event.details), ensure_ascii=False),
    }


def _ticket_row(ticket: Ticket, digest: str) -> dict[str, Any]:
    mark = ticket.mark or ticket.copied
    return {
        "tracker": ticket.ref.tracker,
        "key": ticket.ref.key,
        "project": ticket.ref.project,
        "postmortem": mark.place if mark else "",
        "text": mark.print if mark else "",
        "stated": mark.id if mark else "",
        "digest": digest,
        "ticket": ticket_to_text(ticket),
    }


def _loads(text: str) -> dict[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}


def _batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def _upsert(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = schema.insert(connection, table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), list(rows))


def now(connection: Connection) -> float:
    """Seconds since the epoch by the store's own clock, for those of the machines that share it may differ."""
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(sa.select(sa.extract("epoch", sa.func.clock_timestamp()))).scalar_one())


def store_error(url: sa.URL, error: Exception) -> JournalError:
    """What went wrong with a state store, in words that name it without its password, and the cure."""
    where = url.render_as_string(hide_password=True)
    said = str(getattr(error, "orig", None) or error).splitlines()[0]
    if "locked" in said:
        return JournalError(f"{where}: another process holds the state store ({said}).", "Try again when it has ended.")
    if isinstance(error, OperationalError | sqlite3.OperationalError) and ("full" in said or "readonly" in said):
        return JournalError(f"{where}: the state store cannot be written ({said}).", "Make room, or make it writable.")
    if isinstance(error, DatabaseError | sqlite3.DatabaseError) and ("malformed" in said or "not a database" in said):
        return JournalError(
            f"{where}: the state store is damaged ({said}).",
            "Delete it: it is a convenience, and the next run recovers everything from the documents and the tickets.",
        )
    return JournalError(f"{where}: the state store cannot be used ({said}).", "Check state.url and its permissions.")
