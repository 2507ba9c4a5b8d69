"""Scenarios carried out side by side, one process for each core; their tallies come in order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from tests.faults.program import Programs
from tests.faults.scenarios import carry_out
from tests.faults.tally import Tally

Case = tuple[str, str, int, int, str]
"""Scenario, tracker, seed, size, and the safeguard that is switched off."""


def tallies(cases: Iterable[Case], jobs: int) -> Iterator[Tally]:
    """Carry them out."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        yield from pool.map(_one, list(cases))


@cache
def _programs() -> Programs:
    """Of this process; it ends with it."""
    return Programs()


def _one(case: Case) -> Tally:
    name, tracker, seed, size, mutate = case
    return carry_out(name, tracker, _programs(), seed, size, mutate)
