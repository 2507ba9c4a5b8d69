"""Owners whom nobody knows, and an item as it was on an earlier day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sync.model import State
from sync.report.facts import Facts, ItemFact, PostmortemFact, WaitingFact
from sync.report.figures import Unresolved
from sync.report.html import page
from sync.report.report import month_before, report

HERE = PostmortemFact("p", "docs", "a.md", day=date(2026, 3, 1))


def unknown(owner: str, tracker: str) -> WaitingFact:
    words = f"owner {owner!r} is not resolved: no account goes by that name"
    return WaitingFact("owner", HERE, 1, words, owner=owner, tracker=tracker)


def test_owners_whom_nobody_knows_are_grouped_with_the_line_to_copy() -> None:
    people = [
        unknown('Zoë "Z"', "jira"),
        unknown("Bo", "jira"),
        unknown("bo", "github"),
        WaitingFact("owner", HERE, 1, "x"),
    ]
    found = report(Facts((HERE,), (ItemFact(HERE, "x"),), tuple(people)), date(2026, 4, 1))
    assert found.unresolved == (
        Unresolved("Bo", ("github", "jira"), 2, '"Bo" = { github = "…", jira = "…" }'),
        Unresolved('Zoë "Z"', ("jira",), 1, '"Zoë \\"Z\\"" = { jira = "…" }'),
    )
    assert "&#34;Bo&#34; = { github = &#34;…&#34;, jira = &#34;…&#34; }" in page(found)


def test_an_item_as_it_was_on_an_earlier_day() -> None:
    moved = (date(2026, 3, 10), date(2026, 3, 15)), (date(2026, 3, 20), date(2026, 3, 30))
    item = ItemFact(HERE, "x", due=date(2026, 4, 30), start=HERE.day, dues=moved)
    closed = replace(item, state=State.DONE, closed_on=date(2026, 4, 5))
    assert item.on(date(2026, 2, 28)) is None
    dues = {day: found.due for day in (5, 10, 19, 20) if (found := item.on(date(2026, 3, day)))}
    assert dues == {5: date(2026, 3, 15), 10: date(2026, 3, 30), 19: date(2026, 3, 30), 20: date(2026, 4, 30)}
    for day, state in ((date(2026, 4, 4), State.OPEN), (date(2026, 4, 5), State.DONE)):
        then = closed.on(day)
        assert then
        assert then.state is state
    undated = replace(closed, closed_on=None)
    assert undated.on(date(2026, 3, 2)) == replace(undated, due=date(2026, 3, 15))
    assert item.first_due == date(2026, 3, 15)


def test_a_month_before() -> None:
    assert month_before(date(2026, 3, 31)) == date(2026, 2, 28)
    assert month_before(date(2026, 1, 15)) == date(2025, 12, 15)
