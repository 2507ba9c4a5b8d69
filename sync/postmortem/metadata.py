"""What a document says of itself: title, date, status, service, severity, and whether it is published."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from sync.model import DueKind
from sync.postmortem.blocks import Statement
from sync.postmortem.fields import dates

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


def _key(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").split())


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, int, float, date)):
        return str(value).strip()
    return ""


def take(metadata: Metadata, name: str, value: object) -> None:
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


def state(metadata: Metadata, statement: Statement) -> None:
    """Keep what a line of the body states, unless it is a field of the template that nobody filled in."""
    key = _key(statement.name.removesuffix("(s)"))
    if key not in _BODY_KEYS:
        return
    meaning = _MEANING.get(key)
    value = (statement.url if meaning == "incident" else "") or statement.value
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
