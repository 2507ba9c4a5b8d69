"""One document through parse and write-back: what must hold whatever the bytes are."""

from __future__ import annotations

import random
import time
import zlib
from dataclasses import dataclass

from sync.errors import DocumentError
from sync.formats import apply_edits, parse, render
from sync.model import Postmortem, State
from tests.postmortem.test_any_bytes import check
from tests.properties.keeping import facts, only_edited, statuses

STATES = (State.OPEN, State.DONE, State.WONTDO)
SECONDS = 1.0
SECONDS_A_BYTE = 0.001
"""A call may take so long, under instrumentation: an ordinary document takes a hundredth of it."""


class Slow(AssertionError):
    """A call takes longer than grows with the document's size."""


@dataclass(slots=True)
class Watch:
    """Sees to it that one step takes the time that its input's size allows."""

    size: int
    began: float = 0.0

    def __enter__(self) -> None:
        self.began = time.process_time()

    def __exit__(self, *error: object) -> None:
        took = time.process_time() - self.began
        if took > SECONDS + SECONDS_A_BYTE * self.size:
            raise Slow(f"{took:.1f} s for {self.size} bytes")


def run(data: bytes) -> None:
    """Raises whatever is wrong. The tickets' states come from the document's own bytes, so that it repeats."""
    chance = random.Random(zlib.crc32(data))
    try:
        with Watch(len(data)):
            postmortem = parse(data, "x.md")
    except DocumentError:
        return
    check(postmortem)
    for _ in range(2):
        postmortem = written(postmortem, chance)


def written(postmortem: Postmortem, chance: random.Random) -> Postmortem:
    """The document after tickets wrote their states into it."""
    data = postmortem.data
    state = chance.choice(STATES)
    chosen = [index for index in range(len(postmortem.items)) if chance.random() < 0.8]
    with Watch(len(data)):
        edits = render(postmortem, statuses(postmortem, state, chosen))
    after = apply_edits(data, edits)
    only_edited(data, edits, after)
    again = parse(after, "x.md")
    check(again)
    assert len(again.items) == len(postmortem.items), "more items, or fewer"
    assert [item.text for item in again.items] == [item.text for item in postmortem.items], "other words"
    assert facts(again) == facts(postmortem), "other owners, dates or lines"
    for index in chosen:
        assert again.items[index].references, "no link"
        assert again.items[index].state is state, "another state"
    assert render(again, statuses(again, state, chosen)) == (), "said twice"
    return again
