"""What an issue's title and body say, and how a body is changed without touching what people wrote. Pure.

A body holds our part between two comments, and the mark in one comment at the end:

    <!-- postmortem-sync -->
    the action item, its due date, where it comes from
    <!-- /postmortem-sync -->

    <!-- postmortem-sync:1:…:… -->

Nothing in a document's text mentions anybody, refers to an issue, is markup, or can be taken for one of the comments.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from adapters.bodies import body_digest
from sync.marks import NAME, PATTERN
from sync.model import Body
from sync.model.text import BIDI

TITLE = 250
"""Characters; GitHub takes 256."""
TEXT = 8000
FIELD = 500
LONGEST_BODY = 65_536

BEGIN, END = f"<!-- {NAME} -->", f"<!-- /{NAME} -->"
GAP = "\u200b"
"""A blank of no width: it stands after every @ and # so that they call nobody and nothing."""

_MARK = re.compile(rf"<!-- ({PATTERN.pattern}) -->")
_DUPLICATE = re.compile(rf"<!-- {NAME} duplicate of ([\w.-]{{1,100}}/[\w.-]{{1,100}}#[0-9]{{1,12}}) -->")
_PROJECT = re.compile(rf"<!-- {NAME} on ([\w.-]{{1,100}}/[0-9]{{1,9}}) -->\n?")
_DUE = re.compile(r"\*\*Due date:\*\*[ \t]*([0-9]{4}-[0-9]{2}-[0-9]{2})[ \t]*")
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>|~#!$&]")
_URL = re.compile(r"https?://[^\s<>\"'`\\|\x00-\x1f]+")
_TURNING = re.compile(f"[{BIDI}]")
_CLOSING = re.compile(r"\b(?:(c)(lose[sd]?)|(f)(ix(?:e[sd])?)|(r)(esolve[sd]?))(?=\\?:?\s*$)", re.IGNORECASE)
"""A word that would close the issue whose address follows it. Numbers behind a # are taken care of at their #."""

_AT_START = re.compile(r"([0-9]+)([.)])|([-+=])")


def title(text: str) -> str:
    """The text as it reads back: one line, no longer than GitHub takes."""
    words = " ".join(_clean(text).split())
    return words if len(words) <= TITLE else words[: TITLE - 1].rstrip() + "…"


def plain(text: str, longest: int = FIELD) -> str:
    """Any text as Markdown that shows just these words, on one line."""
    words = " ".join(_clean(text).split())
    if len(words) > longest:
        words = words[: longest - 1] + "…"
    pieces: list[str] = []
    at = 0
    for match in _URL.finditer(words):
        url = match[0].rstrip(".,;:!?)]}*_~")
        pieces += [_closing_nothing(_quiet(words[at : match.start()])), f"<{url}>"]
        at = match.start() + len(url)
    pieces.append(_quiet(words[at:]))
    result = "".join(pieces)
    start = _AT_START.match(result)
    if start:
        result = f"{start[1]}\\{result[len(start[1]) :]}" if start[1] else "\\" + result
    return result


def _quiet(words: str) -> str:
    words = _MARKUP.sub(lambda match: "\\" + match[0], words)
    words = words.replace("@", "@" + GAP).replace("#", "#" + GAP)
    return re.sub(r"(?i)\b(gh)-(?=[0-9])", rf"\1{GAP}-", words)


def _closing_nothing(words: str) -> str:
    return _CLOSING.sub(lambda match: GAP.join(part for part in match.groups() if part), words)


def _clean(text: str) -> str:
    """Without control characters, halves of characters, and what turns the direction of text."""
    kept = (" " if unicodedata.category(c) == "Cc" else c for c in _TURNING.sub("", text))
    return "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in kept)


# --- our part --------------------------------------------------------------------------------


def ours(body: Body, due: date | None) -> str:
    """Our part of a body, without the comments around it.

    Args:
        due: stands there as the issue's own due date, for repositories that have no better place for it.
    """
    lines = [plain(body.text, TEXT), ""]
    if due:
        lines += [_due_line(due), ""]
    name = plain(body.postmortem_title) or "a postmortem"
    origin = f"[{name}](<{body.postmortem_url}>)" if _URL.fullmatch(body.postmortem_url) else name
    lines += [f"From {origin}{f', {plain(body.section)}' if body.section else ''}.", ""]
    # A due date in the document's own words; one that is a day stands in its own place, once.
    due_words = "" if _day(body.due) else body.due
    facts = [("Owner", ", ".join(body.owners)), ("Due", due_words), ("Priority", body.priority), *body.context]
    lines += [f"- {plain(key, 60)}: {plain(value)}" for key, value in facts if value]
    return "\n".join(lines).rstrip()


