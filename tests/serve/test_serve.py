"""The real program, told by webhooks: a status is in the document within seconds, whatever happens to the process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.adapters.github.source_worlds import GitHubSourceWorld
from tests.adapters.github.worlds import TOKEN
from tests.canaries import MARK
from tests.postgres import Postgres
from tests.simulators import webhooks
from tests.worker.companies import ROOT, Company, company

SECRET = f"hook-{MARK}"
HOOKS = {"SYNC_JIRA__WEBHOOK_SECRET": SECRET, "SYNC_GITHUB__WEBHOOK_SECRET": SECRET}


class Served:
    """A running `sync serve`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.communicate(timeout=10)[1])
        self.address = re.split(r"\s", line)[2]

    def stop(self) -> str:
        """Told to stop, it ends well; answers what it logged."""
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, err
        assert "Traceback" not in err
        return err


@contextmanager
def serving(folder: Path, *arguments: str, **more: str) -> Iterator[Served]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")}
    environment |= HOOKS | {"PYTHONPATH": str(ROOT)} | more
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.cli", "serve", "--port", "0", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Served(process)
    finally:
        process.kill()
        process.communicate()


def soon(true: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Company]:
    with company(tmp_path, f"sqlite:///{tmp_path}/state/journal.db") as made:
        made.configure()
        made.write(3)
        assert made.call(command="run")[0] == 0
        yield made


def ticked(firm: Company) -> int:
    return sum(path.read_text("utf-8").count("- [x]") for path in firm.docs.glob("*.md"))


def close(firm: Company, number: int) -> webhooks.Event:
    issue = firm.world.site.issues[number]
    firm.world.site.set_status(issue, "Done", "Done")
    return webhooks.jira(firm.world.jira, issue, SECRET)


def test_a_closed_ticket_is_ticked_in_the_document_and_only_there(firm: Company) -> None:
    untouched = sorted(firm.docs.glob("*.md"))[1:]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in untouched]
    with serving(firm.folder, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
        event = close(firm, 0)
        answered = event.post(f"{served.address}/jira")
        assert (answered.status_code, answered.json()["documents"]) == (202, 1)
        soon(lambda: ticked(firm) == 1)
        soon(lambda: 'deliveries_waiting{team="sync"} 0' in requests.get(f"{served.address}/metrics", timeout=5).text)
        calls = len(firm.world.jira.log)
        assert event.post(f"{served.address}/jira").json()["outcome"] == "repeated"
        assert event.post(f"{served.address}/jira", X_Hub_Signature="sha256=00").status_code == 401
        assert requests.get(f"{served.address}/healthz", timeout=5).json() == {"status": "ok", "troubles": []}
        log = served.stop()
    assert len(firm.world.jira.log) == calls
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in untouched] == before
    assert SECRET not in log
    # The next run finds nothing left to do.
    assert json.loads(firm.call("--json", "--quiet", command="run")[1].splitlines()[-1])["written_back"] == 0
    assert set(firm.tickets().values()) == {1}


