"""What machines that share a state store tell each other: whose turn it is, notes, and events that wait.

Times are the database's, for the machines' own clocks may differ.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.journal import schema
from sync.journal.journal import Journal
from sync.journal.locks import lock_number
from sync.ports import Limit

CLOSED = "closed"
KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a delivery is remembered, so that it is not dealt with twice."""


class SharedTurns:
    """The turns of one account at a tracker, taken by every worker that has this state store.

    Args:
        account: names the account and its site, not in clear.
    """

    def __init__(self, journal: Journal, account: str) -> None:
        self._journal = journal
        self._account = account

    def take(self, limits: Mapping[str, Limit], longest: float, reserve: bool = True) -> float:
        """See `sync.ports.Turns`."""
        turns = schema.turns
        kept = {kind: limit for kind, limit in limits.items() if limit.interval or limit.windows}
        if not kept:
            with self._journal.reading() as connection:
                closed = self._closed(connection)
                return max(0.0, closed - _now(connection)) if closed else 0.0
        with self._journal.transaction() as connection:
            _alone(connection, f"turns {self._account}")
            now = _now(connection)
            wait = 0.0
            for kind, limit in kept.items():
                most = max([1, *(calls for calls, _ in limit.windows)])
                query = sa.select(turns.c.at).where(turns.c.account == self._account, turns.c.kind == kind)
                past = list(connection.execute(query.order_by(turns.c.at.desc()).limit(most)).scalars())
                wait = max(wait, limit.delay(past[::-1], now))
            wait = max(wait, self._closed(connection) - now)
            if wait > longest or not reserve:
                return max(0.0, wait)
            rows = [{"account": self._account, "kind": kind, "at": now + wait} for kind in kept]
            connection.execute(turns.insert(), rows)
            longest_window = max([60.0, *(s for limit in kept.values() for _, s in limit.windows)])
            old = turns.c.at < now - 2 * longest_window
            connection.execute(turns.delete().where(turns.c.account == self._account, old))
            return max(0.0, wait)

    def _closed(self, connection: Connection) -> float:
        """Until when the tracker asked to be left alone."""
        turns = schema.turns
        query = sa.select(sa.func.max(turns.c.at)).where(turns.c.account == self._account, turns.c.kind == CLOSED)
        return connection.execute(query).scalar() or 0.0

    def close(self, seconds: float) -> None:
        """See `sync.ports.Turns`."""
        with self._journal.transaction() as connection:
            row = {"account": self._account, "kind": CLOSED, "at": _now(connection) + seconds}
            connection.execute(schema.turns.insert(), [row])


@dataclass(frozen=True, slots=True)
class Note:
    """Something told about a name, and when, in seconds since the epoch."""

    name: str
    at: float
    facts: Mapping[str, object]


class Notes:
    """The last that was told about each name: of a scan, of a document that failed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, name: str, facts: Mapping[str, object]) -> None:
        """Tell; what was told of that name before is gone."""
        with self._journal.transaction() as connection:
            connection.execute(schema.notes.delete().where(schema.notes.c.name == name))
            row = {"name": name, "at": _now(connection), "text": json.dumps(facts, ensure_ascii=False)}
            connection.execute(schema.notes.insert(), [row])

    def drop(self, name: str) -> None:
        """Nothing is to be told of that name."""
        with self._journal.transaction() as connection:
            connection.execute(schema.notes.delete().where(schema.notes.c.name == name))

    def under(self, prefix: str) -> list[Note]:
        """Every note whose name begins so, the newest first."""
        table = schema.notes
        query = sa.select(table).where(table.c.name.startswith(prefix, autoescape=True)).order_by(table.c.at.desc())
        with self._journal.transaction() as connection:
            return [Note(row.name, row.at, json.loads(row.text)) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Documents that an event concerns: its delivery's id, and their (source, path) names."""

    delivery: str
    names: tuple[tuple[str, str], ...]


class Inbox:
    """Events that came in, each once, until they are dealt with. Durable."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, delivery: str, names: Sequence[tuple[str, str]]) -> bool:
        """Keep an event; False when this delivery came before."""
        table = schema.inbox
        with self._journal.transaction() as connection:
            _alone(connection, "inbox")
            now = _now(connection)
            connection.execute(table.delete().where(table.c.done.is_(True), table.c.at < now - KEPT_SECONDS))
            if connection.execute(sa.select(table.c.at).where(table.c.delivery == delivery)).first():
                return False
            row = {"delivery": delivery, "at": now, "names": json.dumps(list(map(list, names))), "done": False}
            connection.execute(table.insert(), [row])
            return True

    def left(self) -> list[Delivery]:
        """What is not dealt with yet, the oldest first."""
        table = schema.inbox
        query = sa.select(table).where(table.c.done.is_(False)).order_by(table.c.at)
        with self._journal.transaction() as connection:
            rows = connection.execute(query).all()
        return [Delivery(row.delivery, tuple((str(s), str(p)) for s, p in json.loads(row.names))) for row in rows]

    def done(self, deliveries: Sequence[str]) -> None:
        """These are dealt with."""
        table = schema.inbox
        with self._journal.transaction() as connection:
            connection.execute(table.update().where(table.c.delivery.in_(list(deliveries))).values(done=True))


def _alone(connection: Connection, what: str) -> None:
    """No other transaction does this until this one has ended; those of SQLite follow each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_number(what))))


def _now(connection: Connection) -> float:
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(sa.select(sa.extract("epoch", sa.func.clock_timestamp()))).scalar_one())
