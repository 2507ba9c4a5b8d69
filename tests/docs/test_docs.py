"""The pages say what is so: every command is run, every file and every test that is named exists.

A block that cannot be run here has `<!-- needs … -->` on the line before it, with what it needs.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from xml.etree import ElementTree

import pytest

from config.load import load
from sync import errors
from sync.formats import apply_edits, parse, render
from sync.model import State, Status

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "adr").glob("*.md")),
]
FENCE = re.compile(r"(?m)^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```", re.DOTALL)
NEEDS = re.compile(r"<!-- needs [\w ']+ -->\s*\Z")
SETTINGS = (
    '[sources.postmortems]\nkind = "files"\npath = "docs/postmortems"\n[limits]\nmax_age_days = 36500\n'
    'new_tickets = 100\n[people]\n"Ana Lima" = { aliases = ["ana-lima"] }\n'
)


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    text: str
    needs: bool


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(found["language"], textwrap.dedent(found["text"]), bool(NEEDS.search(text[: found.start()])))
        for found in FENCE.finditer(text)
    ]


def commands(block: Block) -> str:
    """What a shell is given; of a console, the lines after its prompt."""
    if block.language == "console":
        return "\n".join(line[2:] for line in block.text.splitlines() if line.startswith("$ "))
    return block.text


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A folder as a reader has it who follows a page: the examples as postmortems, settings, one run behind it."""
    shutil.copytree(ROOT / "examples" / "postmortems", tmp_path / "docs" / "postmortems")
    (tmp_path / "sync.toml").write_text(SETTINGS, encoding="utf-8")
    shell(tmp_path, "sync run --quiet")
    return tmp_path


def shell(folder: Path, text: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.language in ("sh", "console") for b in blocks(page))], ids=lambda p: p.name
)
def test_every_command_runs(page: Path, team: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    for block in blocks(page):
        if block.language not in ("sh", "console"):
            continue
        lines = commands(block).splitlines()
        # Targets of make have tests and steps of their own; here only that they are there.
        made = [line.split() for line in lines if line.startswith("make ")]
        assert {words[1] for words in made} <= targets
        rest = "\n".join(line for line in lines if not line.startswith("make "))
        if rest.strip() and not block.needs:
            shell(team, rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is_and_every_target_of_make_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count("```") == 2 * len(blocks(page))
    shells = {block.language for block in blocks(page)} & {"bash", "shell", "zsh", "shell-session"}
    assert not shells, "write ```sh or ```console, so that it is run"
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith(("#", "url", "…")):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.language == "toml" for b in blocks(page))], ids=lambda p: p.name
)
def test_every_piece_of_settings_is_one(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.language == "toml":
            (tmp_path / "sync.toml").write_text(block.text, encoding="utf-8")
            load(None, {}, tmp_path, offline=True)


@pytest.mark.parametrize(("page", "beginning", "count"), [("guarantees", "| **", 8), ("security", "| ", 11)])
def test_every_proof_of_a_promise_is_there(page: str, beginning: str, count: int) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    for file, test in named:
        assert (ROOT / file).exists(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8"), test
    rows = [line for line in text.splitlines() if line.startswith(beginning)]
    if page == "security":
        rows = rows[1 : count + 1]
    assert len(rows) == count
    assert all("`tests/" in row for row in rows)


def test_the_picture_of_a_document_is_what_the_program_writes() -> None:
    drawn = ElementTree.parse(ROOT / "docs" / "document.svg").getroot()
    texts = [
        ("".join(text.itertext()), float(text.get("y", "0"))) for text in drawn.iter("{http://www.w3.org/2000/svg}text")
    ]
    rows: dict[float, str] = {}
    for text, y in texts:
        rows[y] = rows.get(y, "") + text
    before, after = ([row for y, row in rows.items() if low < y < low + 200 and "- [" in row] for low in (0, 250))
    assert len(before) == len(after) == 3
    heading = "# Outage\n\n## Action items\n\n"
    states = (State.DONE, State.OPEN, State.WONTDO)
    document = (heading + "\n".join(row[row.index("- [") :].split("OPS-")[0] for row in before)).encode()
    keys = [f"OPS-{number}" for number in (12, 13, 14)]
    statuses = {n: Status(keys[n], f"https://acme.example/browse/{keys[n]}", states[n]) for n in range(3)}
    written = apply_edits(document, render(parse(document, "outage.md"), statuses)).decode()
    assert written == heading + "\n".join(after)


def test_there_is_something_to_do_for_each_error() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    known = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value)
        and issubclass(value, errors.SyncError)
        and name not in ("SyncError", "StopRun", "ItemError")
    }
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", text)) == known


def test_the_item_of_the_architecture_goes_the_way_that_is_told(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    reported = dict(re.findall(r"<!-- story: (\w+) -->\n```markdown\n(.*?)```", text, re.DOTALL))
    assert list(reported) == ["before", "created", "done"]
    document = tmp_path / "docs" / "2026-02-20-checkout.md"
    document.parent.mkdir()
    document.write_text(reported["before"], encoding="utf-8")
    settings = '[sources.docs]\npath = "docs"\n[limits]\nmax_age_days = 36500\n'
    (tmp_path / "sync.toml").write_text(settings, encoding="utf-8")
    shell(tmp_path, "sync run")
    assert document.read_text("utf-8") == reported["created"]
    shell(tmp_path, "sync tickets close LOCAL-1 --as done && sync run")
    # It is closed today; the page tells of another day.
    assert re.sub(r"done \d{4}-\d\d-\d\d", "done 2026-03-20", document.read_text("utf-8")) == reported["done"]


def test_the_code_that_the_architecture_names_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:sync|adapters)(?:\.\w+)+)`", text)
    assert len(named) > 25
    for name in named:
        resolve_name(name)


def test_the_layers_of_the_architecture_are_those_that_are_held() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    (drawn,) = re.findall(r"```text\n(cli\n.*?)```", text, re.DOTALL)
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (held,) = [one["layers"] for one in contracts if one.get("containers") == ["sync"]]
    assert [re.split(r"  +", line)[0] for line in drawn.splitlines()] == held


@pytest.mark.parametrize(
    "page",
    [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *sorted((ROOT / "docs" / "adr").glob("*.md"))],
    ids=lambda page: page.name,
)
def test_every_file_that_a_contributor_is_sent_to_is_there(page: Path) -> None:
    named = re.findall(r"`((?:sync|adapters|config|tests|docs|examples)/[\w/.-]*)`", page.read_text("utf-8"))
    missing = [name for name in named if "NAME" not in name and not (ROOT / name).exists()]
    assert missing == []


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    pages = sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md"))
    assert re.findall(r"\]\((0\d{3}-[\w-]+\.md)\)", index) == pages
    for number, name in enumerate(pages, 1):
        text = (ROOT / "docs" / "adr" / name).read_text("utf-8")
        assert name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number}. ")
        assert "**Decided.**" in text
        assert "**Why" in text
        assert "**What it costs.**" in text


def test_one_test_can_be_run_by_its_path() -> None:
    reported = subprocess.run(
        ["make", "-n", "test", "T=tests/test_plan.py -k due"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert any(line.endswith("-m pytest -n 0 tests/test_plan.py -k due") for line in reported.splitlines())


def test_the_folders_of_the_architecture_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| `(sync|adapters|config|tests)", line)]
    for row in rows:
        for name in re.findall(r"`((?:sync|adapters|config|tests)/[\w/.]*)`", row):
            assert (ROOT / name).exists(), name
