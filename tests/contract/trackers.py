"""What every tracker must do. A test module subclasses `TrackerContract` and offers a world as fixture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.errors import TrackerError
from sync.model import Base, Body, DesiredTicket, Mark, Owner, OwnerKind, Patch, Reference, State, Ticket, TicketRef
from sync.model.names import item_digest, print_of
from sync.ports import Reminder, Tracker
from tests.clocks import VirtualClock

WORDS = "This was due on 2026-02-20, 9 days ago: if it is done, close the ticket."
POSTMORTEM = "github.com/acme/docs#docs/2026-02-20-checkout.md"
PRINT = print_of("Checkout outage", date(2026, 2, 20))


class TrackerWorld(ABC):
    """A tracker with people in it.

    Attributes:
        tracker: the adapter under test; project: a project it may write to.
        owner: an owner as a document writes it, and the account id it resolves to.
        keeps_due: whether the tracker has a due date of its own.
        assigns: whether an assignee can be set.
        idle_calls: what a listing costs when nothing changed.
    """

    tracker: Tracker
    project: str
    clock: VirtualClock
    owner: tuple[Owner, str]
    keeps_due = True
    assigns = True
    idle_calls = 1

    @abstractmethod
    def second_machine(self) -> Tracker:
        """Another adapter on the same tracker, sharing nothing with the first."""

    @abstractmethod
    def person_creates(self, title: str, body: str = "") -> TicketRef: ...

    @abstractmethod
    def person_closes(self, ref: TicketRef, state: State) -> None: ...

    @abstractmethod
    def person_reopens(self, ref: TicketRef) -> None: ...

    @abstractmethod
    def person_retitles(self, ref: TicketRef, title: str) -> None: ...

    @abstractmethod
    def person_deletes(self, ref: TicketRef) -> None: ...

    @abstractmethod
    def comments(self, ref: TicketRef) -> list[tuple[str, tuple[str, ...]]]:
        """What our account commented on a ticket: (text, the accounts that it calls)."""

    def settle(self) -> None:
        """Time passes until the tracker's index shows everything."""
        self.clock.sleep(self.tracker.settle_seconds + 1)


def desired(
    world: TrackerWorld,
    text: str = "Alert on a full queue",
    postmortem: str = POSTMORTEM,
    nonce: str = "",
    **fields: object,
) -> DesiredTicket:
    """A normalised desired ticket with its base filled in, as planning hands it over."""
    body = Body(
        text=text,
        postmortem_title="Checkout outage",
        postmortem_url="https://example.com/docs/2026-02-20-checkout.md",
        section="Action items",
        owners=("Ana Lima",),
        due="2026-04-03",
    )
    raw = DesiredTicket(
        project=world.project,
        title=text,
        body=body,
        mark=Mark(postmortem, PRINT, item_digest(text)),
        **fields,  # type: ignore[arg-type]
    )
    normal = world.tracker.normalise(raw)
    base = Base(normal.title, normal.assignees, normal.due, world.tracker.body_digest(normal))
    mark = Mark(postmortem, PRINT, item_digest(text), base, nonce or f"nonce {item_digest(text)}")
    return DesiredTicket(**{**{name: getattr(normal, name) for name in DesiredTicket.__slots__}, "mark": mark})


def create(world: TrackerWorld, one: DesiredTicket) -> Ticket:
    answer = world.tracker.create([one])[0]
    assert answer.error is None, answer.error
    assert answer.written is not None
    return answer.written.ticket


