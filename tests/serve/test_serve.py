"""The real program, told by webhooks: a status is in the document within seconds, whatever happens to the process."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sync.worker.queue import POSTMORTEM
from tests.adapters.github.source_worlds import GitHubSourceWorld
from tests.adapters.github.worlds import TOKEN
from tests.canaries import MARK
from tests.postgres import Postgres
from tests.program import Started, sync
from tests.simulators import webhooks
from tests.simulators.gate import gate, soon
from tests.worker.companies import Company, company

SECRET = f"hook-{MARK}"
HOOKS = {"SYNC_JIRA__WEBHOOK_SECRET": SECRET, "SYNC_GITHUB__WEBHOOK_SECRET": SECRET}


AT_ONCE = """
import sync.serve.dispatcher as dispatcher
dispatcher.SOON = 0
"""
"""Events are not waited for that may come together with the first."""


class Served:
    """A running `sync serve`."""

    def __init__(self, process: Started) -> None:
        self.process = process
        soon(lambda: "\n" in process.so_far()[0] or process.poll() is not None, "that it serves")
        out, err = process.so_far()
        assert out, err
        self.address = re.split(r"\s", out)[2]

    def metrics(self) -> str:
        return requests.get(f"{self.address}/metrics", timeout=60).text

    def idle(self) -> None:
        """Wait until nothing is left of what came in."""
        soon(lambda: 'deliveries_waiting{team="sync"} 0' in self.metrics(), "that nothing is left")

    def stop(self) -> str:
        """Told to stop, it ends well; answers what it logged."""
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate()
        assert self.process.returncode == 0, err
        assert "Traceback" not in err
        return err


@contextmanager
def serving(folder: Path, before: str = AT_ONCE, **more: str) -> Iterator[Served]:
    process = Started(folder, "serve", "--port", "0", environ=HOOKS | more, before=before)
    try:
        yield Served(process)
    finally:
        process.kill()
        process.communicate()


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
        soon(lambda: ticked(firm) == 1, "a tick")
        served.idle()
        calls = len(firm.world.jira.log)
        assert event.post(f"{served.address}/jira").json()["outcome"] == "repeated"
        assert event.post(f"{served.address}/jira", X_Hub_Signature="sha256=00").status_code == 401
        assert requests.get(f"{served.address}/healthz", timeout=60).json() == {"status": "ok", "troubles": []}
        log = served.stop()
    assert len(firm.world.jira.log) == calls
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in untouched] == before
    assert SECRET not in log
    # The next run finds nothing left to do.
    assert json.loads(firm.call("--json", "--quiet", command="run")[1].splitlines()[-1])["written_back"] == 0
    assert set(firm.tickets().values()) == {1}


def test_what_was_acknowledged_survives_a_kill(firm: Company) -> None:
    with gate(firm.world.jira), serving(firm.folder, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
        for number in (0, 2, 4):
            assert close(firm, number).post(f"{served.address}/jira").status_code == 202
        served.process.kill()
        served.process.wait()
    assert ticked(firm) == 0
    with serving(firm.folder, SYNC_JIRA__TOKEN=firm.world.jira.secret) as served:
        soon(lambda: ticked(firm) == 3, "three ticks")
        served.stop()


WAITING = f"""
SELECT args ->> 'team', count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name = '{POSTMORTEM}' GROUP BY 1
"""


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
            soon(lambda: firm.rows(WAITING) == [("pay", 1)], "a job in the queue")
            assert len(firm.world.jira.log) == calls
            worker = firm.start()
            soon(lambda: any("- [x]" in path.read_text("utf-8") for path in (tmp_path / "pay").glob("*.md")), "a tick")
            worker.send_signal(signal.SIGTERM)
            assert worker.communicate()[1].count('"synced"') == 1
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
            soon(lambda: b"LOCAL-1" in world.now("docs/new.md"), "a ticket")
            # Our own commit is a push, too: it leads to a look, and to nothing else.
            commits = len(world.log())
            assert push(modified=["post/mortems/docs/new.md"]) == "accepted 1"
            served.idle()
            served.stop()
        assert len(world.log()) == commits
        assert b"LOCAL" not in world.now("drafts/x.md")


def test_it_refuses_what_could_not_work(tmp_path: Path) -> None:
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
