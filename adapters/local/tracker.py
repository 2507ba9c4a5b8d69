"""The embedded tracker: tickets in one SQLite file, for trying the program and for teams without a tracker."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from adapters.bodies import body_digest
from adapters.local.store import mark_of, open_store, render, sealed
from sync.errors import TicketMissing, TrackerError
from sync.model import (
    Account,
    DesiredTicket,
    Finding,
    Owner,
    Patch,
    Reference,
    State,
    Ticket,
    TicketRef,
    Written,
)
from sync.ports import Accounts, Clock, Created, Listing

TITLE_LIMIT = 255
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]*)-([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a ticket's history. `who` is "sync" or "person"."""

    at: datetime
    who: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Details:
    """A ticket with what only its page shows."""

    ticket: Ticket
    body: str
    priority: str
    type: str
    history: tuple[HistoryEntry, ...]


class LocalTracker:
    """Tickets of one SQLite file, with keys such as LOCAL-1.

    Args:
        path: the file; it and its folder are made when missing.
        prefix: letters before the number of a new ticket's key; those that are there keep theirs.
        labels: put on every new ticket.
    """

    name = "local"
    settle_seconds = 0.0
    batch_size = 50

    def __init__(self, path: Path | str, clock: Clock, prefix: str = "LOCAL", labels: Sequence[str] = ()) -> None:
        self._prefix = prefix
        self._known_prefixes: list[str] | None = None
        self._labels = tuple(labels)
        self._clock = clock
        self._requests = 0
        self._path = str(path)
        try:
            if self._path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            if self._path != ":memory:":
                self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            open_store(self._db, prefix)
        except (OSError, sqlite3.Error) as error:
            raise TrackerError(
                f"{path}: the embedded tracker's file cannot be used ({error}).",
                "Make it writable, or set local.path to another place.",
            ) from error

    # reading

    def project_of(self, project: str) -> str:
        """Always "": there are no projects."""
        return ""

    def resolve(self, reference: Reference, repository: str, url: str) -> TicketRef | None:
        """The ticket that `LOCAL-1` or `local:LOCAL-1` names; None for anything else."""
        text = reference.text.strip()
        scheme = text.lower().startswith("local:")
        match = _KEY.fullmatch(text[len("local:") :] if scheme else text)
        prefix = next((p for p in self._prefixes() if match and p.upper() == match[1].upper()), "")
        return TicketRef(self.name, "", f"{prefix}-{match[2]}") if match and prefix else None

    def changed(self, project: str, cursor: str) -> Listing:
        """Tickets with a mark whose revision is above the cursor, which is a revision."""
        self._requests += 1
        since = int(cursor) if cursor.isdigit() else -1
        with self._reading():
            newest = self._db.execute("SELECT revision FROM counter").fetchone()[0]
            rows = self._db.execute(
                "SELECT * FROM tickets WHERE revision > ? AND mark IS NOT NULL ORDER BY number", (since,)
            )
        return Listing(self._stream(rows), str(newest))

    def _stream(self, rows: sqlite3.Cursor) -> Iterator[Ticket]:
        with self._reading():
            for row in rows:
                yield self._ticket(row)

    def lookup(self, refs: Sequence[TicketRef]) -> Mapping[TicketRef, Ticket | None]:
        """These tickets as they are now; None for one that is not there."""
        self._requests += 1
        result: dict[TicketRef, Ticket | None] = {}
        with self._reading():
            for ref in refs:
                row = self._row(self._number(ref.key))
                result[ref] = self._ticket(row) if row else None
        return result

    def marked(self, project: str, places: Collection[str], since: datetime | None) -> Sequence[Ticket]:
        """Tickets marked for these places; `since` is not needed."""
        self._requests += 1
        found: list[Ticket] = []
        with self._reading():
            for place in places:
                rows = self._db.execute("SELECT * FROM tickets WHERE postmortem = ? AND mark IS NOT NULL", (place,))
                found.extend(self._ticket(row) for row in rows)
        return found

    def touched(self, ticket: Ticket) -> bool:
        """Whether a person stands in the ticket's history."""
        self._requests += 1
        with self._reading():
            query = "SELECT 1 FROM history WHERE ticket = ? AND who = 'person' LIMIT 1"
            return self._db.execute(query, (self._number(ticket.ref.key),)).fetchone() is not None

    def accounts(self, owner: Owner, project: str) -> Accounts:
        """Whoever is named, as written: there are no accounts."""
        name = owner.called.strip().lstrip("@")
        return Accounts((Account(name, name),) if name else ())

    def normalise(self, desired: DesiredTicket) -> DesiredTicket:
        """The ticket as it will read back: the title cut to its longest, nothing twice."""
        title = " ".join(desired.title.split())
        if len(title) > TITLE_LIMIT:
            title = title[: TITLE_LIMIT - 1].rstrip() + "…"
        labels = tuple(dict.fromkeys((*self._labels, *desired.labels)))
        return replace(
            desired, project="", title=title, labels=labels, assignees=tuple(dict.fromkeys(desired.assignees))
        )

    def body_digest(self, desired: DesiredTicket) -> str:
        """Digest of the description as it is kept."""
        return body_digest(render(desired.body))

    def requests(self) -> int:
        """How many calls were made so far, as if it were a server."""
        return self._requests

    def check(self, project: str = "") -> list[Finding]:
        """Whether the file can be written."""
        if self._path == ":memory:" or os.access(self._path, os.W_OK):
            return [Finding("file", True, detail=self._path)]
        return [Finding("file", False, detail=f"{self._path} cannot be written", cure="Make it writable.")]

    # writing

    def create(self, desired_tickets: Sequence[DesiredTicket]) -> Sequence[Created]:
        """Make all of the tickets in one transaction, or none of them."""
        self._requests += 1
        try:
            with self._writing():
                rows = [self._row(self._insert(desired)) for desired in desired_tickets]
        except TrackerError as error:
            return [Created(error=error)] * len(desired_tickets)
        return [Created(Written(self._ticket(row))) for row in rows if row is not None]

    def _insert(self, desired: DesiredTicket) -> int:
        now = self._clock.now()
        cursor = self._db.execute(
            "INSERT INTO tickets (title, body, assignees, due, labels, priority, type, state, created, mark,"
            " postmortem, duplicate_of, revision, prefix, creator)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, '', ?, '', ?, ?, 'sync')",
            (
                desired.title,
                render(desired.body),
                json.dumps(desired.assignees),
                desired.due.isoformat() if desired.due else None,
                json.dumps(desired.labels),
                desired.priority,
                desired.type,
                now.isoformat(),
                desired.mark.place,
                self._next_revision(),
                self._prefix,
            ),
        )
        number = int(cursor.lastrowid or 0)
        self._db.execute("UPDATE tickets SET mark = ? WHERE number = ?", (sealed(desired.mark, number), number))
        self._note(number, "sync", "created", "", desired.title)
        return number

    def update(self, ticket: Ticket, patch: Patch) -> Written:
        """Change a ticket and its history in one transaction. Raises TicketMissing."""
        self._requests += 1
        number = self._number(ticket.ref.key)
        values: dict[str, Any] = {}
        if patch.title is not None:
            values["title"] = patch.title
        if patch.body is not None:
            values["body"] = render(patch.body)
        if patch.assignees is not None:
            values["assignees"] = json.dumps(patch.assignees)
        if patch.due is not None:
            values["due"] = patch.due.isoformat()
        if patch.duplicate_of:
            values["duplicate_of"] = patch.duplicate_of
        if patch.mark is not None:
            values["mark"] = sealed(patch.mark, number)
            values["postmortem"] = patch.mark.place
        if patch.state is not None:
            values |= self._state_values(patch.state)
        with self._writing():
            self._set(number, values, "sync")
            row = self._row(number)
        assert row is not None
        return Written(self._ticket(row))

    # reminders stand in the ticket's history

    def reminded(self, ticket: Ticket, since: datetime) -> bool:
        """Whether the ticket's history holds a reminder since then."""
        self._requests += 1
        with self._reading():
            query = "SELECT at FROM history WHERE ticket = ? AND who = 'sync' AND field = 'reminder'"
            rows = self._db.execute(query, (self._number(ticket.ref.key),)).fetchall()
        return any(datetime.fromisoformat(row["at"]) >= since for row in rows)

    def remind(self, ticket: Ticket, words: str) -> None:
        """Put a reminder into the ticket's history. Raises TicketMissing."""
        self._requests += 1
        number = self._number(ticket.ref.key)
        with self._writing():
            row = self._row(number)
            if row is None:
                raise self._missing(ticket.ref.key)
            names = "".join(f"{name}: " for name in [", ".join(json.loads(row["assignees"]))] if name)
            self._note(number, "sync", "reminder", "", names + words)

    def close(self) -> None:
        """Close the file. May be called twice."""
        self._db.close()

    # what people do with `sync tickets`

    def details(self, key: str) -> Details:
        """A ticket and its history. Raises TicketMissing."""
        number = self._number(key)
        with self._reading():
            row = self._row(number)
            if row is None:
                raise self._missing(key)
            changes = self._db.execute("SELECT * FROM history WHERE ticket = ? ORDER BY rowid", (number,)).fetchall()
        history = tuple(
            HistoryEntry(datetime.fromisoformat(c["at"]), c["who"], c["field"], c["old"] or "", c["new"] or "")
            for c in changes
        )
        return Details(self._ticket(row), row["body"], row["priority"], row["type"], history)

    def tickets(self, state: State | None = None) -> list[Ticket]:
        """Every ticket, by number; only those of one state when it is given."""
        with self._reading():
            query = "SELECT * FROM tickets WHERE ? IS NULL OR state = ? ORDER BY number"
            wanted = state.value if state else None
            return [self._ticket(row) for row in self._db.execute(query, (wanted, wanted))]

    def add(self, title: str, body: str = "") -> Ticket:
        """A ticket that a person makes by hand, without a mark."""
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO tickets (title, body, assignees, labels, priority, type, state, created, postmortem,"
                " duplicate_of, revision, prefix, creator)"
                " VALUES (?, ?, '[]', '[]', '', '', 'open', ?, '', '', ?, ?, 'person')",
                (title, body, self._clock.now().isoformat(), self._next_revision(), self._prefix),
            )
            number = int(cursor.lastrowid or 0)
            self._note(number, "person", "created", "", title)
            row = self._row(number)
        assert row is not None
        return self._ticket(row)

    def edit(self, key: str, **values: object) -> Ticket:
        """A person's edit of title, assignees, due, labels or state; raises TicketMissing.

        `due=None` clears the date; `assignees` and `labels` are sequences of words.
        """
        columns: dict[str, Any] = {}
        for name, value in values.items():
            if name == "state":
                columns |= self._state_values(State(str(value)))
            elif isinstance(value, list | tuple):
                columns[name] = json.dumps(list(value))
            else:
                columns[name] = value.isoformat() if isinstance(value, date) else value
        number = self._number(key)
        with self._writing():
            self._set(number, columns, "person")
            row = self._row(number)
        assert row is not None
        return self._ticket(row)

    def delete(self, key: str) -> None:
        """Remove a ticket for good; raises TicketMissing."""
        number = self._number(key)
        with self._writing():
            if not self._db.execute("DELETE FROM tickets WHERE number = ?", (number,)).rowcount:
                raise self._missing(key)

    # inside

    def _state_values(self, state: State) -> dict[str, Any]:
        closed = None if state is State.OPEN else self._clock.now().astimezone(UTC).date().isoformat()
        return {"state": state.value, "closed_on": closed} | ({"duplicate_of": ""} if state is State.OPEN else {})

    def _set(self, number: int, values: dict[str, Any], who: str) -> None:
        row = self._row(number)
        if row is None:
            raise self._missing(str(number))
        new = {name: value for name, value in values.items() if row[name] != value}
        if new.keys() == {"closed_on"}:
            return
        if not new:
            return
        columns = ", ".join(f"{name} = ?" for name in new)
        self._db.execute(
            f"UPDATE tickets SET {columns}, revision = ? WHERE number = ?",
            (*new.values(), self._next_revision(), number),
        )
        for name, value in new.items():
            if name not in ("mark", "postmortem", "closed_on"):
                self._note(number, who, name, row[name], value)

    def _note(self, number: int, who: str, field: str, old: object, new: object) -> None:
        texts = [None if value is None else str(value) for value in (old, new)]
        self._db.execute(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)",
            (number, self._clock.now().isoformat(), who, field, *texts),
        )

    def _next_revision(self) -> int:
        return int(self._db.execute("UPDATE counter SET revision = revision + 1 RETURNING revision").fetchone()[0])

    def _number(self, key: str) -> int:
        """The ticket's number; 0, which none has, for one whose key has other letters. Raises TicketMissing."""
        match = _KEY.fullmatch(key.strip()) or re.fullmatch(r"()([1-9][0-9]*)", key.strip())
        if not match:
            raise self._missing(key)
        row = self._row(int(match[2])) if match[1] else None
        return 0 if row and row["prefix"].upper() != match[1].upper() else int(match[2])

    def _prefixes(self) -> list[str]:
        if self._known_prefixes is None:
            with self._reading():
                rows = self._db.execute("SELECT DISTINCT prefix FROM tickets").fetchall()
            self._known_prefixes = [self._prefix, *(row["prefix"] for row in rows)]
        return self._known_prefixes

    def _missing(self, key: str) -> TicketMissing:
        return TicketMissing(f"There is no ticket {key} in {self._path}.", "List them with: sync tickets list")

    def _row(self, number: int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute("SELECT * FROM tickets WHERE number = ?", (number,)).fetchone()
        return row

    def _ticket(self, row: sqlite3.Row) -> Ticket:
        key = f"{row['prefix']}-{row['number']}"
        mark, sealed, copied = mark_of(row)
        return Ticket(
            ref=TicketRef(self.name, "", key),
            url=f"local:{key}",
            title=row["title"],
            created=datetime.fromisoformat(row["created"]),
            state=State(row["state"]),
            closed_on=date.fromisoformat(row["closed_on"]) if row["closed_on"] else None,
            assignees=tuple(json.loads(row["assignees"])),
            due=date.fromisoformat(row["due"]) if row["due"] else None,
            labels=tuple(json.loads(row["labels"])),
            mark=mark,
            duplicate_of=row["duplicate_of"],
            version=str(row["revision"]),
            id=str(row["number"]),
            sealed=sealed,
            ours=row["creator"] == "sync",
            copied=copied,
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._broken(error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _broken(self, error: sqlite3.Error) -> TrackerError:
        return TrackerError(
            f"{self._path}: the embedded tracker failed ({error}).", "Check that its disk is writable and not full."
        )
