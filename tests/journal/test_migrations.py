"""A journal of every released version is brought to the present shape, on SQLite and PostgreSQL, and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.journal.doctor import examine_state
from sync.journal.journal import Checkpoint, Event, Intent, Journal
from sync.journal.migrate import upgrade
from sync.journal.open import open_journal
from sync.journal.schema import HEAD
from sync.model import Mark, State, Ticket
from sync.model.names import item_digest
from tests.journal.stores.__main__ import DONE, FOLDER, OPEN, POSTMORTEM, tickets

REVISIONS = sorted(path.stem for path in FOLDER.glob("*.sql"))


def restored(revision: str, place: Path) -> Path:
    """A store as that revision left it."""
    with closing(sqlite3.connect(place)) as store:
        store.executescript((FOLDER / f"{revision}.sql").read_text("utf-8"))
    return place


def of_the_first_edition() -> list[Ticket]:
    """What stores of the first edition hold, with marks of version 1."""
    marks = {OPEN: ("item-one", "Alert on lag"), DONE: ("item-two", "")}
    found = []
    for ticket in tickets():
        item, title = marks[ticket.ref]
        assert ticket.mark
        mark = Mark(POSTMORTEM, "", f"{item_digest(title)}.{item}", ticket.mark.base, f"v1:{item}", version=1)
        found.append(replace(ticket, mark=mark, id="", ours=True))
    return found


def reported(journal: Journal, revision: str) -> None:
    """Everything that was put into it is in it."""
    assert journal.checkpoints("docs", ["a.md"]) == {
        "a.md": Checkpoint(POSTMORTEM, "v1", "f1", True, 12.5, {"items": 2})
    }
    assert list(journal.tickets_by_ref([OPEN, DONE]).values()) == (
        of_the_first_edition() if revision < "0003" else tickets()
    )
    assert journal.cursor("jira", "OPS") == "2026-03-01T12:00:00+00:00"
    assert journal.intents(POSTMORTEM) == [Intent("jira", "OPS", "item-three", POSTMORTEM, 13.0, "Move the disk")]
    # The project of a ticket is not remembered here: its key says enough.
    one, two = (replace(ref, project="") for ref in (OPEN, DONE))
    assert journal.shown(POSTMORTEM) == {one: State.OPEN, two: State.DONE}
    assert list(journal.history()) == [Event(11.0, "created", POSTMORTEM, one, {"due": "2026-04-03"})]


def test_every_revision_has_left_a_store() -> None:
    versions = Path(__file__).parents[2] / "sync" / "journal" / "migrations" / "versions"
    known = sorted(path.stem[1:5] for path in versions.glob("v*.py"))
    assert known == REVISIONS, "a new revision leaves a store: `python -m tests.journal.stores`"
    assert known[-1] == HEAD


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_sqlite(revision: str, tmp_path: Path) -> None:
    url = f"sqlite:///{restored(revision, tmp_path / 'journal.db')}"
    for _ in range(2):
        journal = open_journal(url)
        reported(journal, revision)
        journal.close()
    assert all(finding.well for finding in examine_state(url))
    assert ("version", HEAD) in [(finding.what, finding.detail) for finding in examine_state(url)]


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_postgresql(revision: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").database()
    old = sa.create_engine(f"sqlite:///{restored(revision, tmp_path / 'journal.db')}")
    server = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    upgrade(server, revision)
    shape = sa.MetaData()
    shape.reflect(old)
    with old.connect() as there, server.begin() as here:
        for table in shape.sorted_tables:
            # The server numbers its own rows; a question's number is made from what it asks.
            left_out = {"number"} if table.name != "questions" else set()
            rows = [dict(row) for row in there.execute(table.select()).mappings()]
            if table.name != "alembic_version":
                here.execute(table.insert(), [{k: v for k, v in row.items() if k not in left_out} for row in rows])
    old.dispose()
    server.dispose()
    journal = open_journal(url)
    reported(journal, revision)
    journal.record([Event(14.0, "done", POSTMORTEM, OPEN, {})])
    journal.close()


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_released_migration_still_makes_what_it_made(revision: str, tmp_path: Path) -> None:
    """Whoever needs another shape writes another migration: this one has run on the stores of others."""

    def shape(place: Path) -> dict[str, object]:
        engine = sa.create_engine(f"sqlite:///{place}")
        look = sa.inspect(engine)
        found: dict[str, object] = {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(table)],
                look.get_pk_constraint(table)["constrained_columns"],
                sorted((index["name"] or "", index["column_names"]) for index in look.get_indexes(table)),
            )
            for table in look.get_table_names()
        }
        engine.dispose()
        return found

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    upgrade(engine, revision)
    engine.dispose()
    assert shape(tmp_path / "made.db") == shape(restored(revision, tmp_path / "left.db"))
