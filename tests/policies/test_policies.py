"""Which policy is for an item, what it asks, and whether the item keeps to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync.model import State
from sync.policies.days import within
from sync.policies.policies import (
    Deadline,
    DeadlinePolicy,
    Judgement,
    Kind,
    Match,
    Policies,
    Progress,
    Subject,
    judge,
)
from sync.policies.severity import fold

DAY = date(2026, 11, 1)
STRICT = DeadlinePolicy(
    "severity 1", Match(severity=("1",)), within("3d"), within("15 working days"), within("4 weeks")
)
REST = DeadlinePolicy("the rest", due=within("8 weeks"), assigned=within("1 week"))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        *((text, "1") for text in ("1", "SEV1", "SEV-1", "sev 1", "Sev_1", "S1", "P1", "p-1", "Severity 1", "Prio 1")),
        *((text, "1") for text in ("SEV-1 (critical)", "SEV1: critical", "SEV 1 – major outage", "Severity: 1", "#1")),
        ("SEV-0", "0"),
        ("Critical", "critical"),
        ("", ""),
        ("  High   impact ", "high impact"),
        ("SEV-2.5", "sev-2.5"),
        ("1 of 3", "1 of 3"),
        ("SEV12", "sev12"),
        ("SEV1/SEV2", "sev1/sev2"),
    ],
)
def test_a_severity_is_one_however_it_is_spelled(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("match", "subject", "fits"),
    [
        (Match(), Subject(), True),
        (Match(severity=("1",)), Subject("SEV-1"), True),
        (Match(severity=("SEV-1",)), Subject("p1"), True),
        (Match(severity=("1", "2")), Subject("Sev 2"), True),
        (Match(severity=("1",)), Subject("SEV-2"), False),
        (Match(severity=("1",)), Subject(), False),
        (Match(severity=("*",)), Subject("SEV-3"), True),
        (Match(severity=("[12]",)), Subject("SEV-2"), True),
        (Match(severity=("critical",)), Subject("Critical"), True),
        (Match(service=("check*",)), Subject(service="Checkout"), True),
        (Match(service=("check*",), team=("pay*",)), Subject(service="Checkout", team="Payments"), True),
        (Match(service=("check*",), team=("pay*",)), Subject(service="Checkout", team="Search"), False),
        (Match(label=("security",)), Subject(labels=("data", "Security")), True),
        (Match(label=("security",)), Subject(labels=("data",)), False),
        (Match(priority=("P0",)), Subject(priority="p0"), True),
        (Match(type=("prevent",)), Subject(type="mitigate"), False),
    ],
)
def test_which_items_a_policy_is_for(match: Match, subject: Subject, fits: bool) -> None:
    assert match.fits(subject) is fits


def asked(policies: Policies, subject: Subject, start: date | None = DAY) -> dict[Kind, tuple[str, date | None]]:
    return {one.kind: (one.policy.name, one.by) for one in policies.deadlines(subject, start)}


def test_of_each_kind_the_first_policy_that_states_one_counts() -> None:
    policies = Policies((replace(STRICT, assigned=None), REST))
    assert asked(policies, Subject("sev1")) == {
        Kind.ASSIGNED: ("the rest", date(2026, 11, 8)),
        Kind.DUE: ("severity 1", date(2026, 11, 20)),
        Kind.DONE: ("severity 1", date(2026, 11, 29)),
    }
    assert asked(policies, Subject("sev2")) == {
        Kind.ASSIGNED: ("the rest", date(2026, 11, 8)),
        Kind.DUE: ("the rest", date(2026, 12, 27)),
    }
    assert asked(Policies(), Subject("sev1")) == {}


def test_without_a_day_to_count_from_nothing_has_an_end() -> None:
    policies = Policies((replace(STRICT, fills_due=True),))
    assert {by for _, by in asked(policies, Subject("sev1"), None).values()} == {None}
    assert {by for _, by in asked(policies, Subject("sev1"), date.max).values()} == {None}
    assert policies.filled(Subject("sev1"), None) is None


def test_only_a_policy_that_says_so_gives_a_due_date() -> None:
    subject = Subject("sev1")
    assert Policies((STRICT,)).filled(subject, DAY) is None
    filled = Policies((replace(STRICT, fills_due=True), REST)).filled(subject, DAY)
    assert filled is not None
    assert filled.by == date(2026, 11, 20)
    # The first policy states the due date, and does not give one.
    assert Policies((STRICT, replace(REST, fills_due=True))).filled(subject, DAY) is None


BY = date(2026, 11, 20)
LATE, SOON = date(2026, 11, 21), BY


@pytest.mark.parametrize(
    ("kind", "item", "today", "verdict"),
    [
        (Kind.ASSIGNED, Progress(State.OPEN, True), LATE, Judgement.KEPT),
        (Kind.ASSIGNED, Progress(State.OPEN, False), SOON, Judgement.RUNNING),
        (Kind.ASSIGNED, Progress(State.OPEN, False), LATE, Judgement.BROKEN),
        (Kind.ASSIGNED, Progress(State.DONE, False), LATE, Judgement.UNKNOWN),
        (Kind.DUE, Progress(State.OPEN, True, BY), LATE, Judgement.KEPT),
        (Kind.DUE, Progress(State.OPEN, True, LATE), SOON, Judgement.BROKEN),
        (Kind.DUE, Progress(State.OPEN, True), SOON, Judgement.BROKEN),
        (Kind.DUE, Progress(State.DONE, True, LATE, BY), LATE, Judgement.KEPT),
        (Kind.DUE, Progress(State.DONE, True, None, LATE), LATE, Judgement.BROKEN),
        (Kind.DUE, Progress(State.DONE, True), LATE, Judgement.UNKNOWN),
        (Kind.DONE, Progress(State.OPEN, True), SOON, Judgement.RUNNING),
        (Kind.DONE, Progress(State.OPEN, True, LATE), LATE, Judgement.BROKEN),
        (Kind.DONE, Progress(State.DONE, True, None, BY), LATE, Judgement.KEPT),
        (Kind.DONE, Progress(State.DONE, True, None, LATE), LATE, Judgement.BROKEN),
        (Kind.DONE, Progress(State.DONE, True), LATE, Judgement.UNKNOWN),
        *((kind, Progress(State.WONTDO, False, LATE, LATE), LATE, None) for kind in Kind),
    ],
)
def test_how_an_item_stands_to_a_deadline(kind: Kind, item: Progress, today: date, verdict: Judgement | None) -> None:
    policy = DeadlinePolicy("all", assigned=within("19d"), due=within("19d"), done=within("19d"))
    assert judge(Deadline(policy, kind, BY), item, today) is verdict
    if verdict is not None:
        assert judge(Deadline(policy, kind, None), item, today) is Judgement.UNKNOWN
