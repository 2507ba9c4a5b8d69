from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sync.identity import item_id, text_digest
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
from sync.plan import FORGOTTEN, Memory, Policy, ResolvedItem, plan

PM = "path:docs/a.md"
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
    return replace(DesiredTicket("", TEXT, Body(TEXT, "T", ""), Mark(PM, "", text_digest(TEXT))), **fields)  # type: ignore[arg-type]


def make_ticket(base: Base | None = None, **fields: object) -> Ticket:
    mark = Mark(PM, item_id(PM, TEXT, 0), text_digest(TEXT), base or Base(TEXT, body="b0"))
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
        assert change.desired.mark == Mark(PM, item_id(PM, TEXT, 0), text_digest(TEXT), Base(TEXT, (), DUE, "b0"))

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
        change = decide(make_item(), make_desired(), memory=Memory({}, {item_id(PM, TEXT, 0): "looked for"}))
        assert change.action is Action.SKIP
        assert change.reasons == ("looked for",)

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

    def test_the_younger_twin_is_closed_and_the_link_leads_to_the_older(self) -> None:
        younger = make_ticket()
        older = replace(
            younger, ref=replace(REF, key="LOCAL-0"), url="local:LOCAL-0", created=datetime(2026, 1, 1, tzinfo=UTC)
        )
        one = ResolvedItem("local", make_desired(), "b0", (LINK, REF))
        postmortem = Postmortem("docs/a.md", b"", items=(make_item(),))
        result = plan(PM, postmortem, [one], {REF: younger}, [older, younger], FORGOTTEN, Policy(TODAY))
        assert [(t.younger.ref.key, t.older.ref.key) for t in result.twins] == [("LOCAL-1", "LOCAL-0")]
        assert result.changes[0].ticket == older
        assert result.changes[0].relink
        assert not result.orphans

    def test_a_recovered_ticket_is_linked_again(self) -> None:
        change = decide(make_item(), make_desired(), make_ticket(), link=False)
        assert change.action is Action.UNCHANGED
        assert change.ticket
        assert change.reference is None
        assert change.show_state
