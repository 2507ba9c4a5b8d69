"""The network and the server at its other end."""

from __future__ import annotations

import signal
from concurrent.futures import Future
from datetime import timedelta

from tests.faults.attacks import Attack, Harm, at_request
from tests.faults.meeting import CREATES
from tests.faults.tally import Tally, originals
from tests.faults.teams import CRON, GitHubSourceTeam, GitHubTeam, JiraTeam, Team, blame
from tests.simulators.gate import soon
from tests.simulators.jira_wire import Fault

FOREVER = 10**6
REFUSED = {"message": "Resource not accessible by personal access token", "errorMessages": ["Forbidden"]}
WRITES = (("PATCH", ""), ("PUT", ""), ("POST", "/(issues|labels|bulk|issue)$"), ("POST", "comm"))


def broken(attack: Attack, tally: Tally) -> None:
    """A request in turn: the connection dropped before or after the server did it, 5xx before or after, an answer
    that is cut or is no JSON."""
    kinds = [
        *(Fault(kind) for kind in ("drop_before", "drop_after", "truncate", "garbage")),
        *(Fault(kind, status=status) for kind in ("before", "after") for status in (500, 502, 503, 504)),
    ]
    every = [(fault, skip) for skip in range(attack.requests()) for fault in kinds]
    chosen = every if len(every) <= attack.size else attack.chance.sample(every, attack.size)

    def harm(team: Team, number: int) -> int:
        fault, skip = chosen[number]
        return attack.run_with(team, tally, Fault(fault.kind, status=fault.status, skip=skip))

    attack.each(tally, harm, len(chosen))


def answers_lost_for_long(attack: Attack, tally: Tally) -> None:
    """From a request on, whatever the server does, no answer arrives."""
    moments = attack.some(attack.requests())
    harm: Harm = lambda team, n: attack.run_with(  # noqa: E731
        team, tally, Fault("drop_after", times=FOREVER, skip=moments[n] - 1)
    )
    attack.each(tally, harm, len(moments))


def time_outs(attack: Attack, tally: Tally) -> None:
    """The server does it, and before it answers the time to wait for an answer is over."""
    moments = attack.some(attack.requests())

    def harm(team: Team, number: int) -> int:
        given_up = team.folder / "given-up"
        started: Future[int] = Future()

        def given_up_by_now() -> bool:
            attack.programs.signal(started.result(), signal.SIGUSR1)
            return given_up.exists()

        at_request(team, moments[number], None, lambda: soon(given_up_by_now, "that a run gives up waiting"))
        started.set_result(attack.programs.start(team.job(mutate=attack.mutate, given_up=str(given_up))))
        blame(tally, attack.programs.end(started.result()))
        assert given_up.exists(), f"nobody asked for the {moments[number]}th time"
        return 1

    attack.each(tally, harm, len(moments))


def storms(attack: Attack, tally: Tally) -> None:
    """Every request from some moment on is refused with a limit, of both kinds, for a while."""
    total = attack.requests()

    def harm(team: Team, number: int) -> int:
        reported = {"message": "You have exceeded a secondary rate limit."}
        status, body = (429, None) if number % 2 else (403, reported)
        headers = {"Retry-After": str(attack.chance.choice((1, 30, 4000)))}
        times = attack.chance.choice((2, 30))
        limit = Fault("before", status=status, headers=headers, body=body, times=times, skip=number % total)
        attack.run_with(team, tally, limit)
        return times - limit.times

    attack.each(tally, harm, attack.size)


def revoked(attack: Attack, tally: Tally) -> None:
    """The token stops working half-way, and a person makes a new one before the next run."""
    moments = attack.some(attack.requests())
    gone = {"message": "Bad credentials"}
    harm: Harm = lambda team, n: attack.run_with(  # noqa: E731
        team, tally, Fault("before", status=401, body=gone, times=FOREVER, skip=moments[n] - 1)
    )
    attack.each(tally, harm, len(moments))


