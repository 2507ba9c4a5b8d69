"""Events that came in by webhooks and are not dealt with yet, each kept once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sync.journal import schema
from sync.journal.journal import Journal, now
from sync.journal.locks import alone

KEPT_SECONDS = 7 * 24 * 3600.0
"""How long a delivery is remembered, so that it is not dealt with twice."""


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
            alone(connection, "inbox")
            moment = now(connection)
            connection.execute(table.delete().where(table.c.done.is_(True), table.c.at < moment - KEPT_SECONDS))
            if connection.execute(sa.select(table.c.at).where(table.c.delivery == delivery)).first():
                return False
            row = {"delivery": delivery, "at": moment, "names": json.dumps(list(map(list, names))), "done": False}
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
