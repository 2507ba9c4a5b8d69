"""Locks of a state store: held by one process at a time, free as soon as it ends, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.errors import JournalError

POLL_SECONDS = 0.05


def lock_number(scope: str) -> int:
    """The number of an advisory lock on PostgreSQL, where locks of all programs share 64 bits."""
    return int.from_bytes(hashlib.sha256(f"postmortem-sync/{scope}".encode()).digest()[:8], "big", signed=True)


def alone(connection: Connection, what: str) -> None:
    """No other transaction does this until this one has ended; those of SQLite follow each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_number(what))))


class StateLock(Protocol):
    """A family of named locks."""

    @contextmanager
    def held(self, scope: str, wait: float, waiting: Callable[[], None], shared: bool = False) -> Iterator[None]:
        """Hold the lock; raises JournalError after `wait` seconds. `waiting` is called once if it is not free.

        Args:
            shared: together with others who share it; whoever does not waits for all of them.
        """
        yield


def state_lock(engine: Engine, in_memory: bool, schema: str = "") -> StateLock:
    """The locks that fit a store: advisory ones on PostgreSQL, a file beside a SQLite database.

    Args:
        schema: of PostgreSQL that the store is in; locks belong to the whole database.
    """
    if engine.dialect.name == "postgresql":
        return _AdvisoryLock(engine, schema)
    return _NoLock() if in_memory else _FileLock(Path(str(engine.url.database)))


def _acquire(attempt: Callable[[], bool], wait: float, waiting: Callable[[], None]) -> None:
    end = time.monotonic() + wait
    announced = False
    while not attempt():
        if not announced:
            waiting()
            announced = True
        if time.monotonic() >= end:
            raise JournalError(
                f"Another run has held the state store for {wait:.0f} seconds.",
                "Wait until it has ended, or raise state.lock_seconds.",
            )
        time.sleep(POLL_SECONDS)


class _NoLock:
    @contextmanager
    def held(self, scope: str, wait: float, waiting: Callable[[], None], shared: bool = False) -> Iterator[None]:
        yield


class _FileLock:
    def __init__(self, database: Path) -> None:
        self._database = database

    @contextmanager
    def held(self, scope: str, wait: float, waiting: Callable[[], None], shared: bool = False) -> Iterator[None]:
        path = self._database.with_name(f"{self._database.name}.{scope}.lock")
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalError(f"{path}: the lock file cannot be made ({error.strerror}).") from error

        def attempt() -> bool:
            try:
                fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        try:
            _acquire(attempt, wait, waiting)
            yield
        finally:
            os.close(handle)


class _AdvisoryLock:
    """All locks that a thread holds are on one connection, so that a job takes two of them and not four."""

    def __init__(self, engine: Engine, schema: str) -> None:
        self._engine = engine
        self._schema = schema
        self._mine = threading.local()

    @contextmanager
    def held(self, scope: str, wait: float, waiting: Callable[[], None], shared: bool = False) -> Iterator[None]:
        number = lock_number(f"{self._schema}/{scope}" if self._schema else scope)
        take = sa.func.pg_try_advisory_lock_shared if shared else sa.func.pg_try_advisory_lock
        free = sa.func.pg_advisory_unlock_shared if shared else sa.func.pg_advisory_unlock
        with self._connection() as connection:

            def attempt() -> bool:
                return bool(connection.execute(sa.select(take(number))).scalar())

            _acquire(attempt, wait, waiting)
            try:
                yield
            finally:
                connection.execute(sa.select(free(number)))

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """This thread's connection for locks, given back with the last of them, in whatever order they end."""
        mine = self._mine
        if not getattr(mine, "users", 0):
            mine.connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            mine.users = 0
        mine.users += 1
        try:
            yield mine.connection
        finally:
            mine.users -= 1
            if not mine.users:
                mine.connection.close()
