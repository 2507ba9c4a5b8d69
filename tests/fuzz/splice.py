"""Documents made of pieces of other documents: bytes alone seldom reach beyond a heading."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_KNOWN = (ROOT / "examples" / "postmortems", ROOT.parent / "shared" / "corpus" / "docs")
FOLDERS = [folder for folder in _KNOWN if folder.is_dir()]
"""Where the documents lie that everything begins with; read in place."""

WORDS = (
    *("## Action items\n", "Action items: ", "**Actions**\n", "**Status**: ", "- [ ] ", "- [x] ", "* ", "1. ", "### "),
    *("> ", "    ", "\t", "\\", "`", "``", "```\n", "~~~\n", "~~", "**", "_", "[", "]", "(", ")", "![", "[^1]"),
    *("<!--", "-->", "<br>", "<b>", "<div>\n", "</div>\n", "&amp;", "{{", "}}", "[x]: y\n", "[x](local:LOCAL-1)"),
    *("@ana", ": ", "Owner: ", "due ", "due: 2026-04-03", "Apr 3", "Ana Lima", "TBD", "DONE", "won't do", "✅"),
    *("#12", "OPS-12", "https://github.com/o/r/issues/12", "([OPS-1](https://acme.example/browse/OPS-1))"),
    *(
        ", done 2026-03-20",
        ", open",
        ", won't do",
        "(done)",
        "(open)",
        ":",
        ";",
        ".",
        "ü",
        "\u3000",
        "\u00a0",
        "\ufeff",
    ),
    *("\r\n", "\n\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "---\n", "---\ntitle: x\n---\n"),
    *("|", "\\|", "| a | b |\n", "|---|---|\n", "| Action | Owner | Ticket | Status |\n|---|---|---|---|\n"),
)


def seeds() -> list[str]:
    """The documents that everything begins with."""
    return [path.read_bytes().decode("utf-8", "replace") for folder in FOLDERS for path in sorted(folder.glob("*.md"))]


class Splicer:
    """Args:
    documents: what pieces are taken from.
    mutate: the fuzzer's own change of bytes, to at most so many.
    """

    def __init__(self, documents: Sequence[str], mutate: Callable[[bytes, int], bytes]) -> None:
        self._mutate = mutate
        self._lines = [line for document in documents for line in document.splitlines(keepends=True) if line.strip()]
        self._sections = [part for document in documents for part in re.split(r"(?m)^(?=#)", document) if part.strip()]

    def __call__(self, data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.2:
            return self._mutate(data, most)
        lines = data.decode("utf-8", "replace").splitlines(keepends=True) or [""]
        for _ in range(chance.choice((1, 1, 2, 3, 5))):
            lines = self._changed(lines, chance)
        return "".join(lines).encode("utf-8", "replace")[:most]

    def _changed(self, lines: list[str], chance: random.Random) -> list[str]:
        at = chance.randrange(len(lines))
        line = lines[at]
        kind = chance.randrange(9)
        if kind == 0:
            return [*lines[:at], chance.choice(self._lines), *lines[at:]]
        if kind == 1:
            return [*lines[:at], chance.choice(self._sections)[:600], *lines[at:]]
        if kind == 2:
            return [*lines[:at], *lines[at + 1 :]] or [""]
        if kind == 3:
            return [*lines[:at], line, *lines[at:]]
        if kind == 4:
            other = chance.randrange(len(lines))
            lines = list(lines)
            lines[at], lines[other] = lines[other], lines[at]
            return lines
        if kind == 5:
            return [*lines[:at], line.rstrip("\r\n"), *lines[at + 1 :]]
        # Most of what is new lies between the words of one line.
        place = chance.randrange(len(line) + 1)
        if kind == 6:
            end = min(len(line), place + chance.randrange(1, 8))
            return [*lines[:at], line[:place] + line[end:], *lines[at + 1 :]]
        return [*lines[:at], line[:place] + chance.choice(WORDS) + line[place:], *lines[at + 1 :]]
