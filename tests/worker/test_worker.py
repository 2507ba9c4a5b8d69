"""Several worker processes at one queue: nothing twice, nothing lost, however they end."""

from __future__ import annotations

import itertools
import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.worker.queue import POSTMORTEM, SCAN, Queue, make_tables
from tests.postgres import Postgres
from tests.simulators.gate import gate, soon
from tests.worker.companies import HURRIED, Company, company

BULK = "/issue/bulk$"


@pytest.fixture
def firm(tmp_path: Path, postgres: Postgres) -> Iterator[Company]:
    with company(tmp_path, postgres.database()) as made:
        yield made


def whole(firm: Company, *folders: str) -> None:
    """Every item has one ticket and links it."""
    folders = folders or ("docs",)
    assert set(firm.tickets()) == firm.wanted(folders)
    assert set(firm.tickets().values()) == {1}
    assert sum(firm.linked(folder) for folder in folders) == len(firm.wanted(folders))


def test_one_worker_does_what_there_is_and_brings_back_what_was_done(firm: Company) -> None:
    firm.configure()
    firm.write(5)
    status, out, err = firm.call("--drain")
    assert (status, out) == (0, ""), err
    whole(firm)
    assert len(firm.tickets()) == 10
    issue = firm.world.site.issues[0]
    firm.world.site.set_status(issue, "Done", "Done")
    calls = len(firm.world.jira.log)
    status, _, err = firm.call("--drain")
    assert status == 0, err
    text = "".join(path.read_text("utf-8") for path in firm.docs.glob("*.md"))
    assert re.search(rf"- \[x\] [\w ]+ \(\[{issue.key}\]", text)
    # One listing, and the tickets of the one document that needs work.
    assert len(firm.world.jira.log) - calls <= 3
    calls = len(firm.world.jira.log)
    assert firm.call("--drain")[0] == 0
    assert len(firm.world.jira.log) - calls == 1
    assert firm.world.jira.secret not in err


def test_four_workers_at_once_one_of_them_killed(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 2\ntakeover_seconds = 8\n")
    make_tables(firm.url)
    present = "SELECT id FROM procrastinate_workers"
    workers = [firm.start()]
    soon(lambda: len(firm.rows(present)) == 2, "a worker of two queues")
    doomed = [number for (number,) in firm.rows(present)]
    workers += [firm.start() for _ in range(3)]
    soon(lambda: len(firm.rows(present)) == 8, "four workers")
    soon(lambda: firm.rows(f"SELECT 1 FROM procrastinate_periodic_defers WHERE task_name = '{SCAN}'"), "the first scan")
    soon(lambda: not firm.rows(f"SELECT 1 FROM procrastinate_jobs WHERE task_name = '{SCAN}'"), "their scans to end")
    firm.write(40)
    with gate(firm.world.jira, "POST", BULK) as creates:
        with closing(Queue(firm.url)) as queue:
            queue.put_scan("sync")
        creates.wait_for(8)
        workers[0].kill()
        workers[0].wait()
        firm.later(workers=doomed)
    # What the killed one had in its hands is found, or looked for until Jira must show it, and only then made again.
    soon(lambda: firm.linked() >= 76, "all but two documents to be done", 120)
    for worker in workers[1:]:
        worker.send_signal(signal.SIGTERM)
    reported = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0, 0], reported
    assert "Traceback" not in "".join(reported)
    assert firm.call("--drain")[0] == 0
    whole(firm)


