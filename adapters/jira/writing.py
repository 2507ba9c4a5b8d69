"""Single writes to a Jira issue, each of which may be repeated without harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from adapters.http.schemas import ANYTHING
from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.fields import OPTIONAL, summary
from adapters.jira.issue import PROPERTY
from adapters.jira.reading import LABEL, JiraReading, postmortem_label
from adapters.jira.text import plain, safe_url
from sync.errors import TicketMissing, TrackerError
from sync.model import Body, Mark, Patch, Ticket

LINK_TITLE_LIMIT = 255


Value = Callable[[Mark, str, str], object]


class Sealed(NamedTuple):
    """A mark, the issue that it is for, and that issue's creator, both by their ids."""

    mark: Mark
    issue: str
    creator: str


class JiraWriting:
    """The single writes: marks, links, watchers.

    Args:
        value: of the property that holds a mark, given the issue's id and its creator's.
        duplicate: name of the link type of duplicates.
    """

    def __init__(self, session: JiraSession, reading: JiraReading, value: Value, duplicate: str) -> None:
        self._session = session
        self._reading = reading
        self._value = value
        self._duplicate = duplicate

    def edit(
        self, key: str, fields: Mapping[str, Any], labels: tuple[str, ...] = (), mark: Sealed | None = None
    ) -> None:
        """Set fields, add labels, and set the mark, in one call where the dialect has one. Raises TrackerError."""
        body: dict[str, Any] = {"fields": dict(fields)} if fields else {}
        if labels:
            body["update"] = {"labels": [{"add": label} for label in labels]}
        if body and mark and self._session.dialect.cloud:
            body["properties"] = [{"key": PROPERTY, "value": self._value(*mark)}]
        if body:
            self._put(key, "", body)
        # The mark last: what it says was pushed must have been.
        if mark and "properties" not in body:
            self.mark(key, mark)

    def edit_what_it_takes(
        self, key: str, fields: dict[str, Any], labels: tuple[str, ...], mark: Sealed | None
    ) -> list[str]:
        """The same; fields that the site refuses by name are left out and answered, in words."""
        try:
            self.edit(key, fields, labels, mark)
        except JiraRefusal as refusal:
            named = {name for name in refusal.errors if name in OPTIONAL and (name in fields or name == "labels")}
            if not named or named != refusal.errors.keys() or refusal.messages:
                raise
            kept = {name: value for name, value in fields.items() if name not in named}
            self.edit(key, kept, () if "labels" in named else labels, mark)
            left = {**fields, "labels": ", ".join(labels)}
            return [f"{words(name, left[name])} ({refusal.errors[name].rstrip('.')})" for name in sorted(named)]
        return []

    def mark(self, key: str, mark: Sealed) -> None:
        """Set the issue property. Raises TrackerError."""
        self._put(key, f"/properties/{PROPERTY}", self._value(*mark))
        self._reading.forget()

    def watch(self, key: str, account: str) -> None:
        """Add a watcher. Raises TrackerError."""
        self._session.post(f"issue/{quote(key, safe='')}/watchers", account, ANYTHING, repeat=True)

    def link_postmortem(self, key: str, identity: str, body: Body) -> None:
        """Link the issue to the postmortem's page; one link an item, however often it is set. Raises TrackerError."""
        url = safe_url(body.postmortem_url)
        if not url:
            return
        title = plain(body.postmortem_title, LINK_TITLE_LIMIT) or url
        link = {
            "globalId": identity,
            "relationship": "postmortem",
            "object": {"url": url, "title": title},
        }
        self._session.post(f"issue/{quote(key, safe='')}/remotelink", link, ANYTHING, repeat=True)

    def link_duplicate(self, younger: str, older: str) -> None:
        """Say that one issue duplicates another. Raises TrackerError."""
        body = {
            "type": {"name": self._duplicate},
            "inwardIssue": {"key": younger},
            "outwardIssue": {"key": older},
        }
        # A link that is there already is not made twice by Jira.
        self._session.post("issueLink", body, ANYTHING, repeat=True)

    def changes(self, current: Ticket, patch: Patch) -> dict[str, Any]:
        """The fields by which an issue differs from what a patch asks for, but for its description."""
        fields: dict[str, Any] = {}
        if patch.title is not None and summary(patch.title) != current.title:
            fields["summary"] = summary(patch.title)
        if patch.due is not None and patch.due != current.due:
            fields["duedate"] = patch.due.isoformat()
        if patch.assignees is not None and patch.assignees[:1] != current.assignees:
            user = {self._session.dialect.user_key: patch.assignees[0]} if patch.assignees else None
            fields["assignee"] = user
        return fields

    def description(self, known: Ticket, current: object, body: Body) -> tuple[object | None, str]:
        """The description to write, or None and why not: what a person wrote over ours stays."""
        dialect = self._session.dialect
        wanted = dialect.render(body)
        digest = dialect.digest(current)
        if digest == dialect.digest(wanted):
            return None, ""
        ours = known.mark.base.body if known.mark else ""
        if not ours or digest != ours:
            return None, "description (somebody changed it by hand)"
        return wanted, ""

    def _put(self, key: str, path: str, body: object) -> None:
        try:
            self._session.put(f"issue/{quote(key, safe='')}{path}", body)
        except JiraRefusal as refusal:
            if refusal.status == 404:
                raise TicketMissing(f"{key}: Jira has no such ticket, or does not show it to us.") from refusal
            if refusal.status == 403:
                raise TrackerError(
                    f"{key} may not be edited: {refusal.message}", "Give the account the permission Edit Issues."
                ) from refusal
            raise


def missing_labels(current: Ticket, mark: Mark | None) -> tuple[str, ...]:
    """Labels of ours that a marked ticket lacks."""
    if mark is None:
        return ()
    return tuple(label for label in (LABEL, postmortem_label(mark.place)) if label not in current.labels)


def words(name: str, value: object) -> str:
    """A field and its value for a person."""
    if isinstance(value, Mapping):
        value = next(iter(value.values()), "")
    if isinstance(value, list):
        value = ", ".join(str(next(iter(v.values()))) if isinstance(v, Mapping) and v else str(v) for v in value)
    title = {"duedate": "due date", "labels": "labels"}.get(name, name)
    return f"{title} {value}" if name != "description" else title