class TrackerContract:
    """Subclass it and define a fixture `world`."""

    def test_a_created_ticket_reads_back_as_wished(self, world: TrackerWorld) -> None:
        words, account = world.owner
        assert [a.id for a in world.tracker.accounts(words, world.project).matches] == [account]
        asked = desired(world, assignees=(account,), due=date(2026, 4, 3))
        ticket = create(world, asked)
        again = world.tracker.lookup([ticket.ref])[ticket.ref]
        assert again is not None
        for seen in (ticket, again):
            assert seen.title == asked.title
            assert seen.mark == asked.mark
            assert seen.state is State.OPEN
            assert seen.assignees == (asked.assignees if world.assigns else ())
            assert seen.due == (asked.due if world.keeps_due else None)
        assert again.ref == ticket.ref
        assert again.url == ticket.url

    def test_its_own_links_resolve_and_others_do_not(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world))
        tracker = world.tracker
        assert tracker.resolve(Reference(ticket.url, "x"), "", "") == ticket.ref
        for foreign in ("https://tracker.example.net/browse/QQ-1", "https://example.com/x", "not a link"):
            assert tracker.resolve(Reference(foreign, foreign), "", "") is None

    def test_the_mark_is_found_right_after_the_tracker_has_settled(self, world: TrackerWorld) -> None:
        before = world.clock.now() - timedelta(minutes=10)
        ticket = create(world, desired(world))
        create(world, desired(world, postmortem="path:docs/other.md"))
        world.settle()
        found = world.second_machine().marked(world.project, [POSTMORTEM], before)
        assert [t.ref for t in found] == [ticket.ref]
        assert found[0].mark == ticket.mark

    def test_a_first_listing_shows_every_marked_ticket(self, world: TrackerWorld) -> None:
        made = {create(world, desired(world, f"Action number {n}")).ref for n in range(3)}
        world.person_creates("Not ours")
        world.settle()
        listing = world.second_machine().changed(world.project, "")
        assert {ticket.ref for ticket in listing.tickets if ticket.mark} == made

    def test_an_idle_listing_is_one_call_and_shows_nothing_new(self, world: TrackerWorld) -> None:
        before = {}
        for n in range(3):
            ticket = create(world, desired(world, f"Action number {n}"))
            before[ticket.ref] = ticket
        world.settle()
        first = world.tracker.changed(world.project, "")
        seen = {ticket.ref: ticket for ticket in first.tickets}
        cursor = str(first.cursor)
        world.settle()
        calls = world.tracker.requests()
        second = world.tracker.changed(world.project, cursor)
        assert all(seen[ticket.ref] == ticket for ticket in second.tickets)
        assert world.tracker.requests() - calls == world.idle_calls

    def test_completion_is_listed_with_its_day(self, world: TrackerWorld) -> None:
        done, wontdo, other = (create(world, desired(world, f"Action number {n}")) for n in range(3))
        world.settle()
        first = world.tracker.changed(world.project, "")
        list(first.tickets)
        world.clock.sleep(24 * 3600)
        world.person_closes(done.ref, State.DONE)
        world.person_closes(wontdo.ref, State.WONTDO)
        today = world.clock.now().date()
        world.settle()
        changed = {t.ref: t for t in world.tracker.changed(world.project, str(first.cursor)).tickets}
        assert changed[done.ref].state is State.DONE
        assert changed[done.ref].closed_on == today
        assert changed[wontdo.ref].state is State.WONTDO
        assert other.ref not in changed or changed[other.ref] == other
        world.person_reopens(done.ref)
        again = world.tracker.lookup([done.ref])[done.ref]
        assert again is not None
        assert again.state is State.OPEN
        assert again.closed_on is None

    def test_an_update_changes_only_what_it_names(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world))
        world.person_retitles(ticket.ref, "A person's better title")
        asked = desired(world, due=date(2026, 5, 1))
        current = world.tracker.lookup([ticket.ref])[ticket.ref]
        assert current is not None
        written = world.tracker.update(current, Patch(mark=asked.mark, due=date(2026, 5, 1))).ticket
        assert written.title == "A person's better title"
        assert written.mark == asked.mark
        assert written.due == (date(2026, 5, 1) if world.keeps_due else None)
        again = world.tracker.lookup([ticket.ref])[ticket.ref]
        assert again is not None
        assert again.title == "A person's better title"
        assert again.mark == asked.mark

    def test_an_update_twice_is_an_update_once(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world))
        renamed = desired(world, "Alert on a queue that is nearly full")
        patch = Patch(mark=renamed.mark, title=renamed.title, body=renamed.body)
        once = world.tracker.update(ticket, patch).ticket
        twice = world.tracker.update(once, patch).ticket
        assert once.title == twice.title == renamed.title
        assert once.mark == twice.mark == renamed.mark

    def test_an_adopted_ticket_gets_the_mark_and_keeps_the_rest(self, world: TrackerWorld) -> None:
        ref = world.person_creates("Somebody's own ticket", "Somebody's own words")
        ticket = world.tracker.lookup([ref])[ref]
        assert ticket is not None
        assert ticket.mark is None
        mark = desired(world).mark
        written = world.tracker.update(ticket, Patch(mark=mark)).ticket
        assert written.mark == mark
        assert written.title == "Somebody's own ticket"
        world.settle()
        listed = {t.ref: t for t in world.tracker.changed(world.project, "").tickets}
        assert listed[ref].mark == mark

    def test_a_duplicate_is_closed_in_favour_of_the_older(self, world: TrackerWorld) -> None:
        older = create(world, desired(world))
        world.clock.sleep(5)
        younger = create(world, desired(world))
        assert older.ref != younger.ref
        assert older.created < younger.created
        written = world.tracker.update(younger, Patch(state=State.WONTDO, duplicate_of=older.ref.key)).ticket
        assert written.state is State.WONTDO
        assert written.duplicate_of == older.ref.key
        kept = world.tracker.lookup([older.ref])[older.ref]
        assert kept is not None
        assert kept.state is State.OPEN

    def test_a_missing_ticket_is_none_and_not_an_error(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world))
        kept = create(world, desired(world, "Another action"))
        world.person_deletes(ticket.ref)
        found = world.tracker.lookup([ticket.ref, kept.ref])
        assert found[ticket.ref] is None
        assert found[kept.ref] is not None

    def test_several_wishes_are_answered_one_by_one_in_order(self, world: TrackerWorld) -> None:
        asked = [desired(world, f"Action number {n}") for n in range(world.tracker.batch_size)][:7]
        answers = world.tracker.create(asked)
        titles = [answer.written.ticket.title for answer in answers if answer.written]
        assert titles == [one.title for one in asked]

    def test_nobody_is_guessed(self, world: TrackerWorld) -> None:
        for words in ("Nobody Known", "nobody-known", "someone@nowhere.example"):
            if world.tracker.name != "local":
                assert world.tracker.accounts(Owner(words, OwnerKind.NAME), world.project).one is None

    def test_a_reminder_is_left_once_in_a_period_and_calls_the_assignee_alone(self, world: TrackerWorld) -> None:
        account = world.owner[1]
        ticket = create(world, desired(world, assignees=(account,), due=date(2026, 2, 20)))
        tracker = world.tracker
        assert isinstance(tracker, Reminder)
        assert not tracker.reminded(ticket, world.clock.now() - timedelta(days=14))
        tracker.remind(ticket, WORDS)
        ((reported, called),) = world.comments(ticket.ref)
        assert WORDS in reported
        assert called == ((account,) if world.assigns else ())
        world.clock.sleep(13 * 24 * 3600)
        other = world.second_machine()
        assert isinstance(other, Reminder)
        assert other.reminded(ticket, world.clock.now() - timedelta(days=14))
        world.clock.sleep(2 * 24 * 3600)
        assert not other.reminded(ticket, world.clock.now() - timedelta(days=14))
        other.remind(ticket, WORDS)
        assert tracker.reminded(ticket, world.clock.now() - timedelta(days=14))
        assert len(world.comments(ticket.ref)) == 2
        now = tracker.lookup([ticket.ref])[ticket.ref]
        assert now is not None
        assert replace(now, version="") == replace(ticket, version="")

    def test_a_reminder_on_a_ticket_of_nobody_calls_nobody(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world, due=date(2026, 2, 20)))
        assert isinstance(world.tracker, Reminder)
        world.tracker.remind(ticket, WORDS)
        ((reported, called),) = world.comments(ticket.ref)
        assert WORDS in reported
        assert called == ()

    def test_a_reminder_on_a_ticket_that_is_gone_is_an_error(self, world: TrackerWorld) -> None:
        ticket = create(world, desired(world))
        world.person_deletes(ticket.ref)
        assert isinstance(world.tracker, Reminder)
        with pytest.raises(TrackerError):
            world.tracker.remind(ticket, WORDS)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=400).filter(str.strip))
    def test_what_is_normalised_reads_back_equal(self, world: TrackerWorld, text: str) -> None:
        asked = desired(world, text)
        if asked.title.strip():
            assert create(world, asked).title == asked.title
