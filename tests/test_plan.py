from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sync.identity import Evidence, Linker
from sync.model import (
    Action,
    ActionItem,
    Base,
    Body,
    Change,
    DesiredTicket,
    Due,
    DueKind,
    InlineSlot,
    Mark,
    Notation,
    Owner,
    OwnerKind,
    Plan,
    Postmortem,
    Reference,
    Span,
    State,
    Ticket,
    TicketRef,
)
from sync.model.names import Origin, item_digest, item_id, print_of
from sync.plan import FORGOTTEN, Decisions, Memory, Policy, ResolvedItem, plan

PM = Origin("github.com/acme/docs", "docs/a.md", print_of("Outage", date(2026, 2, 20)), day=date(2026, 2, 20))
TODAY = date(2026, 3, 1)
REF = TicketRef("local", "", "LOCAL-1")
LINK = Reference("local:LOCAL-1", "LOCAL-1")
TEXT = "Add an alert"
DUE = date(2026, 4, 3)


def make_item(**fields: object) -> ActionItem:
    span = Span(0, 1)
    start = ActionItem(3, TEXT, Notation.TASK, "Action items", span, InlineSlot(span, 1), state_stated=True)
    return replace(start, **fields)  # type: ignore[arg-type]


def make_desired(**fields: object) -> DesiredTicket:
    return replace(DesiredTicket("", TEXT, Body(TEXT, "T", ""), Mark(PM.place, PM.print, "")), **fields)  # type: ignore[arg-type]


def make_ticket(base: Base | None = None, **fields: object) -> Ticket:
    mark = Mark(PM.place, PM.print, item_digest(TEXT), base or Base(TEXT, body="b0"), "nonce 1")
    start = Ticket(REF, "local:LOCAL-1", TEXT, datetime(2026, 2, 1, tzinfo=UTC), mark=mark)
    return replace(start, **fields)  # type: ignore[arg-type]


def decide(
    item: ActionItem,
    desired: DesiredTicket,
    ticket: Ticket | None = None,
    link: bool = True,
    memory: Memory = FORGOTTEN,
    policy: Policy | None = None,
    body: str = "b0",
    **resolved: object,
) -> Change:
    return decide_all(item, desired, ticket, link, memory, policy, body, **resolved).changes[0]


def decide_all(
    item: ActionItem,
    desired: DesiredTicket,
    ticket: Ticket | None = None,
    link: bool = True,
    memory: Memory = FORGOTTEN,
    policy: Policy | None = None,
    body: str = "b0",
    **resolved: object,
) -> Plan:
    linked = bool(ticket) and link
    one = ResolvedItem("local", desired, body, (LINK, REF) if linked else None)
    one = replace(one, **resolved)  # type: ignore[arg-type]
    postmortem = Postmortem("docs/a.md", b"", date=date(2026, 2, 20), items=(item,))
    tickets = {REF: ticket} if linked else {}
    marked = [ticket] if ticket and ticket.mark else []
    return plan(PM, postmortem, [one], tickets, marked, memory, policy or Policy(TODAY))


def shown(state: State) -> Memory:
    return Memory({REF: state}, {})


