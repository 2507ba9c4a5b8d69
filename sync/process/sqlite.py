"""Looks at SQLite files without opening them for writing: for the doctor."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sync.model import Finding

WRITABLE = "Make it writable for the account that runs sync, or set state.url to another place."

Look = Callable[[sqlite3.Connection, frozenset[str]], Iterator[Finding]]


def _no_look(store: sqlite3.Connection, tables: frozenset[str]) -> Iterator[Finding]:
    return iter(())


def examine_file(path: Path, damaged: str, look: Look = _no_look) -> Iterator[Finding]:
    """Look at an SQLite file, or at the place where it will be made. Nothing is created or written.

    Args:
        damaged: what cures a file that is no database.
        look: further findings, from the open file and the names of its tables.
    """
    if not path.exists():
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        may = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        detail = f"{path} will be made by the first run" if may else f"{path} cannot be made: {folder} is not writable"
        yield Finding("store", may, detail=detail, cure="" if may else WRITABLE)
        return
    # A database nobody has open is read as it lies there: SQLite would leave files of its own beside it.
    asleep = not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if asleep else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as store:
            tables = frozenset(row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
            found = list(look(store, tables))
    except sqlite3.OperationalError as error:
        cure = "Make it readable for the account that runs sync, or let the other process end."
        yield Finding("store", False, detail=f"{path}: {error}", cure=cure)
        return
    except sqlite3.DatabaseError as error:
        yield Finding("store", False, detail=f"{path}: {error}", cure=damaged)
        return
    yield Finding("store", True, detail=str(path))
    yield from found
    # SQLite keeps files of its own beside the database while it is open.
    if not (os.access(path, os.W_OK) and os.stat(path).st_mode & 0o222 and os.access(path.parent, os.W_OK | os.X_OK)):
        yield Finding("writable", False, detail=f"{path} or its folder is not writable", cure=WRITABLE)
    else:
        yield Finding("writable", True)
