"""What `sync doctor` says of whole configurations, as a process and through the program's main."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sync.cli import main
from sync.journal.doctor import examine_state
from sync.journal.open import open_journal
from sync.process.sqlite import examine_file
from tests.adapters.github.worlds import TOKEN, GitHubWorld, github_world
from tests.adapters.jira.worlds import JiraWorld, world_of
from tests.canaries import MARK
from tests.postgres import Postgres
from tests.simulators.jira_cloud import JiraCloud

TEXT = "# Outage\n\n## Action items\n\n- [ ] Add an alert, owner: Ana Lima, due: 2026-04-03\n"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def github() -> Iterator[GitHubWorld]:
    with github_world() as world:
        world.clock.set(datetime.now(UTC))
        yield world


@pytest.fixture
def jira() -> Iterator[JiraWorld]:
    with world_of(JiraCloud) as world:
        world.clock.set(datetime.now(UTC))
        yield world


def doctor(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit status, and the findings without the last line, which counts them."""
    status = main(["doctor", "--json", *arguments])
    *findings, counts = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert list(counts) == ["ok", "warnings", "errors"]
    assert sum(counts.values()) == len(findings)
    assert status == (2 if counts["errors"] else 1 if counts["warnings"] else 0)
    for finding in findings:
        assert list(finding) == ["part", "check", "status", "detail", "cure"]
        assert finding["status"] == "ok" or (finding["detail"] and finding["cure"]), finding
    return status, findings


def amiss(findings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(f["part"], f["check"], f["status"]) for f in findings if f["status"] != "ok"]


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = {str(p): p for p in folder.rglob("*") if p.is_file()}
    return {name: (path.read_bytes(), path.stat().st_mtime_ns) for name, path in found.items()}


