from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from sync.marks import PATTERN, decode, encode, key_from
from sync.model import Base, Mark
from tests.canaries import MARK

KEY = key_from(f"secret-{MARK}")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
marks = st.builds(
    Mark,
    words,
    words,
    words,
    st.builds(Base, words, st.lists(words, max_size=10).map(tuple), st.none() | st.dates(), words),
)


@given(marks, words)
def test_a_mark_reads_back_as_it_was_written(mark: Mark, place: str) -> None:
    text = encode(mark, KEY, place)
    assert decode(text, KEY, trusted_author=False, places=["elsewhere\0", place]) == mark
    assert decode(text, b"", trusted_author=True) == mark


@given(marks)
def test_no_mark_can_end_a_comment_and_every_mark_is_found_in_text(mark: Mark) -> None:
    text = encode(mark, KEY)
    assert "--" not in text
    assert ">" not in text
    assert text.isascii()
    assert [found[0] for found in PATTERN.finditer(f"words <!-- {text} --> words")] == [text]


@given(marks, st.data())
def test_a_mark_that_was_changed_is_nobody_s(mark: Mark, data: st.DataObject) -> None:
    text = encode(mark, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from("aZ9+/:").filter(lambda c: c != text[at])) + text[at + 1 :]
    assert decode(changed, KEY, trusted_author=False) in (None, mark)
    if changed.rpartition(":")[0] != text.rpartition(":")[0]:
        assert decode(changed, KEY, trusted_author=False) is None


@given(marks)
def test_a_forged_a_copied_and_an_unsigned_mark_are_not_believed(mark: Mark) -> None:
    assert decode(encode(mark, key_from("another secret")), KEY, trusted_author=False) is None
    assert decode(encode(mark, KEY, "author 1"), KEY, trusted_author=False, places=["author 2"]) is None
    assert decode(encode(mark, b""), KEY, trusted_author=False) is None
    assert decode(encode(mark, b""), b"", trusted_author=False) is None
    assert decode(encode(mark, b""), KEY, trusted_author=True) == mark


@given(words | st.from_regex(PATTERN))
def test_any_text_is_read_without_an_error(text: str) -> None:
    decode(text, KEY, trusted_author=True)


json_values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda v: st.lists(v, max_size=8))


@given(json_values)
def test_values_of_another_shape_are_no_mark(values: object) -> None:
    packed = base64.b64encode(json.dumps(values).encode()).decode().rstrip("=")
    mark = decode(f"postmortem-sync:1:{packed}:", KEY, trusted_author=True)
    assert mark is None or isinstance(values, list)


def test_another_version_is_no_mark_of_this_one() -> None:
    text = encode(Mark("a", "b", "c"), KEY)
    assert decode(text.replace(":1:", ":2:", 1), KEY, trusted_author=True) is None