def digest(part: str) -> str:
    """Of our part, the same whatever its due date, line endings and empty lines."""
    lines = [line.strip() for line in part.splitlines()]
    kept = [line for line in lines if line and not _DUE.fullmatch(line)]
    return body_digest("\n".join(kept))


def part_of(body: str) -> str | None:
    """Our part of a body; None when there is none, or somebody broke the comments around it."""
    span = _part_span(body)
    return body[span[0] : span[1]] if span else None


def beside_part(body: str) -> str:
    """What stands in a body beside our part and our comments: people's words."""
    span = _part_span(body)
    rest = body[: span[0] - len(BEGIN)] + body[span[1] + len(END) :] if span else body
    return _PROJECT.sub("", _DUPLICATE.sub("", _MARK.sub("", rest))).strip()


def with_part(body: str, part: str) -> str:
    """The body with our part replaced, or added at its end, before the mark."""
    span = _part_span(body)
    if span:
        return f"{body[: span[0]]}\n{part}\n{body[span[1] :]}"
    block = f"{BEGIN}\n{part}\n{END}"
    mark = _MARK.search(body)
    if mark:
        return f"{body[: mark.start()]}{block}\n\n{body[mark.start() :]}"
    return _appended(body, block)


def due_in(body: str) -> date | None:
    """The due date that stands in our part."""
    for line in (part_of(body) or "").splitlines():
        match = _DUE.fullmatch(line)
        if match:
            return _day(match[1])
    return None


def with_due(body: str, due: date | None) -> str:
    """The body with this due date in our part, which is added where there is none; None takes it out."""
    part = part_of(body)
    if part is None:
        return with_part(body, _due_line(due)) if due else body
    lines = part.strip("\r\n").split("\n")
    at = next((index for index, line in enumerate(lines) if _DUE.fullmatch(line.rstrip("\r"))), None)
    if at is None:
        if due:
            lines[1:1] = ["", _due_line(due)]
    elif due:
        lines[at] = _due_line(due)
    else:
        del lines[at : at + 2]
    return with_part(body, "\n".join(lines))


def _due_line(due: date) -> str:
    return f"**Due date:** {due.isoformat()}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _part_span(body: str) -> tuple[int, int] | None:
    begin = body.find(BEGIN)
    end = body.find(END, begin + len(BEGIN))
    return (begin + len(BEGIN), end) if begin >= 0 and end >= 0 else None


# --- the comments ----------------------------------------------------------------------------


def marks_in(body: str) -> list[str]:
    """The texts of all marks in a body, believable or not, the last first."""
    return [match[1] for match in _MARK.finditer(body)][::-1]


def with_mark(body: str, mark: str) -> str:
    """The body with this mark in place of any other, at the end where it has none."""
    found = list(_MARK.finditer(body))
    if not found:
        return _appended(body, f"<!-- {mark} -->")
    for match in reversed(found):
        text = f"<!-- {mark} -->" if match is found[-1] else ""
        body = body[: match.start()] + text + body[match.end() :]
    return body


def duplicate_in(body: str) -> str:
    """The key of the issue that this one was closed in favour of, or ""."""
    match = _DUPLICATE.search(body)
    return match[1] if match else ""


def with_duplicate(body: str, key: str) -> str:
    """The body with a note, for us to read, of the issue that this one duplicates."""
    note = f"<!-- {NAME} duplicate of {key} -->"
    match = _DUPLICATE.search(body)
    if match:
        return body[: match.start()] + note + body[match.end() :]
    mark = _MARK.search(body)
    at = mark.start() if mark else len(body)
    return f"{body[:at]}{note}\n{body[at:]}"


def was_on(body: str, project: str) -> bool:
    """Whether the issue was put onto a project once: whoever took it off since does not want it there."""
    return any(match[1] == project for match in _PROJECT.finditer(body))


def with_project(body: str, project: str) -> str:
    """The body with a note, for us to read, that the issue was put onto a project."""
    if was_on(body, project):
        return body
    note = f"<!-- {NAME} on {project} -->\n"
    mark = _MARK.search(body)
    at = mark.start() if mark else len(body)
    return f"{body[:at]}{note}{body[at:]}" if mark else _appended(body, note.rstrip("\n"))


def _appended(body: str, text: str) -> str:
    return f"{body}\n\n{text}" if body else text
