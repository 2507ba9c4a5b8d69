"""Writing issues: a create is sent once, an update says the same twice, and both are read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from adapters.github import text
from adapters.github.answers import GitHubRefusal
from adapters.github.cards import GitHubCards
from adapters.github.issue import LABEL, GitHubReader, creator_of, id_of, logins
from adapters.github.names import ref_of
from adapters.github.reading import GitHubReading, number_of
from adapters.github.repository import GitHubPlaces
from adapters.github.schemas import COMMENTS, ISSUE
from adapters.github.session import GitHubSession
from adapters.http.schemas import ANYTHING
from sync.errors import OutcomeUnknown, SyncError, TicketMissing, TrackerError
from sync.marks import NAME, encode
from sync.model import DesiredTicket, Mark, Patch, State, Ticket, TicketRef, Written
from sync.ports import Created

OPTIONAL = ("assignees", "milestone", "type", "issue_field_values", "labels")
"""What an issue is created without, rather than not at all, when GitHub does not take it."""

_STATES = {
    State.OPEN: {"state": "open", "state_reason": "reopened"},
    State.DONE: {"state": "closed", "state_reason": "completed"},
    State.WONTDO: {"state": "closed", "state_reason": "not_planned"},
}


@dataclass(slots=True)
class _Draft:
    """What one call will say, and what had to be left out of it.

    Attributes:
        due: the due date that was put anywhere but into the text; on_card: the one that goes onto the issue's card.
        moves: whether the issue's card is to be told of its state.
    """

    body: dict[str, Any]
    dropped: list[str] = field(default_factory=list)
    due: date | None = None
    on_card: date | None = None
    moves: bool = False


class GitHubWriting:
    """Issues as they are made and changed, and read back.

    Args:
        issue_type: name of the type of new issues; "" for none.
    """

    def __init__(
        self,
        session: GitHubSession,
        reading: GitHubReading,
        reader: GitHubReader,
        places: GitHubPlaces,
        issue_type: str,
        cards: GitHubCards | None = None,
    ) -> None:
        self._session = session
        self._reading = reading
        self._reader = reader
        self._places = places
        self._type = issue_type
        self._cards = cards

    # create

    def create(self, desired: DesiredTicket) -> Created:
        """Make the issue of one normalised desired ticket; sent once, whatever becomes of the answer."""
        try:
            draft = self._draft(desired)
            raw = self._post(desired.project, draft)
        except TrackerError as error:
            return Created(error=error)
        ref = self._reader.ref(raw)
        try:
            raw = self._complete(ref, raw, desired, draft)
            return Created(Written(self._reader.ticket(raw), tuple(draft.dropped)))
        except SyncError as error:
            return self._made(ref, raw, error, draft)

    def _made(self, ref: TicketRef, raw: Any, error: SyncError, draft: _Draft) -> Created:
        """The issue is there, though something after its creation failed."""
        try:
            return Created(Written(self._reader.ticket(raw), (*draft.dropped, str(error))))
        except SyncError:
            return Created(error=OutcomeUnknown(f"{ref.key} was created, and GitHub's answer cannot be read: {error}"))

    def _draft(self, desired: DesiredTicket) -> _Draft:
        project = desired.project
        self._places.ensure_labels(project, desired.labels)
        body: dict[str, Any] = {"title": desired.title, "labels": list(desired.labels)}
        if desired.assignees:
            body["assignees"] = list(desired.assignees)
        if self._type:
            body["type"] = self._type
        placed = self._place_due(project, desired.due, body)
        part = text.ours(desired.body, None if placed else desired.due)
        mark = encode(desired.mark, self._reader.key, creator=str(self._session.me().id))
        body["body"] = text.with_mark(text.with_part("", part), mark)
        return _Draft(body)

    def _place_due(self, project: str, due: date | None, body: dict[str, Any]) -> bool:
        """Put the due date where the repository keeps it; whether that is anywhere but the text."""
        if due is None:
            return False
        field_id = self._places.due_field(project)
        if field_id is not None:
            body["issue_field_values"] = [{"field_id": field_id, "value": due.isoformat()}]
            return True
        if self._places.dated_board(project):
            return False
        number = self._places.milestone(project, due)
        if number is not None:
            body["milestone"] = number
            return True
        return False

    def _post(self, project: str, draft: _Draft) -> Any:
        for _ in range(len(OPTIONAL) + 1):
            try:
                return self._session.create(f"/repos/{project}/issues", draft.body, ISSUE).body
            except GitHubRefusal as error:
                # A refused create has made nothing: it may be sent again without what was refused.
                if error.status != 422 or not _leave_out(draft, error):
                    raise
        raise TrackerError("GitHub refuses the issue whatever is left out.")

    def _complete(self, ref: TicketRef, raw: Any, desired: DesiredTicket, draft: _Draft) -> Any:
        """See what was dropped without a word, and do what only a further call can do."""
        raw = self._joined(ref, raw, desired.due, draft)
        sent = draft.body
        asked = Asked(sent.get("assignees") or (), sent.get("labels") or (), str(sent.get("type") or ""))
        if desired.due:
            raw = self._seen_due(ref, raw, desired.due, draft)
        draft.dropped += asked.missing(self._reader, raw)
        if desired.incident:
            draft.dropped += self._under_incident(raw, desired.incident)
        return raw

    def _joined(self, ref: TicketRef, raw: Any, due: date | None, draft: _Draft) -> Any:
        """The new issue with its card."""
        if self._cards is None:
            return raw
        before = str(raw.get("body") or "")
        body = self._cards.join(
            raw, before, True, due if self._places.dated_board(ref.project) else None, draft.dropped
        )
        return self._send(ref, _Draft({"body": body}), raw) if body != before else raw

    def _seen_due(self, ref: TicketRef, raw: Any, due: date, draft: _Draft) -> Any:
        """The issue with the due date in its own place, or else in the description: a server drops what it lacks."""
        if raw.get("issue_field_values") is None and self._reader.due(raw) != due:
            raw = self._reading.raw(ref) or raw
        seen = self._reader.due(raw)
        if seen == due:
            return raw
        if seen is not None and text.due_in(str(raw.get("body") or "")) is None:
            draft.dropped.append(f"due date {due}")
            return raw
        draft.dropped.append("the due date's own place; it stands in the description")
        changed = text.with_due(str(raw.get("body") or ""), due)
        return self._send(ref, _Draft({"body": changed}), raw)

    def _under_incident(self, raw: Any, incident: str) -> list[str]:
        parent = _issue_of(incident, self._session.webs, self._reader)
        if parent is None:
            return []
        path = f"/repos/{parent.project}/issues/{number_of(parent)}/sub_issues"
        if not raw.get("id"):
            return [f"the parent {parent.key} (the server does not tell the issue's id)"]
        try:
            self._session.write("POST", path, {"sub_issue_id": raw["id"]}, ANYTHING)
        except TrackerError as error:
            return [f"the parent {parent.key} ({error.message})"]
        return []

    # update

    def update(self, ticket: Ticket, patch: Patch) -> Written:
        """Change what the patch names, on the issue as it is now; what a person changed meanwhile stays."""
        ref = ticket.ref
        draft = _Draft({})
        if patch.mark is not None and not _has_label({"labels": ticket.labels}, LABEL):
            self._label(ref, draft)
        # The wait for the rate limit comes before the look, so that nobody can write in between while we wait.
        self._session.policy.before_writing()
        raw = self._reading.raw(ref, moved=False)
        if raw is None:
            raise TicketMissing(f"{ref.key} is gone, or invisible to us.")
        now = self._reader.ticket(raw)
        if now.pull_request:
            raise TrackerError(f"{ref.key} is a pull request; only its status is followed.")
        body = str(raw.get("body") or "")
        changed = self._changed_body(body, raw, patch, draft)
        if patch.title is not None and patch.title != now.title:
            self._set("title", patch.title, now.title == ticket.title, draft)
        if patch.assignees is not None and tuple(sorted(patch.assignees)) != now.assignees:
            self._set("assignees", list(patch.assignees), now.assignees == ticket.assignees, draft)
        if patch.due is not None and patch.due != now.due:
            changed = self._changed_due(changed, ticket, now, patch.due, draft)
        if patch.state is not None and (patch.state is not now.state or patch.duplicate_of):
            changed = self._changed_state(changed, raw, now, patch, draft)
        if self._cards and patch.mark is not None:
            was_there, is_open = raw.get("card") is not None, (patch.state or now.state) is State.OPEN
            changed = self._cards.join(raw, changed, is_open, draft.on_card, draft.dropped)
            draft.moves = was_there and "state" in draft.body
        if patch.mark is not None:
            changed = self._marked(changed, raw, patch.mark)
        if len(changed) > text.LONGEST_BODY:
            raise TrackerError(f"{ref.key}: its description is full.", "Shorten it by some hundred characters.")
        if changed != body:
            draft.body["body"] = changed
        if draft.body:
            raw = self._send(ref, draft, raw)
            if self._cards and draft.moves:
                self._cards.move(raw, str(raw["state"]) == "open", draft.dropped)
        elif draft.due:
            raw = self._reading.raw(ref) or raw
        if draft.due:
            raw = self._seen_due(ref, raw, draft.due, draft)
        return Written(self._reader.ticket(raw), self._left_out(raw, patch, draft))

    def _set(self, name: str, value: object, untouched: bool, draft: _Draft) -> None:
        if untouched:
            draft.body[name] = value
        else:
            draft.dropped.append(f"{name}: somebody changed it a moment ago")

    def _changed_body(self, body: str, raw: Any, patch: Patch, draft: _Draft) -> str:
        if patch.body is None:
            return body
        part, before = text.part_of(body), self._reader.mark(raw).mark
        fresh = text.ours(patch.body, text.due_in(body))
        known = {before.base.body if before else "", text.digest(fresh)}
        if part is None or text.digest(part) not in known:
            draft.dropped.append("description: somebody edited our part of it")
            return body
        return text.with_part(body, fresh)

    def _marked(self, body: str, raw: Any, mark: Mark) -> str:
        """The mark, sealed: now the issue's own id is known."""
        found = self._reader.mark(raw)
        if found.mark == mark and found.sealed:
            return body
        creator = creator_of(raw) if found.ours or self._reader.is_mine(raw) else ""
        return text.with_mark(body, encode(mark, self._reader.key, id_of(raw), creator))

    def _changed_due(self, body: str, ticket: Ticket, now: Ticket, due: date, draft: _Draft) -> str:
        if now.due != ticket.due:
            draft.dropped.append("due date: somebody changed it a moment ago")
            return body
        if self._places.dated_board(now.ref.project) and self._cards:
            draft.on_card = due
            return body
        field_id = self._places.due_field(now.ref.project)
        if field_id is None:
            placed = self._place_due(now.ref.project, due, draft.body)
        elif why := self._add_value(now.ref, field_id, due):
            if now.due and text.due_in(body) is None:
                draft.dropped.append(f"due date {due} ({why})")
                return body
            draft.dropped.append(f"the due date's own place; it stands in the description ({why})")
            placed = False
        else:
            placed = True
        draft.due = due if placed else None
        return text.with_due(body, None if placed else due)

    def _add_value(self, ref: TicketRef, field_id: int, due: date) -> str:
        """Set one field beside the others, which an edit of the issue would clear; why it was not taken, or ""."""
        values = {"issue_field_values": [{"field_id": field_id, "value": due.isoformat()}]}
        try:
            self._session.write("POST", f"{_path(ref)}/issue-field-values", values, ANYTHING)
        except GitHubRefusal as error:
            if error.status not in (403, 404, 422):
                raise
            return error.stated[:200]
        return ""

    def _changed_state(self, body: str, raw: Any, now: Ticket, patch: Patch, draft: _Draft) -> str:
        assert patch.state is not None
        if not patch.duplicate_of:
            draft.body |= _STATES[patch.state]
            return body
        if now.state is State.OPEN or text.duplicate_in(body) != patch.duplicate_of:
            draft.body |= {"state": "closed", "state_reason": "duplicate"}
            draft.body |= self._original(now.ref, patch.duplicate_of)
            self._tell_duplicate(now.ref, patch.duplicate_of, draft)
        return text.with_duplicate(body, patch.duplicate_of)

    def _original(self, ref: TicketRef, key: str) -> dict[str, int]:
        """GitHub's own link to the issue that stays, where there is one to be had."""
        raw = self._reading.raw(replace(ref, project=key.rpartition("#")[0], key=key))
        return {"duplicate_issue_id": raw["id"]} if raw and raw.get("id") else {}

    def _tell_duplicate(self, ref: TicketRef, key: str, draft: _Draft) -> None:
        note = f"<!-- {NAME} duplicate -->"
        comments = f"{_path(ref)}/comments"
        try:
            if any(note in comment.get("body", "") for comment in self._session.pages(comments, COMMENTS, limit=10)):
                return
            shown = key.removeprefix(ref.project) if key.startswith(f"{ref.project}#") else key
            self._session.create(comments, {"body": f"Duplicate of {shown}\n\n{note}"}, ANYTHING)
        except TrackerError as error:
            draft.dropped.append(f"a comment that names {key} ({error.message})")

    def _send(self, ref: TicketRef, draft: _Draft, raw: Any) -> Any:
        """Change the issue; its card comes along."""
        for _ in range(len(OPTIONAL) + 2):
            try:
                after = self._session.write("PATCH", _path(ref), draft.body, ISSUE).body
                return after | ({"card": raw["card"]} if "card" in raw else {})
            except GitHubRefusal as error:
                if error.status == 404:
                    raise TicketMissing(f"{ref.key} is gone, or we may not change it.", error.cure) from error
                if error.status != 422 or not (_as_not_planned(draft) or _leave_out(draft, error)):
                    raise
        raise TrackerError(f"GitHub refuses the change of {ref.key} whatever is left out.")

    def _label(self, ref: TicketRef, draft: _Draft) -> None:
        """Our label on an issue that lacks it, or no listing of ours would ever show it."""
        try:
            self._places.ensure_labels(ref.project, (LABEL,))
            self._session.write("POST", f"{_path(ref)}/labels", {"labels": [LABEL]}, ANYTHING)
        except GitHubRefusal as error:
            if error.status not in (403, 404, 422):
                raise
            draft.dropped.append(f"label {LABEL}, without which changes are not noticed ({error.stated})")

    def _left_out(self, raw: Any, patch: Patch, draft: _Draft) -> tuple[str, ...]:
        asked = Asked(tuple(patch.assignees or ()) if "assignees" in draft.body else ())
        missing = asked.missing(self._reader, raw)
        if patch.state is not None and self._reader.ticket(raw).state is not patch.state:
            missing.append(f"state {patch.state.value}")
        if patch.mark is not None and self._reader.mark(raw).mark != patch.mark:
            missing.append("the mark")
        return (*draft.dropped, *missing)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for and may be dropped without a word."""

    assignees: Sequence[str] = ()
    labels: Sequence[str] = ()
    type: str = ""

    def missing(self, reader: GitHubReader, raw: Mapping[str, Any]) -> list[str]:
        """What the issue, as it was read back, does not have; in words."""
        there = set(logins(raw))
        found = [f"assignee {name}" for name in self.assignees if name.lower() not in there]
        for name in self.labels:
            if not _has_label(raw, name):
                why = ", without which changes are not noticed" if name == LABEL else ""
                found.append(f"label {name}{why}")
        kind = (raw.get("type") or {}).get("name") or ""
        if self.type and str(kind).casefold() != self.type.casefold():
            found.append(f"type {self.type}")
        return found


def _leave_out(draft: _Draft, error: GitHubRefusal) -> bool:
    """Take out of a draft what GitHub did not take; whether there was any of that."""
    stated = error.stated.lower()
    for name in OPTIONAL:
        named = name in error.fields or name.rstrip("s").replace("_", " ") in stated.replace("_", " ")
        if draft.body.get(name) and named:
            value = draft.body.pop(name)
            if name == "assignees":
                unknown = [login for login in value if login.lower() in stated]
                known = [login for login in value if unknown and login not in unknown]
                draft.body |= {name: known} if known else {}
                value = unknown or value
            words = ", ".join(map(str, value)) if isinstance(value, list) and name != "issue_field_values" else ""
            draft.dropped.append(f"{name.replace('_', ' ')} {words}".strip() + f" ({error.stated[:200]})")
            return True
    return False


def _as_not_planned(draft: _Draft) -> bool:
    """A server that does not know duplicates closes them as not planned."""
    if draft.body.get("state_reason") != "duplicate":
        return False
    draft.body["state_reason"] = "not_planned"
    draft.body.pop("duplicate_issue_id", None)
    return True


def _has_label(raw: Mapping[str, Any], name: str) -> bool:
    labels = raw.get("labels") or ()
    names = (str(label["name"]) if isinstance(label, Mapping) else str(label) for label in labels)
    return any(other.casefold() == name.casefold() for other in names)


def _issue_of(incident: str, webs: Sequence[str], reader: GitHubReader) -> TicketRef | None:
    return ref_of(incident, "", "", webs, reader.spelled)


def _path(ref: TicketRef) -> str:
    return f"/repos/{ref.project}/issues/{number_of(ref)}"
