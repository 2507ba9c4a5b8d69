"""A Jira issue as JSON, turned into a ticket. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sync.errors import TrackerError
from sync.marks import NOTHING, ReadMark
from sync.model import State, Ticket, TicketRef

PROPERTY = "postmortem-sync"
FIELDS = (
    "summary",
    "status",
    "resolution",
    "resolutiondate",
    "statuscategorychangedate",
    "assignee",
    "creator",
    "duedate",
    "labels",
    "created",
    "updated",
    "issuelinks",
    "project",
)
"""What is asked for of an issue; a search of Cloud gives ids only unless fields are named."""

Issue = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JiraReader:
    """What is needed to read an issue.

    Args:
        base_url: of the site, for links to tickets.
        user_key: the name under which a user's id is given: accountId, or name on Data Center.
        wontdo: names of resolutions or statuses, in lower case, that mean won't do.
        duplicate: name of the link type of duplicates.
        read: the mark in a property's value; given the value, the issue's id and the creator's.
    """

    base_url: str
    user_key: str
    wontdo: frozenset[str]
    duplicate: str
    read: Callable[[object, str, str], ReadMark]

    def ticket(self, issue: Issue, former: str = "") -> Ticket:
        """The ticket in an issue, whose shape was looked at. Raises TrackerError for a user without an id."""
        fields = issue["fields"]
        key = issue["key"]
        created = moment(fields["created"])
        state = self.state(fields)
        creator = self.user_id(fields.get("creator"))
        assignee = self.user_id(fields.get("assignee"))
        value = (issue.get("properties") or {}).get(PROPERTY)
        found = self.read(value, str(issue["id"]), creator) if value is not None else NOTHING
        return Ticket(
            ref=TicketRef("jira", project_of(issue), key),
            url=f"{self.base_url}/browse/{key}",
            title=str(fields.get("summary") or ""),
            created=created,
            state=state,
            started=state is State.OPEN and _is_started(fields),
            closed_on=None if state is State.OPEN else _closed_on(fields),
            assignees=(assignee,) if assignee else (),
            due=_day(fields.get("duedate")),
            labels=tuple(str(label) for label in fields.get("labels") or ()),
            mark=found.mark,
            duplicate_of="" if state is State.OPEN else self._duplicate_of(fields),
            former=former if former != key else "",
            version=str(fields.get("updated") or ""),
            id=str(issue["id"]),
            sealed=found.sealed,
            ours=found.ours,
            copied=found.copied,
        )

    def state(self, fields: Mapping[str, Any]) -> State:
        """By the status's category, never by its name; the resolution, or the status, tells won't do from done.

        A server without categories says by the resolution alone that something is closed.
        """
        status, resolution = fields["status"], fields.get("resolution") or {}
        category = status.get("statusCategory")
        if not (category["key"] == "done" if category else resolution):
            return State.OPEN
        names = {status["name"].lower(), str(resolution.get("name") or "").lower()}
        return State.WONTDO if names & self.wontdo else State.DONE

    def user_id(self, user: Mapping[str, Any] | None) -> str:
        """An account's id; "" for nobody. Raises TrackerError for somebody without an id, who is not nobody."""
        if user is None:
            return ""
        if not user.get(self.user_key):
            raise TrackerError(f"Jira shows an account without its {self.user_key}.")
        return str(user[self.user_key])

    def _duplicate_of(self, fields: Mapping[str, Any]) -> str:
        for link in fields.get("issuelinks") or ():
            if link["type"]["name"].lower() == self.duplicate.lower():
                other = link.get("outwardIssue") or {}
                if other.get("key"):
                    return str(other["key"])
        return ""


def _is_started(fields: Mapping[str, Any]) -> bool:
    """Whether the status is of the category between new and done; a server without categories does not say."""
    return str((fields["status"].get("statusCategory") or {}).get("key") or "") == "indeterminate"


def moment(text: str) -> datetime:
    """A time as Jira writes it (2026-03-20T09:15:00.000+0000). Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def moved_to(found: Sequence[Issue], asked: Sequence[str]) -> tuple[dict[str, Issue], list[str], bool]:
    """Pair answers with the keys asked for.

    Returns:
        issues by the key asked for, keys without an answer, and whether some answers came under other keys (one of
        the keys without an answer has moved).
    """
    by_key = {str(issue.get("key")): issue for issue in found}
    paired = {key: by_key.pop(key.upper()) for key in asked if key.upper() in by_key}
    return paired, [key for key in asked if key not in paired], bool(by_key)


def project_of(issue: Issue) -> str:
    """Key of the project that an issue is in."""
    project = issue["fields"].get("project") or {}
    return str(project.get("key") or issue["key"].rpartition("-")[0])


def _closed_on(fields: Mapping[str, Any]) -> date | None:
    for name in ("resolutiondate", "statuscategorychangedate"):
        text = fields.get(name)
        if text:
            try:
                return moment(str(text)).astimezone(UTC).date()
            except ValueError:
                continue
    return None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
