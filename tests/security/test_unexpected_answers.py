"""An answer of an unexpected shape is told or does nothing; it never ends in a traceback, a twin, or a wrong word."""

from __future__ import annotations

import pytest

from adapters.github.schemas import ISSUES, NODES
from adapters.http.schemas import UnexpectedAnswer
from adapters.jira import schemas as jira_shapes
from sync.marks import mark_from_values, mark_to_values
from sync.model import Base, Mark
from tests.faults.unexpected_answers import judged, sample
from tests.faults.unexpected_stories import TEAMS

SEED = 2026
SIZE = 6


@pytest.mark.parametrize("team", range(len(TEAMS)), ids=[kind.name for kind in TEAMS])
def test_some_answers_of_each_server_made_odd(team: int) -> None:
    verdicts = [judged(case) for case in sample(SEED, team, SIZE)]
    assert [(str(verdict.case), verdict.wrong) for verdict in verdicts if verdict.wrong] == []
    assert any(verdict.reported for verdict in verdicts)


def test_what_was_odd_is_told_without_a_value_of_the_answer() -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        NODES.read({"r0": {"i1": {"title": ["very private"]}}})
    assert "very private" not in str(caught.value)
    assert str(caught.value).startswith("r0.i1.")
    with pytest.raises(UnexpectedAnswer, match=r"^0: "):
        ISSUES.read([None])


def test_numbers_are_no_words_and_true_is_no_number() -> None:
    whole = {"id": "1", "key": "OPS-1"}
    for wrong in ({"id": 1}, {"key": 7}, {"key": "OPS"}, {"key": ""}):
        with pytest.raises(UnexpectedAnswer):
            jira_shapes.ISSUE.read({**whole, **wrong, "fields": {}})


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("other", [7, True, [None], {"unexpected": "unexpected"}], ids=str)
def test_a_mark_that_is_not_made_of_texts_is_none(place: int, other: object) -> None:
    base = Base("A title", ("ana",), None, "a body")
    first: list[object] = ["path:a.md", "an item", "a digest", "A title", ["ana"], None, "a body"]
    values = mark_to_values(Mark("home#a.md", "a print", "an item", base, "a nonce", "an id"))
    *names, pushed = values
    wrong = [_with(first, place, other)]
    wrong += [_with(values, place, other)] if place < len(values) else []
    wrong += [[*names, _with(pushed, place, other)]] if place < len(pushed) else []
    for kept in wrong:
        with pytest.raises((ValueError, TypeError)):
            mark_from_values(kept)


def _with(values: list[object], place: int, other: object) -> list[object]:
    return [*values[:place], other, *values[place + 1 :]]
