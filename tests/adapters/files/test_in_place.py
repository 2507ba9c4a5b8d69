from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files import in_place
from adapters.files.in_place import put_in_place
from adapters.files.source import FilesSource


def _between(monkeypatch: pytest.MonkeyPatch, *edits: Callable[[], object]) -> None:
    """Carry edits out, one right before each exchange."""
    left = list(edits)
    exchange = in_place._exchange

    def edited(one: str, other: str) -> bool:
        if left:
            left.pop(0)()
        return exchange(one, other)

    monkeypatch.setattr(in_place, "_exchange", edited)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "a.md"
    place.write_bytes(b"before\n")
    return place


def test_an_edit_between_the_last_look_and_the_rename_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _between(monkeypatch, lambda: place.write_bytes(b"a person's\n"))
    assert not put_in_place(str(place), b"before\n", b"after\n")
    assert place.read_bytes() == b"a person's\n"
    assert os.listdir(place.parent) == ["a.md"]


def test_of_two_such_edits_the_newest_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _between(monkeypatch, lambda: place.write_bytes(b"one\n"), lambda: place.write_bytes(b"another\n"))
    assert not put_in_place(str(place), b"before\n", b"after\n")
    assert place.read_bytes() == b"another\n"
    assert os.listdir(place.parent) == ["a.md"]


def test_where_files_cannot_change_places_they_are_renamed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_place, "_exchange", lambda one, other: False)
    assert put_in_place(str(place), b"before\n", b"after\n")
    assert place.read_bytes() == b"after\n"
    assert os.listdir(place.parent) == ["a.md"]


def test_a_file_that_is_deleted_meanwhile_stays_deleted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _between(monkeypatch, place.unlink)
    with pytest.raises(FileNotFoundError):
        put_in_place(str(place), b"before\n", b"after\n")
    assert os.listdir(place.parent) == []


def test_what_a_killed_run_left_is_removed_after_the_next(place: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine, dead = (f"{in_place._OWN}{number}-x.tmp" for number in (os.getpid(), gone.pid))
    for name in (mine, dead, "a-person.tmp"):
        (place.parent / name).write_bytes(b"half of")
    source = FilesSource("docs", place.parent)
    assert source.paths() == ["a.md"]
    source.close()
    assert sorted(os.listdir(place.parent)) == sorted([mine, "a-person.tmp", "a.md"])
