"""A patch carried out on a Jira issue: reopen, edit, link, close, read back. Every step may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from adapters.http.schemas import ANYTHING
from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.reading import JiraReading
from adapters.jira.values import Shapes
from adapters.jira.workflow import Aim, Move, choose, steps
from adapters.jira.writing import JiraWriting, Sealed, missing_labels
from sync.errors import SyncError, TrackerError
from sync.marks import link_id
from sync.model import Patch, State, Ticket, Written


class JiraUpdating:
    """Issues as they are changed: fields, and the way through the workflow.

    Args:
        wontdo: names, in lower case, of resolutions and statuses that mean won't do, the preferred first.
        transition_fields: values for transition screens, by field name.
    """

    def __init__(
        self,
        session: JiraSession,
        reading: JiraReading,
        writing: JiraWriting,
        shapes: Callable[[str], Shapes],
        wontdo: Sequence[str],
        transition_fields: Mapping[str, object],
    ) -> None:
        self._session = session
        self._reading = reading
        self._writing = writing
        self._shapes = shapes
        self._wontdo = tuple(wontdo)
        self._transition_fields = transition_fields

    def update(self, ticket: Ticket, patch: Patch) -> Written:
        """Change an issue and read it back.

        It is edited before it is closed and after it is reopened: a closed one may refuse edits.
        """
        current, raw = self._reading.one(ticket.ref.key, "description" if patch.body else "")
        key = current.ref.key
        if patch.duplicate_of == key:
            raise TrackerError(f"{ticket.ref.key} and {key} are one ticket, which is no duplicate of itself.")
        dropped: list[str] = []
        if patch.state is State.OPEN and current.state is not State.OPEN:
            self._move(current, raw, State.OPEN, duplicate=False)
        fields = self._writing.changes(current, patch)
        if patch.body:
            text, why = self._writing.description(ticket, raw.get("description"), patch.body)
            if text is not None:
                fields["description"] = text
            elif why:
                dropped.append(why)
        mark = None if patch.mark is None or (patch.mark == current.mark and current.sealed) else patch.mark
        sealed = Sealed(mark, current.id, self._reading.creator(raw)) if mark else None
        labels = missing_labels(current, patch.mark)
        if fields or labels or mark:
            dropped += self._writing.edit_what_it_takes(key, fields, labels, sealed)
        if patch.body and patch.mark:
            dropped += self._link_postmortem(key, patch)
        if patch.duplicate_of and current.duplicate_of != patch.duplicate_of:
            dropped += self._link_duplicate(key, patch.duplicate_of)
        if patch.state in (State.DONE, State.WONTDO) and current.state is State.OPEN:
            self._move(current, raw, patch.state, duplicate=bool(patch.duplicate_of))
        after, _ = self._reading.one(key)
        return Written(after, (*dropped, *_ignored(patch, after, dropped)))

    def _link_postmortem(self, key: str, patch: Patch) -> list[str]:
        assert patch.body is not None
        assert patch.mark is not None
        try:
            self._writing.link_postmortem(key, link_id(patch.mark), patch.body)
        except SyncError as error:
            return [f"link to the postmortem ({error.message})"]
        return []

    def _link_duplicate(self, younger: str, older: str) -> list[str]:
        try:
            self._writing.link_duplicate(younger, older)
        except JiraRefusal as refusal:
            return [f"link to {older} ({refusal.message})"]
        return []

    def _move(self, current: Ticket, raw: Mapping[str, Any], state: State, duplicate: bool) -> None:
        key = current.ref.key
        aim = Aim(state, self._wontdo, duplicate, self._transition_fields)
        status = str((raw.get("status") or {}).get("name") or "")
        shapes = self._shapes(current.ref.project)
        move = choose(key, status, steps(self._session.transitions(key)), aim, shapes)
        try:
            self._transit(key, move, move.fields)
        except JiraRefusal as refusal:
            # The screen may want a resolution of which it has not told.
            if refusal.errors.keys() != {"resolution"} or "resolution" in move.fields or not move.resolution:
                raise move.refused(key, status, refusal.message) from refusal
            try:
                self._transit(key, move, {**move.fields, "resolution": {"name": move.resolution}})
            except JiraRefusal as again:
                raise move.refused(key, status, again.message) from again

    def _transit(self, key: str, move: Move, fields: Mapping[str, Any]) -> None:
        body: dict[str, Any] = {"transition": {"id": move.step.id}}
        if fields:
            body["fields"] = dict(fields)
        self._session.post(f"issue/{quote(key, safe='')}/transitions", body, ANYTHING, repeat=False)


def _ignored(patch: Patch, after: Ticket, dropped: Sequence[str]) -> list[str]:
    """What was asked for and does not read back, when nothing has been said of it."""
    found: list[str] = []
    if patch.assignees and after.assignees != patch.assignees[:1]:
        found.append(f"assignee {patch.assignees[0]}")
    if patch.due and after.due != patch.due:
        found.append(f"due date {patch.due}")
    if patch.mark and after.mark != patch.mark:
        found.append("the mark, which cannot be believed on a ticket of another account without state.mark_secret")
    if patch.state and after.state is not patch.state:
        found.append(f"state {patch.state.value} (it is {after.state.value})")
    return [entry for entry in found if not any(stated.startswith(entry.split(" ")[0]) for stated in dropped)]
