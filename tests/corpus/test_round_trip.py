"""Made-up tickets written into every real postmortem: only our bytes change, and the page shows the same document."""

from __future__ import annotations

import difflib
import re
from datetime import date
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sync.formats import apply_edits, parse, render
from sync.model import Postmortem, State, Status
from tests.corpus.measure import CORPUS

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")

DOCUMENTS = sorted((CORPUS / "docs").glob("*.md")) if CORPUS.is_dir() else []
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
STATES = (State.OPEN, State.DONE, State.WONTDO)


def statuses(postmortem: Postmortem, state: State) -> dict[int, Status]:
    closed = None if state is State.OPEN else date(2026, 3, 20)
    found = {}
    for index, item in enumerate(postmortem.items):
        key = f"OPS-{index + 1}"
        reference = item.references[0] if item.references else None
        found[index] = Status(key, f"https://tracker.example/browse/{key}", state, closed, reference)
    return found


def items(postmortem: Postmortem) -> list[tuple[object, ...]]:
    return [(i.line, i.text, tuple(o.text for o in i.owners), i.due_date) for i in postmortem.items]


def blocks(tokens: list[Token]) -> list[tuple[str, int]]:
    """The page's blocks and their depth. Cells are left out, since columns may be added."""
    return [(t.type, t.level) for t in tokens if t.type[:2] not in ("td", "th") and t.type != "inline"]


def words(tokens: list[Token]) -> list[str]:
    """All words and addresses a reader sees, in order; boxes as one word, whatever is in them."""
    parts = []
    for token in tokens:
        for child in token.children or [token]:
            address = f" {child.attrs['href']} " if "href" in child.attrs else ""
            parts.append(" " if child.type == "softbreak" else child.content + address)
        parts.append(" ")
    text = re.sub(r"\[[ xX]\]", "[]", "".join(parts))
    return re.findall(r"\w+|[^\w\s]", text)


def columns(tokens: list[Token]) -> list[int]:
    """How many cells each row of each table has."""
    rows: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("td_open", "th_open"):
            rows[-1] += 1
    return rows


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:60])
def test_open_then_done_then_wont_do(path: Path) -> None:
    data = path.read_bytes()
    original = parse(data, path.name)
    before = RENDERER.parse(data.decode("utf-8", "replace"))
    removed: set[str] = set()
    added = set(re.findall(r"\w+|[^\w\s]", " ".join(s.url for s in statuses(original, State.OPEN).values())))
    for state in STATES:
        postmortem = parse(data, path.name)
        edits = render(postmortem, statuses(postmortem, state))
        for edit in edits:
            removed |= set(re.findall(r"\w+|[^\w\s]", data[edit.span.start : edit.span.end].decode()))
            added |= set(re.findall(r"\w+|[^\w\s]", edit.text.decode()))
        data = apply_edits(data, edits)

        again = parse(data, path.name)
        assert items(again) == items(original)
        assert [item.state for item in again.items] == [state] * len(original.items)
        assert all(item.references for item in again.items)
        assert not render(again, statuses(again, state))

        after = RENDERER.parse(data.decode("utf-8", "replace"))
        assert blocks(after) == blocks(before)
        old, new = words(before), words(after)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                assert set(old[a:b]) <= removed | {"[]"}
                assert set(new[c:d]) <= added | removed
        for count, shown in zip(columns(before), columns(after), strict=True):
            assert count <= shown <= count + 2
