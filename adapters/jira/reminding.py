"""Reminders on Jira tickets: a comment that mentions the assignee, and a property of the ticket that says when.

The property is set before the comment is sent: a crash between the two costs a reminder, never makes a second one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from adapters.http.schemas import ANYTHING
from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.reading import JiraReading
from adapters.jira.schemas import PROPERTY_VALUE
from sync.errors import OutcomeUnknown, TicketMissing, TrackerError
from sync.model import Ticket
from sync.ports import Clock

PROPERTY = "postmortem-sync-reminder"


class JiraReminding:
    """Comments that remind of overdue issues, and the issue property that says so."""

    def __init__(self, session: JiraSession, reading: JiraReading, clock: Clock) -> None:
        self._session = session
        self._reading = reading
        self._clock = clock

    def reminded(self, ticket: Ticket, since: datetime) -> bool:
        """Whether the issue's property tells of a reminder since then."""
        at = self._property(ticket.ref.key).get("at")
        try:
            return bool(at) and datetime.fromisoformat(str(at)) >= since
        except (ValueError, TypeError):
            return False

    def remind(self, ticket: Ticket, words: str) -> None:
        """Leave a comment that mentions the assignee. Never sent again once it may have arrived."""
        key = ticket.ref.key
        now, _ = self._reading.one(key)
        before = self._property(key)
        self._set(key, {"at": self._clock.now().isoformat()})
        body = self._session.dialect.comment(now.assignees[0] if now.assignees else "", words)
        try:
            self._session.post(f"issue/{quote(key, safe='')}/comment", {"body": body}, ANYTHING, repeat=False)
        except OutcomeUnknown:
            raise
        except TrackerError as error:
            self._set(key, before or {"at": ""})
            if isinstance(error, JiraRefusal):
                stated = f"{key} cannot be commented on: {error.message}"
                raise TrackerError(stated, "Give the account the permission Add Comments.") from error
            raise

    def _property(self, key: str) -> Mapping[str, Any]:
        try:
            value = self._session.get(_path(key), PROPERTY_VALUE)["value"]
        except JiraRefusal as refusal:
            if refusal.status == 404:
                return {}
            raise
        return value if isinstance(value, Mapping) else {}

    def _set(self, key: str, value: Mapping[str, Any]) -> None:
        try:
            self._session.put(_path(key), value)
        except JiraRefusal as refusal:
            if refusal.status == 404:
                raise TicketMissing(f"{key}: Jira has no such ticket, or does not show it to us.") from refusal
            raise


def _path(key: str) -> str:
    return f"issue/{quote(key, safe='')}/properties/{PROPERTY}"
