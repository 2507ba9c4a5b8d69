"""Front matter that is small on disk and large in memory, or deep, is refused at once."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from sync.errors import DocumentError
from sync.formats import parse

END = "\n---\n## Action items\n\n- Add a limit\n"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)
)
BOMBS = {
    "a billion laughs": LAUGHS,
    "an alias of itself": "a: &a [*a]",
    "merged keys": "a: &a {b: 1}\nc: {<<: *a}",
    "deep lists": "a: " + "[" * 50_000,
    "deep lists that end": "a: " + "[" * 5_000 + "]" * 5_000,
    "deep mappings": "a: " + "{a: " * 5_000 + "1" + "}" * 5_000,
    "a Python object": "a: !!python/object/apply:os.system ['true']",
    "a Python name": "a: !!python/name:os.system",
}


@pytest.mark.parametrize("name", BOMBS)
def test_it_is_refused_with_little_time_and_memory(name: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(DocumentError, match=r"x\.md: line \d+"):
            parse(f"---\n{BOMBS[name]}{END}".encode(), "x.md")
        assert time.process_time() - began < 5
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
