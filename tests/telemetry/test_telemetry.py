"""Traces and metrics, as a collector gets them from the program in its own process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.github.worlds import TOKEN, github_world
from tests.adapters.jira.worlds import world_of
from tests.program import sync
from tests.simulators.jira_cloud import JiraCloud
from tests.simulators.jira_wire import Fault
from tests.simulators.otlp import Collector, Span

CANARY = "canary-7f3e91-kx0Qw"
DOCUMENT = "---\ndate: 2026-02-20\n---\n# Outage of wordcanary\n\n## Action items\n\n- [ ] Add a wordcanary alert\n"
OF_A_RUN = ("postmortems", "items", "created", "updated", "adopted", "unchanged", "written_back", "skipped", "held")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector().serving() as served:
        yield served


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Two documents, one of which cannot be read."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(DOCUMENT)
    (tmp_path / "docs" / "b.md").write_bytes(b"# Outage\n\n## Action items\n\n- [ ] wordcanary \xff\n")
    settings = '[sources.docs]\nkind = "files"\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
    (tmp_path / "sync.toml").write_text(settings)
    return tmp_path


def tree(collector: Collector) -> tuple[Span, list[Span], list[Span]]:
    """The run, its documents and its calls, which make up one trace."""
    spans = collector.spans()
    (run,) = (span for span in spans if not span.parent)
    below = [span for span in spans if span is not run]
    assert {(span.parent, span.trace) for span in below} <= {(run.id, run.trace)}
    assert all(run.began <= span.began <= span.ended <= run.ended for span in below)
    documents = [span for span in below if span.name == "postmortem"]
    return run, documents, [span for span in below if span not in documents]


def figures(span: Span) -> dict[str, Any]:
    found = {name.removeprefix("postmortem_sync."): value for name, value in span.attributes.items()}
    return {name: value for name, value in found.items() if not isinstance(value, str)}


def last(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    reported: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return reported


def test_a_run_on_github_is_one_trace_that_agrees_with_its_json(collector: Collector, tmp_path: Path) -> None:
    with github_world() as world:
        docs = world.site.repository("Acme/Docs")
        docs.commit({"incidents/a.md": DOCUMENT.encode(), "incidents/b.md": DOCUMENT.encode()}, "two")
        (tmp_path / "sync.toml").write_text(
            'tracker = "github"\n[sources.docs]\nkind = "github"\nrepository = "Acme/Docs"\npath = "incidents"\n'
            f'[github]\nbase_url = "{world.github.base_url}"\nrepository = "{world.project}"\n'
            f'[limits]\nmax_age_days = 36500\n[telemetry]\nendpoint = "{collector.endpoint}/"\nservice_name = "ops"\n'
        )
        secrets = {
            "SYNC_GITHUB__TOKEN": TOKEN,
            "SYNC_TELEMETRY__HEADERS": f"Authorization=Bearer {CANARY}, X-Org=a%20b",
        }
        done = sync(tmp_path, "run", "--json", hurried=True, **secrets)
        assert done.returncode == 0, done.stderr
        world.github.hasty = 0
        host, port = world.github.base_url.removeprefix("http://").split(":")
    reported, (run, documents, calls) = last(done), tree(collector)

    assert (run.name, run.service, run.failed) == ("sync run", "ops", False)
    expected = {name: reported[name] for name in (*OF_A_RUN, "conflicts", "failed")}
    assert figures(run) == expected | {"dry_run": False, "exit_status": 0}
    assert reported["created"] == reported["written_back"] == 2

    assert {d.attributes["postmortem_sync.path"] for d in documents} == {"a.md", "b.md"}
    assert {d.attributes["postmortem_sync.source"] for d in documents} == {"docs"}
    for name in OF_A_RUN[1:]:
        assert sum(figures(document)[name] for document in documents) == reported[name]
    assert not any(document.failed for document in documents)

    assert Counter(call.attributes["postmortem_sync.to"] for call in calls) == reported["requests"]
    assert (
        {call.name for call in calls} == {call.attributes["http.request.method"] for call in calls} >= {"GET", "POST"}
    )
    assert {(c.attributes["server.address"], c.attributes["server.port"]) for c in calls} == {(host, int(port))}
    asked = Counter((asked.method, status) for asked, status in world.github.log)
    made = Counter((c.attributes["http.request.method"], c.attributes["http.response.status_code"]) for c in calls)
    assert made == asked

    gauges = collector.gauges()
    assert gauges["postmortem_sync.items", "open"] == 2
    for change in ("created", "updated", "adopted", "written_back", "skipped", "conflicts"):
        assert gauges["postmortem_sync.run.changes", change] == reported[change]
    for to, number in reported["requests"].items():
        assert gauges["postmortem_sync.run.calls", to] == number
    assert gauges["postmortem_sync.run.duration",] == reported["seconds"]
    assert gauges["postmortem_sync.run.failures",] == 0
    assert gauges["postmortem_sync.last_success.timestamp",] == gauges["postmortem_sync.last_run.timestamp",]

    assert all(h["authorization"] == f"Bearer {CANARY}" and h["x-org"] == "a b" for h in collector.headers)
    for word in (TOKEN, CANARY, "wordcanary", "per_page", "/repos", "Acme"):
        assert word.encode() not in collector.everything()
    assert CANARY not in done.stdout + done.stderr


def test_calls_to_jira_are_told_failed_ones_too(collector: Collector, tmp_path: Path) -> None:
    with world_of(JiraCloud) as world:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "a.md").write_text(DOCUMENT)
        (tmp_path / "sync.toml").write_text(
            'tracker = "jira"\n[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
            f'[jira]\nbase_url = "{world.jira.base_url}"\ngateway = "{world.jira.base_url}"\n'
            f'project = "OPS"\nemail = "{world.site.me.email}"\n'
            f'[telemetry]\nendpoint = "{collector.endpoint}"\n'
        )
        done = sync(tmp_path, "run", "--json", SYNC_JIRA__TOKEN=world.jira.secret)
        assert done.returncode == 0, done.stderr
        _, _, calls = tree(collector)
        assert {call.attributes["postmortem_sync.to"] for call in calls} == {"jira"}
        assert len(calls) == last(done)["requests"]["jira"] == gauge(collector, "run.calls", "jira")
        assert world.jira.secret.encode() not in collector.everything()

        collector.bodies.clear()
        world.jira.faults.append(Fault("before", status=401))
        done = sync(tmp_path, "run", "--json", SYNC_JIRA__TOKEN="wrong-" + CANARY)
        assert done.returncode == 2
    run, _, calls = tree(collector)
    assert run.failed
    assert (run.attributes["postmortem_sync.exit_status"], run.attributes["error.type"]) == (2, "CredentialsError")
    assert calls[-1].failed
    assert calls[-1].attributes["error.type"] == str(calls[-1].attributes["http.response.status_code"]) == "401"
    assert gauge(collector, "run.failures") == 1
    assert CANARY.encode() not in collector.everything()


def gauge(collector: Collector, *name: str) -> float:
    return collector.gauges()["postmortem_sync." + name[0], *name[1:]]


def test_a_document_that_failed_is_told_without_a_word_of_it(collector: Collector, team: Path) -> None:
    done = sync(team, "run", "--json", SYNC_TELEMETRY__ENDPOINT=collector.endpoint)
    assert done.returncode == 1
    run, documents, calls = tree(collector)
    assert run.failed
    assert figures(run)["exit_status"] == figures(run)["failed"] == gauge(collector, "run.failures") == 1
    assert {d.attributes["postmortem_sync.path"]: d.failed for d in documents} == {"a.md": False, "b.md": True}
    assert {span.words for span in (run, *documents)} == {""}
    assert calls == []
    assert b"wordcanary" not in collector.everything()
    assert ("postmortem_sync.last_success.timestamp",) not in collector.gauges()

    collector.bodies.clear()
    (team / "docs" / "b.md").unlink()
    sync(team, "run", "--json", SYNC_TELEMETRY__ENDPOINT=collector.endpoint)
    assert len(collector.spans()) == 1, "an idle run reads no document"


def test_a_dry_run_and_one_by_hand_leave_a_trace_and_no_figures(collector: Collector, team: Path) -> None:
    for arguments in (["run", "--dry-run"], ["--postmortem", "docs/a.md"]):
        collector.bodies.clear()
        sync(team, *arguments, SYNC_TELEMETRY__ENDPOINT=collector.endpoint)
        run, documents, _ = tree(collector)
        assert run.attributes["postmortem_sync.dry_run"] is (arguments[0] == "run")
        assert sum(figures(document)["created"] for document in documents) == 1
        assert collector.gauges() == {}


def test_a_limit_that_stops_the_run_is_told(collector: Collector, team: Path) -> None:
    done = sync(team, "run", SYNC_TELEMETRY__ENDPOINT=collector.endpoint, SYNC_LIMITS__NEW_TICKETS="0")
    assert done.returncode == 3
    run, _, _ = tree(collector)
    assert run.failed
    assert (run.attributes["postmortem_sync.exit_status"], run.attributes["error.type"]) == (3, "LimitReached")


@pytest.mark.parametrize("trouble", ["away", "refuses", "redirects", "never answers"])
def test_a_collector_in_trouble_is_a_warning_and_nothing_more(team: Path, trouble: str) -> None:
    plain = sync(team, "run", "--json", "--dry-run")
    with Collector().serving() as elsewhere, Troubled(trouble, elsewhere) as endpoint:
        environ = {"SYNC_TELEMETRY__ENDPOINT": endpoint, "SYNC_TELEMETRY__HEADERS": f"Authorization=Bearer {CANARY}"}
        done = sync(team, "run", "--json", "--dry-run", hurried=False, **environ)
        assert elsewhere.headers == []
    assert done.returncode == plain.returncode == 1
    assert {**last(done), "seconds": 0} == {**last(plain), "seconds": 0}
    reported = [json.loads(line) for line in done.stderr.splitlines()]
    assert 1 <= len(reported) <= 2
    assert all(line["level"] == "warning" and line["event"].startswith("telemetry is lost") for line in reported)
    assert CANARY not in done.stderr


class Troubled(AbstractContextManager[str]):
    """A collector in trouble; gives its address."""

    def __init__(self, trouble: str, elsewhere: Collector) -> None:
        statuses = {"refuses": 403, "redirects": 307}
        stuck = threading.Event() if trouble == "never answers" else None
        self._collector = Collector(statuses.get(trouble, 200), elsewhere.endpoint, stuck)
        self._serving = self._collector.serving()
        self._away = trouble == "away"

    def __enter__(self) -> str:
        self._serving.__enter__()
        if self._away:
            with socket.create_server(("127.0.0.1", 0)) as free:
                return f"http://127.0.0.1:{free.getsockname()[1]}"
        return self._collector.endpoint

    def __exit__(self, *error: object) -> None:
        self._serving.__exit__(None, None, None)


def test_off_by_default_and_then_nothing_of_it_is_loaded(team: Path) -> None:
    code = (
        "import sys\nfrom sync.cli import main\nmain(['run', '--json'])\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry') or name == 'sync.telemetry.otlp'])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=team, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_the_extra_the_cure_is_told(team: Path) -> None:
    code = (
        "import sys\nsys.modules['opentelemetry'] = None\nfrom sync.cli import entry\nsys.argv[1:] = ['run']\nentry()"
    )
    with (team / "sync.toml").open("a") as settings:
        settings.write('[telemetry]\nendpoint = "http://127.0.0.1:4318"\n')
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=team, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "pip install 'postmortem-sync[telemetry]'" in done.stderr
    assert "- [ ] Add a wordcanary alert\n" in (team / "docs" / "a.md").read_text()


@pytest.mark.parametrize("headers", [CANARY, f"={CANARY}", "Authorization=", f"a b={CANARY}", f"a={CANARY}%0A"])
def test_headers_that_are_none_are_refused_and_not_shown(team: Path, headers: str) -> None:
    done = sync(team, "run", SYNC_TELEMETRY__HEADERS=headers)
    assert done.returncode == 2
    assert "telemetry.headers: found other text" in done.stderr
    assert CANARY not in done.stderr


def test_an_endpoint_holds_nothing_but_an_address(team: Path) -> None:
    done = sync(team, "run", SYNC_TELEMETRY__ENDPOINT=f"https://collector.example/?key={CANARY}")
    assert done.returncode == 2
    assert "telemetry.headers" in done.stderr
    assert CANARY not in done.stderr


def test_over_a_network_it_goes_encrypted(team: Path) -> None:
    done = sync(team, "run", SYNC_TELEMETRY__ENDPOINT="http://collector.example:4318")
    assert done.returncode == 2
    assert "telemetry.endpoint" in done.stderr
    assert "must begin with https://" in done.stderr
