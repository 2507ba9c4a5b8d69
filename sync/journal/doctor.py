"""What state the journal is in, without creating, migrating or writing anything: for the doctor."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sync.errors import JournalError
from sync.journal.schema import HEAD
from sync.model import Finding
from sync.process.sqlite import examine_file

DELETE = "Delete it: it is a convenience, and the next run recovers everything from the documents and the tickets."
NEWER = "Update postmortem-sync, or set state.url to another place."
TABLES = (
    "documents",
    "links",
    "tickets",
    "cursors",
    "intents",
    "shown",
    "questions",
    "proposals",
    "history",
    "turns",
    "notes",
    "inbox",
)


def examine_state(url: str) -> Iterator[Finding]:
    """Look at a state store.

    Args:
        url: "sqlite:///" and a path, or "postgresql://…".
    """
    if url.startswith("sqlite:///"):
        yield from examine_file(Path(url.removeprefix("sqlite:///")), DELETE, _examine_version)
        return
    try:
        yield from _examine_server(url)
    except JournalError as error:
        yield Finding("store", False, detail=error.message, cure=error.cure)


def _examine_version(store: sqlite3.Connection, tables: frozenset[str]) -> Iterator[Finding]:
    known = "alembic_version" in tables
    version = store.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    if tables:
        yield _version(str(version[0]) if version else "")


def _version(version: str) -> Finding:
    if version == HEAD:
        return Finding("version", True, detail=version)
    if version > HEAD:
        return Finding("version", False, detail=f"{version}: written by a newer version", cure=NEWER)
    return Finding("version", True, detail=f"{version or 'none'}, brought to {HEAD} by the next run")


def _examine_server(url: str) -> Iterator[Finding]:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    parsed = sa.engine.make_url(url).set(drivername="postgresql+psycopg")
    where = parsed.render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(parsed, connect_args={"connect_timeout": 10})
    except (SQLAlchemyError, ImportError) as error:
        cure = "Install it: pip install 'postmortem-sync[worker]'."
        raise JournalError("the driver for state.url is missing.", cure) from error
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            yield Finding("store", True, detail=where)
            tables = sa.inspect(connection).get_table_names()
            if "alembic_version" in tables:
                answer = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
                yield _version(str(answer or ""))
            yield _privileges(connection, tables)
            yield from _clock(connection.exec_driver_sql("SELECT now()").scalar_one())
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise JournalError(f"{where}: {said}", "Check state.url, its password, and that the server runs.") from error
    finally:
        engine.dispose()


def _privileges(connection: object, tables: list[str]) -> Finding:
    import sqlalchemy as sa

    assert isinstance(connection, sa.Connection)
    who = str(connection.exec_driver_sql("SELECT current_user").scalar())
    if "documents" not in tables:
        may = bool(connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar())
        detail = "the tables will be made by the first run" if may else "the account may not make tables"
        return Finding("writable", may, detail=detail, cure="" if may else f'GRANT CREATE ON SCHEMA public TO "{who}"')
    asked = sa.text("SELECT has_table_privilege(:table, :right)")
    for table in (name for name in TABLES if name in tables):
        for right in ("INSERT", "UPDATE", "DELETE"):
            if not connection.execute(asked, {"table": table, "right": right}).scalar():
                cure = f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{who}"'
                return Finding("writable", False, detail=f"the account may not {right} on {table}", cure=cure)
    return Finding("writable", True)


def _clock(answer: datetime) -> Iterator[Finding]:
    from sync.process.clock import check_clock

    yield from check_clock(answer.isoformat(), datetime.now(UTC))