def test_as_many_jobs_at_a_time_as_the_settings_say(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 20\n")
    firm.write(22)
    with gate(firm.world.jira, "POST", BULK) as creates:
        worker = firm.start("--drain")
        creates.wait_for(20)
        doing = f"SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = '{POSTMORTEM}'"
        assert firm.rows(doing) == [(20,)]
    _, err = worker.communicate(timeout=90)
    assert worker.returncode == 0, err
    whole(firm)


def test_a_long_scan_of_a_worker_that_drains_is_not_taken_over(firm: Company) -> None:
    firm.configure(more="[worker]\ntakeover_seconds = 6\n")
    firm.write(2)
    alive = "SELECT w.last_heartbeat FROM procrastinate_jobs j JOIN procrastinate_workers w ON w.id = j.worker_id"
    with gate(firm.world.jira, "GET", "/search/jql$") as listing:
        worker = firm.start("--drain")
        listing.wait_for(1)
        # A sign of life every two seconds.
        seen = set(firm.rows(f"{alive} WHERE task_name = '{SCAN}'"))
        for _ in range(2):
            soon(lambda: set(firm.rows(f"{alive} WHERE task_name = '{SCAN}'")) - seen, "a sign of life")
            seen.update(firm.rows(f"{alive} WHERE task_name = '{SCAN}'"))
    _, err = worker.communicate(timeout=90)
    assert worker.returncode == 0, err
    assert "taken over" not in err
    assert "error" not in {json.loads(line)["level"] for line in err.splitlines()}
    whole(firm)


def test_a_job_of_a_worker_that_was_killed_is_taken_over(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 1\n")
    firm.write(3)
    with gate(firm.world.jira, "POST", BULK) as creates:
        first = firm.start()
        creates.wait_for(1)
        first.send_signal(signal.SIGKILL)
        first.communicate()
    firm.later()
    second = firm.start()
    soon(lambda: firm.linked() == 6, "all documents to be done")
    second.send_signal(signal.SIGTERM)
    _, err = second.communicate(timeout=60)
    assert second.returncode == 0
    whole(firm)
    assert "taken over from a worker that is gone" in err
    assert "Traceback" not in err


def test_it_ends_when_it_is_told_to_and_another_goes_on(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 1\n")
    firm.write(10)
    with gate(firm.world.jira, "POST", BULK) as creates:
        worker = firm.start()
        creates.wait_for(1)
        worker.send_signal(signal.SIGTERM)
        soon(lambda: not pending(worker.pid, signal.SIGTERM), "the signal to arrive")
    _, err = worker.communicate(timeout=60)
    assert worker.returncode == 0, err
    assert 2 <= firm.linked() < 20, "what is at work is finished, and nothing else is begun"
    assert firm.call("--drain")[0] == 0
    whole(firm)


def pending(process: int, number: int) -> bool:
    """Whether a signal to a process has not arrived yet."""
    status = Path(f"/proc/{process}/status").read_text()
    return any(int(mask, 16) >> (number - 1) & 1 for mask in re.findall(r"^\w+Pnd:\s+(\w+)", status, re.MULTILINE))


def test_teams_have_their_own_settings_and_one_queue(firm: Company) -> None:
    firm.write(3, "pay")
    firm.write(2, "shop")
    firm.configure("teams/pay.toml", schema="pay", source="pay")
    firm.configure("teams/shop.toml", schema="shop", source="shop")
    firm.configure(more='[worker]\nteams = ["teams/*.toml"]\n')
    status, _, err = firm.call("--drain")
    assert status == 0, err
    whole(firm, "pay", "shop")
    status, out, _ = firm.call("--status", "--json")
    assert status == 0
    reported = json.loads(out)
    assert [(team["team"], team["waiting"], team["scan"]["postmortems"]) for team in reported["teams"]] == [
        ("pay", 0, 3),
        ("shop", 0, 2),
    ]
    (firm.folder / "teams" / "shop.toml").write_text((firm.folder / "teams" / "pay.toml").read_text())
    status, _, err = firm.call("--status")
    assert status == 2
    assert "same state store" in err
    assert 'pg_schema = "shop"' in err


def test_the_status_names_what_failed_and_why(firm: Company) -> None:
    firm.configure()
    firm.write(2)
    (firm.docs / "0002.md").chmod(0o444)
    firm.call("--drain")
    status, out, _ = firm.call("--status")
    assert "no worker at work" in out
    # Its second try waits for its time, which on a busy machine has come by now.
    assert re.search(r"sync +\d +\d +0 ", out)
    assert "0002.md: the file is read-only" in out
    status, out, _ = firm.call("--status", "--json")
    (failed,) = json.loads(out)["teams"][0]["failed"]
    assert (failed["source"], failed["path"]) == ("docs", "0002.md")
    assert status == 1


def test_a_tracker_that_is_down_is_told_and_tried_again(firm: Company) -> None:
    firm.configure()
    firm.write(1)
    firm.call("--drain")
    (firm.docs / "0002.md").write_text("---\ndate: 2026-02-20\n---\n# New\n\n## Action items\n\n- [ ] Add a page\n")
    text = (firm.folder / "sync.toml").read_text()
    (firm.folder / "sync.toml").write_text(re.sub(r'base_url = ".*?"', 'base_url = "http://127.0.0.1:9"', text))
    firm.call("--drain", before=HURRIED)
    status, out, _ = firm.call("--status")
    assert status == 1
    assert "127.0.0.1:9 cannot be reached" in out
    (firm.folder / "sync.toml").write_text(text)
    assert firm.call("--drain")[0] == 0
    whole(firm)
    status, out, _ = firm.call("--status")
    assert (status, "!" in out) == (0, False)


def test_a_scan_that_would_make_too_many_tickets_makes_none(firm: Company) -> None:
    firm.configure()
    text = (firm.folder / "sync.toml").read_text().replace("new_tickets = 1000", "new_tickets = 3")
    (firm.folder / "sync.toml").write_text(text)
    firm.write(2)
    firm.call("--drain")
    assert not firm.tickets()
    status, out, _ = firm.call("--status")
    assert status == 1
    assert "would create 4 tickets, and limits.new_tickets is 3" in out
    assert firm.call("--force", command="run")[0] == 0
    whole(firm)


def test_a_file_as_the_state_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "."\n')
    from tests.program import sync

    done = sync(tmp_path, "worker")
    assert done.returncode == 2
    assert "state.url" in done.stderr
    assert "postgresql://" in done.stderr


def test_all_workers_together_keep_one_pace(firm: Company) -> None:
    firm.configure()
    text = (firm.folder / "sync.toml").read_text().replace("[limits]\n", "[limits]\nrequests_per_minute = 2400\n")
    (firm.folder / "sync.toml").write_text(text)
    firm.write(6)
    workers = [firm.start("--drain") for _ in range(2)]
    reported = [worker.communicate(timeout=90)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], reported
    whole(firm)
    rows = firm.rows("SELECT account, kind, at FROM turns ORDER BY at")
    assert len({account for account, _, _ in rows}) == 1
    taken = [at for _, _, at in rows]
    assert len(taken) == len(firm.world.jira.log)
    assert all(later - first >= 0.025 - 1e-6 for first, later in itertools.pairwise(taken))
