"""New tickets in Jira: fifty a call, the mark within the call, and what has to follow once they exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.http.policy import pages
from adapters.http.schemas import Shape, UnexpectedAnswer
from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.fields import OPTIONAL, Draft, Screen, Wanted
from adapters.jira.fields import draft as draft_of
from adapters.jira.issue import PROPERTY
from adapters.jira.query import key_in
from adapters.jira.reading import LABEL, JiraReading
from adapters.jira.schemas import CREATED, KINDS, SCREEN_FIELDS
from adapters.jira.values import Shapes, ValueProblem, spec_of
from adapters.jira.writing import JiraWriting, Sealed, words
from sync.errors import OutcomeUnknown, SyncError, TrackerError
from sync.marks import link_id
from sync.model import DesiredTicket, Mark, Owner, OwnerKind, State, Ticket, TicketRef, Written
from sync.ports import Clock, Created

BATCH = 50
ROUNDS = 3
"""How often what the site certainly did not create is sent again, each time without what it named as wrong."""

WATCHERS = "WATCHERS"
"""Name, among the values of a desired ticket, of its further owners. A document's own names are in lower case."""


class JiraCreating:
    """Issues as they are made, by bulk create.

    Args:
        value: of the property that holds the mark of a ticket that is not there yet.
    """

    def __init__(
        self,
        session: JiraSession,
        reading: JiraReading,
        writing: JiraWriting,
        wanted: Wanted,
        value: Callable[[Mark], object],
        clock: Clock,
    ) -> None:
        self._session = session
        self._reading = reading
        self._writing = writing
        self._wanted = wanted
        self._value = value
        self._clock = clock
        self._screens: dict[str, Screen] = {}

    def create(self, desired_tickets: Sequence[DesiredTicket]) -> list[Created]:
        """Make the issues by bulk create; what Jira refuses of one is left out of it, or is its own error."""
        answers: dict[int, Created] = {}
        drafts: dict[int, Draft] = {}
        keys: dict[int, str] = {}
        for number, desired in enumerate(desired_tickets):
            try:
                drafts[number] = self.draft(desired)
            except TrackerError as error:
                answers[number] = Created(error=error)
        left = list(drafts)
        for start in range(0, len(left), BATCH):
            self._send(left[start : start + BATCH], desired_tickets, drafts, keys, answers)
        for number, key in keys.items():
            self._follow(key, desired_tickets[number], drafts[number])
        fresh = self._fresh(list(keys.values()))
        for number, key in keys.items():
            answers[number] = self._confirmed(key, desired_tickets[number], drafts[number], fresh.get(key))
        return [answers[number] for number in range(len(desired_tickets))]

    def screen(self, project: str) -> Screen:
        """The create screen of the configured issue type, read once. Raises TrackerError."""
        if project not in self._screens:
            self._screens[project] = self._read_screen(project)
        return self._screens[project]

    def shapes(self, project: str) -> Shapes:
        """How values of settings are written for this site."""

        def user(text: str) -> Mapping[str, str]:
            owner = Owner(text, OwnerKind.EMAIL if "@" in text else OwnerKind.NAME)
            found = self._reading.accounts(owner, project)
            if found.one is None:
                names = ", ".join(account.name for account in found.matches)
                raise ValueProblem(f"{text!r} is no account that may be assigned ({found.why or names})")
            return {self._session.dialect.user_key: found.one.id}

        return Shapes(user, self._session.dialect.document)

    def draft(self, desired: DesiredTicket, trial: bool = False) -> Draft:
        """The fields of one desired ticket's issue; for a trial what depends on an item's values is taken to be right.

        Raises TrackerError.
        """
        dialect = self._session.dialect
        assignee = {dialect.user_key: desired.assignees[0]} if desired.assignees else None
        parent = key_in(desired.incident, *self._session.sites)
        screen = self.screen(desired.project)
        shapes = self.shapes(desired.project)
        return draft_of(desired, screen, self._wanted, shapes, dialect.render(desired.body), assignee, parent, trial)

    def _read_screen(self, project: str) -> Screen:
        path = f"issue/createmeta/{project}/issuetypes"
        types = [entry for entry in self._pages(path, KINDS) if not entry.get("subtask")]
        name = self._wanted.issue_type
        kind = next((t for t in types if name.casefold() in _names(t)), None)
        if kind is None:
            have = ", ".join(entry["name"] for entry in types) or "none that this account may create"
            raise TrackerError(
                f"jira.issue_type is {name!r}, and project {project} has {have}.", "Correct it in sync.toml."
            )
        fields = self._pages(f"{path}/{kind['id']}", SCREEN_FIELDS)
        specs = {entry["fieldId"]: spec_of(entry["fieldId"], entry) for entry in fields}
        return Screen(project, kind["id"], kind["name"], specs)

    def _pages(self, path: str, shape: Shape) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for _ in pages("Jira"):
            answer = self._session.get(path, shape, {"startAt": str(len(found)), "maxResults": "50"})
            # Cloud names the list after what is in it, Data Center calls it values.
            lists = [value for value in answer.values() if isinstance(value, list)]
            if not lists:
                raise TrackerError(f"Jira's answer to GET {path} is not what its API promises: it has no list.")
            page = next(filter(None, lists), [])
            found.extend(page)
            total = answer.get("total")
            if not page or (total is not None and len(found) >= total):
                break
        return found

    # the call

    def _send(
        self,
        numbers: Sequence[int],
        desired_tickets: Sequence[DesiredTicket],
        drafts: Mapping[int, Draft],
        keys: dict[int, str],
        answers: dict[int, Created],
    ) -> None:
        left = list(numbers)
        for last in (n == ROUNDS - 1 for n in range(ROUNDS)):
            try:
                created, refused = self._bulk([self._entry(desired_tickets[n], drafts[n]) for n in left])
            except TrackerError as error:
                answers |= {number: Created(error=error) for number in left}
                return
            keys |= {left[place]: key for place, key in created.items()}
            again: list[int] = []
            for place, problem in refused.items():
                number = left[place]
                if not last and _without(drafts[number], problem):
                    again.append(number)
                else:
                    answers[number] = Created(error=problem)
            left = again
            if not left:
                return

    def _entry(self, desired: DesiredTicket, one: Draft) -> dict[str, Any]:
        return {"fields": one.fields, "properties": [{"key": PROPERTY, "value": self._value(desired.mark)}]}

    def _bulk(self, entries: list[dict[str, Any]]) -> tuple[dict[int, str], dict[int, JiraRefusal]]:
        """Keys of what was created and refusals of what was not, by place. Raises TrackerError."""
        try:
            answer = self._session.post("issue/bulk", {"issueUpdates": entries}, CREATED, repeat=False)
        except JiraRefusal as refusal:
            try:
                answer = CREATED.read(refusal.body)
            except UnexpectedAnswer:
                raise refusal from None
            if not _failures(answer):
                raise
        refused = {place: JiraRefusal.of(400, stated) for place, stated in _failures(answer).items()}
        if not refused.keys() <= set(range(len(entries))):
            raise OutcomeUnknown("Jira speaks of tickets that were not to be created.")
        made = [place for place in range(len(entries)) if place not in refused]
        keys = [str(issue["key"]) for issue in answer.get("issues") or ()]
        if len(keys) != len(made):
            raise OutcomeUnknown(f"Jira named {len(keys)} new tickets where {len(made)} were to be created.")
        return dict(zip(made, keys, strict=True)), refused

    # afterwards

    def _follow(self, key: str, desired: DesiredTicket, one: Draft) -> None:
        """What needs calls of its own. The ticket exists: nothing here may fail it."""
        for name, value in one.later.items():
            try:
                self._writing.edit(key, {name: value})
            except SyncError as error:
                one.dropped.append(f"{words(name, value)} ({error.message})")
        for account in dict(desired.values).get(WATCHERS, "").split():
            try:
                self._writing.watch(key, account)
            except SyncError as error:
                one.dropped.append(f"watcher {account} ({error.message})")
        try:
            self._writing.link_postmortem(key, link_id(desired.mark), desired.body)
        except SyncError as error:
            one.dropped.append(f"link to the postmortem ({error.message})")

    def _fresh(self, keys: Sequence[str]) -> Mapping[str, Ticket]:
        try:
            return self._reading.fresh(keys)
        except SyncError:
            return {}

    def _confirmed(self, key: str, desired: DesiredTicket, one: Draft, ticket: Ticket | None) -> Created:
        if ticket is None:
            one.dropped.append("what it reads back as (it could not be read)")
            return Created(Written(self._assumed(key, desired), tuple(one.dropped)))
        if ticket.mark is None:
            ticket = self._mark_again(key, desired, one, ticket)
        if desired.assignees and ticket.assignees != desired.assignees[:1] and not _is_stated(one, "assignee"):
            one.dropped.append(f"assignee {desired.assignees[0]}")
        if desired.due and ticket.due != desired.due and not _is_stated(one, "due date"):
            one.dropped.append(f"due date {desired.due}")
        if LABEL not in ticket.labels and not _is_stated(one, "label"):
            one.dropped.append(f"label {LABEL}, without which changes of the ticket are not noticed")
        return Created(Written(ticket, tuple(one.dropped)))

    def _mark_again(self, key: str, desired: DesiredTicket, one: Draft, ticket: Ticket) -> Ticket:
        """Some Data Centers take no properties along with a create."""
        try:
            _, fields = self._reading.one(key)
            self._writing.mark(key, Sealed(desired.mark, ticket.id, self._reading.creator(fields)))
            return self._reading.one(key)[0]
        except SyncError as error:
            one.dropped.append(f"the mark, by which the ticket is found again ({error.message})")
            return ticket

    def _assumed(self, key: str, desired: DesiredTicket) -> Ticket:
        return Ticket(
            TicketRef("jira", desired.project, key),
            f"{self._session.base_url}/browse/{key}",
            str(desired.title),
            self._clock.now(),
            State.OPEN,
            assignees=desired.assignees,
            due=desired.due,
            labels=desired.labels,
            mark=desired.mark,
        )