class TestWithoutTicket:
    def test_a_new_item_gets_a_ticket_with_its_mark_in_the_wish(self) -> None:
        change = decide(make_item(), make_desired(due=DUE))
        assert change.action is Action.CREATE
        assert change.desired
        assert change.desired.mark == Mark(PM.place, PM.print, item_digest(TEXT), Base(TEXT, (), DUE, "b0"))

    @pytest.mark.parametrize(
        ("item", "policy", "why"),
        [
            (make_item(state=State.DONE), Policy(TODAY), "already says done"),
            (make_item(state=State.WONTDO), Policy(TODAY), "already says won't do"),
            (make_item(unsure="a question"), Policy(TODAY), "unsure whether it is an action item: a question"),
            (make_item(), Policy(TODAY, require=frozenset({"owner"})), "names no owner"),
            (make_item(), Policy(TODAY, require=frozenset({"due"})), "has no due date"),
            (
                make_item(due=Due("soon", DueKind.UNKNOWN)),
                Policy(TODAY, require=frozenset({"due"})),
                "'soon' is no certain date",
            ),
            (make_item(), Policy(date(2027, 1, 1)), "limits.max_age_days is 180"),
        ],
    )
    def test_an_item_is_held_back_with_the_reason_and_the_cure(
        self, item: ActionItem, policy: Policy, why: str
    ) -> None:
        change = decide(item, make_desired(), policy=policy)
        assert change.action is Action.SKIP
        assert why in change.reasons[0]

    @pytest.mark.parametrize(
        ("item", "policy"),
        [
            (make_item(state=State.DONE), Policy(TODAY, create_closed=True)),
            (make_item(unsure="a question"), Policy(TODAY, unsure=True)),
            (make_item(owners=(Owner("ana", OwnerKind.HANDLE),)), Policy(TODAY, require=frozenset({"owner"}))),
            (make_item(), Policy(date(2027, 1, 1), explicit=True)),
            (make_item(), Policy(date(2027, 1, 1), max_age_days=None)),
        ],
    )
    def test_what_held_it_back_can_be_lifted(self, item: ActionItem, policy: Policy) -> None:
        assert decide(item, make_desired(), policy=policy).action is Action.CREATE

    def test_an_item_tracked_elsewhere_is_left_alone(self) -> None:
        change = decide(make_item(), make_desired(), elsewhere=(Reference("https://x.example/browse/OPS-1", "OPS-1"),))
        assert change.action is Action.SKIP
        assert "tracked elsewhere: https://x.example/browse/OPS-1" in change.reasons[0]

    def test_a_create_with_an_unknown_outcome_is_not_repeated(self) -> None:
        begun = Memory({}, {item_id(PM, item_digest(TEXT)): "looked for"})
        change = decide(make_item(), make_desired(), memory=begun)
        assert (change.action, change.waits) == (Action.HOLD, True)
        assert change.reasons == ("looked for",)

    @pytest.mark.parametrize(("title", "held"), [("Add an alarm", True), ("Rewrite the sender", False)])
    def test_nor_while_it_may_have_been_this_item_in_other_words(self, title: str, held: bool) -> None:
        begun = Memory({}, {"another item": "looked for"}, {"another item": title})
        change = decide(make_item(), make_desired(), memory=begun)
        assert change.action is (Action.HOLD if held else Action.CREATE)

    def test_an_item_that_may_be_a_ticket_s_is_held_with_the_ticket_s_name(self) -> None:
        change = decide(make_item(text="Add an alert soon"), make_desired(), make_ticket(), link=False)
        assert (change.action, change.desired) == (Action.HOLD, None)
        assert change.maybe
        assert change.reasons == ("it may be LOCAL-1 ('Add an alert') reworded",)

    def test_a_link_to_a_ticket_that_is_not_there_fails_and_names_it(self) -> None:
        one = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        change = plan(PM, postmortem, [one], {REF: None}, [], FORGOTTEN, Policy(TODAY)).changes[0]
        assert change.action is Action.FAIL
        assert "LOCAL-1" in change.reasons[0]


ANA, BO = ("ana",), ("bo",)
OTHER = date(2026, 5, 1)


