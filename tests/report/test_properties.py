"""Whatever the facts: every part of a report sums to its whole, and every form of it can be made."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.model import State
from sync.process.terminal import Terminal
from sync.report.facts import Facts, ItemFact, PostmortemFact, WaitingFact
from sync.report.html import page
from sync.report.lists import KINDS
from sync.report.markdown import digest
from sync.report.report import report
from sync.report.terminal import show
from tests.report.test_html import Page

TODAY = date(2026, 3, 1)
DAYS = st.none() | st.integers(-900, 400).map(lambda number: TODAY + timedelta(days=number))
WORDS = st.sampled_from(["", "a", "A", " a ", "é", "<b>", "&", "]]>", "\x1b[1m", "\u202e", "x" * 300]) | st.text(
    max_size=9
)


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    postmortems = tuple(
        PostmortemFact(
            str(n), "docs", f"{n}.md", draw(WORDS), draw(WORDS), draw(DAYS), draw(WORDS), draw(WORDS), draw(WORDS)
        )
        for n in range(draw(st.integers(1, 4)))
    )
    items = tuple(
        ItemFact(
            draw(st.sampled_from(postmortems)),
            draw(WORDS),
            draw(st.integers(0, 9)),
            tuple(draw(st.lists(WORDS.filter(bool), max_size=2, unique=True))),
            draw(DAYS),
            draw(st.sampled_from(State)),
            draw(DAYS),
            draw(DAYS),
            tracker=draw(st.sampled_from(["", "jira", "github"])),
            key=draw(WORDS),
            url=draw(WORDS),
            slips=tuple(draw(st.lists(st.integers(1, 99), max_size=4))),
        )
        for _ in range(draw(st.integers(0, 12)))
    )
    waiting = tuple(
        WaitingFact(kind, draw(st.sampled_from(postmortems)), 1, draw(WORDS), draw(WORDS), draw(WORDS))
        for kind in draw(st.lists(st.sampled_from(KINDS), max_size=3))
    )
    return Facts(postmortems, items, waiting, draw(DAYS), draw(st.sampled_from(["journal", "documents"])))


@settings(max_examples=60)
@given(worlds())
def test_parts_sum_to_wholes_and_every_form_can_be_made(facts: Facts) -> None:
    found = report(facts, TODAY)
    counts = found.counts
    assert counts.items == counts.open + counts.done + counts.wontdo == len(facts.items)
    assert counts.overdue == len(found.overdue) <= counts.open
    for groups in (found.teams, found.services, found.severities, found.trackers):
        for name in ("items", "open", "overdue", "done", "wontdo"):
            assert sum(getattr(group.counts, name) for group in groups) == getattr(counts, name)
        for window, rate in found.within.items():
            assert sum(group.within[window].of for group in groups) == rate.of
            assert sum(group.within[window].done for group in groups) == rate.done <= rate.of
        assert sum(group.speed.items for group in groups) == found.speed.items
    assert sum(bucket.open for bucket in found.ages.buckets) == found.ages.items <= counts.open
    assert sum(load.open for load in found.owners) >= counts.open
    assert found.slips.once + found.slips.twice + found.slips.more == found.slips.items
    if found.flow:
        last = found.flow[-1]
        assert last.month == f"{TODAY:%Y-%m}"
        assert 0 <= last.open <= counts.items
    assert json.loads(json.dumps(found.to_json())) == found.to_json()
    Page(page(found))
    assert "\x1b" not in digest(found)
    out = io.StringIO()
    show(Terminal(out, verbose=True), found)
    assert "\x1b" not in out.getvalue()
