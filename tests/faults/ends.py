"""The program dies, or is told to stop."""

from __future__ import annotations

import signal
import threading
import time

from tests.faults.attacks import Attack, Harm, at_request
from tests.faults.tally import Tally
from tests.faults.teams import Team, blame
from tests.simulators.jira_wire import Fault

STOP_SECONDS = 10.0


def killed_at_operations(attack: Attack, tally: Tally) -> None:
    """SIGKILL right before each operation on the journal, the network and files in turn."""
    moments = attack.moments()
    attack.each(tally, lambda team, n: team.run(at=moments[n], mutate=attack.mutate).killed, len(moments))


def killed_anywhere(attack: Attack, tally: Tally) -> None:
    """SIGKILL at any call or return of any function."""
    moments = attack.moments(every=True)
    attack.each(tally, lambda team, n: team.run(at=moments[n], every=True, mutate=attack.mutate).killed, len(moments))


def killed_and_journal_lost(attack: Attack, tally: Tally) -> None:
    """SIGKILL at an operation; from then on a machine without the journal does the work."""
    moments = attack.moments()
    harm: Harm = lambda team, n: team.run(at=moments[n], mutate=attack.mutate).killed  # noqa: E731
    attack.each(tally, harm, len(moments), machine="another")


def _killed_at_request(attack: Attack, team: Team, number: int) -> int:
    """Even cases: before the server did what the request asks for; odd ones: after, before it answers."""
    job: list[int] = []
    started = threading.Event()

    def kill() -> None:
        started.wait()
        attack.programs.signal(job[0], signal.SIGKILL)
        while attack.programs.runs(job[0]):
            time.sleep(0.001)

    at_request(team, 1 + number // 2, None if number % 2 else kill, kill if number % 2 else None)
    job.append(attack.programs.start(team.job(mutate=attack.mutate)))
    started.set()
    return attack.programs.end(job[0]).killed


def killed_at_requests(attack: Attack, tally: Tally) -> None:
    """SIGKILL while the server has a request: before and after it does what is asked for."""
    cases = [number - 1 for number in attack.some(2 * attack.requests())]
    attack.each(tally, lambda team, n: _killed_at_request(attack, team, cases[n]), len(cases))


def killed_at_requests_and_journal_lost(attack: Attack, tally: Tally) -> None:
    """The same, and the journal is gone."""
    cases = [number - 1 for number in attack.some(2 * attack.requests())]
    attack.each(tally, lambda team, n: _killed_at_request(attack, team, cases[n]), len(cases), machine="another")


def told_to_stop(attack: Attack, tally: Tally) -> None:
    """SIGTERM: at a random moment; while a server hangs; while another run is waited for."""

    def stop(team: Team, job: int) -> int:
        attack.programs.signal(job, signal.SIGTERM)
        began = time.monotonic()
        ended = attack.programs.end(job)
        # Before the program has begun, the system ends it: nothing was done.
        blame(tally, ended, -signal.SIGTERM)
        late = time.monotonic() - began > STOP_SECONDS
        if late or ended.status not in (0, 130, -signal.SIGTERM):
            tally.unhandled += 1
            tally.notes.append(f"SIGTERM: late {late}, status {ended.status} {ended.err[-300:]}")
        return ended.status == 130

    def harm(team: Team, number: int) -> int:
        if number % 3 == 0 or not team.wire:
            job = attack.programs.start(team.job(mutate=attack.mutate))
            time.sleep(attack.chance.random() * 0.2)
            return stop(team, job)
        reached = threading.Event()
        moment = 1 + attack.chance.randrange(total)
        team.wire.faults.append(Fault("delay", seconds=60, skip=moment - 1))
        at_request(team, moment, None, reached.set)
        first = attack.programs.start(team.job(mutate=attack.mutate, patience=60.0))
        reached.wait(5)
        if number % 3 == 1:
            return stop(team, first)
        second = attack.programs.start(team.job(mutate=attack.mutate))
        time.sleep(0.15)
        return stop(team, second) + stop(team, first)

    total = 1 if attack.kind == "local" else attack.requests()
    attack.each(tally, harm, attack.size)