class TestThreeWay:
    """(document, ticket, base) -> pushed, conflict; for owner and due date alike."""

    @pytest.mark.parametrize(
        ("document", "ticket", "base", "pushed", "conflict"),
        [
            (None, None, None, False, False),
            (None, OTHER, None, False, False),
            (None, OTHER, DUE, False, False),
            (DUE, None, None, True, False),
            (DUE, DUE, None, False, False),
            (DUE, OTHER, None, False, True),
            (DUE, DUE, DUE, False, False),
            (DUE, OTHER, DUE, False, False),
            (DUE, None, DUE, False, False),
            (DUE, OTHER, OTHER, True, False),
            (DUE, None, OTHER, False, True),
            (DUE, DUE, OTHER, False, False),
        ],
    )
    def test_due_date(
        self, document: date | None, ticket: date | None, base: date | None, pushed: bool, conflict: bool
    ) -> None:
        now = make_ticket(Base(TEXT, due=base, body="b0"), due=ticket)
        change = decide(make_item(), make_desired(due=document), now)
        assert bool(change.patch and change.patch.due) == pushed
        assert bool(change.conflicts) == conflict

    @pytest.mark.parametrize(
        ("document", "ticket", "base", "pushed", "conflict"),
        [
            ((), ANA, ANA, False, False),
            (ANA, (), (), True, False),
            (ANA, BO, BO, True, False),
            (ANA, BO, ANA, False, False),
            (ANA, (), ANA, False, False),
            (ANA, BO, (), False, True),
            (ANA, BO, ("cy",), False, True),
            (("ana", "bo"), ("bo", "ana"), ("ana", "bo"), False, False),
        ],
    )
    def test_owner(
        self, document: tuple[str, ...], ticket: tuple[str, ...], base: tuple[str, ...], pushed: bool, conflict: bool
    ) -> None:
        now = make_ticket(Base(TEXT, owners=base, body="b0"), assignees=ticket)
        change = decide(make_item(), make_desired(assignees=document), now)
        assert bool(change.patch and change.patch.assignees) == pushed
        assert bool(change.conflicts) == conflict

    def test_nothing_to_do_is_no_patch(self) -> None:
        assert decide(make_item(), make_desired(), make_ticket()).action is Action.UNCHANGED

    def test_after_a_push_the_base_is_what_was_pushed(self) -> None:
        change = decide(make_item(), make_desired(due=DUE), make_ticket(Base(TEXT, due=OTHER, body="b0"), due=OTHER))
        assert change.patch
        assert change.patch.mark
        assert change.patch.mark.base.due == DUE

    def test_a_reworded_item_retitles_its_ticket_unless_a_person_did(self) -> None:
        desired = make_desired(title="Add a better alert")
        item = make_item(text="Add a better alert")
        assert decide(item, desired, make_ticket()).patch.title == "Add a better alert"  # type: ignore[union-attr]
        kept = decide(item, desired, make_ticket(title="A person's title"))
        assert kept.patch
        assert kept.patch.title is None
        assert decide(item, desired, replace(make_ticket(title="A person's title"), mark=kept.patch.mark)).action is (
            Action.UNCHANGED
        )

    def test_the_description_follows_the_document(self) -> None:
        change = decide(make_item(), make_desired(), make_ticket(), body="b1")
        assert change.patch
        assert change.patch.body
        assert change.patch.mark
        assert change.patch.mark.base.body == "b1"

    def test_nothing_is_pushed_to_a_closed_ticket(self) -> None:
        change = decide(make_item(), make_desired(due=DUE, title="New"), make_ticket(state=State.DONE), body="b1")
        assert change.action is Action.UNCHANGED


class TestAdoption:
    def test_a_linked_ticket_is_given_the_mark_and_what_it_lacks(self) -> None:
        theirs = make_ticket(mark=None, title="Their title", assignees=BO)
        change = decide(make_item(), make_desired(due=DUE), theirs)
        assert change.action is Action.ADOPT
        assert change.patch
        assert change.patch.fields == ("due",)
        assert change.patch.mark

    def test_what_differs_is_reported_and_not_overwritten(self) -> None:
        theirs = make_ticket(mark=None, title="Their title", assignees=BO)
        change = decide(make_item(), make_desired(assignees=ANA), theirs)
        assert change.patch
        assert change.patch.fields == ()
        assert [conflict.what for conflict in change.conflicts] == ["owner"]

    def test_once_adopted_it_is_unchanged(self) -> None:
        theirs = make_ticket(mark=None, title="Their title")
        change = decide(make_item(), make_desired(due=DUE), theirs)
        assert change.patch
        again = replace(theirs, mark=change.patch.mark, due=DUE)
        assert decide(make_item(), make_desired(due=DUE), again).action is Action.UNCHANGED

    def test_a_pull_request_is_followed_and_never_written_to(self) -> None:
        change = decide(make_item(), make_desired(due=DUE), make_ticket(mark=None, pull_request=True))
        assert change.action is Action.FOLLOW
        assert change.patch is None


