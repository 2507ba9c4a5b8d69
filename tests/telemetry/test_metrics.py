"""What a run leaves for a monitoring system."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.process.files import write_whole
from sync.report.figures import Counts
from sync.telemetry.metrics import Metrics, last_success, text
from tests.commands.test_commands import TEXT
from tests.program import sync

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\n"])*")*\})? -?[0-9.e+]+')


def samples(file: str) -> dict[str, float]:
    """Read as a collector does."""
    found: dict[str, float] = {}
    for line in file.splitlines():
        if not line.startswith("#"):
            assert LINE.fullmatch(line), line
            name, _, value = line.rpartition(" ")
            assert name not in found
            found[name] = float(value)
    return found


@given(st.dictionaries(st.text(), st.integers(0, 10**9), max_size=4), st.floats(1, 1e10), st.integers(0, 10**6))
def test_whatever_the_values_the_file_can_be_read(calls: dict[str, int], at: float, number: int) -> None:
    calls = {"".join(name.splitlines()): value for name, value in calls.items()}
    metrics = Metrics("1.0", at, at, 0.5, number, calls, {"created": number}, Counts(6, 1, number, 2, 3))
    file = text(metrics)
    found = samples(file)
    assert found["postmortem_sync_items_overdue"] == number
    assert found['postmortem_sync_items{state="wontdo"}'] == 3
    assert len([name for name in found if "run_calls" in name]) == len(calls)
    assert last_success(file) == round(at, 3)
    helped = re.findall(r"(?m)^# HELP (\w+)", file)
    assert helped == re.findall(r"(?m)^# TYPE (\w+) gauge$", file)
    assert len(set(helped)) == len(helped)


@pytest.mark.parametrize("file", ["", "nonsense", "postmortem_sync_last_success_timestamp_seconds 1e", "\0" * 10])
def test_an_earlier_file_of_any_kind_is_no_reason_to_fail(file: str) -> None:
    assert last_success(file) == 0.0


class TestRun:
    @pytest.fixture
    def team(self, tmp_path: Path) -> Path:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "a.md").write_text(TEXT.format(day="2026-02-20").replace("2026-04-03", "2020-04-03"))
        settings = '[sources.docs]\nkind = "files"\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
        (tmp_path / "sync.toml").write_text(settings)
        return tmp_path

    def test_the_file_and_the_json_say_the_same(self, team: Path) -> None:
        done = sync(team, "run", "--json", "--metrics", "sync.prom")
        last = json.loads(done.stdout.splitlines()[-1])
        reported, found = last["metrics"], samples((team / "sync.prom").read_text())
        assert reported["items"] == {"open": 2, "done": 0, "wontdo": 0}
        assert reported["overdue"] == found["postmortem_sync_items_overdue"] == 1
        (month,) = (name for name in found if name.startswith("postmortem_sync_items_in_time_of{"))
        assert month == 'postmortem_sync_items_in_time_of{severity="not stated",month="2020-04"}'
        number = json.loads(sync(team, "report", "--json").stdout)["in_time"]["rate"]
        assert reported["in_time"] == number == {"done": 0, "of": 1, "share": 0.0}
        assert (found[month], found["postmortem_sync_items_in_time_ratio"]) == (1, 0.0)
        assert "0% (0 of 1)" in sync(team, "report", "--markdown").stdout
        assert "0% (0 of 1)" in sync(team, "report").stdout
        assert reported["calls"] == found['postmortem_sync_run_calls{to="local"}'] == sum(last["requests"].values())
        assert reported["failures"] == found["postmortem_sync_run_failures"] == last["failed"] == 0
        assert reported["last_success"] == reported["ended"] == found["postmortem_sync_last_success_timestamp_seconds"]
        assert reported["seconds"] == last["seconds"] == found["postmortem_sync_run_duration_seconds"]
        assert found['postmortem_sync_run_changes{change="created"}'] == 2
        assert sorted(path.name for path in team.iterdir()) == [".postmortem-sync", "docs", "sync.prom", "sync.toml"]
        sync(team, "tickets", "close", "LOCAL-1")
        sync(team, "run", "--quiet", "--metrics", "sync.prom")
        after = samples((team / "sync.prom").read_text())
        assert after['postmortem_sync_items{state="done"}'] == 1
        assert after["postmortem_sync_items_overdue"] == 0

    def test_a_run_that_fails_keeps_the_time_of_the_last_success(self, team: Path) -> None:
        with (team / "sync.toml").open("a") as file:
            file.write('[metrics]\nfile = "figures/sync.prom"\n')
        missing = sync(team, "run")
        assert (missing.returncode, "metrics.file" in missing.stderr) == (2, True)
        (team / "figures").mkdir()
        sync(team, "run")
        good = samples((team / "figures" / "sync.prom").read_text())
        name = "postmortem_sync_last_success_timestamp_seconds"
        (team / "docs" / "c.md").symlink_to(team / "nowhere.md")
        assert sync(team, "run").returncode == 1
        failed = samples((team / "figures" / "sync.prom").read_text())
        assert failed["postmortem_sync_run_failures"] == 1
        assert failed["postmortem_sync_items_overdue"] == 1
        assert failed[name] == good[name]
        (team / "docs" / "c.md").unlink()
        (team / "docs" / "b.md").write_text(TEXT.format(day="2026-02-21"))
        assert sync(team, "run", SYNC_LIMITS__NEW_TICKETS="0").returncode == 3
        stopped = samples((team / "figures" / "sync.prom").read_text())
        assert stopped["postmortem_sync_run_failures"] == 1
        assert stopped[name] == good[name]
        assert (
            stopped["postmortem_sync_last_run_timestamp_seconds"] > good["postmortem_sync_last_run_timestamp_seconds"]
        )
        assert "postmortem_sync_items_overdue" not in stopped

    @pytest.mark.parametrize("call", [["run", "--dry-run"], ["--postmortem", "docs/a.md"]])
    def test_a_dry_run_and_a_run_by_hand_leave_none(self, team: Path, call: list[str]) -> None:
        done = sync(team, *call, "--json", SYNC_METRICS__FILE="sync.prom")
        assert done.returncode == 0
        assert "metrics" not in json.loads(done.stdout.splitlines()[-1])
        assert not (team / "sync.prom").exists()


def test_a_file_is_put_in_place_at_once(tmp_path: Path) -> None:
    place = tmp_path / "x.prom"
    write_whole(place, "one\n")
    before = place.stat().st_ino
    write_whole(place, "two\n")
    assert place.read_text() == "two\n"
    assert place.stat().st_ino != before
    mask = os.umask(0)
    os.umask(mask)
    assert place.stat().st_mode & 0o777 == 0o666 & ~mask
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.prom"]
