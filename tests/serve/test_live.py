"""The live report: who may see it, how often it is made, and that it is only read."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from sync.errors import JournalError
from sync.serve.live import FRESH_SECONDS, Access, LivePage, routes
from tests.commands.test_commands import TEXT
from tests.program import Started, sync
from tests.serve.asgi import Answered, called, run
from tests.simulators.gate import soon

HERE = {"host": "localhost"}


def ask(
    headers: dict[str, str], access: Access = "loopback", path: str = "/", teams: int = 1, method: str = "GET"
) -> Answered:
    pages = {f"team{number}": LivePage(lambda n=number: f"page {n}") for number in range(teams)}  # type: ignore[misc]
    return run(called(Starlette(routes=list(routes(pages, access))), method, path, headers, [b""]))


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "127.9.9.9"])
def test_whoever_sits_at_the_machine_sees_it(host: str) -> None:
    answered = ask({"host": host})
    assert (answered.status, answered.body) == (200, b"page 0")
    assert "frame-ancestors 'none'" in answered.headers["content-security-policy"]
    assert answered.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (answered.headers["x-content-type-options"], answered.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "evil.example.com"},
        {"host": "localhost.evil.example.com"},
        {"host": "10.0.0.7:8080"},
        {"host": "localhost", "x-forwarded-for": "203.0.113.9"},
        {"host": "localhost", "forwarded": "for=203.0.113.9"},
        {"host": "localhost", "via": "1.1 proxy"},
    ],
)
def test_nobody_else_does_unless_told(headers: dict[str, str]) -> None:
    refused = ask(headers)
    assert refused.status == 403
    assert b"page" not in refused.body
    assert b"serve.report" in refused.body
    assert ask(headers, "all").body == b"page 0"
    assert ask(HERE, "off").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(method: str) -> None:
    assert ask(HERE, method=method).status == 405


def test_every_team_has_its_page() -> None:
    links = ask(HERE, teams=2).body.decode()
    assert re.findall(r'href="([^"]+)"', links) == ["/team0/", "/team1/"]
    assert ask(HERE, path="/team1/", teams=2).body == b"page 1"
    assert ask({"host": "elsewhere"}, path="/team1/", teams=2).status == 403


def test_it_is_made_once_a_minute_at_most_however_many_ask() -> None:
    at, made = [0.0], []

    def make() -> str:
        made.append(at[0])
        return f"page {len(made)}"

    page = LivePage(make, lambda: at[0])
    threads = [threading.Thread(target=page.text) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [0.0]
    at[0] = FRESH_SECONDS - 0.1
    assert page.text() == "page 1"
    at[0] = FRESH_SECONDS
    assert page.text() == "page 2"


def test_a_journal_that_cannot_be_read_is_said_and_asked_again() -> None:
    answers: list[Any] = [JournalError("The journal is locked."), "page"]

    def make() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    app = Starlette(routes=list(routes({"team": LivePage(make)}, "loopback")))
    first, second = (run(called(app, "GET", "/", {"host": "localhost"}, [b""])) for _ in range(2))
    assert (first.status, b"locked" in first.body) == (503, True)
    assert (second.status, second.body) == (200, b"page")


def test_the_program_serves_what_the_last_run_left(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(TEXT.format(day="2026-02-20"))
    settings = '[sources.docs]\nkind = "files"\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
    (tmp_path / "sync.toml").write_text(settings)
    assert sync(tmp_path, "run").returncode == 0
    before = shutil.copytree(tmp_path, tmp_path.with_name("before"))
    process = Started(tmp_path, "serve", "--report-only", "--port", "0")
    try:
        soon(lambda: "GET /healthz" in process.so_far()[0] or process.poll() is not None, "that it serves")
        out, err = process.so_far()
        address = re.split(r"\s", out)[2]
        answered = requests.get(f"{address}/", timeout=60)
        assert (answered.status_code, answered.headers["content-type"]) == (200, "text/html; charset=utf-8"), err
        assert "2 action items" in answered.text
        assert requests.get(f"{address}/", headers={"Host": "evil.example.com"}, timeout=60).status_code == 403
        assert requests.post(f"{address}/github", timeout=60).status_code == 404
    finally:
        process.kill()
        process.communicate()
    for name in ("docs/a.md", "sync.toml"):
        assert (tmp_path / name).read_bytes() == (before / name).read_bytes()
