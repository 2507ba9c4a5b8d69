"""An issue or pull request of GitHub as a ticket, whether REST or GraphQL gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from adapters.github import queries, text
from adapters.github.answers import moment
from adapters.github.board import Card, GitHubBoard
from adapters.github.session import Me
from sync.errors import TrackerError
from sync.marks import NOTHING, ReadMark, read
from sync.model import State, Ticket, TicketRef

LABEL = "postmortem-sync"
TRACKER = "github"


@dataclass(frozen=True, slots=True)
class GitHubReader:
    """An issue as a ticket: its state, its due date, and the mark that is believed on it.

    Args:
        key: signs marks.
        me: our own account; asked for only where no signature of a mark tells.
        spelled: the name of a repository as we write it, whatever its case.
        due_field: name of the issue field that holds the due date; "" when none is used.
        milestones: whether the date of the milestone is the due date.
        board: the project whose cards tell dates and status; every answer has its card under "card" then.
    """

    key: bytes
    me: Callable[[], Me]
    spelled: Callable[[str], str]
    due_field: str
    milestones: bool
    board: GitHubBoard | None = None

    def ticket(self, raw: Mapping[str, Any]) -> Ticket:
        """The ticket in an answer of REST, whose shape was looked at. Raises TrackerError for a date that is none."""
        ref = self.ref(raw)
        pull = raw.get("pull_request")
        state = _state(raw)
        closed = raw.get("closed_at")
        found = NOTHING if pull else self.mark(raw)
        mark = found.mark
        body = str(raw.get("body") or "")
        return Ticket(
            ref=ref,
            url=str(raw["html_url"]),
            title=str(raw["title"]),
            created=moment(raw["created_at"]),
            state=state,
            closed_on=moment(closed).date() if closed and state is not State.OPEN else None,
            assignees=logins(raw),
            due=self.due(raw),
            labels=tuple(sorted(_label_names(raw))),
            mark=mark,
            duplicate_of=text.duplicate_in(body) if mark and state is State.WONTDO else "",
            pull_request=bool(pull),
            version=str(raw["updated_at"]),
            started=state is State.OPEN and self.board is not None and self.board.is_started(self.card(raw)),
            id=id_of(raw),
            sealed=found.sealed,
            ours=found.ours,
            copied=found.copied,
        )

    def ref(self, raw: Mapping[str, Any]) -> TicketRef:
        """The issue's name; the repository is told by its page."""
        owner, name = urlsplit(str(raw["html_url"])).path.strip("/").split("/")[:2]
        project = self.spelled(f"{owner}/{name}")
        return TicketRef(TRACKER, project, f"{project}#{int(raw['number'])}")

    def mark(self, raw: Mapping[str, Any]) -> ReadMark:
        """The mark that may be believed, the last that a body holds first; else the one that is a copy."""
        copied = NOTHING
        for found in text.marks_in(str(raw.get("body") or "")):
            reading = read(found, self.key, id_of(raw), creator_of(raw), lambda: self.is_mine(raw))
            if reading.mark:
                return reading
            copied = reading if reading.copied else copied
        return copied

    def is_mine(self, raw: Mapping[str, Any]) -> bool:
        """Whether our own account wrote the issue."""
        author: object = (raw.get("user") or {}).get("id")
        return author is not None and author == self.me().id

    def card(self, raw: Mapping[str, Any]) -> Card | None:
        """Where the issue stands in the project. Raises TrackerError where nobody has looked: no date may be missed."""
        if self.board is None or raw.get("pull_request"):
            return None
        if "card" not in raw:
            raise TrackerError(f"Nobody looked where {self.ref(raw).key} stands in the project {self.board.name}.")
        found: Card | None = raw["card"]
        return found

    def due(self, raw: Mapping[str, Any]) -> date | None:
        """The due date: the issue field, else the project's, the milestone's, the line in our part of the body."""
        for value in raw.get("issue_field_values") or ():
            if self.due_field and value.get("issue_field_name", "").casefold() == self.due_field.casefold():
                return _day(value.get("value"))
        card = self.card(raw)
        if card and card.due:
            return card.due
        milestone = raw.get("milestone") or {}
        if self.milestones and milestone.get("due_on"):
            return moment(milestone["due_on"]).date()
        return text.due_in(str(raw.get("body") or ""))


def id_of(raw: Mapping[str, Any]) -> str:
    """GitHub's own id of the issue, whatever its number, repository or title; "" where an answer does not tell."""
    return str(raw.get("id") or "")


def creator_of(raw: Mapping[str, Any]) -> str:
    """The id of the account that created the issue; people cannot set it."""
    return str((raw.get("user") or {}).get("id") or "")


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError as error:
        raise TrackerError("GitHub shows a field for due dates that holds no date.") from error


def logins(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is assigned, in lower case, as logins have no case."""
    assigned = raw.get("assignees")
    if assigned is None:
        # Servers of long ago tell only the first.
        assigned = [raw["assignee"]] if raw.get("assignee") else []
    return tuple(sorted(str(account["login"]).lower() for account in assigned))


def _label_names(raw: Mapping[str, Any]) -> set[str]:
    return {str(label["name"]) if isinstance(label, Mapping) else str(label) for label in raw.get("labels") or ()}


def _state(raw: Mapping[str, Any]) -> State:
    if str(raw["state"]).lower() == "open":
        return State.OPEN
    pull = raw.get("pull_request")
    if pull:
        return State.DONE if pull.get("merged_at") else State.WONTDO
    return State.WONTDO if raw.get("state_reason") in ("not_planned", "duplicate") else State.DONE


def from_graphql(node: Mapping[str, Any], dated: bool) -> dict[str, Any] | None:
    """A node of GraphQL as REST would show it; None where it leaves out what REST would tell.

    Args:
        dated: whether the due date may be in a field of the issue.
    """
    pull = node["__typename"] == "PullRequest"
    state = node.get("pullState" if pull else "state")
    actors = node.get(queries.ACTORS)
    assigned = _nodes(node, "assignees" if actors is None else queries.ACTORS)
    # Programs go by other names there than in REST.
    strange = actors is not None and any(actor.get("__typename") != "User" for actor in assigned)
    if not state or strange or (actors is None and node.get("assignees") is None):
        return None
    if dated and not pull and queries.VALUES not in node:
        return None
    author, milestone = node.get("author"), node.get("milestone") or {}
    raw: dict[str, Any] = {
        "number": node["number"],
        "id": node.get("fullDatabaseId"),
        "title": node["title"],
        "body": node.get("body"),
        "html_url": node["url"],
        "state": "open" if state == "OPEN" else "closed",
        "state_reason": str(node.get("stateReason") or "").lower() or None,
        "created_at": node["createdAt"],
        "closed_at": node.get("closedAt"),
        "updated_at": node["updatedAt"],
        "user": {"login": author.get("login"), "id": author.get("databaseId")} if author else None,
        "assignees": assigned,
        "labels": _nodes(node, "labels"),
        "milestone": {"due_on": milestone.get("dueOn")} if milestone else None,
        "issue_field_values": [
            {"issue_field_name": (value.get("field") or {}).get("name") or "", "value": value.get("value")}
            for value in _nodes(node, queries.VALUES)
            if value.get("field")
        ],
    }
    if pull:
        raw["pull_request"] = {"merged_at": node.get("mergedAt")}
    return raw


def _nodes(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [entry for entry in (node.get(name) or {}).get("nodes") or () if entry]