def test_a_team_that_is_well_is_told_so_and_nothing_is_made(team: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = files(team)
    assert doctor(capfd) == (0, doctor(capfd)[1])
    assert files(team) == before
    assert main(["run", "--force"]) == 0
    after = files(team)
    capfd.readouterr()
    assert doctor(capfd)[0] == 0
    assert files(team).keys() == after.keys()
    assert files(team) == after


def test_people_read_a_table_with_cures_and_quiet_leaves_out_what_is_well(
    team: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    out = capfd.readouterr().out
    assert "  ok       documents    1\n" in out
    assert main(["doctor", "--quiet"]) == 0
    assert capfd.readouterr().out == ""
    (team / "docs" / "a.md").unlink()
    assert main(["doctor", "--quiet"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("source docs\n  warning  documents    no file")
    assert "→ Correct the source's path and glob" in out


def test_one_broken_part_never_stops_the_others(team: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (team / "state.db").write_bytes(b"this is no database, and long enough to be looked at as one" * 4)
    (team / "sync.toml").write_text(
        'tracker = "github"\nfrobnicate = 1\n[state]\nurl = "sqlite:///state.db"\n'
        '[sources.gone]\npath = "gone"\n[sources.docs]\npath = "docs"\n[sources.far]\nkind = "github"\n',
        encoding="utf-8",
    )
    status, findings = doctor(capfd)
    assert status == 2
    reported = amiss(findings)
    assert {part for part, _, _ in reported} == {"settings", "state", "source gone", "source far", "tracker github"}
    assert [f["detail"] for f in findings if f["part"] == "source docs"] == [str(team / "docs"), "1", ""]
    words = " ".join(finding["detail"] for finding in findings)
    assert "frobnicate" in words
    assert "github.token" in words


def test_settings_that_cannot_be_read_are_a_finding_too(team: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (team / "sync.toml").write_text("tracker = \n", encoding="utf-8")
    status, findings = doctor(capfd)
    assert status == 2
    assert amiss(findings) == [("settings", "usable", "error")]
    assert doctor(capfd, "--config", "none.toml")[0] == 2


def test_a_secret_that_others_may_read_and_one_alias_of_two_people(
    team: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = team / "sync.toml"
    with file.open("a", encoding="utf-8") as more:
        more.write('[state]\nmark_secret = "a-secret-of-ours"\n[people]\n')
        more.write('"Ana Lima" = { aliases = ["AL"] }\n"Al Low" = { aliases = ["al"] }\n')
    file.chmod(0o644)
    assert amiss(doctor(capfd)[1])[0] == ("settings", "secrets", "warning")
    file.chmod(0o600)
    assert set(amiss(doctor(capfd)[1])) == {("settings", "people", "warning")}


def test_github_as_tracker_and_source(
    github: GitHubWorld, team: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github.repository.commit({"incidents/a.md": TEXT.encode()}, "documents")
    (team / "sync.toml").write_text(
        f'tracker = "github"\n[github]\nbase_url = "{github.github.base_url}"\nrepository = "{github.project}"\n'
        f'[sources.docs]\nkind = "github"\nrepository = "{github.project}"\npath = "incidents"\n'
        f'[sources.other]\npath = "docs"\nproject = "{github.project}"\n'
        '[people]\n"Ana Lima" = { github = "ana" }\n"Cy Doe" = { github = "cy" }\n"Di Fox" = { jira = "di" }\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
    status, findings = doctor(capfd)
    assert status == 1
    people = [finding for finding in findings if finding["check"] == "people"]
    assert [finding["detail"] for finding in people] == [
        "Cy Doe (cy) cannot be assigned in Acme/Shop: @cy cannot be assigned in Acme/Shop",
        "[people] lists 'Di Fox' without an account for github: add github = \"…\"",
        "1 of 3 can be assigned in Acme/Shop",
    ]
    assert len(amiss(findings)) == 2
    assert ("source docs", "documents", "1") in [(f["part"], f["check"], f["detail"]) for f in findings]
    assert github.github.writes() == []
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", f"ghp_wrong_{MARK}")
    assert main(["doctor", "--verbose"]) == 2
    reported = capfd.readouterr()
    assert f"ghp_wrong_{MARK}" not in reported.out + reported.err
    assert "can be assigned" not in reported.out


def test_a_token_of_another_tracker_in_the_environment_is_no_mistake(
    team: Path, jira: JiraWorld, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (team / "sync.toml").read_text("utf-8")
    (team / "sync.toml").write_text(
        f'tracker = "jira"\n{text}[jira]\nbase_url = "{jira.jira.base_url}"\n'
        f'project = "OPS"\nemail = "{jira.site.me.email}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SYNC_JIRA__TOKEN", jira.jira.secret)
    monkeypatch.setenv("SYNC_GITHUB__TOKEN", TOKEN)
    status, findings = doctor(capfd)
    assert status == 0, [finding for finding in findings if finding["status"] != "ok"]
    (followed,) = [finding for finding in findings if finding["part"] == "tracker github"]
    assert "followed" in followed["detail"]


def test_a_token_with_scopes_by_its_settings(
    team: Path, jira: JiraWorld, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(jira.jira, JiraCloud)
    jira.jira.scoped = True
    text = (team / "sync.toml").read_text("utf-8")
    address = f'base_url = "{jira.jira.base_url}"\ngateway = "{jira.jira.base_url}"\n'
    (team / "sync.toml").write_text(
        f'tracker = "jira"\n{text}[jira]\n{address}project = "OPS"\nemail = "{jira.site.me.email}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("SYNC_JIRA__TOKEN", jira.jira.secret)
    status, findings = doctor(capfd)
    assert status == 0
    (gateway,) = [finding for finding in findings if finding["check"] == "gateway"]
    assert jira.jira.cloud_id in gateway["cure"]
    door = f"{jira.jira.base_url}/ex/jira/{jira.jira.cloud_id}"
    monkeypatch.setenv("SYNC_JIRA__BASE_URL", door)
    status, findings = doctor(capfd)
    assert status == 2
    assert any("the address of the gateway" in finding["detail"] for finding in findings)


def test_jira_and_a_route_to_a_project_that_is_not_there(
    jira: JiraWorld, team: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (team / "sync.toml").open("a", encoding="utf-8") as more:
        more.write(
            f'[jira]\nbase_url = "{jira.jira.base_url}"\nproject = "OPS"\nemail = "{jira.site.me.email}"\n'
            '[people]\n"Ana Lima" = { jira = "ana@example.org" }\n'
            '[[routes]]\nmatch = { service = "checkout" }\nproject = "PAY"\n'
        )
    monkeypatch.setenv("SYNC_JIRA__TOKEN", jira.jira.secret)
    monkeypatch.setenv("SYNC_TRACKER", "jira")
    status, findings = doctor(capfd)
    assert status == 2
    assert amiss(findings) == [("tracker jira", "project", "error")]
    details = [finding["detail"] for finding in findings]
    assert "1 of 1 can be assigned in OPS" in details
    assert sum(detail.startswith("signed in as") for detail in details) == 1
    assert {call.method for call in jira.jira.calls()} == {"GET"}
    # Credentials alone, while tickets are made elsewhere: they are followed, and what they lack is no disaster.
    monkeypatch.setenv("SYNC_TRACKER", "local")
    monkeypatch.setenv("SYNC_JIRA__PROJECT", "NOPE")
    monkeypatch.setenv("SYNC_ROUTES", "[]")
    assert amiss(doctor(capfd)[1]) == [("tracker jira", "project", "warning")]


class TestState:
    def test_a_store_of_ours_old_new_and_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.db"

        def reported() -> list[tuple[str, bool]]:
            return [(finding.what, finding.well) for finding in examine_state(f"sqlite:///{path}")]

        assert reported() == [("store", True)]
        assert not path.exists()
        open_journal(f"sqlite:///{path}").close()
        assert reported() == [("store", True), ("version", True), ("writable", True)]
        with sqlite3.connect(path) as store:
            store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.close()
        assert reported() == [("store", True), ("version", False), ("writable", True)]
        path.write_bytes(b"no database at all " * 100)
        ((finding),) = examine_state(f"sqlite:///{path}")
        assert not finding.well
        assert "Delete it" in finding.cure
        ((finding),) = examine_file(path, "Restore a backup.")
        assert "backup" in finding.cure

    def test_a_store_that_cannot_be_written_or_made(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.db"
        open_journal(f"sqlite:///{path}").close()
        path.chmod(0o444)
        assert [f.what for f in examine_file(path, "Restore a backup.") if not f.well] == ["writable"]
        (finding,) = examine_file(path / "below" / "journal.db", "Restore a backup.")
        assert not finding.well
        assert finding.serious

    def test_a_server_and_what_its_account_may_not_do(self, postgres: Postgres) -> None:
        url = postgres.database()

        def reported(address: str = url) -> list[tuple[str, bool]]:
            return [(finding.what, finding.well) for finding in examine_state(address)]

        assert reported() == [("store", True), ("writable", True), ("clock", True)]
        assert reported() == [("store", True), ("writable", True), ("clock", True)]
        open_journal(url).close()
        assert reported() == [("store", True), ("version", True), ("writable", True), ("clock", True)]
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE ROLE onlooker LOGIN")
            server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
        reader = f"{url}{'&' if '?' in url else '?'}options=-crole%3Donlooker"
        (finding,) = [finding for finding in examine_state(reader) if not finding.well]
        assert "may not INSERT" in finding.detail
        assert finding.cure.startswith("GRANT ")

    def test_a_server_that_is_not_there_is_told_without_its_password(self) -> None:
        (finding,) = examine_state("postgresql://sync:hush-hush@127.0.0.1:9/sync?connect_timeout=2")
        assert not finding.well
        assert "hush" not in finding.detail
        assert finding.cure


def test_it_needs_no_home_and_no_cache(team: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is asked before anything else works: a folder without rights must not break it."""
    os.chmod(team / "docs", 0o555)
    try:
        status, _ = doctor(capfd)
        assert status in (0, 2)  # the administrator may write everywhere
    finally:
        os.chmod(team / "docs", 0o755)