class TestCompletion:
    @pytest.mark.parametrize("state", [State.DONE, State.WONTDO])
    def test_the_tracker_decides(self, state: State) -> None:
        change = decide(make_item(), make_desired(), make_ticket(state=state), memory=shown(State.OPEN))
        assert change.show_state
        assert not change.conflicts

    def test_a_reopened_ticket_is_open_in_the_document_again(self) -> None:
        change = decide(make_item(state=State.DONE), make_desired(), make_ticket(), memory=shown(State.DONE))
        assert change.show_state
        assert not change.conflicts

    @pytest.mark.parametrize("memory", [shown(State.OPEN), FORGOTTEN])
    def test_a_box_ticked_by_hand_is_reported_and_left(self, memory: Memory) -> None:
        change = decide(make_item(state=State.DONE), make_desired(), make_ticket(), memory=memory)
        assert [c.what for c in change.conflicts] == ["completion"]
        assert not change.show_state

    def test_or_closes_the_ticket_when_the_settings_say_so(self) -> None:
        policy = Policy(TODAY, on_ticked="close")
        change = decide(
            make_item(state=State.DONE), make_desired(), make_ticket(), memory=shown(State.OPEN), policy=policy
        )
        assert change.patch
        assert change.patch.state is State.DONE
        unsure = decide(make_item(state=State.DONE), make_desired(), make_ticket(), policy=policy)
        assert unsure.patch is None
        assert unsure.conflicts

    def test_or_takes_the_tick_back(self) -> None:
        policy = Policy(TODAY, on_ticked="reopen")
        change = decide(
            make_item(state=State.DONE), make_desired(), make_ticket(), memory=shown(State.OPEN), policy=policy
        )
        assert change.show_state
        assert not change.conflicts

    def test_a_tick_taken_back_by_hand_is_reported_and_left(self) -> None:
        change = decide(make_item(), make_desired(), make_ticket(state=State.DONE), memory=shown(State.DONE))
        assert change.conflicts
        assert not change.show_state


class TestBeside:
    def test_a_ticket_without_its_item_is_an_orphan_and_stays(self) -> None:
        postmortem = Postmortem("docs/a.md", b"")
        result = plan(PM, postmortem, [], {}, [make_ticket()], FORGOTTEN, Policy(TODAY))
        assert [t.ref for t in result.orphans] == [REF]
        closed = plan(PM, postmortem, [], {}, [make_ticket(state=State.DONE)], FORGOTTEN, Policy(TODAY))
        assert not closed.orphans

    def test_a_recovered_ticket_is_linked_again(self) -> None:
        change = decide(make_item(), make_desired(), make_ticket(), link=False)
        assert change.action is Action.UNCHANGED
        assert change.ticket
        assert change.reference is None
        assert change.show_state

    def test_a_ticket_of_an_item_that_is_gone_is_no_orphan_while_another_document_links_it(self) -> None:
        postmortem = Postmortem("docs/a.md", b"")
        elsewhere = Evidence(links={REF: (Linker(frozenset({"x#b.md"})),)})
        result = plan(PM, postmortem, [], {}, [make_ticket()], FORGOTTEN, Policy(TODAY), elsewhere)
        assert not result.orphans

    def test_a_ticket_that_is_gone_is_nothing_else_beside(self) -> None:
        one = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        result = plan(PM, postmortem, [one], {REF: None}, [make_ticket()], FORGOTTEN, Policy(TODAY))
        assert [change.action for change in result.changes] == [Action.FAIL]
        assert not result.orphans

    def test_a_copied_mark_is_told_and_believed_by_nobody(self) -> None:
        mark = make_ticket().mark
        copy = make_ticket(ref=replace(REF, key="LOCAL-7"), mark=None, copied=mark)
        result = plan(PM, Postmortem("docs/a.md", b""), [], {}, [copy], FORGOTTEN, Policy(TODAY))
        assert [ticket.ref.key for ticket in result.copies] == ["LOCAL-7"]
        assert (result.orphans, result.twins) == ((), ())


