"""`sync report` over a team's life: what runs leave in the journal, and what a look at everything shows without one."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.cli import main
from sync.journal.open import open_journal
from sync.report.facts import Facts
from sync.report.history import from_journal, past
from sync.report.report import report
from tests.worlds import World

HEAD = "---\ndate: {day}\nstatus: {status}\nteam: payments\nservice: checkout\nseverity: SEV-1\n---\n# Outage {day}\n\n"
ITEMS = (
    "## Action items\n\n- [ ] Add an alert, owner: Ana Lima, due: 2026-03-20\n"
    "- [ ] Move the disk, owner: Bo Ek, due: 2026-03-10\n"
)


def facts(world: World) -> Facts:
    journal = open_journal(f"sqlite:///{world.state / 'one.db'}")
    try:
        present = frozenset(path.relative_to(world.docs).as_posix() for path in world.docs.rglob("*.md"))
        return from_journal(past(journal.history()), journal.every_ticket(), {}, {"docs": present})
    finally:
        journal.close()


def reported(world: World, today: date = date(2026, 3, 15)) -> dict[str, Any]:
    return report(facts(world), today).to_json()


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write("a.md", HEAD.format(day="2026-02-20", status="published") + ITEMS)
    world.run()
    return world


class TestWhatRunsLeaveBehind:
    def test_items_as_documents_and_tickets_have_them(self, world: World) -> None:
        found = reported(world)
        assert found["counts"] == {"items": 2, "open": 2, "overdue": 1, "done": 0, "wontdo": 0}
        (line,) = found["overdue"]
        assert (line["text"], line["owners"], line["days"], line["key"]) == ("Move the disk", ["Bo Ek"], 5, "LOCAL-2")
        assert [group["name"] for group in found["teams"]] == ["payments"]
        assert [load["owner"] for load in found["owners"]] == ["Ana Lima", "Bo Ek"]

    def test_completion_is_counted_from_the_day_of_the_incident(self, world: World) -> None:
        world.clock.sleep(10 * 24 * 3600)
        world.person("LOCAL-1", state="done")
        world.person("LOCAL-2", state="wontdo")
        world.run()
        found = reported(world)
        assert found["counts"] == {"items": 2, "open": 0, "overdue": 0, "done": 1, "wontdo": 1}
        assert found["speed"] == {"items": 1, "median": 19.0, "p90": 19, "undated": 0}

    def test_a_due_date_that_a_person_moves_has_slipped(self, world: World) -> None:
        for day in (date(2026, 3, 24), date(2026, 4, 1), date(2026, 3, 30)):
            world.person("LOCAL-2", due=day)
            world.run()
        slips = reported(world)["slips"]
        assert (slips["items"], slips["moves"], slips["days"], slips["twice"]) == (1, 2, 11.0, 1)

    def test_and_so_has_one_that_the_document_moves(self, world: World) -> None:
        text = world.read("a.md").replace("2026-03-10", "2026-03-17")
        world.write("a.md", text)
        world.run()
        slips = reported(world)["slips"]
        assert (slips["items"], slips["moves"], slips["days"]) == (1, 1, 7.0)

    def test_and_one_that_moved_while_nobody_looked(self, world: World) -> None:
        world.person("LOCAL-2", due=date(2026, 3, 24))
        for place in world.state.iterdir():
            place.unlink()
        world.run()
        slips = reported(world)["slips"]
        assert (slips["items"], slips["moves"], slips["days"]) == (1, 1, 14.0)

    def test_a_due_date_that_a_person_took_away_is_gone(self, world: World) -> None:
        world.person("LOCAL-2", due=None)
        world.run()
        found = reported(world)
        assert found["counts"]["overdue"] == 0
        assert found["no_due"] == 1

    def test_an_idle_run_leaves_nothing(self, world: World) -> None:
        before = facts(world)
        journal = open_journal(f"sqlite:///{world.state / 'one.db'}")
        events = list(journal.history())
        journal.close()
        world.run()
        world.run(fingerprint="g")
        journal = open_journal(f"sqlite:///{world.state / 'one.db'}")
        assert list(journal.history()) == events
        journal.close()
        assert facts(world) == before

    def test_a_document_that_moves_is_counted_once(self, world: World) -> None:
        (world.docs / "a.md").rename(world.docs / "b.md")
        world.run()
        assert reported(world)["postmortems"] == 1
        assert reported(world)["counts"]["items"] == 2
        unseen = open_journal(f"sqlite:///{world.state / 'one.db'}")
        found = from_journal(past(unseen.history()), unseen.every_ticket(), {}, {})
        unseen.close()
        assert [one.path for one in found.postmortems] == ["b.md"]
        assert len(found.items) == 2

    def test_a_copied_link_counts_once_and_a_removed_document_not_at_all(self, world: World) -> None:
        line = next(line for line in world.read("a.md").splitlines() if "LOCAL-1" in line)
        copy = HEAD.format(day="2026-02-25", status="published") + f"## Action items\n\n{line}\n- [ ] Another thing\n"
        world.write("0.md", copy)
        world.run()
        assert reported(world)["counts"]["items"] == 3
        (world.docs / "a.md").unlink()
        world.run()
        assert reported(world)["counts"]["items"] == 2

    def test_a_draft_does_not_count_until_it_is_published(self, world: World) -> None:
        world.write("d.md", HEAD.format(day="2026-02-21", status="draft") + "## Action items\n\n- [ ] Later\n")
        world.run()
        assert reported(world)["postmortems"] == 1
        world.write("d.md", HEAD.format(day="2026-02-21", status="published") + "## Action items\n\n- [ ] Later\n")
        world.run()
        assert reported(world)["postmortems"] == 2
        world.write("d.md", HEAD.format(day="2026-02-21", status="draft") + "## Action items\n\n- [ ] Later\n")
        world.run()
        assert reported(world)["postmortems"] == 1

    def test_what_waits_for_a_person_is_there_until_somebody_settles_it(self, world: World) -> None:
        lines = world.read("a.md").splitlines(keepends=True)
        world.write("a.md", "".join(line for line in lines if "LOCAL-2" not in line))
        world.run()
        assert reported(world)["waiting_by"] == {"conflict": 0, "held": 0, "orphan": 1, "owner": 0}
        assert reported(world)["waiting"][0]["key"] == "LOCAL-2"
        world.person("LOCAL-2", state="wontdo")
        world.run()
        assert reported(world)["waiting"] == []
        text = world.read("a.md").replace("2026-03-20", "2026-03-21")
        world.write("a.md", text)
        world.person("LOCAL-1", due=date(2026, 3, 25))
        world.run()
        (conflict,) = reported(world)["waiting"]
        assert (conflict["kind"], "2026-03-21" in conflict["text"]) == ("conflict", True)

    @pytest.mark.parametrize("text", ["nul \0 in it", "\N{GRINNING FACE} \u202e"])
    def test_strange_words_can_be_kept(self, world: World, text: str) -> None:
        data = HEAD.format(day="2026-02-22", status="published") + f"## Action items\n\n- [ ] Change {text} now\n"
        world.write("s.md", data)
        world.run()
        assert reported(world)["postmortems"] == 2


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def sync(folder: Path, *arguments: str, **environ: str) -> Done:
    """A call of the program in that folder, within this process: starting one each time takes longer."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        for name, value in environ.items():
            patch.setenv(name, value)
        try:
            status = main(arguments)
        finally:
            signal.signal(signal.SIGTERM, before)
    return Done(status, out.getvalue(), err.getvalue())


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    for number, ago in enumerate((120, 60, 20)):
        day, due = (date.today() - timedelta(days=n) for n in (ago, ago - 30))
        text = (
            f"---\ndate: {day}\nstatus: published\nteam: team {number}\n---\n# Outage {number}\n\n## Action items\n\n"
            f"- [ ] First change {number}, owner: Ana Lima, due: {due}\n- [ ] Second change {number}, owner: Bo Ek\n"
        )
        (tmp_path / "docs" / f"{number}.md").write_text(text)
    settings = '[sources.docs]\nkind = "files"\npath = "docs"\n[people]\n"Ana Lima" = { local = "ana" }\n'
    (tmp_path / "sync.toml").write_text(settings)
    return tmp_path


