"""The journal's tables, as SQLAlchemy Core describes them. `migrations/` brings a store to this shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, false

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.engine import Connection

HEAD = "0004"
"""The migration that makes this shape; a store that says so needs no Alembic."""

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("path", String(1000), primary_key=True),
    Column("postmortem", String(1300), nullable=False, index=True),
    Column("version", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("synced_at", Float, nullable=False),
    Column("record", Text, nullable=False),
    Column("place", String(1300), nullable=False, server_default=""),
    Column("print", String(64), nullable=False, server_default=""),
    Column("day", String(10), nullable=False, server_default=""),
)

# Which documents link which tickets, as of when each document was last read.
links = Table(
    "links",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("path", String(1000), primary_key=True),
    Column("tracker", String(50), primary_key=True),
    Column("key", String(400), primary_key=True),
    Index("links_ticket", "tracker", "key"),
)

# postmortem: the place on the mark; text: the print on it (of version 1: the words); stated: the id on it.
tickets = Table(
    "tickets",
    metadata,
    Column("tracker", String(50), primary_key=True),
    Column("key", String(400), primary_key=True),
    Column("project", String(300), nullable=False),
    Column("postmortem", String(1300), nullable=False, index=True),
    Column("text", String(64), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("ticket", Text, nullable=False),
    Column("stated", String(64), nullable=False, index=True, server_default=""),
)

cursors = Table(
    "cursors",
    metadata,
    Column("tracker", String(50), primary_key=True),
    Column("project", String(300), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("listed_at", Float, nullable=False, server_default="0"),
)

intents = Table(
    "intents",
    metadata,
    Column("tracker", String(50), primary_key=True),
    Column("project", String(300), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("postmortem", String(1300), nullable=False, index=True),
    Column("begun_at", Float, nullable=False),
    Column("title", Text, nullable=False),
    Column("nonce", String(64), nullable=False, server_default=""),
)

shown = Table(
    "shown",
    metadata,
    Column("postmortem", String(1300), primary_key=True),
    Column("tracker", String(50), primary_key=True),
    Column("key", String(400), primary_key=True),
    Column("state", String(10), nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("event", String(30), nullable=False),
    Column("postmortem", String(1300), nullable=False),
    Column("tracker", String(50), nullable=False),
    Column("key", String(400), nullable=False),
    Column("details", Text, nullable=False),
    Index("history_ticket", "tracker", "key"),
    Index("history_postmortem", "postmortem"),
)

rate_limits = Table(
    "turns",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account", String(64), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("at", Float, nullable=False),
    Index("turns_account", "account", "kind", "at"),
)

notes = Table(
    "notes",
    metadata,
    Column("name", String(1500), primary_key=True),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
)

# What a person must say: which ticket an item is, who is right. The number is made from what is asked, so that a lost
# store gives the same one; known: a run has said it; answer: what the person said, until it is carried out.
questions = Table(
    "questions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("postmortem", String(1300), nullable=False),
    Column("item", String(64), nullable=False),
    Column("what", String(20), nullable=False),
    Column("source", String(200), nullable=False),
    Column("path", String(1000), nullable=False),
    Column("line", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("about", String(64), nullable=False, server_default=""),
    Column("details", Text, nullable=False, server_default="{}"),
    Column("named", Boolean, nullable=False, server_default=false()),
    Column("known", Boolean, nullable=False, server_default=false()),
    Column("answer", String(20), nullable=False, server_default=""),
    Index("questions_item", "postmortem", "item", "what", "about", unique=True),
)

# Documents whose write-back is only proposed: in a pull request, which people have not merged yet.
proposals = Table(
    "proposals",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("path", String(1000), primary_key=True),
    Column("where", Text, nullable=False),
    Column("links", Text, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("delivery", String(200), primary_key=True),
    Column("at", Float, nullable=False),
    Column("names", Text, nullable=False),
    Column("done", Boolean, nullable=False),
    Index("inbox_done", "done", "at"),
)


def insert(connection: Connection, table: Table) -> Insert:
    """An insert that can say what becomes of rows which are there already; both dialects spell it alike."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as dialect_insert

        return dialect_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return cast("Insert", sqlite_insert(table))