YOUNGER, ELDER = REF, replace(REF, key="LOCAL-0")


class TestTwins:
    def twins(self, younger: Ticket, link: TicketRef | None = None, touched: TicketRef | None = None) -> Plan:
        older = make_ticket(ref=ELDER, ours=True, created=datetime(2026, 1, 1, tzinfo=UTC))
        assert younger.mark
        younger = replace(younger, ours=True, mark=replace(younger.mark, nonce="nonce 2"))
        linked = {ELDER: older, YOUNGER: younger}[link] if link else None
        one = ResolvedItem("local", make_desired(), "b0", (LINK, link) if link else None)
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        return plan(
            PM,
            postmortem,
            [one],
            {link: linked} if link else {},
            [older, younger],
            FORGOTTEN,
            Policy(TODAY),
            touched={touched} if touched else (),
        )

    @pytest.mark.parametrize("link", [None, ELDER])
    def test_the_younger_is_closed(self, link: TicketRef | None) -> None:
        result = self.twins(make_ticket(), link)
        assert [(t.younger.ref, t.older.ref, t.kept) for t in result.twins] == [(YOUNGER, ELDER, "")]
        assert result.changes[0].ticket
        assert result.changes[0].ticket.ref == ELDER
        assert not result.orphans

    def test_one_that_this_document_links_gives_its_link_to_the_elder_first(self) -> None:
        result = self.twins(make_ticket(), YOUNGER)
        assert not result.twins
        assert result.changes[0].ticket
        assert (result.changes[0].ticket.ref, result.changes[0].relink) == (ELDER, True)
        assert not result.orphans

    def test_but_not_when_somebody_has_worked_on_either(self) -> None:
        for touched in (YOUNGER, ELDER):
            result = self.twins(make_ticket(), YOUNGER, touched)
            assert "a document links LOCAL-1" in result.twins[0].kept
            assert "LOCAL-0 and LOCAL-1 are tickets of one action item" in str(result.twins[0])
            assert result.changes[0].ticket
            assert result.changes[0].ticket.ref == YOUNGER

    def test_nor_when_somebody_has_worked_on_it(self) -> None:
        assert "somebody has worked on LOCAL-1" in self.twins(make_ticket(), ELDER, YOUNGER).twins[0].kept

    def test_one_that_a_person_completed_passes_that_on_to_the_elder(self) -> None:
        result = self.twins(make_ticket(state=State.DONE), ELDER)
        assert not result.twins
        (change,) = result.changes
        assert change.patch
        assert change.patch.state is State.DONE
        assert "its twin LOCAL-1 was completed; LOCAL-0 takes that over" in change.notes

    def test_but_not_to_one_that_somebody_opened_again(self) -> None:
        younger = make_ticket(state=State.DONE, ours=True)
        assert younger.mark
        younger = replace(younger, mark=replace(younger.mark, nonce="nonce 2"))
        older = make_ticket(ref=ELDER, ours=True, created=datetime(2026, 1, 1, tzinfo=UTC))
        one = ResolvedItem("local", make_desired(), "b0", (LINK, ELDER))
        items = (make_item(state=State.DONE, written=State.DONE),)
        postmortem = Postmortem("docs/a.md", b"", items=items)
        found = plan(PM, postmortem, [one], {ELDER: older}, [older, younger], FORGOTTEN, Policy(TODAY))
        assert found.changes[0].patch is None
        assert found.changes[0].show_state


