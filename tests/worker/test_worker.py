"""Several worker processes at one queue: nothing twice, nothing lost, however they end."""

from __future__ import annotations

import itertools
import json
import re
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Postgres
from tests.simulators.jira_wire import Fault
from tests.worker.companies import Company, company


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
    firm.configure(more="[worker]\njobs = 2\ntakeover_seconds = 3\n")
    firm.write(40)
    workers = [firm.start() for _ in range(4)]
    end = time.monotonic() + 120
    killed = False
    while time.monotonic() < end and firm.linked() < 76:
        if not killed and firm.linked() >= 10:
            workers[0].send_signal(signal.SIGKILL)
            killed = True
        time.sleep(0.1)
    for worker in workers[1:]:
        worker.send_signal(signal.SIGTERM)
    told = [worker.communicate(timeout=30)[1] for worker in workers]
    assert killed
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0, 0], told
    assert "Traceback" not in "".join(told)
    assert firm.call("--drain")[0] == 0
    assert set(firm.tickets()) <= firm.wanted()
    assert set(firm.tickets().values()) == {1}
    # What the killed one had in its hands is looked for until Jira must show it, and only then made again.
    assert 76 <= firm.linked() <= 80
    if firm.linked() < 80:
        _, out, _ = firm.call("--status")
        assert re.search(r"[12] postmortems? to sync", out), out


def test_as_many_jobs_at_a_time_as_the_settings_say(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 20\n")
    firm.write(20)
    firm.world.jira.faults.append(Fault("delay", "POST", "/issue/bulk$", times=20, seconds=6.0))
    status, _, err = firm.call("--drain")
    assert status == 0, err
    whole(firm)
    told = [json.loads(line) for line in err.splitlines()]
    ended = [datetime.fromisoformat(line["time"]) for line in told if line["event"] == "synced"]
    assert len(ended) == 20
    assert (max(ended) - min(ended)).total_seconds() < 6.0, "they waited beside each other"


def test_a_long_scan_of_a_worker_that_drains_is_not_taken_over(firm: Company) -> None:
    firm.configure(more="[worker]\ntakeover_seconds = 3\n")
    firm.write(2)
    firm.world.jira.faults.append(Fault("delay", "GET", "/search/jql$", seconds=8.0))
    status, _, err = firm.call("--drain")
    assert status == 0, err
    assert "taken over" not in err
    assert "error" not in {json.loads(line)["level"] for line in err.splitlines()}
    whole(firm)


def test_a_job_of_a_worker_that_was_killed_is_taken_over(firm: Company) -> None:
    firm.configure(more="[worker]\njobs = 1\ntakeover_seconds = 2\n")
    firm.write(3)
    first = firm.start()
    while not firm.world.site.issues:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = firm.start()
    end = time.monotonic() + 40
    while time.monotonic() < end and firm.linked() < 6:
        time.sleep(0.1)
    second.send_signal(signal.SIGTERM)
    _, err = second.communicate(timeout=30)
    assert second.returncode == 0
    whole(firm)
    assert "Traceback" not in err


def test_it_ends_when_it_is_told_to_and_another_goes_on(firm: Company) -> None:
    firm.configure()
    firm.write(10)
    worker = firm.start()
    while not firm.world.site.issues:
        time.sleep(0.01)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    _, err = worker.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert worker.returncode == 0, err
    assert firm.call("--drain")[0] == 0
    whole(firm)


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
    told = json.loads(out)
    assert [(team["team"], team["waiting"], team["scan"]["postmortems"]) for team in told["teams"]] == [
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
    firm.call("--drain", hurried=True)
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
    text = (firm.folder / "sync.toml").read_text().replace("[limits]\n", "[limits]\nrequests_per_minute = 600\n")
    (firm.folder / "sync.toml").write_text(text)
    firm.write(6)
    workers = [firm.start("--drain") for _ in range(2)]
    told = [worker.communicate(timeout=90)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], told
    whole(firm)
    with psycopg.connect(firm.url) as connection:
        rows = connection.execute("SELECT account, kind, at FROM turns ORDER BY at").fetchall()
    assert len({account for account, _, _ in rows}) == 1
    taken = [at for _, _, at in rows]
    assert len(taken) == len(firm.world.jira.log)
    assert all(later - first >= 0.1 - 1e-6 for first, later in itertools.pairwise(taken))
