"""The sections a postmortem has: which of them a document lacks, and which are empty. Pure."""

from __future__ import annotations

import re

from sync.check.reading import Heading, Reading
from sync.postmortem.sections import is_action, plain_title

SECTIONS = {
    "Summary": (
        r"(?:(?:executive|incident|issue|brief|short|quick|high[- ]level) )?(?:summary|overview|tl;?dr|abstract"
        r"|synopsis|description|introduction|background)|what happened|in short|at a glance"
    ),
    "Impact": r".*\bimpacts?\b.*|scope|affected (?:users|customers|services).*|(?:who|what) was affected",
    "Timeline": r".*\b(?:time ?lines?|chronology|sequence of events)\b.*",
    "Root cause": (
        r".*\b(?:causes?|contributing factors|(?:(?:five|5) )?why'?s|rca|(?:root cause )?analysis)\b.*|triggers?"
        r"|why (?:did )?(?:it|this|that) (?:happen(?:ed)?|fail(?:ed)?)|why it .*|what (?:caused|broke|failed)\b.*"
    ),
    "What went well and what did not": (
        r".*\bwhat (?:went|worked|didn'?t|did not|could|we learn\w*)\b.*|.*\b(?:lessons?|learnings?|retrospective|lucky"
        r"|take-?aways?|reflections?)\b.*"
    ),
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in SECTIONS.items()}
ACTIONS = "Action items"
_TITLE_LIKE = 100  # characters of a bold line, a table's first cell or a label that may name a section
_OPENING = 80  # characters before the first section that make a summary without a heading


def missing(reading: Reading) -> list[str]:
    """Names of the sections that the document lacks, action items aside, in the guide's order."""
    found = {name for words in _names(reading) for name in named(words, ())}
    if reading.opening >= _OPENING:
        found.add("Summary")
    return [name for name in SECTIONS if name not in found]


def empty(reading: Reading) -> list[tuple[str, Heading]]:
    """Sections below which nothing stands but comments, the action items aside."""
    filled = {name for one in reading.headings if one.filled for name in named(one.words, ())}
    found: dict[str, Heading] = {}
    for heading in reading.headings:
        for name in named(heading.words, ()):
            if not heading.filled and name not in filled and name != ACTIONS:
                found.setdefault(name, heading)
    return list(found.items())


def named(words: str, sections: tuple[str, ...]) -> list[str]:
    """Which of the guide's sections a heading begins. `sections` are further headings of action items."""
    title = plain_title(words)
    found = [name for name, pattern in _PATTERNS.items() if title and pattern.fullmatch(title)]
    return [*found, ACTIONS] if is_action(words, sections) else found


def _names(reading: Reading) -> list[str]:
    """Everything that may name a section: headings, bold lines, labels before a colon, cells."""
    names = [heading.words for heading in reading.headings]
    for passage in reading.passages:
        words = passage.text.strip()
        label, colon, _ = words[: _TITLE_LIKE + 1].partition(":")
        if colon or len(words) <= _TITLE_LIKE:
            names.append(label.strip())
    return names
