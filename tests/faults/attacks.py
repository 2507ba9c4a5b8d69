"""What all attacks have in common: teams are built, harmed once each, left to recover, and judged."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.program import Programs
from tests.faults.tally import Tally
from tests.faults.teams import Team, blame, team_on
from tests.simulators.jira_wire import Answer, Asked, Fault

Harm = Callable[[Team, int], int]
"""Does harm to a team, given the number of the case; how many faults that were."""


class Attack:
    """One scenario on one tracker.

    Args:
        kind: of the team.
        size: how many cases, at most.
        mutate: a safeguard to switch off.
    """

    def __init__(self, kind: str, folder: Path, programs: Programs, seed: int, size: int, mutate: str = "") -> None:
        self.kind = kind
        self.folder = folder
        self.programs = programs
        self.chance = random.Random(seed)
        self.size = size
        self.mutate = mutate
        self._number = 0

    def each(self, tally: Tally, harm: Harm, cases: int, machine: str = "one") -> None:
        """So many teams, each harmed once, then recovering on that machine."""
        for number in range(cases):
            self._number += 1
            with team_on(self.kind, self.folder / str(self._number), self.programs) as team:
                tally.runs += 1
                bad = tally.bad
                tally.faults += harm(team, number)
                if team.wire:
                    team.wire.faults.clear()
                team.recover(tally, machine, self.mutate)
                if tally.bad > bad:
                    tally.notes.append(f"{self.kind}, {tally.scenario}, case {number}")

    def moments(self, every: bool = False) -> list[int]:
        """Operations to be harmed: each in turn, or as many as `size` allows, spread evenly with a jitter."""
        return self.some(self.operations(every))

    def operations(self, every: bool = False) -> int:
        """How many operations a whole run makes."""
        with team_on(self.kind, self.folder / "operations", self.programs) as team:
            return team.run(every=every, count=True, mutate=self.mutate).operations

    def some(self, total: int) -> list[int]:
        """Numbers from 1 to `total`: all, or as many as `size` allows, spread evenly with a jitter."""
        if total <= self.size:
            return list(range(1, total + 1))
        step = total / self.size
        return [min(total, 1 + int(step * (number + self.chance.random()))) for number in range(self.size)]

    def requests(self, method: str = "", path: str = "") -> int:
        """How many requests with that method, to paths where that pattern is found, a whole run makes."""
        with team_on(self.kind, self.folder / "requests", self.programs) as team:
            assert team.wire is not None
            before = len(team.wire.calls(method, path))
            team.run(mutate=self.mutate)
            return len(team.wire.calls(method, path)) - before

    def run_with(self, team: Team, tally: Tally, *faults: Fault, **values: Any) -> int:
        """A run with these faults on the wire; how many they are."""
        assert team.wire is not None
        team.wire.faults.extend(faults)
        blame(tally, team.run(mutate=self.mutate, **values))
        team.wire.faults.clear()
        return len(faults)


def at_request(team: Team, number: int, before: Callable[[], None] | None, after: Callable[[], None] | None) -> None:
    """Let something happen when the server has got its n-th request from now, counted from 1, or has carried it out."""
    assert team.wire is not None
    wire, answer, count = team.wire, team.wire.answer, 0

    def watched(asked: Asked) -> Answer | None:
        nonlocal count
        count += 1
        mine = count == number
        if mine:
            wire.answer = answer  # type: ignore[method-assign]
        if mine and before:
            before()
        answered = answer(asked)
        if mine and after:
            after()
        return answered

    wire.answer = watched  # type: ignore[method-assign]
