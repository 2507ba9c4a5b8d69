"""Reminders on issues: a comment that calls the assignees, with a note for us that nobody sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from adapters.github.answers import GitHubRefusal, moment
from adapters.github.issue import logins
from adapters.github.reading import GitHubReading, number_of
from adapters.github.schemas import COMMENTS
from adapters.github.session import GitHubSession
from adapters.http.schemas import ANYTHING
from sync.errors import TicketMissing, TrackerError
from sync.marks import NAME
from sync.model import Ticket

NOTE = f"<!-- {NAME} reminder -->"
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")


class GitHubReminding:
    """Comments that remind of overdue issues."""

    def __init__(self, session: GitHubSession, reading: GitHubReading) -> None:
        self._session = session
        self._reading = reading

    def reminded(self, ticket: Ticket, since: datetime) -> bool:
        """Whether our account left a reminder since then. A note in somebody else's comment does not count."""
        asked = {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for comment in self._session.pages(_path(ticket), COMMENTS, asked):
            if NOTE not in comment.get("body", ""):
                continue
            # `since` is about the last change of a comment: one that was edited may be older.
            mine = (comment.get("user") or {}).get("id") == self._session.me().id
            if mine and moment(comment["created_at"]) >= since:
                return True
        return False

    def remind(self, ticket: Ticket, words: str) -> None:
        """Leave a comment that mentions the assignees. Never sent again once it may have arrived."""
        self._session.policy.before_writing()
        raw = self._reading.raw(ticket.ref, moved=False)
        if raw is None:
            raise TicketMissing(f"{ticket.ref.key} is gone, or invisible to us.")
        called = " ".join(f"@{login}" for login in logins(raw) if _LOGIN.fullmatch(login))
        try:
            self._session.create(_path(ticket), {"body": f"{called} {words}".strip() + f"\n\n{NOTE}"}, ANYTHING)
        except GitHubRefusal as error:
            if error.status in (403, 404):
                stated = f"{ticket.ref.key} cannot be commented on: {error.message}"
                raise TrackerError(stated, "See whether it is locked, and whether the account may comment.") from error
            raise


def _path(ticket: Ticket) -> str:
    return f"/repos/{ticket.ref.project}/issues/{number_of(ticket.ref)}/comments"
