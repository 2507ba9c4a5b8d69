"""Others at work at the same time: runs, machines, people."""

from __future__ import annotations

import re
import time

from tests.faults.attacks import Attack, at_request
from tests.faults.inside import LATE
from tests.faults.program import Programs
from tests.faults.tally import Tally, originals
from tests.faults.teams import CRON, GitHubSourceTeam, Team, blame

WAYS = ("append", "save", "swap")
"""How an editor saves: at the end, in place, by renaming another file."""


def at_once(attack: Attack, tally: Tally, runs: int, machines: int) -> None:
    """So many runs begin together, on machines that share documents and tracker, and nothing else."""

    def harm(team: Team, number: int) -> int:
        names = ["one" if n == 0 else f"machine {n}" for n in range(machines)]
        for name in names:
            team.machine(name)
        jobs = [attack.programs.start(team.job(names[n % machines], mutate=attack.mutate)) for n in range(runs)]
        for job in jobs:
            blame(tally, attack.programs.end(job))
        tally.runs += runs - 1
        return runs - 1

    attack.each(tally, harm, attack.size)


def another_at_each_request(attack: Attack, tally: Tally) -> None:
    """A whole run on a machine without our journal, right before a request of ours arrives."""
    moments = attack.some(attack.requests())
    elsewhere = Programs()

    def harm(team: Team, number: int) -> int:
        job = team.job("another", mutate=attack.mutate)
        at_request(team, moments[number], lambda: blame(tally, elsewhere.run(job)), None)
        attack.run_with(team, tally)
        tally.runs += 1
        return 1

    try:
        attack.each(tally, harm, len(moments))
    finally:
        elsewhere.close()


def document_edited(attack: Attack, tally: Tally) -> None:
    """A person saves a document right before an operation of a run."""
    moments = attack.moments()
    names = list(originals())

    def harm(team: Team, number: int) -> int:
        name = names[number % len(names)]
        team.edited = {name: originals()[name] + LATE.decode()}
        what = f"{attack.chance.choice(WAYS)} {team.docs / name}"
        ended = team.run(at=moments[number], what=what, mutate=attack.mutate)
        blame(tally, ended)
        if ended.operations < moments[number]:
            team.edited = {}  # it took fewer operations than the run that was counted: nobody came to edit
            return 0
        tally.lost_edits += not team.documents()[name].endswith(LATE)
        return 1

    attack.each(tally, harm, len(moments))


def saved_again_and_again(attack: Attack, tally: Tally) -> None:
    """A person saves a document again and again while runs go on: what they read, with a line more."""

    def harm(team: Team, number: int) -> int:
        place, saved = team.docs / "tasks.md", 0
        for _ in range(3):
            job = attack.programs.start(team.job(mutate=attack.mutate))
            while attack.programs.runs(job):
                text = place.read_bytes()
                saved += 1
                line = f"Line {saved} of a person.\n\n## Action items".encode()
                place.write_bytes(text.replace(b"## Action items", line))
                time.sleep(attack.chance.random() * 0.05)
            blame(tally, attack.programs.end(job))
            team.clock.sleep(CRON)
        tally.runs += 2
        text = place.read_bytes()
        tally.lost_edits += sum(f"Line {n} of a person.\n".encode() not in text for n in range(1, saved + 1))
        place.write_bytes(re.sub(rb"Line \d+ of a person\.\n\n", b"", text))
        return saved

    attack.each(tally, harm, attack.size)


def branch_moved(attack: Attack, tally: Tally) -> None:
    """A person commits to the branch right before a request of a run arrives."""
    names = list(originals())
    cases = [(moment, name) for moment in range(1, attack.requests() + 1) for name in names]
    chosen = cases if len(cases) <= attack.size else [cases[n - 1] for n in attack.some(len(cases))]

    def harm(team: Team, number: int) -> int:
        assert isinstance(team, GitHubSourceTeam)
        moment, name = chosen[number]
        at_request(team, moment, lambda: team.put({name: team.pages.files()[name] + LATE}), None)
        attack.run_with(team, tally)
        team.edited = {name: originals()[name] + LATE.decode()}
        tally.lost_edits += not team.documents()[name].endswith(LATE)
        return 1

    attack.each(tally, harm, len(chosen))
