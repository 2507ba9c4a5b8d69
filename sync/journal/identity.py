"""What the journal keeps of who is who: where documents are, which tickets they link, and what is proposed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from sync.identity import Linker
from sync.journal import schema
from sync.journal.journal import BATCH, Journal
from sync.model import TicketRef
from sync.model.names import Origin


@dataclass(frozen=True, slots=True)
class Known:
    """A document as it was when it was last read.

    Attributes:
        version: of its content; place, print: as on a mark; "" for one that was read by the first edition.
    """

    source: str
    path: str
    version: str
    place: str
    print: str
    day: date | None

    @property
    def linker(self) -> Linker:
        """The document as one that links tickets."""
        return Linker(names_of(self.place, self.source, self.path), self.day)


def names_of(place: str, source: str, path: str) -> frozenset[str]:
    """What marks may call a document: its place, and what version 1 called it."""
    return frozenset({place, f"path:{source}/{path}"} - {""})


class Documents:
    """Where documents are, and which tickets they link."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def known(self, source: str) -> dict[str, Known]:
        """Every document of a source that was ever read, by path."""
        table = schema.documents
        with self._journal.reading() as connection:
            rows = connection.execute(sa.select(table).where(table.c.source == source))
            return {row.path: _known(row) for row in rows}

    def at(self, place: str) -> list[Known]:
        """Documents that were last read at a place, under whatever source."""
        table = schema.documents
        with self._journal.reading() as connection:
            return [_known(row) for row in connection.execute(sa.select(table).where(table.c.place == place))]

    def linking(self, refs: Sequence[TicketRef]) -> dict[TicketRef, list[Known]]:
        """Documents that linked these tickets when they were last read."""
        links, documents = schema.links, schema.documents
        found: dict[TicketRef, list[Known]] = {}
        by_name = {(ref.tracker, ref.key): ref for ref in refs}
        here = (links.c.source == documents.c.source) & (links.c.path == documents.c.path)
        keys = sorted({ref.key for ref in refs})
        with self._journal.reading() as connection:
            for start in range(0, len(keys), BATCH):
                query = sa.select(links.c.tracker, links.c.key, documents).join(documents, here)
                for row in connection.execute(query.where(links.c.key.in_(keys[start : start + BATCH]))):
                    if ref := by_name.get((row.tracker, row.key)):
                        found.setdefault(ref, []).append(_known(row))
        return found

    def links_of(self, source: str, paths: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """(tracker, key) of the tickets that documents link, by path."""
        table = schema.links
        found: dict[str, list[tuple[str, str]]] = {}
        with self._journal.reading() as connection:
            for start in range(0, len(paths), BATCH):
                some = list(paths[start : start + BATCH])
                query = sa.select(table).where(table.c.source == source, table.c.path.in_(some))
                for row in connection.execute(query):
                    found.setdefault(row.path, []).append((row.tracker, row.key))
        return found

    def save(self, source: str, path: str, origin: Origin, links: Sequence[TicketRef]) -> None:
        """A document as it stands now; it must be known to the journal already."""
        table, documents = schema.links, schema.documents
        mine = (table.c.source == source) & (table.c.path == path)
        rows = [{"source": source, "path": path, "tracker": r.tracker, "key": r.key} for r in dict.fromkeys(links)]
        values = {"place": origin.place, "print": origin.print, "day": origin.day.isoformat() if origin.day else ""}
        with self._journal.transaction() as connection:
            connection.execute(
                documents.update().where(documents.c.source == source, documents.c.path == path).values(**values)
            )
            connection.execute(table.delete().where(mine))
            if rows:
                connection.execute(table.insert(), rows)

    def rename(self, old: str, new: str) -> None:
        """A postmortem has another name now: what is known of it goes along, unless somebody else has the old one."""
        documents = schema.documents
        with self._journal.transaction() as connection:
            query = sa.select(sa.func.count()).where(documents.c.postmortem == old)
            if connection.execute(query).scalar():
                return
            taken = sa.select(schema.shown.c.key).where(schema.shown.c.postmortem == new)
            connection.execute(
                schema.shown.update()
                .where(schema.shown.c.postmortem == old, schema.shown.c.key.not_in(taken))
                .values(postmortem=new)
            )
            for table in (schema.intents, schema.history):
                connection.execute(table.update().where(table.c.postmortem == old).values(postmortem=new))


def _known(row: sa.Row[tuple[object, ...]]) -> Known:
    values = row._mapping
    day = str(values["day"])
    return Known(
        str(values["source"]),
        str(values["path"]),
        str(values["version"]),
        str(values["place"]),
        str(values["print"]),
        date.fromisoformat(day) if day else None,
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A write-back that people have not merged yet.

    Attributes:
        where: the page of the pull request; links: the tickets that the proposed document links.
    """

    where: str
    links: tuple[tuple[str, str], ...]


class Proposals:
    """Which documents have one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def of(self, source: str, path: str) -> Proposal | None:
        """A document's."""
        table = schema.proposals
        with self._journal.reading() as connection:
            row = connection.execute(
                sa.select(table).where(table.c.source == source, table.c.path == path)
            ).one_or_none()
        return Proposal(row.where, tuple((str(t), str(k)) for t, k in json.loads(row.links))) if row else None

    def put(self, source: str, path: str, proposal: Proposal | None) -> None:
        """Note a document's; None when it has none any more."""
        table = schema.proposals
        with self._journal.transaction() as connection:
            connection.execute(table.delete().where(table.c.source == source, table.c.path == path))
            if proposal:
                links = json.dumps([list(link) for link in proposal.links])
                row = {"source": source, "path": path, "where": proposal.where, "links": links}
                connection.execute(table.insert(), [row])
