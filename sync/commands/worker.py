"""`sync worker`: one of any number of processes that share a queue on PostgreSQL; `--status` says how it stands."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sync.commands.arguments import common, examples
from sync.errors import SettingsError
from sync.journal.open import open_journal
from sync.process.logs import configure
from sync.process.terminal import Terminal, clean, plural
from sync.telemetry.tracing import Telemetry
from sync.wiring.engine import load_settings, state_url
from sync.wiring.telemetry import telemetry

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.wiring.teams import TeamPool
    from sync.worker.status import TeamStatus


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} worker", f"{prog} worker --status")
    common(parser)
    parser.add_argument(
        "--status", action="store_true", default=False, help="say what waits, for how long, and what failed"
    )
    parser.add_argument("--drain", action="store_true", default=False, help="end when nothing is left to do now")
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=None, help="postmortems at the same time (default: worker.jobs)"
    )


def worker(options: argparse.Namespace) -> int:
    """`sync worker`: sync as one of many machines.

    Returns:
        0 when it was told to stop, or with --drain when nothing was left to do; with --status 1 when something failed.
    """
    settings = load_settings(options.config, offline=True)
    level = "info" if settings.log.level == "warning" else settings.log.level
    secrets = list(settings.secrets())
    _refuse_file(settings)
    try:
        from sync.wiring.teams import team_settings
        from sync.worker.queue import make_tables
        from sync.worker.work import Worker
    except ImportError as error:
        raise SettingsError(
            f"The packages for workers are missing ({error.name}).",
            "Install them: pip install 'postmortem-sync[worker]'.",
        ) from error
    teams = team_settings(settings)
    for one in teams.values():
        _refuse_file(one)
        secrets += one.secrets()
    configure(level, settings.log.format, secrets, verbose=options.verbose, quiet=options.quiet)
    url = state_url(settings)
    make_tables(url)
    stopping = threading.Event()
    if options.status:
        with _pools(settings, teams, stopping, Telemetry()) as pools:
            return _status(settings, pools, Terminal(as_json=options.json, quiet=options.quiet))
    with telemetry(settings) as exported, _pools(settings, teams, stopping, exported) as pools:
        wanted = settings.worker
        ready = {name: pool.team for name, pool in pools.items()}
        work = Worker(url, ready, options.jobs or wanted.jobs, wanted.every_minutes, wanted.takeover_seconds, stopping)
        work.run(drain=options.drain)
    return 0


def _refuse_file(settings: Settings) -> None:
    if settings.state.url.startswith("sqlite"):
        raise SettingsError(
            f"{settings.file or 'sync.toml'}: state.url is a file, and workers share their state on PostgreSQL.",
            'Set [state] url = "postgresql://…", or SYNC_STATE__URL. For one machine, `sync run` needs none of it.',
        )


@contextmanager
def _pools(
    settings: Settings, teams: dict[str, Settings], stopping: threading.Event, exported: Telemetry
) -> Iterator[dict[str, TeamPool]]:
    from sync.wiring.teams import TeamPool

    with ExitStack() as opened:
        shared_journal = open_journal(state_url(settings))
        opened.callback(shared_journal.close)
        pools: dict[str, TeamPool] = {}
        for name, one in teams.items():
            pools[name] = TeamPool(name, one, shared_journal, stopping, exported)
            opened.callback(pools[name].close)
        yield pools


def _status(settings: Settings, pools: dict[str, TeamPool], terminal: Terminal) -> int:
    from sync.worker.status import status

    notes = {name: pool.team.notes for name, pool in pools.items()}
    alive, teams = status(state_url(settings), notes, settings.worker.takeover_seconds)
    if terminal.as_json:
        terminal.json({"workers": alive, "teams": [team.to_json() for team in teams]})
    else:
        _tell(alive, teams, terminal)
    return 1 if any(team.failed or _troubles(team) for team in teams) else 0


def _troubles(team: TeamStatus) -> list[str]:
    """What the last scan could not do."""
    scan = team.scanned or {}
    return [str(why) for why in (scan.get("error"), *scan.get("failed", ())) if why]


def _tell(alive: int, teams: list[TeamStatus], terminal: Terminal) -> None:
    terminal.line(f"{plural(alive, 'worker')} at work" if alive else terminal.paint("no worker at work", "red"))
    width = max(len(team.team) for team in teams)
    terminal.line(terminal.paint(f"{'team':<{width}}  waiting  later  running    lag  failed  last scan", "bold"))
    for team in teams:
        scan = f"{_ago(time.time() - team.scanned_at)} ago" if team.scanned is not None else "never"
        if (team.scanned or {}).get("need_work") is not None:
            scan += f", {plural(int((team.scanned or {})['need_work']), 'postmortem')} to sync"
        terminal.line(
            f"{team.team:<{width}}  {team.waiting:>7}  {team.later:>5}  {team.running:>7}"
            f"  {_ago(team.lag_seconds):>5}  {len(team.failed):>6}  {scan}"
        )
    for team in teams:
        for why in _troubles(team):
            terminal.line(f"{terminal.paint('!', 'red')} {team.team}: the last scan: {clean(why)}")
        for one in team.failed:
            where = f"{team.team}: {clean(str(one['path']))}"
            terminal.line(f"{terminal.paint('!', 'red')} {where}: {clean(str(one['why']))}")


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
