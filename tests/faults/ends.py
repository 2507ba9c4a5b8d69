"""The program dies, or is told to stop."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future

from tests.faults.attacks import Attack, Harm, at_request
from tests.faults.meeting import at_lock
from tests.faults.tally import Tally
from tests.faults.teams import Team, blame
from tests.simulators.gate import soon
from tests.simulators.jira_wire import Fault

HANGS = 3600.0
"""Seconds that a server does not answer, and that a run waits for it unless it is stopped."""


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
    started: Future[int] = Future()

    def kill() -> None:
        attack.programs.signal(started.result(), signal.SIGKILL)
        soon(lambda: not attack.programs.runs(started.result()), "that a run ends that was killed")

    at_request(team, 1 + number // 2, None if number % 2 else kill, kill if number % 2 else None)
    started.set_result(attack.programs.start(team.job(mutate=attack.mutate)))
    return attack.programs.end(started.result()).killed


def killed_at_requests(attack: Attack, tally: Tally) -> None:
    """SIGKILL while the server has a request: before and after it does what is asked for."""
    cases = [number - 1 for number in attack.some(2 * attack.requests())]
    attack.each(tally, lambda team, n: _killed_at_request(attack, team, cases[n]), len(cases))


def killed_at_requests_and_journal_lost(attack: Attack, tally: Tally) -> None:
    """The same, and the journal is gone."""
    cases = [number - 1 for number in attack.some(2 * attack.requests())]
    attack.each(tally, lambda team, n: _killed_at_request(attack, team, cases[n]), len(cases), machine="another")


def asked_to_stop(attack: Attack, tally: Tally) -> None:
    """SIGTERM: right before an operation; while a server hangs; while another run is waited for."""

    def ended(job: int) -> int:
        soon(lambda: not attack.programs.runs(job), "that a run ends that was told to stop")
        end = attack.programs.end(job)
        # Before the program has begun, the system ends it: nothing was done.
        blame(tally, end, -signal.SIGTERM)
        if end.status not in (0, 130, -signal.SIGTERM):
            tally.unhandled += 1
            tally.notes.append(f"SIGTERM: status {end.status} {end.err[-300:]}")
        return end.status == 130

    def stop(job: int) -> int:
        attack.programs.signal(job, signal.SIGTERM)
        return ended(job)

    def harm(team: Team, number: int) -> int:
        if number % 3 == 0 or not team.wire:
            moment = moments[number % len(moments)]
            return ended(attack.programs.start(team.job(at=moment, what="stop", mutate=attack.mutate)))
        reached = threading.Event()
        moment = 1 + attack.chance.randrange(total)
        team.wire.faults.append(Fault("delay", seconds=HANGS, skip=moment - 1))
        at_request(team, moment, None, reached.set)
        first = attack.programs.start(team.job(mutate=attack.mutate, patience=HANGS))
        soon(reached.is_set, f"the {moment}th request")
        if number % 3 == 1:
            return stop(first)
        second = attack.programs.start(team.job(mutate=attack.mutate))
        soon(lambda: at_lock(second), "that a second run stands at the lock")
        return stop(second) + stop(first)

    moments = attack.moments()
    total = 1 if attack.kind == "local" else attack.requests()
    attack.each(tally, harm, attack.size)
