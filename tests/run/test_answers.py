"""An answer outlives whatever happens while it is carried out, and never makes a second ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.errors import TrackerError
from sync.journal.open import open_journal
from sync.journal.questions import Question, Questions
from sync.ports import Created
from tests.properties.test_many_runs import Crash
from tests.run.test_rewording import CRASHES, OLD, OTHER, SMALL, TRACKERS, Dying, Team, team_on


@pytest.fixture(params=TRACKERS)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    with team_on(request.param, tmp_path) as team:
        yield team


def asked(team: Team, answer: str = "") -> list[Question]:
    """What is asked now; `answer` is given to each."""
    journal = open_journal(f"sqlite:///{team.state / 'one'}.db")
    questions = Questions(journal)
    found = questions.all()
    for question in found if answer else ():
        questions.answer(question.number, answer)
    journal.close()
    return found


def held(team: Team) -> None:
    """An item that may have the ticket of another one, as that lost its link."""
    team.put(OLD, OTHER)
    team.runs()
    team.write("a.md", team.read("a.md").replace(team.linked(OLD), "").replace(OLD, SMALL))
    assert team.run(elsewhere=team.there.tracker).held == 1
    team.there.settle()


class Refusing:
    """Wraps a port: the tracker refuses what one of its calls asks for."""

    def __init__(self, port: Any, name: str) -> None:
        self._port, self._name = port, name

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if name != self._name:
            return value

        def call(asked: Any, *args: Any) -> list[Created]:
            if name == "create":
                return [Created(error=TrackerError("no")) for _ in asked]
            raise TrackerError("no")

        return call


@pytest.mark.parametrize("answer", ["same", "new"])
@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("journal", ["kept", "lost"])
def test_a_process_that_dies_while_it_carries_one_out(team: Team, answer: str, crash: str, journal: str) -> None:
    held(team)
    (question,) = asked(team, answer)
    name, after = CRASHES[crash]
    name = "update" if (name, answer) == ("create", "same") else name
    with pytest.raises(Crash):
        team.run(elsewhere=team.there.tracker, wrap=lambda port: Dying(port, name, after))
    team.there.settle()
    if journal == "lost":
        team.loses_its_journal()
    for _ in range(2):
        summary = team.run(elsewhere=team.there.tracker)
        team.there.settle()
    assert (summary.held, summary.created, asked(team)) == (0, 0, [])
    titles = [SMALL, OTHER] if answer == "same" else [OLD, OTHER, SMALL]
    assert sorted(ticket.title for ticket in team.all()) == sorted(titles)
    assert "(" in team.linked(SMALL)
    assert question.text.startswith("it may be ")


@pytest.mark.parametrize("answer", ["same", "new"])
def test_one_that_the_tracker_refuses_is_tried_again_by_the_next_run(team: Team, answer: str) -> None:
    held(team)
    asked(team, answer)
    name = "update" if answer == "same" else "create"
    assert team.run(elsewhere=team.there.tracker, wrap=lambda port: Refusing(port, name)).failed == 1
    assert [question.answer for question in asked(team)] == [answer]
    team.there.settle()
    assert team.run(elsewhere=team.there.tracker).failed == 0
    assert asked(team) == []
    assert "(" in team.linked(SMALL)


@pytest.mark.parametrize("answer", ["same", "new"])
def test_about_a_document_that_was_moved_where_nobody_can_tell(team: Team, answer: str) -> None:
    team.put(OLD)
    team.runs()
    text = team.read("a.md").replace(team.linked(OLD), "")
    (team.docs / "a.md").unlink()
    team.write("moved/a.md", text)
    assert team.run(elsewhere=team.there.tracker).held == 1
    (question,) = asked(team, answer)
    assert "nobody can tell whether that was moved here" in question.text
    team.runs()
    assert team.run(elsewhere=team.there.tracker).held == 0
    assert len(team.all()) == (1 if answer == "same" else 2)
    assert team.all()[-1].url in team.read("moved/a.md")
