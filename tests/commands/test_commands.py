"""The program as people and scripts call it: its own process, exit statuses, stdout and stderr."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.program import sync

TEXT = (
    "---\ndate: {day}\nstatus: published\n---\n# Outage\n\n## Action items\n\n"
    "- [ ] Add an alert, owner: Ana Lima, due: 2026-04-03\n- [ ] Move the disk\n"
)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(TEXT.format(day="2026-02-20"))
    (tmp_path / "sync.toml").write_text(
        '[sources.docs]\nkind = "files"\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
    )
    return tmp_path


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestHelp:
    def test_without_arguments_it_prints_its_help_and_does_nothing(self, team: Path) -> None:
        done = sync(team)
        assert done.returncode == 0
        assert "usage: sync" in done.stdout
        assert not (team / ".postmortem-sync").exists()

    @pytest.mark.parametrize(
        "command", [[], ["run"], ["parse"], ["new"], ["doctor"], ["tickets"], ["tickets", "close"]]
    )
    def test_every_command_has_help_with_examples(self, team: Path, command: list[str]) -> None:
        done = sync(team, *command, "--help")
        assert done.returncode == 0
        assert "examples:" in done.stdout

    def test_a_wrong_call_is_status_2_on_stderr(self, team: Path) -> None:
        done = sync(team, "frobnicate")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr


class TestRun:
    def test_the_last_line_of_json_is_the_summary(self, team: Path) -> None:
        done = sync(team, "run", "--json")
        assert done.returncode == 0, done.stderr
        *documents, summary = lines(done)
        keys = "postmortems items created updated adopted unchanged written_back skipped held conflicts failed"
        assert list(summary) == [*keys.split(), "requests", "seconds"]
        assert (summary["created"], summary["items"], summary["written_back"]) == (2, 2, 1)
        assert summary["requests"].keys() == {"local"}  # type: ignore[attr-defined]
        assert [document["path"] for document in documents] == ["a.md"]
        assert done.stderr == ""

    def test_a_second_run_says_little_and_does_nothing(self, team: Path) -> None:
        sync(team, "run")
        before = (team / "docs" / "a.md").read_bytes()
        done = sync(team, "run")
        assert done.stdout.count("\n") == 1
        assert (team / "docs" / "a.md").read_bytes() == before
        assert sync(team, "run", "--quiet").stdout == ""

    def test_dry_run_before_or_after_writes_nothing(self, team: Path) -> None:
        text = (team / "docs" / "a.md").read_text()
        for call in (["--dry-run", "run"], ["run", "--dry-run"], ["--postmortem", "docs/a.md", "--dry-run"]):
            done = sync(team, *call)
            assert done.returncode == 0
            assert "nothing was written" in done.stdout
            assert "+- [ ] Add an alert, owner: Ana Lima, due: 2026-04-03 ([new]" in done.stdout
            assert (team / "docs" / "a.md").read_text() == text
            assert not (team / ".postmortem-sync" / "journal.db").exists()

    def test_the_limit_is_status_3(self, team: Path) -> None:
        done = sync(team, "run", SYNC_LIMITS__NEW_TICKETS="1")
        assert done.returncode == 3
        assert "limits.new_tickets is 1" in done.stderr
        assert "--force" in done.stderr
        assert "local:" not in (team / "docs" / "a.md").read_text()
        assert sync(team, "run", "--force", SYNC_LIMITS__NEW_TICKETS="1").returncode == 0

    def test_a_failing_document_is_status_1_and_the_others_go_on(self, team: Path) -> None:
        (team / "docs" / "b.md").write_bytes(b"# \xff\n")
        done = sync(team, "run", "--json")
        assert done.returncode == 1
        assert lines(done)[-1]["created"] == 2
        assert "b.md" in done.stdout

    def test_no_source_is_status_2_with_the_cure(self, tmp_path: Path) -> None:
        done = sync(tmp_path, "run")
        assert done.returncode == 2
        assert "[sources." in done.stderr

    def test_a_mistake_in_the_settings_is_status_2(self, team: Path) -> None:
        (team / "sync.toml").write_text("[limits]\nnew_ticket = 3\n")
        done = sync(team, "run")
        assert done.returncode == 2
        assert "Did you mean new_tickets?" in done.stderr

    def test_verbose_logs_go_to_stderr_as_json_when_piped(self, team: Path) -> None:
        done = sync(team, "run", "--verbose")
        events = [json.loads(line) for line in done.stderr.splitlines()]
        assert {event["event"] for event in events} >= {"run began", "run ended"}
        assert len({event["run"] for event in events}) == 1


class TestByHand:
    def test_without_any_settings(self, tmp_path: Path) -> None:
        (tmp_path / "outage.md").write_text(TEXT.format(day="2020-02-20"))
        done = sync(tmp_path, "--postmortem", "outage.md")
        assert done.returncode == 0, done.stderr
        assert "(local:LOCAL-1)" in (tmp_path / "outage.md").read_text()
        assert (tmp_path / ".postmortem-sync" / "tickets.db").exists()

    def test_a_file_and_a_folder_and_the_same_document_as_a_run_knows_it(self, team: Path) -> None:
        sync(team, "--postmortem", "docs/a.md")
        done = sync(team, "--postmortem", str(team / "docs"), "--json")
        assert lines(done)[-1]["created"] == 0
        assert lines(sync(team, "run", "--json"))[-1]["created"] == 0

    @pytest.mark.parametrize("ref", ["docs/missing.md", "empty", "https://example.com/x.md"])
    def test_what_is_not_there_is_status_2_and_named(self, team: Path, ref: str) -> None:
        (team / "empty").mkdir()
        done = sync(team, "--postmortem", ref)
        assert done.returncode == 2
        assert ref in done.stderr


class TestCommit:
    def test_what_a_run_wrote_is_one_commit(self, team: Path) -> None:
        def git(*arguments: str) -> str:
            command = ["git", "-c", "user.email=a@example.com", "-c", "user.name=A", "-C", str(team), *arguments]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        git("init", "-q")
        git("config", "user.email", "a@example.com")
        git("config", "user.name", "A")
        (team / "docs" / "b.md").write_text(TEXT.format(day="2026-02-21").replace("disk", "rack"))
        git("add", "docs", "sync.toml")
        git("commit", "-qm", "first")
        done = sync(team, "run", "--commit", "--json")
        assert lines(done)[-1]["written_back"] == 2
        assert git("status", "--porcelain") == ""
        assert git("rev-list", "--count", "HEAD").strip() == "2"
        sync(team, "run", "--commit")
        assert git("rev-list", "--count", "HEAD").strip() == "2"


class TestParse:
    def test_json_is_one_line_a_document(self, team: Path) -> None:
        (team / "docs" / "b.md").write_text("# Quiet week\n\nstatus: draft\n")
        done = sync(team, "parse", "docs", "--json")
        assert done.returncode == 0
        first, second = lines(done)
        assert list(first)[:5] == ["path", "title", "published", "reason", "items"]
        item = first["items"][0]  # type: ignore[index]
        assert list(item)[:9] == [
            "line",
            "text",
            "owners",
            "due",
            "due_text",
            "state",
            "tickets",
            "section",
            "notation",
        ]
        assert item["line"] == 9
        assert item["text"] == "Add an alert"
        assert item["owners"] == ["Ana Lima"]
        assert (item["due"], item["state"], item["tickets"]) == ("2026-04-03", "open", [])
        assert (item["section"], item["notation"]) == ("Action items", "task")
        assert second["items"] == []

    def test_a_table_for_people_with_totals(self, team: Path) -> None:
        done = sync(team, "parse", "docs/a.md")
        assert "Add an alert" in done.stdout
        assert "1 document · 2 items" in done.stdout

    def test_explain_names_rules(self, team: Path) -> None:
        assert "item by rule" in sync(team, "parse", "--explain", "docs/a.md").stdout

    def test_a_missing_file_is_status_2(self, team: Path) -> None:
        assert sync(team, "parse", "nowhere.md").returncode == 2

    def test_nothing_of_a_document_steers_the_terminal(self, team: Path) -> None:
        (team / "docs" / "a.md").write_text("# O\x1b[31m\n\n## Action items\n\n- [ ] Add \x1b]0;x\x07 an alert\n")
        assert "\x1b" not in sync(team, "parse", "docs/a.md").stdout


class TestNew:
    def test_writes_a_draft_that_is_not_synced(self, team: Path) -> None:
        done = sync(team, "new", "Checkout: slow & sad")
        assert done.returncode == 0, done.stderr
        path = team / done.stdout.strip()
        assert path.parent == team / "docs"
        assert "status: draft" in path.read_text()
        parsed = lines(sync(team, "parse", "--json", str(path)))[0]
        assert (parsed["published"], parsed["items"], parsed["title"]) == (False, [], "Checkout: slow & sad")
        assert sync(team, "new", "Checkout: slow & sad").returncode == 2


class TestTickets:
    def test_close_show_edit_reopen(self, team: Path) -> None:
        sync(team, "run")
        assert sync(team, "tickets", "close", "LOCAL-1", "--as", "wontdo").returncode == 0
        sync(
            team, "tickets", "edit", "LOCAL-2", "--title", "Move both disks", "--owner", "Bo Ek", "--due", "2026-05-08"
        )
        found = lines(sync(team, "tickets", "list", "--json"))
        assert [(t["key"], t["state"], t["title"]) for t in found] == [
            ("LOCAL-1", "wontdo", "Add an alert"),
            ("LOCAL-2", "open", "Move both disks"),
        ]
        assert (found[1]["owners"], found[1]["due"]) == (["Bo Ek"], "2026-05-08")
        shown = sync(team, "tickets", "show", "LOCAL-1").stdout
        assert "state: open -> wontdo" in shown
        assert "From the postmortem: Outage" in shown
        sync(team, "run")
        assert (
            "- [x] ~~Add an alert, owner: Ana Lima, due: 2026-04-03~~ ([LOCAL-1](local:LOCAL-1), won't do)"
            in (team / "docs" / "a.md").read_text()
        )
        sync(team, "tickets", "reopen", "LOCAL-1")
        sync(team, "run")
        assert (
            "- [ ] Add an alert, owner: Ana Lima, due: 2026-04-03 ([LOCAL-1](local:LOCAL-1))"
            in (team / "docs" / "a.md").read_text()
        )

    def test_a_missing_ticket_is_named(self, team: Path) -> None:
        done = sync(team, "tickets", "close", "LOCAL-9")
        assert done.returncode == 1
        assert "LOCAL-9" in done.stderr
