"""`sync serve`: receives webhooks, lets the postmortems concerned be synced within seconds, and shows the report."""

from __future__ import annotations

import argparse
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from sync.commands.arguments import common, examples
from sync.errors import SettingsError
from sync.journal.inbox import Inbox
from sync.process.logs import configure
from sync.process.terminal import Terminal
from sync.run.engine import Engine, Request
from sync.run.summary import Silent, Summary
from sync.telemetry.tracing import Telemetry
from sync.wiring.engine import load_settings, state_url
from sync.wiring.facts import facts_of_last_run, reading_journal
from sync.wiring.telemetry import telemetry

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.policies.policies import Policies
    from sync.serve.app import Place
    from sync.serve.concerned import Concerned
    from sync.serve.dispatcher import Dispatcher
    from sync.serve.intake import DeliveryCounts, Intake
    from sync.serve.live import LivePage
    from sync.wiring.teams import TeamPool

LEAVE_SECONDS = 8.0
"""How long it is waited, when told to stop, for a document that is being synced."""


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} serve", f"{prog} serve --host 0.0.0.0 --port 8080", f"{prog} serve --report-only")
    common(parser)
    parser.add_argument("--host", metavar="ADDRESS", default=None, help="where to listen (default: serve.host)")
    parser.add_argument(
        "--port", metavar="N", type=int, default=None, help="which port, 0 for any (default: serve.port)"
    )
    parser.add_argument("--report-only", action="store_true", help="show the report at /, and receive no webhooks")


