from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import JournalError
from sync.identity import Linker
from sync.journal.codec import ticket_digest, ticket_from_text, ticket_to_text
from sync.journal.identity import Documents, Proposal, Proposals
from sync.journal.journal import Checkpoint, Event, Intent, Journal
from sync.journal.migrate import upgrade
from sync.journal.open import copy_journal, open_journal
from sync.journal.questions import Question, Questions
from sync.model import Base, Mark, State, Ticket, TicketRef
from sync.model.names import Origin

REF = TicketRef("local", "", "LOCAL-1")
OTHER = TicketRef("local", "", "LOCAL-2")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, place: Path) -> str:
    """The address of a new store; every promise holds on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{place}"
    address: str = request.getfixturevalue("postgres").database()
    return address


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    opened = open_journal(url)
    yield opened
    opened.close()


def ticket(key: str = "LOCAL-1", **fields: object) -> Ticket:
    mark = Mark("path:docs/a.md", "item", "words", Base("T", ("ana",), date(2026, 4, 3), "b"))
    values: dict[str, object] = {"mark": mark, "assignees": ("ana",), "version": "1"} | fields
    created = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Ticket(TicketRef("local", "", key), f"local:{key}", "T", created, **values)  # type: ignore[arg-type]


def test_the_store_is_private_and_ignores_itself(place: Path) -> None:
    open_journal(f"sqlite:///{place}").close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert (place.parent / ".gitignore").read_text() == "*\n"


def test_a_document_is_remembered_and_unsettled(journal: Journal) -> None:
    seen = Checkpoint("path:docs/a.md", "v1", "f", True, 12.0, {"items": 3, "findings": ["line 4: ü"]})
    journal.save_checkpoint("docs", "a.md", seen)
    assert journal.checkpoints("docs", ["a.md", "b.md"]) == {"a.md": seen}
    assert journal.documents_of("path:docs/a.md") == [("docs", "a.md")]
    journal.unsettle(["path:docs/a.md"])
    assert not journal.checkpoints("docs", ["a.md"])["a.md"].settled


def test_more_documents_than_one_query_takes(journal: Journal) -> None:
    paths = [f"{n}.md" for n in range(1000)]
    for path in paths[::100]:
        journal.save_checkpoint("docs", path, Checkpoint("p", "v", "f", True, 0.0))
    assert sorted(journal.checkpoints("docs", paths)) == sorted(paths[::100])


def test_only_tickets_that_changed_are_news(journal: Journal) -> None:
    assert journal.cache_tickets([ticket()]) == [ticket()]
    assert journal.cache_tickets([ticket(version="2")]) == []
    assert journal.cache_tickets([ticket(state=State.DONE)]) == [ticket(state=State.DONE)]
    assert journal.tickets_by_ref([REF])[REF].state is State.DONE


HERE = Origin("home", "a.md", "print", "id", date(2026, 3, 1), ("path:docs/a.md",))


def test_tickets_are_found_by_place_print_and_id(journal: Journal) -> None:
    marks = {
        "by place": Mark("home#a.md", "x", "i"),
        "by its name in version 1": Mark("path:docs/a.md", "", "i", version=1),
        "by print": Mark("home#b.md", "print", "i"),
        "by id": Mark("home#b.md", "x", "i", id="id"),
        "by a copy": None,
        "by nothing": Mark("home#b.md", "x", "i", id="other"),
        "without any": None,
    }
    made = [
        ticket(key, mark=mark, copied=Mark("home#a.md", "x", "i") if key == "by a copy" else None)
        for key, mark in marks.items()
    ]
    journal.cache_tickets(made)
    found = {one.ref.key for one in journal.tickets_for(HERE)}
    assert found == set(marks) - {"by nothing", "without any"}
    nothing = Origin("home", "c.md", "")
    assert journal.tickets_for(nothing) == []


class TestWhoIsWho:
    def test_a_document_and_its_links_are_remembered(self, journal: Journal) -> None:
        documents = Documents(journal)
        journal.save_checkpoint("docs", "a.md", Checkpoint(HERE.name, "v1", "f", True, 0.0))
        documents.save("docs", "a.md", HERE, [REF, REF])
        (known,) = documents.at(HERE.place)
        assert (known.source, known.path, known.version, known.print) == ("docs", "a.md", "v1", "print")
        assert known.linker == Linker(frozenset({HERE.place, "path:docs/a.md"}), date(2026, 3, 1))
        assert documents.linking([REF, OTHER]) == {REF: [known]}
        assert documents.known("docs") == {"a.md": known}
        assert documents.links_of("docs", ["a.md", "b.md"]) == {"a.md": [("local", "LOCAL-1")]}
        documents.save("docs", "a.md", HERE, [OTHER])
        assert documents.linking([REF, OTHER]) == {OTHER: [known]}

    def test_a_ticket_that_changed_unsettles_whoever_links_it(self, journal: Journal) -> None:
        journal.save_checkpoint("docs", "b.md", Checkpoint("x#b.md", "v1", "f", True, 0.0))
        Documents(journal).save("docs", "b.md", HERE, [REF])
        journal.unsettle([], [OTHER])
        assert journal.checkpoints("docs", ["b.md"])["b.md"].settled
        journal.unsettle([], [REF])
        assert not journal.checkpoints("docs", ["b.md"])["b.md"].settled

    def test_what_is_known_goes_along_with_a_new_name(self, journal: Journal) -> None:
        documents = Documents(journal)
        journal.save_shown("old", {REF: State.DONE})
        journal.record([Event(1.0, "created", "old", REF, {})])
        journal.save_checkpoint("docs", "b.md", Checkpoint("old", "v", "f", True, 0.0))
        documents.rename("old", "new")
        assert journal.shown("new") == {}, "somebody else has the old name"
        journal.save_checkpoint("docs", "b.md", Checkpoint("new", "v", "f", True, 0.0))
        documents.rename("old", "new")
        assert journal.shown("new") == {REF: State.DONE}
        assert journal.made_here("new") == {("local", "LOCAL-1")}

    def test_a_question_has_the_number_that_what_it_asks_makes(self, journal: Journal) -> None:
        questions = Questions(journal)
        one = Question("p", "item", "ticket", "OPS-1", "docs", "a.md", 3, "is it?", {"ticket": "OPS-1"})
        two = replace(one, about="OPS-2")
        first, second = (q.number for q in questions.ask([one, two]))
        assert len({first, second}) == 2
        assert all(10_000 <= number < 100_000 for number in (first, second))
        assert [q.number for q in questions.ask([replace(two, line=9), one])] == [second, first]
        assert questions.all() == [replace(one, number=first), replace(two, line=9, number=second)]
        questions.settle("docs", "b.md")
        questions.settle("docs", "a.md", [first])
        assert [q.number for q in questions.all()] == [first]
        questions.settle("docs", "a.md")
        assert [q.number for q in questions.ask([two])] == [second]

    def test_of_two_questions_that_make_one_number_the_later_gets_the_next(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sync.journal.questions.NUMBERS", 3)
        questions = Questions(journal)
        asked = [Question("p", f"item {n}", "ticket", "", "docs", "a.md", n, "is it?") for n in range(3)]
        numbers = [q.number for q in questions.ask(asked)]
        assert sorted(numbers) == [10_000, 10_001, 10_002]
        assert [q.number for q in questions.ask(asked[::-1])] == numbers[::-1]

    def test_an_answer_stays_with_the_question_that_it_was_given_to(self, journal: Journal) -> None:
        questions = Questions(journal)
        one = Question("p", "item", "ticket", "OPS-1", "docs", "a.md", 3, "is it?")
        (asked,) = questions.ask([one])
        questions.answer(asked.number, "new")
        assert [q.answer for q in questions.ask([one, replace(one, about="OPS-2")])] == ["new", ""]

    def test_what_was_told_is_known_the_next_time(self, journal: Journal) -> None:
        questions = Questions(journal)
        one = Question("p", "item", "ticket", "OPS-1", "docs", "a.md", 3, "is it?")
        (number,) = (q.number for q in questions.ask([one]))
        assert (questions.tell([]), questions.tell([number]), questions.tell([number])) == (set(), {number}, set())
        assert questions.ask([one])[0].known

    def test_a_proposal_stands_until_it_is_taken_away(self, journal: Journal) -> None:
        proposals = Proposals(journal)
        assert proposals.of("docs", "a.md") is None
        made = Proposal("https://example.org/pull/1", (("local", "LOCAL-1"),))
        proposals.put("docs", "a.md", made)
        assert proposals.of("docs", "a.md") == made
        proposals.put("docs", "a.md", None)
        assert proposals.of("docs", "a.md") is None


def test_an_intent_outlives_the_process_until_it_is_concluded(journal: Journal, url: str) -> None:
    intent = Intent("local", "", "item", "path:docs/a.md", 5.0, "T")
    journal.intend([intent])
    second = open_journal(url)
    assert second.intents("path:docs/a.md") == [intent]
    second.conclude("local", "", ["item"])
    second.close()
    assert journal.intents("path:docs/a.md") == []


def test_shown_states_and_history(journal: Journal) -> None:
    journal.save_shown("p", {REF: State.OPEN})
    journal.save_shown("p", {REF: State.DONE})
    assert journal.shown("p") == {REF: State.DONE}
    events = [Event(1.0, "created", "p", REF, {"due": None}), Event(2.0, "done", "p", REF, {"on": "2026-03-01"})]
    journal.record(events)
    assert list(journal.history()) == events


def test_what_is_told_about_a_document_is_kept_with_it(journal: Journal) -> None:
    assert journal.last_event("document", "p") is None
    for number in range(3):
        event = Event(float(number), "document", "p", None, {"line": number})
        journal.save_checkpoint("docs", "a.md", Checkpoint("p", "v", "f", True, float(number)), event)
    journal.record([Event(9.0, "created", "p", TicketRef("jira", "", "OPS-1"), {})])
    last = journal.last_event("document", "p")
    assert last == Event(2.0, "document", "p", None, {"line": 2})
    assert [event.at for event in journal.history()] == [0.0, 1.0, 2.0, 9.0]


def test_every_ticket_is_remembered_as_it_was_seen_last(journal: Journal) -> None:
    tickets = [ticket(f"OPS-{number}") for number in range(3)]
    journal.cache_tickets(tickets)
    changed = replace(tickets[1], title="Another")
    journal.cache_tickets([changed])
    assert sorted(journal.every_ticket(), key=lambda one: one.ref.key) == [tickets[0], changed, tickets[2]]


def test_a_cursor_moves(journal: Journal) -> None:
    assert journal.cursor("local", "") == ""
    journal.move_cursor("local", "", "7")
    assert journal.cursor("local", "") == "7"
    assert journal.projects("local") == [""]


def test_a_copy_reads_everything_and_changes_nothing(journal: Journal, url: str) -> None:
    journal.move_cursor("local", "", "7")
    journal.cache_tickets([ticket()])
    journal.record([Event(1.0, "created", "p", REF, {"due": None})])
    journal.intend([Intent("local", "", f"item {number}", "p", 1.0, "T") for number in range(1200)])
    copy = copy_journal(url)
    assert copy.cursor("local", "") == "7"
    assert copy.tickets_by_ref([REF]) == {REF: ticket()}
    assert list(copy.history()) == list(journal.history())
    assert len(copy.intents("p")) == 1200
    copy.move_cursor("local", "", "8")
    copy.close()
    assert journal.cursor("local", "") == "7"


def test_a_copy_of_a_store_that_is_not_yet_made_makes_nothing(url: str) -> None:
    copy = copy_journal(url)
    assert copy.cursor("local", "") == ""
    copy.close()
    if url.startswith("postgresql"):
        engine = raw_engine(url)
        assert sa.inspect(engine).get_table_names() == []
        engine.dispose()


def test_a_copy_of_nothing_makes_no_file(tmp_path: Path) -> None:
    copy_journal(f"sqlite:///{tmp_path}/none/journal.db").close()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_says_that_it_may_be_deleted(tmp_path: Path) -> None:
    place = tmp_path / "journal.db"
    place.write_bytes(b"this is no database, but it is long enough to be looked at as one" * 40)
    with pytest.raises(JournalError, match="Delete it") as caught:
        open_journal(f"sqlite:///{place}")
    assert str(place) in str(caught.value)


def raw_engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def test_a_store_of_a_newer_program_is_refused(journal: Journal, url: str) -> None:
    journal.close()
    engine = raw_engine(url)
    with engine.begin() as raw:
        raw.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(JournalError, match="newer version"):
        open_journal(url)


def test_a_new_store_has_the_shape_that_the_migrations_make(
    journal: Journal, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    empty = f"sqlite:///{tmp_path}/migrated.db"
    if url.startswith("postgresql"):
        empty = request.getfixturevalue("postgres").database()
    migrated = raw_engine(empty)
    upgrade(migrated)
    fresh = raw_engine(url)

    def shape(engine: sa.Engine) -> dict[str, object]:
        look = sa.inspect(engine)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)],
                look.get_pk_constraint(table)["constrained_columns"],
                sorted((index["name"] or "", index["column_names"]) for index in look.get_indexes(table)),
            )
            for table in look.get_table_names()
        }

    assert shape(migrated) == shape(fresh)
    for engine in (migrated, fresh):
        engine.dispose()
    open_journal(empty).close()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense"])
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(JournalError, match=r"state\.url"):
        open_journal(url)


def _hold(url: str, path: str) -> None:
    opened = open_journal(url)
    with opened.exclusive("run", 0):
        Path(path).write_text("held")
        multiprocessing.Event().wait(60)


def test_the_lock_is_held_by_one_and_free_after_a_kill(journal: Journal, url: str, tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    context = multiprocessing.get_context("spawn")
    holder = context.Process(target=_hold, args=(url, str(sign)), daemon=True)
    holder.start()
    while not sign.exists():
        assert holder.is_alive()
        holder.join(0.05)
    with pytest.raises(JournalError, match="Another run"), journal.exclusive("run", 0.1):
        pass
    assert holder.pid
    os.kill(holder.pid, 9)
    holder.join()
    with journal.exclusive("run", 5):
        pass


def _write_much(url: str, name: str) -> None:
    opened = open_journal(url)
    for number in range(40):
        opened.intend([Intent("local", "", f"{name}-{number}", "p", 1.0, "T")])
    opened.close()


def test_four_processes_write_and_none_is_refused(journal: Journal, url: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_much, args=(url, str(n))) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert len(journal.intents("p")) == 160


def test_a_new_store_may_be_opened_by_many_at_once(url: str, place: Path) -> None:
    if url.startswith("sqlite"):
        place.parent.mkdir()
    context = multiprocessing.get_context("spawn")
    openers = [context.Process(target=_write_much, args=(url, str(n))) for n in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0, 0, 0, 0]


tickets = st.builds(
    lambda title, assignees, due, state, mark: ticket(
        title, assignees=tuple(assignees), due=due, state=state, mark=mark
    ),
    st.text(max_size=20),
    st.lists(st.text(max_size=8), max_size=3),
    st.none() | st.dates(),
    st.sampled_from(State),
    st.none() | st.builds(Mark, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)),
)


@given(tickets)
def test_a_ticket_survives_the_journal(one: Ticket) -> None:
    assert ticket_from_text(ticket_to_text(one)) == one


@given(tickets, tickets)
def test_equal_digests_mean_equal_tickets(one: Ticket, other: Ticket) -> None:
    assert (ticket_digest(one) == ticket_digest(other)) == (one == other)