class TestTheMark:
    def test_that_names_another_postmortem_is_put_right_and_told(self) -> None:
        ticket = make_ticket()
        assert ticket.mark
        theirs = replace(ticket, mark=replace(ticket.mark, place="x#other.md", print="another"))
        change = decide(make_item(), make_desired(), theirs)
        assert change.action is Action.UPDATE
        assert change.patch
        assert change.patch.fields == ()
        assert change.patch.mark == ticket.mark
        assert "the mark on LOCAL-1 named x#other.md" in change.notes[0]

    @pytest.mark.parametrize("field", ["print", "version"])
    def test_is_not_written_anew_for_a_title_or_a_version_alone(self, field: str) -> None:
        ticket = make_ticket()
        assert ticket.mark
        old = replace(ticket.mark, print="of another title") if field == "print" else ticket.mark
        if field == "version":
            old = replace(old, place="path:docs/a.md", print="", item=f"{item_digest(TEXT)}.old", version=1)
        origin = replace(PM, former=("path:docs/a.md",))
        one = ResolvedItem("local", make_desired(due=DUE), "b0", (LINK, REF))
        quiet = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        now = {REF: replace(ticket, mark=old)}
        unchanged = plan(origin, postmortem, [quiet], now, [], FORGOTTEN, Policy(TODAY)).changes[0]
        assert unchanged.action is Action.UNCHANGED
        written = plan(origin, postmortem, [one], now, [], FORGOTTEN, Policy(TODAY)).changes[0].patch
        assert written
        assert written.mark
        assert (written.mark.place, written.mark.print, written.mark.version) == (PM.place, PM.print, 2)
        assert written.mark.nonce == old.nonce

    def test_that_another_ticket_carries_as_well_counts_for_nothing_with_other_words(self) -> None:
        original = make_ticket(ref=replace(REF, key="LOCAL-5"))
        assert original.mark
        pasted = make_ticket(mark=replace(original.mark, item=item_digest("Something else")))
        one = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        found = plan(PM, postmortem, [one], {REF: pasted}, [original], FORGOTTEN, Policy(TODAY)).changes[0]
        assert found.action is Action.ADOPT
        assert found.patch
        assert found.patch.mark
        assert found.patch.mark.nonce == ""


class TestWhatAPersonSaid:
    def test_same_gives_the_item_its_ticket(self) -> None:
        item = make_item(text="Add an alert soon")
        said = Decisions(same={item_digest(item.text): REF})
        one = ResolvedItem("local", make_desired(title=item.text), "b1")
        postmortem = Postmortem("docs/a.md", b"", items=(item,))
        found = plan(PM, postmortem, [one], {}, [make_ticket()], FORGOTTEN, Policy(TODAY), decisions=said).changes[0]
        assert found.action is Action.UPDATE
        assert found.patch
        assert found.patch.title == item.text

    @pytest.mark.parametrize("text", ["Add an alert soon", TEXT])
    def test_new_gives_it_one_of_its_own(self, text: str) -> None:
        item = make_item(text=text)
        said = Decisions(new={item_digest(text): REF})
        one = ResolvedItem("local", make_desired(title=text), "b1")
        postmortem = Postmortem("docs/a.md", b"", items=(item,))
        found = plan(PM, postmortem, [one], {}, [make_ticket()], FORGOTTEN, Policy(TODAY), decisions=said).changes[0]
        assert found.action is Action.CREATE
        assert found.desired
        assert found.desired.mark.item != make_ticket().mark.item  # type: ignore[union-attr]

    @pytest.mark.parametrize(("take", "pushed"), [("document", OTHER), ("ticket", None)])
    def test_take_ends_a_conflict(self, take: str, pushed: date | None) -> None:
        ticket = make_ticket(Base(TEXT, due=DUE, body="b0"), due=date(2026, 9, 9))
        said = Decisions(take={(item_digest(TEXT), "due date"): take})
        one = ResolvedItem("local", make_desired(due=OTHER), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        found = plan(PM, postmortem, [one], {REF: ticket}, [], FORGOTTEN, Policy(TODAY), decisions=said).changes[0]
        assert found.patch
        assert (found.patch.due, found.conflicts) == (pushed, ())
        assert found.patch.mark
        assert found.patch.mark.base.due == OTHER

    @pytest.mark.parametrize("take", ["document", "ticket"])
    def test_about_a_box_as_well(self, take: str) -> None:
        said = Decisions(take={(item_digest(TEXT), "completion"): take})
        one = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(state=State.DONE),))
        found = plan(PM, postmortem, [one], {REF: make_ticket()}, [], FORGOTTEN, Policy(TODAY), decisions=said).changes[
            0
        ]
        assert found.conflicts == ()
        assert (found.patch.state if found.patch else None) == (State.DONE if take == "document" else None)