def _names(kind: Mapping[str, Any]) -> set[str]:
    """By which an issue type goes: as our account's language has it, and as the site was given it."""
    return {str(kind[key]).casefold() for key in ("name", "untranslatedName") if kind.get(key)}


def _failures(answer: Mapping[str, Any]) -> dict[int, object]:
    """What a bulk create says of each entry that it did not create, by place."""
    return {
        error["failedElementNumber"]: error.get("elementErrors")
        for error in answer.get("errors") or ()
        if "failedElementNumber" in error
    }


def _without(one: Draft, problem: JiraRefusal) -> bool:
    """Take out what the site refuses, when a ticket without it is still a ticket; else say no."""
    # Jira calls a parent by several names.
    if one.epic and one.epic in problem.errors:
        one.fields["parent"] = one.fields.pop(one.epic)
    others = ("parentId", "pid", *filter(None, [one.epic]))
    named = {"parent" if name in others else name: stated for name, stated in problem.errors.items()}
    if not named or problem.messages or not named.keys() <= OPTIONAL or not named.keys() & one.fields.keys():
        return False
    for name, stated in named.items():
        value = one.fields.pop(name, None)
        if value is None:
            continue
        if "screen" in stated and name in ("duedate", "labels"):
            one.later[name] = value
        else:
            one.dropped.append(f"{words(name, value)} ({stated.rstrip('.')})")
    return True


def _is_stated(one: Draft, start: str) -> bool:
    return any(entry.startswith(start) for entry in one.dropped)
