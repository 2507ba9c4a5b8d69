"""The short version of `make faults`, with a fixed seed: each scenario on one of its trackers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.mutations import NOTICED_BY, what_is_wrong
from tests.faults.page import put
from tests.faults.program import Programs
from tests.faults.scenarios import PAGES, SCENARIOS, carry_out
from tests.faults.switches import SWITCHES
from tests.faults.tally import row

SEED = 2026
SHORT = [(name, s.trackers[number % len(s.trackers)]) for number, (name, s) in enumerate(SCENARIOS.items())]


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    started = Programs()
    yield started
    started.close()


@pytest.mark.parametrize(("name", "tracker"), SHORT)
def test_nothing_is_lost_and_nothing_is_made_twice(programs: Programs, name: str, tracker: str) -> None:
    tally = carry_out(name, tracker, programs, SEED, 2)
    assert tally.runs
    assert not tally.bad, f"{row(tally)} {tally.notes}"


@pytest.mark.parametrize("tracker", PAGES)
@pytest.mark.parametrize("name", [name for name, s in SCENARIOS.items() if PAGES[0] in s.trackers and not s.may_twin])
def test_no_page_is_harmed(programs: Programs, name: str, tracker: str) -> None:
    tally = carry_out(name, tracker, programs, SEED, 1)
    assert tally.runs
    assert not tally.bad, f"{row(tally)} {tally.notes}"


@pytest.mark.parametrize("tracker", ["local", "github", "jira data center"])
def test_machines_that_meet_make_tickets_twice_and_that_heals(programs: Programs, tracker: str) -> None:
    tally = carry_out("2 machines at once, no shared state", tracker, programs, SEED, 1)
    assert (tally.twins, tally.bad) == (4, 0), f"{row(tally)} {tally.notes}"


@pytest.mark.parametrize(
    ("safeguard", "name", "tracker", "size", "wrong"),
    [
        ("the intent record", "index lags, answers lost", "github", 2, "twins that had to be healed"),
        ("expectedHeadOid", "branch moved at each request", "github source", 6, "lost edits"),
        ("the page's version", "page edited at each request", "confluence cloud", 24, "lost edits"),
        ("the healing of twins", "2 machines at once, no shared state", "jira cloud", 1, "4 duplicates"),
    ],
)
def test_a_safeguard_that_is_switched_off_is_missed(
    programs: Programs, safeguard: str, name: str, tracker: str, size: int, wrong: str
) -> None:
    assert (name, tracker) in [place[:2] for place in NOTICED_BY[safeguard]]
    assert wrong in what_is_wrong(carry_out(name, tracker, programs, SEED, size, safeguard))


def test_every_safeguard_is_attacked() -> None:
    assert NOTICED_BY.keys() == SWITCHES.keys()
    assert all(tracker in SCENARIOS[name].trackers for places in NOTICED_BY.values() for name, tracker, _ in places)


def test_a_table_is_put_between_its_comments(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Words.\n\n<!-- faults -->\nold\n<!-- end of faults -->\nMore.\n")
    put(page, "faults", "new")
    assert page.read_text() == "Words.\n\n<!-- faults -->\n\nnew\n\n<!-- end of faults -->\nMore.\n"
