"""What a Markdown document says of itself: YAML at its beginning, and lines such as `**Status**: final`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sync.errors import DocumentError
from sync.postmortem.blocks import Statement

MAX_BYTES = 64_000
"""Rules further apart than this are rules between prose."""

_FENCE = re.compile(rb"---[ \t]*\r?\n")
_CLOSE = re.compile(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_SIMPLE = re.compile(r"([A-Za-z][\w -]{0,60}):(?:[ \t]+([^\s'\"\[\]{}&*!|>%@`#,?:-][^#:\r\n'\"]*))?[ \t]*\r?")
_LIST_ITEM = re.compile(r"[ ]{0,8}- ([A-Za-z0-9][^:#'\"\[\]{}&*!|>%@`,\r\n]*)\r?")
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "null": None, "~": None}


def read(data: bytes, start: int) -> tuple[dict[Any, Any], int]:
    """The YAML at the beginning of a document.

    Args:
        start: offset of its first byte behind a BOM.

    Returns:
        its values, and the offset behind it (`start` when there is none).

    Raises:
        DocumentError: it is no valid YAML; names the line.
    """
    opening = _FENCE.match(data, start)
    if not opening:
        return {}, start
    closing = _CLOSE.search(data, opening.end(), min(len(data), opening.end() + MAX_BYTES))
    if not closing:
        return {}, start
    text = data[opening.end() : closing.start()].decode("utf-8")
    end = closing.end()
    if data[end : end + 1] == b"\n":
        end += 1
    values = _simple(text)
    if values is None:
        values = _yaml(text)
        if values is None:
            return {}, start
    return values, end


def _simple(text: str) -> dict[Any, Any] | None:
    """Plain `key: value` lines and plain lists, which is what most documents have; None for all else."""
    values: dict[Any, Any] = {}
    last = ""
    for line in text.split("\n"):
        if not line or line == "\r":
            continue
        item = _LIST_ITEM.fullmatch(line) if last else None
        if item:
            values[last] = [*(values[last] or []), item[1].strip()]
            continue
        match = _SIMPLE.fullmatch(line)
        if not match or match[1] in values or (last and values[last] is None):
            return None
        value = (match[2] or "").strip()
        last = "" if value else match[1]
        values[match[1]] = _BOOLEANS.get(value.lower(), value) if value else None
    return values


def _yaml(text: str) -> dict[Any, Any] | None:
    """Any YAML mapping, by the safe loader, without aliases or deep nesting; None when it is prose between rules."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise DocumentError(f"line {_line(event)}: the front matter uses a YAML alias.", "Write the value out.")
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > 20:
                    raise DocumentError(f"line {_line(event)}: the front matter is nested too deeply.", "Simplify it.")
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
        value = yaml.load(text, Loader=loader)  # the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + 2
        if not re.match(r"\s*(?:#.*\n\s*)*[\w\"'-][^\n:]{0,80}:(?:\s|$)", text):
            return None
        raise DocumentError(
            f"line {line}: the front matter is not valid YAML: {error.problem or error}.",
            "Correct it, or quote the value.",
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError, AttributeError, LookupError) as error:
        raise DocumentError(
            f"line 2: the front matter is not valid YAML: {error}.", "Correct it, or quote the value."
        ) from error
    if value is None:
        return {}
    return value if isinstance(value, dict) else None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 2 if event.start_mark else 2


_REACH = 3000
_DECORATION = " \t>#*_|+-\r"
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\(([^()\s]{1,500})\)")


def statements(text: str) -> Iterator[Statement]:
    """The labelled lines at the beginning of a body, rows of two cells and headings with a value below included.

    Args:
        text: the body in front of the first action section.
    """
    lines = text[:_REACH].split("\n")
    for number, line in enumerate(lines):
        heading = line.startswith("#")
        if heading and "timeline" in line.lower():
            return
        bare = line.strip(_DECORATION)
        if not bare or len(line) > 400 or not (heading or ":" in bare[:40] or "|" in bare[:40]):
            continue
        if bare.count("|") > 2:
            continue
        name, found, value = bare.partition(":" if ":" in bare[:60] else "|")
        value = value.strip(_DECORATION + "`:")
        if not value and heading:
            value = _below(lines[number + 1 : number + 4])
        if value and (found or heading):
            link = _LINK.search(value) if "](" in value else None
            yield Statement(name.strip(" *_`"), _LINK.sub(r"\1", value) if link else value, link[2] if link else "")


def _below(lines: list[str]) -> str:
    """The first line with words below a heading; "" when it is another heading."""
    for line in lines:
        words = line.strip(_DECORATION + "`")
        if words:
            return "" if line.startswith("#") else words
    return ""
