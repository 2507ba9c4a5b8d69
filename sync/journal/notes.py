"""Notes that machines with one state store leave each other: what the last scan found, which documents failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from sync.journal import schema
from sync.journal.journal import Journal, now


@dataclass(frozen=True, slots=True)
class Note:
    """Facts about a name, and when they were noted, in seconds since the epoch."""

    name: str
    at: float
    facts: Mapping[str, object]


class Notes:
    """The last note about each name."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, name: str, facts: Mapping[str, object]) -> None:
        """Note facts; an earlier note of that name is gone."""
        with self._journal.transaction() as connection:
            connection.execute(schema.notes.delete().where(schema.notes.c.name == name))
            row = {"name": name, "at": now(connection), "text": json.dumps(facts, ensure_ascii=False)}
            connection.execute(schema.notes.insert(), [row])

    def drop(self, name: str) -> None:
        """Remove the note of that name."""
        with self._journal.transaction() as connection:
            connection.execute(schema.notes.delete().where(schema.notes.c.name == name))

    def under(self, prefix: str) -> list[Note]:
        """Every note whose name begins so, the newest first."""
        table = schema.notes
        query = sa.select(table).where(table.c.name.startswith(prefix, autoescape=True)).order_by(table.c.at.desc())
        with self._journal.transaction() as connection:
            return [Note(row.name, row.at, json.loads(row.text)) for row in connection.execute(query)]