def test_what_was_acknowledged_survives_a_kill(firm: Company) -> None:
    with serving(firm.folder, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
        for number in (0, 2, 4):
            assert close(firm, number).post(f"{served.address}/jira").status_code == 202
        served.process.kill()
    assert ticked(firm) == 0
    with serving(firm.folder, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
        soon(lambda: ticked(firm) == 3)
        served.stop()


def waiting(firm: Company, team: str) -> int:
    """How many postmortems of a team are in the queue."""
    teams = {one["team"]: one for one in json.loads(firm.call("--status", "--json")[1])["teams"]}
    return int(teams[team]["waiting"] + teams[team]["later"])


def test_workers_do_what_came_in_where_the_state_is_shared(tmp_path: Path, postgres: Postgres) -> None:
    with company(tmp_path, postgres.database()) as firm:
        firm.configure("teams/pay.toml", schema="pay", source="pay")
        firm.configure("teams/shop.toml", schema="shop", source="shop")
        firm.configure(more='[worker]\nteams = ["teams/*.toml"]\n')
        firm.write(2, "pay")
        firm.write(2, "shop")
        assert firm.call("--drain")[0] == 0
        calls = len(firm.world.jira.log)
        issue = next(issue for issue in firm.world.site.issues if "pay" in issue.fields["summary"])
        firm.world.site.set_status(issue, "Done", "Done")
        event = webhooks.jira(firm.world.jira, issue, SECRET)
        with serving(tmp_path, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
            assert event.post(f"{served.address}/shop/jira").json()["outcome"] == "ignored"
            assert event.post(f"{served.address}/pay/jira").status_code == 202
            soon(lambda: waiting(firm, "pay") == 1)
            assert len(firm.world.jira.log) == calls
            worker = firm.start()
            soon(lambda: any("- [x]" in path.read_text("utf-8") for path in (tmp_path / "pay").glob("*.md")))
            worker.send_signal(signal.SIGTERM)
            assert worker.communicate(timeout=30)[1].count('"synced"') == 1
            served.stop()
        assert set(firm.tickets().values()) == {1}


def test_a_push_of_a_new_postmortem_makes_its_tickets(tmp_path: Path) -> None:
    world = GitHubSourceWorld("post/mortems")
    document = b"---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n- [ ] Add a page\n"
    with world.github.serving():
        (tmp_path / "sync.toml").write_text(
            f'[sources.docs]\nkind = "github"\nrepository = "acme/docs"\n'
            f'path = "post/mortems"\nexclude = ["drafts/*"]\n'
            f'[github]\nbase_url = "{world.github.base_url}"\n[limits]\nmax_age_days = 36500\n',
            encoding="utf-8",
        )
        world.person_writes("docs/new.md", document)
        world.person_writes("drafts/x.md", document)
        with serving(tmp_path, SYNC_GITHUB__TOKEN=TOKEN) as served:

            def push(branch: str = "main", **paths: list[str]) -> str:
                event = webhooks.push_event(world.github, world.repository, SECRET, branch, **paths)
                answered = event.post(f"{served.address}/github").json()
                return f"{answered['outcome']} {answered['documents']}"

            calls = len(world.github.log)
            assert push(modified=["README.txt", "post/mortems/drafts/x.md", "post/mortems/docs/c.txt"]) == "ignored 0"
            assert push(branch="wip", added=["post/mortems/docs/new.md"]) == "ignored 0"
            assert push(removed=["post/mortems/docs/new.md"]) == "ignored 0"
            assert len(world.github.log) == calls
            assert push(added=["post/mortems/docs/new.md"]) == "accepted 1"
            soon(lambda: b"LOCAL-1" in world.now("docs/new.md"))
            # Our own commit is a push, too: it leads to a look, and to nothing else.
            commits = len(world.log())
            assert push(modified=["post/mortems/docs/new.md"]) == "accepted 1"
            soon(
                lambda: 'deliveries_waiting{team="sync"} 0' in requests.get(f"{served.address}/metrics", timeout=5).text
            )
            served.stop()
        assert len(world.log()) == commits
        assert b"LOCAL" not in world.now("drafts/x.md")


def test_it_refuses_what_could_not_work(tmp_path: Path) -> None:
    from tests.program import sync

    (tmp_path / "docs").mkdir()
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
    done = sync(tmp_path, "serve", "--port", "0")
    assert done.returncode == 2
    assert "SYNC_GITHUB__WEBHOOK_SECRET" in done.stderr
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n[serve]\nport = 70000\n', encoding="utf-8")
    assert "serve.port" in sync(tmp_path, "serve").stderr
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = sync(tmp_path, "serve", "--port", port, SYNC_JIRA__WEBHOOK_SECRET=SECRET)
        assert done.returncode == 2
        assert f"127.0.0.1 port {port}" in done.stderr
        assert "serve.port" in done.stderr
