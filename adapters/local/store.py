"""What the embedded tracker keeps in its SQLite file, and how marks and descriptions stand there."""

from __future__ import annotations

import json
import sqlite3

from sync.marks import mark_from_values, mark_to_values
from sync.model import Body, Mark

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tickets (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL, body TEXT NOT NULL, assignees TEXT NOT NULL, due TEXT, labels TEXT NOT NULL,
    priority TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL, closed_on TEXT, created TEXT NOT NULL,
    mark TEXT, postmortem TEXT NOT NULL, duplicate_of TEXT NOT NULL, revision INTEGER NOT NULL,
    prefix TEXT NOT NULL DEFAULT '', creator TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS tickets_by_revision ON tickets (revision);
CREATE INDEX IF NOT EXISTS tickets_by_postmortem ON tickets (postmortem);
CREATE TABLE IF NOT EXISTS history (
    ticket INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT
);
CREATE INDEX IF NOT EXISTS history_by_ticket ON history (ticket);
CREATE TABLE IF NOT EXISTS counter (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL);
INSERT OR IGNORE INTO counter VALUES (1, 0);
"""


def open_store(db: sqlite3.Connection, prefix: str) -> None:
    """Make the tables, or add what a file of an earlier edition lacks.

    Args:
        prefix: the letters that the tickets of such a file keep.
    """
    db.executescript(_SCHEMA)
    _add_columns(db, prefix)


def _add_columns(db: sqlite3.Connection, prefix: str) -> None:
    """What a file of an earlier edition lacks. Its tickets keep the letters that they have now."""
    known = {row["name"] for row in db.execute("PRAGMA table_info(tickets)")}
    if {"prefix", "creator"} <= known:
        return
    db.execute("BEGIN IMMEDIATE")
    known = {row["name"] for row in db.execute("PRAGMA table_info(tickets)")}
    for name in ("prefix", "creator"):
        if name not in known:
            db.execute(f"ALTER TABLE tickets ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    db.execute("UPDATE tickets SET prefix = ? WHERE prefix = ''", (prefix,))
    made = "SELECT who FROM history WHERE history.ticket = tickets.number AND field = 'created'"
    db.execute(f"UPDATE tickets SET creator = coalesce(({made}), 'person') WHERE creator = ''")
    db.execute("COMMIT")


def sealed(mark: Mark, number: int) -> str:
    """A mark as it is kept: nobody but this program writes it, and it names its ticket."""
    return json.dumps({"mark": mark_to_values(mark), "ticket": number})


def mark_of(row: sqlite3.Row) -> tuple[Mark | None, bool, Mark | None]:
    """(the mark, whether it is sealed, what it says when it is sealed for another ticket)."""
    if not row["mark"]:
        return None, False, None
    kept = json.loads(row["mark"])
    if isinstance(kept, list):
        return mark_from_values(kept), False, None
    mark = mark_from_values(kept["mark"])
    return (mark, True, None) if kept["ticket"] == row["number"] else (None, False, mark)


def render(body: Body) -> str:
    """The description as plain Markdown-like text for `sync tickets show`."""
    lines = [body.text, ""]
    where = f"{body.postmortem_title} ({body.postmortem_url})" if body.postmortem_url else body.postmortem_title
    lines.append(f"From the postmortem: {where}")
    pairs = [
        ("Section", body.section),
        ("Owner", ", ".join(body.owners)),
        ("Due", body.due),
        ("Priority", body.priority),
    ]
    lines += [f"{name}: {value}" for name, value in (*pairs, *body.context) if value]
    return "\n".join(lines) + "\n"
