"""Every scenario by its name, the trackers it is for, and how one is carried out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults import company, ends, stores, wires
from tests.faults.attacks import Attack
from tests.faults.program import Programs
from tests.faults.tally import Tally
from tests.faults.teams import FORWARD, TUNNEL

PAGES = ("confluence cloud", "confluence data center")
"""Where the documents are pages, beside Jira."""

REMOTE = ("github", "github source", "jira cloud", "jira data center")
ALL = ("local", *REMOTE)
PROXIED = tuple(f"{kind}{way}" for kind in ("github", "jira cloud") for way in (TUNNEL, FORWARD))
"""Behind a proxy, by https and by http."""

WIRES = (*REMOTE, *PROXIED)
"""For what goes wrong on the network."""

FILES = ("local", "github", "jira cloud")
"""Where the documents are files."""


@dataclass(frozen=True)
class Scenario:
    """Attributes:
    trackers: it is carried out on.
    may_twin: whether tickets may be made twice, if that heals.
    in_turn: whether the long version has a case for each moment in turn.
    """

    attack: Callable[[Attack, Tally], None]
    trackers: tuple[str, ...] = ALL
    may_twin: bool = False
    in_turn: bool = False


def _at_once(runs: int, machines: int = 1) -> Scenario:
    return Scenario(partial(company.at_once, runs=runs, machines=machines), (*ALL, *PAGES), machines > 1)


SCENARIOS = {
    "killed at each operation in turn": Scenario(ends.killed_at_operations, (*ALL, *PAGES), in_turn=True),
    "killed anywhere": Scenario(ends.killed_anywhere),
    "killed, and the journal lost": Scenario(ends.killed_and_journal_lost, (*ALL, *PAGES)),
    "killed before and after each request": Scenario(ends.killed_at_requests, (*REMOTE, *PAGES), in_turn=True),
    "the same, and the journal lost": Scenario(ends.killed_at_requests_and_journal_lost, REMOTE, in_turn=True),
    "told to stop (SIGTERM)": Scenario(ends.asked_to_stop),
    "connections dropped, 5xx, broken answers": Scenario(wires.broken, (*WIRES, *PAGES), in_turn=True),
    "no answer from some request on": Scenario(wires.answers_lost_for_long, (*WIRES, *PAGES)),
    "time-outs after the server did it": Scenario(wires.time_outs, (*WIRES, *PAGES)),
    "storms of 429 and secondary limits": Scenario(wires.storms, (*WIRES, *PAGES)),
    "token revoked half-way": Scenario(wires.revoked, (*WIRES, *PAGES)),
    "right to write lost half-way": Scenario(wires.forbidden, (*WIRES, *PAGES)),
    "tracker down": Scenario(wires.down, (*WIRES, *PAGES)),
    "account sees nothing for three runs": Scenario(wires.blinded, REMOTE),
    "GraphQL errors without a kind": Scenario(wires.graphql_in_trouble, ("github source",)),
    "nobody may push to the branch": Scenario(wires.branch_closed, ("github source",)),
    "first create dropped after the server did it": Scenario(wires.first_create_dropped, WIRES),
    "proxy refuses, hangs up, wants a login": Scenario(wires.proxy_fails, PROXIED),
    "index lags, answers lost": Scenario(wires.lagging, WIRES),
    "index lags longer than promised": Scenario(wires.lagging_too_long, WIRES, may_twin=True),
    "2 runs at once": _at_once(2),
    "4 runs at once": _at_once(4),
    "8 runs at once": _at_once(8),
    "2 machines at once, no shared state": _at_once(2, 2),
    "8 runs on 2 such machines": _at_once(8, 2),
    "another machine's run within ours": Scenario(company.another_at_each_request, (*REMOTE, *PAGES), may_twin=True),
    "document edited at each operation": Scenario(company.document_edited, FILES, in_turn=True),
    "document saved again and again": Scenario(company.saved_again_and_again, FILES),
    "branch moved at each request": Scenario(company.branch_moved, ("github source",), in_turn=True),
    "page edited at each request": Scenario(company.page_edited, PAGES, in_turn=True),
    "journal deleted, damaged, old, locked": Scenario(stores.journal_harmed),
    "disk full": Scenario(stores.disk_full),
    "read-only files and folders": Scenario(stores.read_only),
    "clock set back or forward": Scenario(stores.clock_set),
}


def carry_out(name: str, tracker: str, programs: Programs, seed: int, size: int, mutate: str = "") -> Tally:
    """One scenario on one tracker, in a folder that is removed afterwards.

    Args:
        size: how many cases, at most.
        mutate: a safeguard to switch off, as `tests.faults.switches` names it.
    """
    folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-faults-"))
    folder.chmod(0o755)
    scenario = SCENARIOS[name]
    tally = Tally(name, tracker, scenario.may_twin)
    try:
        scenario.attack(Attack(tracker, folder, programs, seed, size, mutate), tally)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tally
