"""What a document says of itself: title, date, status, service, severity, and whether it is published."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sync.errors import DocumentError
from sync.model import DueKind
from sync.postmortem.fields import dates

MAX_FRONT_MATTER = 64_000
_FENCE = re.compile(rb"---[ \t]*\r?\n")
_CLOSE = re.compile(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_SIMPLE = re.compile(r"([A-Za-z][\w -]{0,60}):(?:[ \t]+([^\s'\"\[\]{}&*!|>%@`#,?:-][^#:\r\n'\"]*))?[ \t]*\r?")
_SPECIAL = frozenset(["true", "false", "yes", "no", "on", "off", "null", "~", "y", "n"])

_KEYS = {
    "title": "title incident_title name",
    "date": (
        "date incident_date postmortem_date date_of_incident incident_day occurred occurred_on start started_at"
        " detected created published"
    ),
    "status": "status state document_status doc_status postmortem_status",
    "service": (
        "service services component components system systems product affected_service services_affected application"
    ),
    "team": "team teams owning_team service_team squad",
    "severity": "severity sev incident_severity level impact_level",
    "incident": (
        "incident incident_id incident_ticket incident_number incident_link incident_url jira ticket issue"
        " incident_issue tracking_issue"
    ),
    "labels": "labels tags",
    "id": "id postmortem_id",
}
_MEANING = {key: name for name, keys in _KEYS.items() for key in keys.split()}
_PEOPLE = frozenset(
    [
        "author",
        "authors",
        "owner",
        "owners",
        "incident_lead",
        "incident_commander",
        "ic",
        "incident_manager",
        "commander",
        "lead",
        "responders",
        "participants",
        "attendees",
        "contributors",
        "scribe",
        "facilitator",
        "on_call",
        "oncall",
        "reviewers",
        "reviewer",
        "postmortem_owner",
        "communications_lead",
        "comms_lead",
        "operations_lead",
        "ops_lead",
        "people_involved",
        "involved",
        "responder",
        "engineers",
    ]
)

_DRAFT = re.compile(
    r"(?:draft|(?:in|under|pending|awaiting|ready for|needs)[ _-]?review|wip|work[ _-]in[ _-]progress"
    r"|in[ _-]progress|unpublished|incomplete|template|todo|not[ _-](?:yet[ _-])?(?:published|final"
    r"|reviewed)|"
    r"open for comments?|rfc|proposed|in[ _-]draft|preliminary|entwurf|brouillon|borrador|rascunho|bozza"
    r"|concept|下書き|草稿|черновик)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Metadata:
    """What was read. `fields` holds every scalar by lower-case name, words joined by `_`."""

    title: str = ""
    date: date | None = None
    id: str = ""
    status: str = ""
    service: str = ""
    team: str = ""
    severity: str = ""
    incident: str = ""
    labels: tuple[str, ...] = ()
    draft: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)


def front_matter(data: bytes, start: int) -> tuple[Metadata, int]:
    """Read the YAML at the beginning of a document.

    Args:
        data: the document.
        start: offset of its first byte behind a BOM.

    Returns:
        what it says, and the offset behind it (`start` when there is none).

    Raises:
        DocumentError: it is no valid YAML; names the line.
    """
    metadata = Metadata()
    opening = _FENCE.match(data, start)
    if not opening:
        return metadata, start
    closing = _CLOSE.search(data, opening.end(), min(len(data), opening.end() + MAX_FRONT_MATTER))
    if not closing:
        return metadata, start
    text = data[opening.end() : closing.start()].decode("utf-8")
    end = closing.end()
    if data[end : end + 1] == b"\n":
        end += 1
    values = _simple(text)
    if values is None:
        values = _yaml(text)
        if values is None:
            return metadata, start
    for key, value in values.items():
        _take(metadata, str(key), value)
    return metadata, end


_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "null": None, "~": None}
_LIST_ITEM = re.compile(r"[ ]{0,8}- ([A-Za-z0-9][^:#'\"\[\]{}&*!|>%@`,\r\n]*)\r?")


def _simple(text: str) -> dict[str, Any] | None:
    """Plain `key: value` lines and plain lists, which is what most documents have; None for all else."""
    values: dict[str, Any] = {}
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


def _key(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").split())


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int, float, date)):
        return str(value).strip()
    return ""


def _take(metadata: Metadata, name: str, value: Any) -> None:
    """Keep one value of the front matter."""
    key = _key(name)
    listed = [_scalar(one) for one in value if _scalar(one)] if isinstance(value, (list, tuple)) else []
    text = _scalar(value)
    if text:
        metadata.fields.setdefault(key, text)
    if key == "draft":
        metadata.draft = value is True or text.casefold() in ("true", "yes", "1", "on")
    if key == "published" and (value is False or text.casefold() in ("false", "no")):
        metadata.draft = True
    meaning = _MEANING.get(key)
    if meaning == "labels":
        metadata.labels = tuple(listed or [one.strip() for one in text.split(",") if one.strip()])
        metadata.fields.setdefault(key, ", ".join(metadata.labels))
    elif meaning == "date" and metadata.date is None:
        if isinstance(value, datetime):
            metadata.date = value.date()
        elif isinstance(value, date):
            metadata.date = value
        else:
            metadata.date = when(text)
    elif meaning and meaning != "date" and not getattr(metadata, meaning):
        setattr(metadata, meaning, text or ", ".join(listed))
    if key in _PEOPLE:
        _people(metadata, listed or [text])


def when(text: str) -> date | None:
    """A date at the beginning of a value, if certain."""
    words = text.strip()
    for candidate in (words, words[:10], words.split(" - ")[0], words.split(",")[0]):
        reading = dates.read(candidate)
        if reading.kind is DueKind.EXACT:
            return reading.date
    return dates.find(words)


def _people(metadata: Metadata, texts: list[str]) -> None:
    for text in texts:
        for one in re.split(r"[,;/&\n]|\band\b", text[:500]):
            name = re.sub(r"\(.*?\)|<.*?>|[*_`\[\]]", "", one).strip(" @.:-")
            if 1 < len(name) <= 40 and len(name.split()) <= 4 and name[0].isalpha():
                metadata.people.add(name.casefold())
                first = name.split()[0]
                if len(name.split()) > 1 and len(first) > 2:
                    metadata.people.add(first.casefold())


_BODY_KEYS = {*_MEANING, *_PEOPLE} - {
    "id",
    "name",
    "level",
    "start",
    "created",
    "state",
    "issue",
    "incident",
}
_BODY_REACH = 3000
_DECORATION = " \t>#*_|+-\r"
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\(([^()\s]{1,500})\)")


def body(metadata: Metadata, text: str) -> None:
    """Add what the lines at the beginning of the body say, such as `**Status**: final`, tables and headings included.

    Args:
        text: the body in front of the first action section.
    """
    lines = text[:_BODY_REACH].split("\n")
    for number, line in enumerate(lines):
        if line.startswith("#") and "timeline" in line.lower():
            return
        bare = line.strip(_DECORATION)
        if not bare or len(line) > 400 or not (line[0] == "#" or ":" in bare[:40] or "|" in bare[:40]):
            continue
        mark = ":" if ":" in bare[:60] else "|"
        name, found, value = bare.partition(mark)
        key = _key(name.strip(" *_`").removesuffix("(s)"))
        if key not in _BODY_KEYS or bare.count("|") > 2:
            continue
        value = value.strip(_DECORATION + "`:")
        if not value and line.startswith("#"):
            value = _below(lines[number + 1 : number + 4])
        if value and (found or line.startswith("#")):
            _take_line(metadata, key, value)


def _take_line(metadata: Metadata, key: str, value: str) -> None:
    """Keep one value that a line of the body states."""
    meaning = _MEANING.get(key)
    if "](" in value:
        value = _LINK.sub(r"\2" if meaning == "incident" else r"\1", value)
    if "{{" in value or value.startswith(("<", "[")):
        return
    metadata.fields.setdefault(key, value)
    if meaning == "date":
        metadata.date = metadata.date or when(value)
    elif meaning == "labels":
        metadata.labels = metadata.labels or tuple(one.strip() for one in value.split(",") if one.strip())
    elif meaning and not getattr(metadata, meaning):
        setattr(metadata, meaning, value)
    if key in _PEOPLE:
        _people(metadata, [value])


def _below(lines: list[str]) -> str:
    """The first line with words below a heading; "" when it is another heading."""
    for line in lines:
        words = line.strip(_DECORATION + "`")
        if words:
            return "" if line.startswith("#") else words
    return ""


def published(metadata: Metadata, accepted: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a document may be synced, and why, or why not.

    Args:
        accepted: values of `status` that count as published; empty for the built-in rule.
    """
    status = metadata.status.strip(" *_`.")
    if metadata.draft:
        return False, "the front matter says that it is a draft"
    if accepted:
        if status.casefold() in {one.casefold() for one in accepted}:
            return True, f"its status is {status}"
        return False, f"its status is {status or 'not stated'}; published are {', '.join(accepted)}"
    if status and _DRAFT.match(status):
        return False, f"its status is {status}"
    return True, f"its status is {status}" if status else "nothing says that it is a draft"
