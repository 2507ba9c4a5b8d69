"""The project speaks the field's words: private ones that these replaced do not come back as names."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("sync", "adapters", "config", "docs", "examples", "tests")

OLD = {
    "survey": "resolve, or desired ticket",
    "surveyed": "resolved",
    "surveyor": "resolver",
    "wish": "desired ticket",
    "wishes": "desired tickets",
    "preparer": "planner",
    "listener": "poller",
    "remember": "checkpoint, cache or save",
    "remembered": "earlier, or what it is",
    "turns": "rate limiter",
    "guard": "what it does",
    "guarded": "what it does",
    "passing": "transient",
    "odd": "unexpected",
    "oddities": "what they are",
    "desk": "dispatcher",
    "heard": "event",
    "told": "what it is",
    "vanished": "gone, or moved",
    "by hand": "explicit",
    "take in": "what it does",
}
"""Parts of names, and what is said instead."""

NOT_OURS = {"listens_for", "PreparedRequest"}
"""Names of libraries."""


def parts(name: str) -> str:
    """The words of a name, in lower case: `_by_hand` and `ByHand` are both `by hand`."""
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)).lower()


def old_words(code: str) -> list[str]:
    """The names in some code that have an old word in them; tests' own names are sentences, and may have any."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        name = token.string
        if token.type == tokenize.NAME and name not in NOT_OURS and not name.lower().startswith("test"):
            found += [f"{name}: say {new}" for old, new in OLD.items() if f" {old} " in f" {parts(name)} "]
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_name_has_an_old_word(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {words}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for words in [*old_words(path.read_text("utf-8")), *old_words(path.stem.replace("-", "_"))]
    ]
    assert wrong == []


def test_no_page_names_one() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {code}"
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for code in re.findall(r"`(\w+)`", path.read_text("utf-8"))
        if old_words(code)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("class Surveyor: pass", ["Surveyor"]),
        ("by_hand = copy.by_handle", ["by_hand"]),
        ("def take(wishes): return _told(wishes)", ["wishes", "_told", "wishes"]),
        ("'a wish' if desired else desktop  # told", []),
        ("def test_what_is_told(): returns = godd", []),
    ],
)
def test_an_old_word_is_found_in_names_alone(code: str, names: list[str]) -> None:
    assert [words.partition(":")[0] for words in old_words(code)] == names