class TestTitles:
    @pytest.mark.parametrize(
        ("document", "ticket", "base", "pushed", "conflict"),
        [
            ("A", "A", "A", False, False),
            ("B", "A", "A", True, False),
            ("A", "mine", "A", False, False),
            ("B", "mine", "A", False, True),
            ("B", "B", "A", False, False),
        ],
    )
    def test_of_both_sides_changed_neither_is_overwritten(
        self, document: str, ticket: str, base: str, pushed: bool, conflict: bool
    ) -> None:
        now = make_ticket(Base(base, body="b0"), title=ticket)
        change = decide(make_item(), make_desired(title=document), now, body="b1")
        assert bool(change.patch and change.patch.title) == pushed
        assert [c.what for c in change.conflicts] == (["title"] if conflict else [])
        if conflict:
            assert change.patch is None or change.patch.body is None


class TestWhatTheDocumentItselfTells:
    """Without any journal: words of ours beside a box say what was written, the box says what a person did."""

    MADE = make_ticket(ours=True)
    CLOSED = make_ticket(ours=True, state=State.DONE)

    def test_an_untick_is_reported(self) -> None:
        item = make_item(state=State.DONE, written=State.DONE, box_says=State.OPEN)
        change = decide(item, make_desired(), self.CLOSED)
        assert [str(c) for c in change.conflicts] == [
            "completion: the document says open, changed by hand, the ticket says done"
        ]
        assert not change.show_state

    def test_an_untick_of_a_ticket_that_is_open_again_is_none(self) -> None:
        item = make_item(state=State.DONE, written=State.DONE, box_says=State.OPEN)
        change = decide(item, make_desired(), self.MADE)
        assert (change.conflicts, change.show_state) == ((), True)

    def test_a_ticket_that_was_reopened_opens_the_box(self) -> None:
        for older in (FORGOTTEN, shown(State.OPEN)):
            item = make_item(state=State.DONE, written=State.DONE)
            change = decide(item, make_desired(), self.MADE, memory=older, policy=Policy(TODAY, on_ticked="close"))
            assert (change.conflicts, change.show_state, change.patch) == ((), True, None)

    def test_a_tick_without_words_is_a_person_s(self) -> None:
        item = make_item(state=State.DONE)
        assert decide(item, make_desired(), self.MADE).conflicts
        closing = decide(item, make_desired(), self.MADE, policy=Policy(TODAY, on_ticked="close"))
        assert closing.patch
        assert closing.patch.state is State.DONE

    def test_once_the_ticket_is_closed_too_the_words_come(self) -> None:
        assert decide(make_item(state=State.DONE), make_desired(), self.CLOSED).say_state
        theirs = make_ticket(state=State.DONE)
        assert not decide(make_item(state=State.DONE), make_desired(), theirs).say_state
        assert decide(make_item(state=State.DONE), make_desired(), theirs, memory=shown(State.OPEN)).say_state
        assert not decide(make_item(state=State.DONE, written=State.DONE), make_desired(), self.CLOSED).say_state