def serve(options: argparse.Namespace) -> int:
    """`sync serve`: receive webhooks until told to stop.

    Returns:
        0.
    """
    settings = load_settings(options.config)
    try:
        import uvicorn

        from sync.serve.app import application
        from sync.serve.intake import DeliveryCounts
        from sync.wiring.teams import team_settings
    except ImportError as error:
        raise SettingsError(
            f"The packages for webhooks are missing ({error.name}).",
            "Install them: pip install 'postmortem-sync[serve]'.",
        ) from error
    teams = team_settings(settings)
    secrets = [value for one in (settings, *teams.values()) for value in one.secrets()]
    level = "info" if settings.log.level == "warning" else settings.log.level
    configure(level, settings.log.format, secrets, verbose=options.verbose, quiet=options.quiet)
    counts = DeliveryCounts()
    with ExitStack() as opened:
        exported = opened.enter_context(telemetry(settings))
        intakes = opened.enter_context(_intakes(settings, teams, counts, exported))
        places = [] if vars(options).get("report_only") else list(_places(settings, teams, intakes))
        pages = _pages(settings, teams, Terminal(quiet=True))
        listening = opened.enter_context(_listen(settings, options.host, options.port))
        config = uvicorn.Config(
            application(places, intakes, counts, pages, settings.serve.report),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=100,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        # The server sends a signal that ended it once more when it has ended.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(server, "should_exit", True))
        for intake in intakes.values():
            intake.dispatcher.start()
        _tell(Terminal(as_json=options.json, quiet=options.quiet), listening, places, bool(pages))
        server.run(sockets=[listening])
    return 0


@contextmanager
def _listen(settings: Settings, host: str | None, port: int | None) -> Iterator[socket.socket]:
    name, number = host or settings.serve.host, settings.serve.port if port is None else port
    try:
        family = socket.getaddrinfo(name, number, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((name, number), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"serve: nothing can listen on {name} port {number} ({getattr(error, 'strerror', '') or error}).",
            "Set serve.host and serve.port, or --host and --port, to an address of this machine and a free port.",
        ) from error
    with listening:
        yield listening


def _places(settings: Settings, teams: Mapping[str, Settings], intakes: Mapping[str, Intake]) -> Iterator[Place]:
    """An address for each sender with a secret; with teams, below the team's name.

    Raises:
        SettingsError: there is none.
    """
    from adapters.http.webhook import MAX_BYTES
    from sync.serve.app import Place

    found = 0
    for team, one in teams.items():
        for system in sorted(one.systems, key=lambda system: system.name):
            secret = getattr(one.section(system.name), "webhook_secret", None)
            if system.sender and secret:
                path = f"/{team}/{system.name}" if settings.worker.teams else f"/{system.name}"
                yield Place(path, system.sender(), secret.get_secret_value(), intakes[team], MAX_BYTES)
                found += 1
    if not found:
        senders = sorted(system.name for system in settings.systems if system.sender)
        keys = " nor ".join(f"{name}.webhook_secret" for name in senders)
        variables = " or ".join(f"SYNC_{name.upper()}__WEBHOOK_SECRET" for name in senders)
        raise SettingsError(
            f"{settings.file or 'sync.toml'}: neither {keys} is set, so nothing that comes in could be believed.",
            f"Choose a secret, enter it where the webhook is set up, and set {variables}.",
        )


@contextmanager
def _intakes(
    settings: Settings, teams: Mapping[str, Settings], counts: DeliveryCounts, exported: Telemetry
) -> Iterator[dict[str, Intake]]:
    from sync.serve.intake import Intake
    from sync.wiring.teams import TeamPool, shared

    stopping = threading.Event()
    intakes: dict[str, Intake] = {}
    with ExitStack() as opened:
        put = opened.enter_context(_queue(settings)) if shared(settings) else None
        for name, one in teams.items():
            pool = TeamPool(name, one, None, stopping, exported)
            opened.callback(pool.close)
            concerned = opened.enter_context(_concerned(one, pool))
            intakes[name] = Intake(name, concerned, _dispatcher(pool, put), counts)
        try:
            yield intakes
        finally:
            stopping.set()
            for intake in intakes.values():
                intake.dispatcher.stop()
            for intake in intakes.values():
                intake.dispatcher.join(LEAVE_SECONDS)


def _dispatcher(pool: TeamPool, put: Callable[[str, str, str, int], bool] | None) -> Dispatcher:
    from dataclasses import replace

    from sync.serve.dispatcher import OwnDispatcher, QueueDispatcher

    name, inbox = pool.team.name, Inbox(pool.journal)
    if put:
        return QueueDispatcher(name, inbox, lambda source, path, after: put(name, source, path, after))
    return OwnDispatcher(replace(pool.team, carry_out=_by_itself), inbox)


def _by_itself(engine: Engine, source: str, path: str) -> Summary:
    """One document, as `sync run` would: no worker has looked through the trackers before."""
    return engine.run(Request(((source, path),)))


@contextmanager
def _queue(settings: Settings) -> Iterator[Callable[[str, str, str, int], bool]]:
    try:
        from sync.worker.jobs import Job
        from sync.worker.queue import Queue, make_tables
    except ImportError as error:
        raise SettingsError(
            f"The packages for workers are missing ({error.name}), and state.url is PostgreSQL.",
            "Install them: pip install 'postmortem-sync[serve,worker]'.",
        ) from error
    make_tables(state_url(settings))
    queue = Queue(state_url(settings))
    try:
        yield lambda team, source, path, after: queue.put(Job(team, source, path), after)
    finally:
        queue.close()


@contextmanager
def _concerned(settings: Settings, pool: TeamPool) -> Iterator[Concerned]:
    from sync.serve.concerned import Concerned, Watched
    from sync.wiring.sources import make_source

    watched: dict[str, Watched] = {}
    for name, source in settings.sources.items():
        if settings.systems.system(source.kind).sender:
            part = settings.systems.source(source.kind)
            pushed = part.pushed(source.keys_of(part.keys)) if part.pushed else ("", "")
            watched[name] = Watched(make_source(settings, name, source, Silent()), source.kind, *pushed)
    trackers = pool.trackers()
    try:
        yield Concerned(pool.journal, trackers, frozenset(settings.sources), watched)
    finally:
        for tracker in trackers.values():
            tracker.close()


def _pages(settings: Settings, teams: Mapping[str, Settings], terminal: Terminal) -> dict[str, LivePage]:
    """The report of each team; none where nobody may see it. Raises SettingsError."""
    from sync.serve.live import LivePage
    from sync.wiring.policies import policies

    if settings.serve.report == "off":
        return {}
    asked = {team: policies(one) for team, one in teams.items()}
    return {team: LivePage(partial(_page, one, asked[team], terminal)) for team, one in teams.items()}


def _page(settings: Settings, asked: Policies, terminal: Terminal) -> str:
    """The report as of the last run. Raises JournalError."""
    from sync.report.html import page
    from sync.report.report import report

    journal = reading_journal(settings)
    try:
        facts = facts_of_last_run(settings, terminal, journal)
    finally:
        journal.close()
    return page(report(facts, date.today(), asked))


def _tell(terminal: Terminal, listening: socket.socket, places: list[Place], has_report: bool) -> None:
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if terminal.as_json:
        terminal.json({"address": address, "places": [place.path for place in places]})
        return
    terminal.line(f"listening on {address}")
    for place in places:
        terminal.line(f"  POST {place.path}  webhooks of {place.sender.name}, team {place.intake.team}")
    terminal.line(f"  GET {'/, GET ' if has_report else ''}/healthz, GET /metrics")