class TestCommand:
    def test_with_and_without_a_journal_it_says_the_same(self, team: Path) -> None:
        sync(team, "run", "--quiet")
        sync(team, "tickets", "close", "LOCAL-2")
        sync(team, "run", "--quiet")
        kept = json.loads(sync(team, "report", "--json").stdout)
        now = json.loads(sync(team, "report", "--json", "--now").stdout)
        for place in (team / ".postmortem-sync").glob("journal.db*"):
            place.unlink()
        lost = json.loads(sync(team, "report", "--json").stdout)
        assert not (team / ".postmortem-sync" / "journal.db").exists()
        assert [one.pop("origin") for one in (kept, now, lost)] == ["journal", "documents", "documents"]
        assert lost.pop("since") is None
        assert kept.pop("since") == now.pop("since")
        assert kept == now == lost
        assert kept["counts"] == {"items": 6, "open": 5, "overdue": 2, "done": 1, "wontdo": 0}
        assert [load["owner"] for load in kept["owners"]] == ["Ana Lima", "Bo Ek"]

    def test_before_the_first_run_it_reads_the_documents_and_writes_nothing(self, team: Path) -> None:
        before = {path: path.read_bytes() for path in (team / "docs").iterdir()}
        done = sync(team, "report", "--json")
        found = json.loads(done.stdout)
        assert (done.returncode, found["origin"], found["no_ticket"]) == (0, "documents", 6)
        assert {path: path.read_bytes() for path in (team / "docs").iterdir()} == before
        assert not (team / ".postmortem-sync" / "journal.db").exists()

    def test_for_people_on_a_terminal_and_in_a_channel(self, team: Path) -> None:
        sync(team, "run", "--quiet")
        shown = sync(team, "report").stdout
        for words in ("6 action items", "Overdue (2)", "Open work by owner", "By team", "First change 0"):
            assert words in shown
        quiet = sync(team, "report", "--quiet").stdout
        assert "Overdue (2)" in quiet
        assert "By team" not in quiet
        posted = sync(team, "report", "--markdown").stdout
        assert posted.startswith("## Follow-through of action items")
        assert "- 90 days late: LOCAL-1 First change 0 (Ana Lima)" in posted

    def test_the_page_is_written_beside_other_output(self, team: Path) -> None:
        sync(team, "run", "--quiet")
        done = sync(team, "report", "--html", "out.html", "--json")
        assert json.loads(done.stdout)["counts"]["items"] == 6
        assert (team / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")
        again = sync(team, "report", "--html", "out.html")
        assert again.stdout == "written: out.html\n"
        assert sync(team, "report", "--html", "nowhere/out.html").returncode == 2
        assert sync(team, "report", "--json", "--markdown").returncode == 2

    def test_what_breaks_a_policy_is_told_and_fails_where_asked(self, team: Path) -> None:
        with (team / "sync.toml").open("a") as file:
            file.write('[[policies]]\nname = "soon"\nmatch = { team = "team 0" }\nassigned_within = "3d"\n')
            file.write('due_within = "100 days"\ndone_within = "110 days"\n')
        sync(team, "run", "--quiet")
        failing = sync(team, "report", "--json", "--fail-on", "breach")
        found = json.loads(failing.stdout)
        assert failing.returncode == 1
        assert [(one["kind"], one["text"], one["days"]) for one in found["breaches"]] == [
            ("due", "Second change 0", 20),
            ("done", "First change 0", 10),
            ("done", "Second change 0", 10),
        ]
        assert [(one["kind"], one["kept"]["done"], one["kept"]["of"]) for one in found["policies"]] == [
            ("assigned", 2, 2),
            ("due", 1, 2),
            ("done", 0, 2),
        ]
        shown = sync(team, "report")
        assert shown.returncode == 0
        assert "Breaking a policy (3)" in shown.stdout
        assert re.search(r"soon +done within 110 days +0% \(0 of 2\)", shown.stdout)
        posted = sync(team, "report", "--markdown").stdout
        assert "- soon, due within 100 days: 50% (1 of 2)" in posted
        assert "- soon, no due date: LOCAL-2 Second change 0 (Bo Ek)" in posted
        sync(team, "report", "--html", "out.html")
        page = (team / "out.html").read_text("utf-8")
        assert "Breaking a policy" in page
        assert "How often each holds" in page
        for key in ("LOCAL-1", "LOCAL-2"):
            sync(team, "tickets", "close", key)
        sync(team, "run", "--quiet")
        assert sync(team, "report", "--quiet", "--fail-on", "breach").returncode == 0
        assert json.loads(sync(team, "report", "--json").stdout)["policies"][2]["kept"]["of"] == 2

    def test_a_part_can_be_chosen_and_says_what_it_leaves_out(self, team: Path) -> None:
        (team / "docs" / "9.md").write_text("# No day\n\nTeam: team 9\n\n## Action items\n\n- [ ] Some change\n")
        sync(team, "run", "--quiet")
        mine = json.loads(sync(team, "report", "--json", "--team", "TEAM 0", "--team", "*1").stdout)
        assert [group["name"] for group in mine["teams"]] == ["team 0", "team 1"]
        assert mine["selection"] == "team TEAM 0 or *1"
        late = json.loads(sync(team, "report", "--json", "--since", "70d").stdout)
        assert (late["postmortems"], late["counts"]["items"]) == (2, 4)
        assert late["selection"].endswith("1 without a day left out")
        day = (date.today() - timedelta(days=70)).isoformat()
        assert json.loads(sync(team, "report", "--json", "--since", day).stdout) == late
        assert "only team team 1" in sync(team, "report", "--team", "team 1").stdout
        for option in ("--since", "--baseline"):
            wrong = sync(team, "report", option, "soon")
            assert (wrong.returncode, f"{option} soon: this is no day" in wrong.stderr) == (2, True)
        assert sync(team, "report", "--csv", "--json").returncode == 2

    def test_every_item_is_a_row_for_a_spreadsheet(self, team: Path) -> None:
        text = "---\nteam: =cmd\n---\n# +1, a title\n\n## Action items\n\n- [ ] =HYPERLINK(1) x\n"
        (team / "docs" / "z.md").write_text(text)
        sync(team, "run", "--quiet")
        rows = list(csv.DictReader(io.StringIO(sync(team, "report", "--csv").stdout, newline="")))
        assert len(rows) == 7
        first = rows[0]
        assert (first["item"], first["owners"], first["days_late"]) == ("First change 0", "Ana Lima", "90")
        (hostile,) = [row for row in rows if "HYPERLINK" in row["item"]]
        assert hostile["item"].startswith("'=")
        assert hostile["team"] == "'=cmd"
        assert hostile["postmortem"] == "'+1, a title"

    def test_what_changed_since_a_day(self, team: Path) -> None:
        sync(team, "run", "--quiet")
        sync(team, "tickets", "close", "LOCAL-1")
        sync(team, "run", "--quiet")
        before = (date.today() - timedelta(days=10)).isoformat()
        found = json.loads(sync(team, "report", "--json", "--baseline", before).stdout)
        assert found["baseline"]["day"] == before
        assert (found["baseline"]["counts"]["open"], found["counts"]["open"]) == (6, 5)
        assert f"since {before}: open -1, overdue -1, done +1" in sync(team, "report", "--baseline", before).stdout

    def test_what_is_tracked_elsewhere(self, team: Path) -> None:
        link = "https://gitlab.example.com/acme/shop/-/issues/9"
        (team / "docs" / "x.md").write_text(f"# X\n\n## Action items\n\n- [ ] Ask them ([#9]({link}))\n")
        sync(team, "run", "--quiet")
        found = json.loads(sync(team, "report", "--json").stdout)
        assert (found["elsewhere"], found["no_ticket"]) == (1, 0)
        assert found["trackers"][-1]["name"] == "tracked elsewhere"
        assert [one["elsewhere"] for one in found["items"] if one["elsewhere"]] == [link]
        assert "1 tracked elsewhere" in sync(team, "report").stdout

    def test_what_could_not_be_read_is_said(self, team: Path) -> None:
        (team / "docs" / "gone.md").symlink_to(team / "nowhere.md")
        done = sync(team, "report", "--now")
        assert done.returncode == 1
        assert "! not counted: " in done.stdout
        assert "gone.md" in done.stdout


@pytest.mark.parametrize("command", ["report", "remind"])
def test_every_command_has_help_with_examples(tmp_path: Path, command: str) -> None:
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert "examples:" in out.getvalue()


@pytest.mark.parametrize(
    "call", [["remind", "--commit"], ["--commit", "remind"], ["report", "--dry-run"], ["--force", "report"]]
)
def test_an_option_that_a_command_does_not_have_is_refused(tmp_path: Path, call: list[str]) -> None:
    assert sync(tmp_path, *call).returncode == 2


class TestReminders:
    @pytest.fixture
    def ready(self, team: Path) -> Path:
        sync(team, "run", "--quiet")
        with (team / "sync.toml").open("a") as file:
            file.write("[remind]\nenabled = true\nevery_days = 7\n")
        return team

    def comments(self, team: Path, key: str) -> list[str]:
        shown = json.loads(sync(team, "tickets", "show", key, "--json").stdout)
        return [change["new"] for change in shown["history"] if change["field"] == "reminder"]

    def test_they_are_off_until_switched_on(self, team: Path) -> None:
        sync(team, "run", "--quiet")
        done = sync(team, "remind")
        assert (done.returncode, "remind.enabled" in done.stderr) == (2, True)
        assert "2 would be reminded of" in sync(team, "remind", "--dry-run").stdout
        assert "2 would be reminded of" in sync(team, "--dry-run", "remind").stdout
        assert self.comments(team, "LOCAL-1") == []

    def test_each_overdue_ticket_gets_one_in_a_period_though_the_journal_is_lost(self, ready: Path) -> None:
        first = json.loads(sync(ready, "remind", "--json").stdout.splitlines()[-1])
        assert first == {"overdue": 2, "reminded": 2, "before": 0, "failed": 0}
        again = json.loads(sync(ready, "remind", "--json").stdout.splitlines()[-1])
        for place in (ready / ".postmortem-sync").glob("journal.db*"):
            place.unlink()
        lost = json.loads(sync(ready, "remind", "--json").stdout.splitlines()[-1])
        assert again == lost == {"overdue": 2, "reminded": 0, "before": 2, "failed": 0}
        (reported,) = self.comments(ready, "LOCAL-1")
        assert reported.startswith("ana: This action item of a postmortem was due on ")
        assert "First change" not in reported
        assert self.comments(ready, "LOCAL-2") == []
        assert sync(ready, "run", "--json").returncode == 0

    def test_what_is_closed_or_has_another_date_by_now_is_left_alone(self, ready: Path) -> None:
        sync(ready, "tickets", "close", "LOCAL-1")
        sync(ready, "tickets", "edit", "LOCAL-3", "--due", str(date.today()))
        done = sync(ready, "remind")
        assert done.stdout == "0 overdue · 0 reminded of\n"

    def test_more_than_the_limit_stop_before_the_first(self, ready: Path) -> None:
        done = sync(ready, "remind", SYNC_LIMITS__NEW_TICKETS="1")
        assert (done.returncode, "2 comments" in done.stderr) == (3, True)
        assert self.comments(ready, "LOCAL-1") == []
        assert sync(ready, "remind", "--force", SYNC_LIMITS__NEW_TICKETS="1").returncode == 0
        assert len(self.comments(ready, "LOCAL-1")) == 1
