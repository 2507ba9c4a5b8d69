"""Pages that another tool made in the storage format: read and written back, they keep every node."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.formats.storage import Storage
from sync.model import State
from sync.postmortem.plain import words
from tests.formats.test_storage_pages import read, written

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "storage-samples"
FILES = sorted(SAMPLES.glob("*.xml")) if SAMPLES.is_dir() else []
STATES = (State.OPEN, State.DONE, State.OPEN, State.WONTDO, State.OPEN)

pytestmark = pytest.mark.skipif(not FILES, reason="the samples of the storage format are not here")


def as_actions(data: bytes) -> bytes:
    """The page with a section of actions below each of its headings, so that everything in it may be one."""
    return re.sub(rb"(</h[1-6]>)", rb"\1<h2>Action items</h2>", data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_keeps_its_nodes_while_tickets_are_made_closed_dropped_and_reopened(path: Path) -> None:
    for data in (path.read_bytes(), as_actions(path.read_bytes())):
        after = data
        for state in STATES:
            after = written(after, state)
        assert (after == data) is (not read(data).items)


def test_the_samples_hold_items_in_every_shape_that_they_have() -> None:
    found = {item.notation.value for path in FILES for item in read(as_actions(path.read_bytes())).items}
    assert found >= {"bullet", "number", "prose", "table"}


def test_the_boxes_of_tasks_are_where_their_states_stand() -> None:
    data = (SAMPLES / "tasklist.xml").read_bytes()
    lists = [block for block in Storage().open(data).blocks() if block.kind == "list"]
    boxes = [item.box for item in lists[0].children if item.box]
    assert [(data[slice(*box.span)], box.state) for box in boxes] == [
        (b"complete", State.DONE),
        (b"incomplete", State.OPEN),
    ]
    assert [words(item.children[0].tokens) for item in lists[0].children] == ["Finished action", "Unfinished action"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_code_is_never_read(path: Path) -> None:
    data = path.read_bytes()
    words = {item.text for item in read(as_actions(data)).items}
    for raw in re.findall(rb"<!\[CDATA\[(.*?)\]\]>", data, re.DOTALL):
        for line in raw.decode().splitlines():
            assert line.strip() not in words or not line.strip()