def forbidden(attack: Attack, tally: Tally) -> None:
    """The account may read and no longer write, from some moment on; on GitHub, every other time, it may still make
    issues, whose labels are dropped without a word, and the answer is lost."""
    moments = attack.some(attack.requests())

    def harm(team: Team, number: int) -> int:
        skip = moments[number] - 1
        if isinstance(team, GitHubTeam) and number % 2:

            def lose() -> None:
                team.site.push = False

            at_request(team, moments[number], lose, None)
            attack.run_with(team, tally, Fault("drop_after", "POST", "/issues$"))
            team.clock.sleep(5)
            blame(tally, team.run(mutate=attack.mutate))
            team.site.push = True
            return 2
        refused = [Fault("before", m, p, status=403, body=REFUSED, times=FOREVER, skip=skip // 4) for m, p in WRITES]
        attack.run_with(team, tally, *refused)
        return 1

    attack.each(tally, harm, len(moments))


def down(attack: Attack, tally: Tally) -> None:
    """Nothing answers during a whole run: no connection, or 503 from whatever stands before it."""

    def harm(team: Team, number: int) -> int:
        fault = Fault("before", status=503, times=FOREVER) if number % 2 else Fault("drop_before", times=FOREVER)
        return attack.run_with(team, tally, fault)

    attack.each(tally, harm, min(6, attack.size))


def blinded(attack: Attack, tally: Tally) -> None:
    """For three runs our account sees nothing, though most calls are answered with 200 by some servers; meanwhile
    somebody finishes an item. Once it sees again, nothing of that is missed."""

    def harm(team: Team, number: int) -> int:
        attack.run_with(team, tally)
        team.clock.sleep(CRON)
        blame(tally, team.run(mutate=attack.mutate))
        before = team.documents()
        way = team.blind(number)
        team.clock.sleep(5)
        team.person_closes("k1")
        for _ in range(3):
            team.clock.sleep(CRON)
            ended = team.run(mutate=attack.mutate)
            blame(tally, ended)
            if ended.status not in (1, 2) or team.documents() != before:
                tally.lost_items += 1
                tally.notes.append(f"{way}: status {ended.status}")
        team.see()
        team.clock.sleep(CRON)
        blame(tally, team.run(mutate=attack.mutate))
        if b"- [x] Check the queue of k1" not in team.documents()["tasks.md"]:
            tally.lost_edits += 1
            tally.notes.append(f"{way}: a change was missed")
        team.edited["tasks.md"] = originals()["tasks.md"].replace("[ ] Check", "[x] Check")
        return 1

    attack.each(tally, harm, min(4, attack.size))


WRONG = {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]}
SECONDARY = {"errors": [{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}]}


def graphql_in_trouble(attack: Attack, tally: Tally) -> None:
    """Errors of GraphQL that come with 200 and without a kind, before or after the work: trouble, and limits."""
    total = attack.requests("POST", "/graphql$")

    def harm(team: Team, number: int) -> int:
        body = (WRONG, SECONDARY)[number % 2]
        kind = "after" if body is WRONG and number % 4 else "before"
        times = attack.chance.choice((1, 3, 30))
        trouble = Fault(kind, "POST", "/graphql$", 200, body=body, times=times, skip=number % total)
        attack.run_with(team, tally, trouble)
        return times - trouble.times

    attack.each(tally, harm, attack.size)


def branch_closed(attack: Attack, tally: Tally) -> None:
    """From some request on nobody may push to the branch: what is written back is proposed, and somebody merges it."""
    moments = attack.some(attack.requests())

    def harm(team: Team, number: int) -> int:
        assert isinstance(team, GitHubSourceTeam)
        pages = team.pages
        at_request(team, moments[number], lambda: pages.protected.add(pages.default_branch), None)
        attack.run_with(team, tally)
        team.clock.sleep(CRON)
        blame(tally, team.run(mutate=attack.mutate))
        for pull in [one for one in pages.issues.values() if one.pull and one.state == "open"]:
            pages.branches[pages.default_branch] = pages.branches[pull.labels[0].removeprefix("head:")]
            team.site.close(pull)
        return 1

    attack.each(tally, harm, len(moments))


def first_create_dropped(attack: Attack, tally: Tally) -> None:
    """The server carries the first create out, and the connection ends before its answer; the run is begun again at
    once, and later."""

    def harm(team: Team, number: int) -> int:
        done = attack.run_with(team, tally, Fault("drop_after", "POST", CREATES))
        for _ in range(number + 1):
            team.clock.sleep(5)
            blame(tally, team.run(mutate=attack.mutate))
        return done

    attack.each(tally, harm, min(2, attack.size))


def proxy_fails(attack: Attack, tally: Tally) -> None:
    """From some request on the proxy ends its tunnels, opens none and forwards nothing: it is in trouble, hangs up, or
    wants a login."""
    moments = attack.some(attack.requests())

    def harm(team: Team, number: int) -> int:
        proxy = team.proxy
        assert proxy is not None

        def fail() -> None:
            proxy.refuse = (503, 0, 407)[number % 3]
            proxy.drop = not proxy.refuse
            proxy.cut()

        at_request(team, moments[number], None, fail)
        attack.run_with(team, tally)
        proxy.refuse, proxy.drop = 0, False
        return 1

    attack.each(tally, harm, len(moments))


def lagging(attack: Attack, tally: Tally) -> None:
    """The tracker shows new tickets as late as it says it may, and answers are lost; people run it again and again."""
    _lagging(attack, tally, (0.3, 0.6, 0.95))


def lagging_too_long(attack: Attack, tally: Tally) -> None:
    """The same, several times longer than it says."""
    _lagging(attack, tally, (2.0, 4.0, 8.0))


def _lagging(attack: Attack, tally: Tally, lags: tuple[float, ...]) -> None:
    creates = attack.requests("POST", CREATES)

    def harm(team: Team, number: int) -> int:
        assert isinstance(team, GitHubTeam | JiraTeam)
        seconds = team.settle_seconds * attack.chance.choice(lags)
        team.site.lag = timedelta(seconds=seconds)
        lost = Fault("drop_after", "POST", CREATES, skip=number % creates)
        done = attack.run_with(team, tally, lost)
        for part in (0.05, 0.2, 0.3, 0.5, 0.7, 1.0):
            team.clock.sleep(seconds * part)
            blame(tally, team.run(mutate=attack.mutate))
        return done + 1

    attack.each(tally, harm, attack.size)
