"""Comments that switch rules off: `<!-- sync: ignore owned -->` for a line, `ignore-file` for the document. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync.check.reading import Reading

_COMMENT = re.compile(r"\s*sync:\s*ignore(?P<file>-file)?(?P<ids>(?:[\s,]+[\w-]+)*)[\s,]*", re.IGNORECASE)
_ID = re.compile(r"[\w-]+")
_ALONE = re.compile(r"<!--.*?-->\s*")
ALL = "*"
_FAR = 20  # lines between a comment and what it speaks of


@dataclass(slots=True)
class Ignored:
    """What the comments of a document switch off. `named` holds (offset, rule as written) of each."""

    whole: set[str] = field(default_factory=set)
    lines: dict[int, set[str]] = field(default_factory=dict)
    named: list[tuple[int, str]] = field(default_factory=list)

    def covers(self, rule: str, first: int, last: int) -> bool:
        """Whether a rule is off for something that stands on the lines `first` to `last`."""
        off = [self.whole]
        if last - first < len(self.lines):
            off += [self.lines[line] for line in range(first, last + 1) if line in self.lines]
        else:
            off += [ids for line, ids in self.lines.items() if first <= line <= last]
        return any(rule in ids or ALL in ids for ids in off)


def read(reading: Reading) -> Ignored:
    """Find the comments. One alone at the margin speaks of the next line, one alone and indented of the one above."""
    ignored = Ignored()
    for offset, words in reading.comments:
        found = _COMMENT.fullmatch(words)
        if not found:
            continue
        ids = {one.casefold() for one in _ID.findall(found["ids"])}
        ignored.named += [(offset, one) for one in sorted(ids)]
        if found["file"]:
            ignored.whole |= ids or {ALL}
            continue
        line, _ = reading.place(offset)
        if _ALONE.fullmatch(reading.line(line)):
            line = next(_written(reading, range(line + 1, line + _FAR)), line)
        elif _ALONE.fullmatch(reading.line(line).strip()):
            line = next(_written(reading, range(line - 1, max(0, line - _FAR), -1)), line)
        ignored.lines.setdefault(line, set()).update(ids or {ALL})
    return ignored


def _written(reading: Reading, lines: range) -> Iterator[int]:
    """Those of some lines that hold something, comments alone aside."""
    for number in lines:
        text = reading.line(number).strip()
        if text and not _ALONE.fullmatch(text):
            yield number
