"""Opens a state store: finds it, makes it private, and brings it to its present shape."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sync.errors import JournalError
from sync.journal import schema
from sync.journal.journal import Journal, store_error
from sync.journal.locks import alone, state_lock

_MEMORY = sa.engine.make_url("sqlite://")


def open_journal(url: str) -> Journal:
    """Open a state store, creating and migrating it as needed.

    Args:
        url: "sqlite:///path" or "postgresql://…".

    Raises:
        JournalError: the store cannot be opened, is damaged, or belongs to a newer program.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        _make_private(Path(str(parsed.database)))
    return _journal(_store(parsed))


def copy_journal(url: str) -> Journal:
    """A journal in memory that begins as a copy of the store and never writes to it: for a dry run."""
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite":
        return _copy_rows(parsed)
    memory = _store(_MEMORY, migrated=False)
    path = Path(str(parsed.database or ""))
    if path.is_file():
        try:
            with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as disk:
                raw = memory.raw_connection()
                disk.backup(raw.driver_connection)  # type: ignore[arg-type]
                raw.close()
            disk.close()
        except sqlite3.Error as error:
            raise store_error(parsed, error) from error
    _migrate(memory)
    return _journal(memory)


def _copy_rows(url: sa.URL) -> Journal:
    memory = _store(_MEMORY)
    store = _engine(url)
    try:
        with store.connect() as source, memory.begin() as copy:
            tables = set(sa.inspect(source).get_table_names())
            if "alembic_version" in tables and _version(source) != schema.HEAD:
                raise JournalError(
                    f"{url.render_as_string(hide_password=True)}: the state store is of another version.",
                    "Let a run without --dry-run migrate it first.",
                )
            for table in schema.metadata.sorted_tables:
                if table.name in tables:
                    rows = source.execution_options(yield_per=500).execute(sa.select(table))
                    for some in rows.mappings().partitions():
                        copy.execute(sa.insert(table), [dict(row) for row in some])
    except SQLAlchemyError as error:
        memory.dispose()
        raise store_error(url, error) from error
    finally:
        store.dispose()
    return _journal(memory)


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.engine.make_url(url)
    except SQLAlchemyError as error:
        raise JournalError("state.url is no database URL.", 'Write "sqlite:///path/to/journal.db".') from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise JournalError(
            f"state.url begins with {parsed.drivername}, which is not supported.", "Use sqlite:/// or postgresql://."
        )
    return parsed


def _make_private(path: Path) -> None:
    """The folder ignores itself for git, and only we may read the store: it holds text of internal documents."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
            (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise JournalError(
            f"{path}: the state store cannot be created ({error.strerror}).",
            "Make its folder writable, or set state.url to another place.",
        ) from error


def _store(url: sa.URL, migrated: bool = True) -> Engine:
    engine = _engine(url)
    if name := _schema(url):
        _make_schema(engine, name)
    if url.get_backend_name() == "sqlite":
        _tune_sqlite(engine, _in_memory(url))
    if migrated:
        _migrate(engine)
    return engine


def _journal(store: Engine) -> Journal:
    return Journal(store, state_lock(store, _in_memory(store.url), _schema(store.url)))


def _schema(url: sa.URL) -> str:
    """The schema of PostgreSQL that an address chooses (`options=-csearch_path=NAME`); "" for the usual one."""
    found = re.search(r"-c\s*search_path=(\w+)", str(url.query.get("options", "")))
    return found[1] if found else ""


def _make_schema(engine: Engine, name: str) -> None:
    try:
        with engine.begin() as connection:
            # Two that create at once must not meet: IF NOT EXISTS looks before the other has ended.
            alone(connection, "create")
            connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))
    except SQLAlchemyError as error:
        raise store_error(engine.url, error) from error


def _in_memory(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _engine(url: sa.URL) -> Engine:
    arguments: dict[str, Any] = {}
    if _in_memory(url):
        arguments = {"poolclass": sa.pool.StaticPool, "connect_args": {"check_same_thread": False}}
    elif url.get_backend_name() == "sqlite":
        arguments = {"connect_args": {"timeout": 30, "isolation_level": None}}
    else:
        # Each thread holds one for its locks and asks for another: with a limit, they would wait for each other.
        arguments = {"max_overflow": -1}
    try:
        return sa.create_engine(url, **arguments)
    except (SQLAlchemyError, ImportError) as error:
        raise JournalError(
            "The driver for state.url is missing.", "Install it: pip install 'postmortem-sync[worker]'."
        ) from error


def _tune_sqlite(engine: Engine, in_memory: bool) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _: Any) -> None:
        raw.isolation_level = None
        if not in_memory:
            raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A plain BEGIN takes the write lock late, and then fails at once when another process has it.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            version = _version(connection) if "alembic_version" in tables else ""
        if version == schema.HEAD:
            return
        if not {"alembic_version", "documents"} & set(tables):
            _create(engine)  # the queue's tables may be there before ours
            return
        from sync.journal.migrate import upgrade

        upgrade(engine)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise store_error(engine.url, error) from error


def _version(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def _create(engine: Engine) -> None:
    """A new store is made in its present shape at once; Alembic takes a second to load."""
    with engine.begin() as connection:
        alone(connection, "create")
        schema.metadata.create_all(connection)
        connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS alembic_version"
            " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        if not _version(connection):
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{schema.HEAD}')")
