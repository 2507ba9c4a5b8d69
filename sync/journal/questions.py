"""What only a person can say, under numbers that stay, and what they said until it is carried out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.journal import schema
from sync.journal.journal import Journal

LOWEST, NUMBERS = 10_000, 90_000
"""Numbers have five digits."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only a person can say about an item.

    Attributes:
        number: made from what is asked, so that it is the same on every machine and after the loss of a store.
        item: digest of the item; what: the kind of question.
        about: digest of what the answer depends on: another ticket, or other values, make another question.
        line, text: where the item stands, and what is asked; details: the same in parts.
        named: whether it is asked only while the document is named by hand, as it is too old otherwise.
        known: whether a run has told it.
        answer: what a person said, until it is carried out; "" for nothing.
    """

    postmortem: str
    item: str
    what: str
    about: str
    source: str
    path: str
    line: int
    text: str
    details: Mapping[str, str] = field(default_factory=dict)
    named: bool = False
    number: int = 0
    known: bool = False
    answer: str = ""


class Questions:
    """What is held or in conflict, as of the last run that looked at each document."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def ask(self, questions: Sequence[Question]) -> list[Question]:
        """Note what is asked; each with its number, in order, and with what is known of it already."""
        if not questions:
            return []
        with self._journal.transaction() as connection:
            return [_asked(connection, question) for question in questions]

    def answer(self, number: int, answer: str) -> None:
        """Keep what a person said."""
        table = schema.questions
        with self._journal.transaction() as connection:
            connection.execute(table.update().where(table.c.number == number).values(answer=answer))

    def tell(self, numbers: Collection[int]) -> set[int]:
        """A run tells these; answers those that none has told before."""
        table = schema.questions
        if not numbers:
            return set()
        with self._journal.transaction() as connection:
            query = sa.select(table.c.number).where(table.c.number.in_(sorted(numbers)), table.c.known.is_(True))
            before = set(connection.execute(query).scalars())
            connection.execute(table.update().where(table.c.number.in_(sorted(numbers))).values(known=True))
        return set(numbers) - before

    def settle(self, source: str, path: str, still: Collection[int] = (), named: bool = True) -> None:
        """Only these of the questions about a document are left.

        Args:
            named: whether it was named by hand; those that are asked only then stay otherwise.
        """
        table = schema.questions
        with self._journal.transaction() as connection:
            here = (table.c.source == source) & (table.c.path == path)
            gone = here & table.c.number.not_in(sorted(still))
            connection.execute(table.delete().where(gone if named else gone & table.c.named.is_(False)))

    def all(self) -> list[Question]:
        """Every one, by where it stands."""
        table = schema.questions
        with self._journal.reading() as connection:
            order = (table.c.source, table.c.path, table.c.line, table.c.what)
            return [_question(row) for row in connection.execute(sa.select(table).order_by(*order))]


def _asked(connection: Connection, question: Question) -> Question:
    table = schema.questions
    names = {
        "postmortem": question.postmortem,
        "item": question.item,
        "what": question.what,
        "about": question.about,
    }
    same = [table.c[name] == value for name, value in names.items()]
    row = connection.execute(sa.select(table).where(*same)).one_or_none()
    now = {
        "source": question.source,
        "path": question.path,
        "line": question.line,
        "text": question.text,
        "details": json.dumps(dict(question.details), ensure_ascii=False),
        "named": question.named,
    }
    if row is not None:
        connection.execute(table.update().where(*same).values(**now))
        return replace(question, number=row.number, known=row.known, answer=row.answer)
    # Another question may have the number, and another machine may ask the same at this moment.
    for salt in range(NUMBERS):
        values = {"number": _number(question, salt), **names, **now, "known": False, "answer": ""}
        connection.execute(schema.insert(connection, table).values(**values).on_conflict_do_nothing())
        if row := connection.execute(sa.select(table).where(*same)).one_or_none():
            return replace(question, number=row.number, known=row.known, answer=row.answer)
    raise AssertionError("there are more questions than numbers")


def _number(question: Question, salt: int) -> int:
    names = (question.postmortem, question.item, question.what, question.about, str(salt))
    digest = hashlib.sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).digest()
    return LOWEST + int.from_bytes(digest[:8], "big") % NUMBERS


def _question(row: sa.Row[Any]) -> Question:
    return Question(
        row.postmortem,
        row.item,
        row.what,
        row.about,
        row.source,
        row.path,
        row.line,
        row.text,
        json.loads(row.details),
        row.named,
        row.number,
        row.known,
        row.answer,
    )
