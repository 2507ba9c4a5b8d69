"""A new tracker and a new source are an own folder and a name in the table: no other file of the program knows them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.http.webhook import Sender
from adapters.registry import SYSTEMS
from adapters.system import Registry, Section, SourcePart, System
from config.settings import settings_class
from sync.errors import SettingsError
from sync.model import State
from sync.ports import WebhookEvent
from sync.run.summary import Silent
from sync.serve.concerned import Watched
from sync.wiring.engine import fingerprint, people, tracker
from sync.wiring.facts import called
from sync.wiring.systems import account, make_source, mark_key, used_trackers
from tests.contract.sources import SourceContract
from tests.contract.trackers import TrackerContract
from tests.toys.board import BOARD, Board, BoardSettings, Cards
from tests.toys.shelf import SHELF, Shelf, ShelfSettings, ShelfSource
from tests.toys.worlds import TEXT, BoardWorld, ShelfWorld, settings_in

ROOT = Path(__file__).parents[2]
SECRET = "hush-board-hush"
PAGE = (
    "---\ndate: 2026-02-20\n---\n# Outage\n\n## Action items\n\n"
    "- [ ] Add an alert on the queue, owner: Ana Lima, due: 2026-04-03\n"
)


class TestBoardTracker(TrackerContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> BoardWorld:
        return BoardWorld(tmp_path)


class TestShelfSource(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> ShelfWorld:
        return ShelfWorld(tmp_path)


# --- the program, with the toys in its table -------------------------------------------------


def program(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")}
    environment |= {"PYTHONPATH": str(ROOT)} | environ
    call = [sys.executable, "-m", "tests.toys.program", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_a_postmortem_on_the_shelf_gets_a_card_and_its_status(tmp_path: Path) -> None:
    (tmp_path / "sync.toml").write_text(TEXT.replace(f'token = "{SECRET}"\n', ""), encoding="utf-8")
    shelf, token = Shelf(tmp_path / "shelf"), {"SYNC_BOARD__TOKEN": SECRET}
    shelf.save({"docs/a.md": PAGE.encode(), "other/b.md": PAGE.encode()})

    def run() -> dict[str, Any]:
        done = program(tmp_path, "run", "--json", **token)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return summary

    assert (run()["created"], run()["written_back"]) == (1, 0)
    board = Board(tmp_path / "board", "https://board.example", None)  # type: ignore[arg-type]
    ((number, card),) = board.read().cards.items()
    assert (card.assignees, str(card.due)) == (("ana",), "2026-04-03")
    assert f"([{number}](https://board.example/b/all/issues/{number}))" in shelf.read()["docs/a.md"].decode()
    board.save(Cards({number: replace(card, state=State.DONE, closed_on=card.due, version="9")}, [], 9))
    assert run()["written_back"] == 1
    assert f"- [x] Add an alert on the queue, owner: Ana Lima, due: 2026-04-03 ([{number}](" in (
        shelf.read()["docs/a.md"].decode()
    )
    findings = [json.loads(line) for line in program(tmp_path, "doctor", "--json", **token).stdout.splitlines()[:-1]]
    assert {one["status"] for one in findings} == {"ok"}
    assert {one["part"] for one in findings} >= {"source notes", "tracker board"}
    assert [one["detail"] for one in findings if one["check"] == "people"] == ["1 of 1 can be assigned in "]
    report = json.loads(program(tmp_path, "report", "--json", **token).stdout)
    assert (report["postmortems"], report["counts"]["done"]) == (1, 1)


def test_its_webhooks_have_an_address_once_there_is_a_secret(tmp_path: Path) -> None:
    (tmp_path / "sync.toml").write_text(TEXT, encoding="utf-8")
    refused = program(tmp_path, "serve", "--port", "0")
    keys = " nor ".join(f"{name}.webhook_secret" for name in ("board", "confluence", "github", "jira", "shelf"))
    assert (refused.returncode, f"neither {keys} is set" in refused.stderr) == (2, True), refused.stderr


# --- settings --------------------------------------------------------------------------------


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_in(folder, text)
    return str(caught.value)


def test_what_is_missing_wrong_or_unknown_is_told_as_for_the_others(tmp_path: Path) -> None:
    text = 'tracker = "board"\n[sources.notes]\nkind = "shelf"\n[board]\ntokn = "x"\n'
    said = refused(tmp_path, text)
    assert "board.tokn: there is no such key. Did you mean token?" in said
    said = refused(tmp_path, text.replace("tokn", "token").replace("board]", 'board]\nbase_url = "http://b.example"'))
    assert 'board.base_url: found "http://", must begin with https://, or the token is sent in clear.' in said
    assert "sources.notes.row: it is missing, must be the beginning of the pages' names." in said
    said = refused(tmp_path, 'tracker = "board"\n')
    assert "board.token: the secret is missing; set SYNC_BOARD__TOKEN to a member's token, or put it into" in said
    assert "board.base_url: it is missing, must be the board's address (or set SYNC_BOARD__BASE_URL)." in said
    said = refused(tmp_path, '[sources.a]\nkind = "shelf"\nrow = "x"')
    assert "shelf.token: the secret is missing; set SYNC_SHELF__TOKEN" in said
    assert '"github" or "board" (default "local")' in refused(tmp_path, 'tracker = "shelf"')
    assert '"files" or "github" or "confluence" or "shelf" (default "files")' in refused(
        tmp_path, '[sources.a]\nkind = "board"'
    )


def test_a_key_of_another_kind_is_an_error_unless_it_says_nothing(tmp_path: Path) -> None:
    said = refused(tmp_path, '[sources.a]\nrow = "docs/"')
    assert 'sources.a.row: only kind = "shelf" reads it, and this is kind = "files".' in said
    said = refused(tmp_path, '[sources.a]\nkind = "shelf"\nrow = "x"\nglob = "*.txt"\n[shelf]\ntoken = "t"')
    assert 'sources.a.glob: only kind = "files" or "github" reads it, and this is kind = "shelf".' in said
    assert settings_in(tmp_path, '[sources.a]\nrow = ""\nrepository = ""\nbranch = ""\n').sources["a"].kind == "files"


def test_a_system_without_a_tracker_has_its_section_and_borrows_only_as_it_says(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    borrowed, board = settings.of(ShelfSettings), settings.of(BoardSettings)
    assert (borrowed.base_url, borrowed.token) == (board.base_url, board.token)
    own = settings_in(tmp_path, TEXT + '[shelf]\nbase_url = "https://shelf.example"\ntoken = "hush-shelf-hush"\n')
    assert own.of(ShelfSettings).base_url == "https://shelf.example"
    assert set(own.secrets()) == {SECRET, "hush-shelf-hush"}
    assert used_trackers(own) == ["board"]
    assert "shelf" not in type(own.people["Ana Lima"]).model_fields


def test_accounts_marks_and_people_are_its_own(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert account(settings, "board") not in ("", account(settings, "github"))
    assert account(settings, "local") == account(settings, "shelf") == ""
    assert mark_key(settings, "board")
    assert mark_key(settings, "shelf") == b""
    assert called(settings) == {("board", "ana"): "Ana Lima"}
    other = settings_in(tmp_path, TEXT.replace("base_url", 'path = "elsewhere"\nbase_url'))
    renewed = settings_in(tmp_path, TEXT.replace(SECRET, "another-token"))
    assert fingerprint(settings) == fingerprint(renewed) != fingerprint(other)
    assert people(settings)


def test_nothing_falls_through_to_another_system(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for ask in (SYSTEMS.system, SYSTEMS.tracker, SYSTEMS.source):
        with pytest.raises(SettingsError, match="board: there is no such"):
            ask("board")
    for name in ("trello", "shelf", "files"):
        with pytest.raises(SettingsError, match=f"{name}: there is no such tracker"):
            tracker(settings, name, Silent())
    with pytest.raises(SettingsError, match="trello: there is no such system"):
        account(settings, "trello")
    with pytest.raises(SettingsError, match="board: there is no such kind of source"):
        make_source(
            settings,
            "x",
            settings.sources["notes"].model_copy(update={"kind": "board"}),
            Silent(),
            None,  # type: ignore[arg-type]
        )


# --- the table -------------------------------------------------------------------------------


class Other(Section):
    path: int = 0


class Reserved(Section):
    project: str = ""


def test_a_table_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="two systems are called board"):
        Registry((BOARD, BOARD))
    with pytest.raises(ValueError, match="shelf borrows from board"):
        Registry((SHELF,))
    for keys in (Other, Reserved):
        other = System[Section]("other", source=SourcePart(keys, SHELF.source.make))  # type: ignore[union-attr, arg-type]
        with pytest.raises(TypeError, match="it means something else to other than to other kinds"):
            settings_class(Registry((*SYSTEMS, other)))
    with pytest.raises(TypeError, match="limits"):
        settings_class(Registry((*SYSTEMS, System("limits", Other))))


def test_a_page_that_somebody_edited_concerns_the_sources_of_its_own_system(tmp_path: Path) -> None:
    source = ShelfSource("notes", Shelf(tmp_path / "shelf"), "docs/", "https://board.example")
    sender = SHELF.sender
    assert sender
    assert isinstance(sender(), Sender)
    body = b'{"page": "https://board.example/docs/a.md"}'
    event = sender().event({"content-type": "application/json"}, body)
    assert isinstance(event, WebhookEvent)
    assert Watched(source, "shelf").paths("shelf", event) == ["docs/a.md"]
    assert Watched(source, "shelf").paths("board", event) == []
    assert Watched(source, "github", "o/r").paths("github", event) == ["docs/a.md"]


def test_every_folder_of_a_system_is_in_the_table() -> None:
    assert {path.parent.name for path in (ROOT / "adapters").glob("*/system.py")} == {one.name for one in SYSTEMS}


def compared(tree: ast.AST) -> set[str]:
    """The texts that something is compared with, or looked for in."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and not (isinstance(node.left, ast.Name) and node.left.id == "form"):
            inner = [part for side in (node.left, *node.comparators) for part in ast.walk(side)]
            found |= {part.value for part in inner if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        elif isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
            found.add(str(node.value.value))
    return found


def test_no_file_beside_its_own_asks_which_system_it_is() -> None:
    """`form` is the format of what `sync check` prints."""
    names = {system.name for system in SYSTEMS}
    files = [path for folder in ("sync", "config") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    asking = {str(path.relative_to(ROOT)): compared(ast.parse(path.read_text("utf-8"))) & names for path in files}
    assert {path: found for path, found in asking.items() if found} == {}
