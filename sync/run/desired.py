"""What the trackers know about a postmortem's items before it is planned. Asks readers, never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sync.errors import SettingsError
from sync.model import ActionItem, Body, DesiredTicket, Mark, Owner, OwnerKind, Postmortem, Reference, TicketRef
from sync.model.names import Origin
from sync.plan import ResolvedItem
from sync.ports import Document, TrackerReader
from sync.run.people import People
from sync.run.routes import Destination, Route, destination


class FollowedLink(NamedTuple):
    """A reference of an item, and the ticket of a configured tracker that it names."""

    reference: Reference
    ref: TicketRef


class _Links(NamedTuple):
    """What an item's references name: the ticket that is followed, or tickets of unknown trackers; and notes."""

    first: FollowedLink | None
    elsewhere: tuple[Reference, ...] = ()
    notes: tuple[str, ...] = ()


class _Account(NamedTuple):
    """The account that an owner's words mean, or why there is none."""

    account: str | None
    why: str = ""


class _Assignees(NamedTuple):
    """Accounts of an item's owners, and notes about those who have none."""

    accounts: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class Resolver:
    """Answers what an item's words mean to the configured trackers; remembers owners for one run.

    Args:
        trackers: every configured tracker, by name.
        default: where tickets go when no route says otherwise.
        overrides: the same by source name.
    """

    trackers: Mapping[str, TrackerReader]
    default: Destination
    people: People = field(default_factory=People)
    routes: Sequence[Route] = ()
    overrides: Mapping[str, Destination] = field(default_factory=dict)
    _owners: dict[tuple[str, str, str], _Account] = field(default_factory=dict)

    def destination(self, document: Document, postmortem: Postmortem) -> Destination:
        """The tracker and the canonical project. Raises SettingsError when the project is not configured."""
        start = self.overrides.get(document.source, self.default)
        chosen = destination(postmortem, self.routes, start)
        reader = self.trackers.get(chosen.tracker)
        if reader is None:
            raise SettingsError(
                f"tracker {chosen.tracker!r} is asked for, but [{chosen.tracker}] is not configured.",
                f"Add a [{chosen.tracker}] section to sync.toml.",
            )
        return Destination(chosen.tracker, reader.project_of(chosen.project))

    def resolve(self, document: Document, postmortem: Postmortem, origin: Origin) -> tuple[ResolvedItem, ...]:
        """One answer an item, in order."""
        place = self.destination(document, postmortem)
        reader = self.trackers[place.tracker]
        return tuple(self._item(document, postmortem, origin, item, place, reader) for item in postmortem.items)

    def linked(self, document: Document, postmortem: Postmortem) -> tuple[TicketRef, ...]:
        """Every ticket of a configured tracker that a document's items link."""
        references = [reference for item in postmortem.items for reference in item.references]
        found = (self._resolve(reference, document) for reference in references)
        return tuple(dict.fromkeys(ref for ref in found if ref))

    def _resolve(self, reference: Reference, document: Document) -> TicketRef | None:
        found = (r.resolve(reference, document.repository, document.url) for r in self.trackers.values())
        return next((ref for ref in found if ref), None)

    def _item(
        self,
        document: Document,
        postmortem: Postmortem,
        origin: Origin,
        item: ActionItem,
        place: Destination,
        reader: TrackerReader,
    ) -> ResolvedItem:
        assignees, notes = self._assignees(item.owners, place, reader)
        desired = reader.normalise(
            DesiredTicket(
                project=place.project,
                title=item.text,
                body=_body(document, postmortem, item),
                mark=Mark(origin.place, origin.print, "", id=origin.id),
                assignees=assignees,
                due=item.due_date,
                labels=(),
                priority=item.priority or "",
                type=item.type or "",
                incident=postmortem.incident,
                values=_values(document, postmortem, item),
            )
        )
        links = self._links(item.references, document)
        body = reader.body_digest(desired)
        return ResolvedItem(place.tracker, desired, body, links.first, links.elsewhere, (*links.notes, *notes))

    def _links(self, references: Sequence[Reference], document: Document) -> _Links:
        known: list[FollowedLink] = []
        elsewhere: list[Reference] = []
        for reference in references:
            ref = self._resolve(reference, document)
            if ref is None:
                elsewhere.append(reference)
            elif ref not in [other.ref for other in known]:
                known.append(FollowedLink(reference, ref))
        if not known:
            return _Links(None, elsewhere=tuple(elsewhere))
        names = [link.ref.key for link in known]
        note = (f"it links {' and '.join(names)}; only the first, {names[0]}, is followed",) if len(names) > 1 else ()
        return _Links(known[0], notes=note)

    def _assignees(self, owners: Sequence[Owner], place: Destination, reader: TrackerReader) -> _Assignees:
        found = [self._account(owner, place, reader) for owner in owners]
        accounts = dict.fromkeys(one.account for one in found if one.account is not None)
        return _Assignees(tuple(accounts), tuple(one.why for one in found if one.account is None))

    def _account(self, owner: Owner, place: Destination, reader: TrackerReader) -> _Account:
        key = (place.tracker, place.project, f"{owner.kind}:{owner.text.casefold()}")
        if key not in self._owners:
            mapped = self.people.find(owner, place.tracker)
            self._owners[key] = (
                self._ask(owner, mapped.owner, place, reader) if mapped.owner else _Account(None, mapped.why)
            )
        return self._owners[key]

    def _ask(self, written: Owner, owner: Owner, place: Destination, reader: TrackerReader) -> _Account:
        answer = reader.accounts(owner, place.project)
        if answer.one:
            return _Account(answer.one.id)
        names = ", ".join(f"{account.name} ({account.id})" for account in answer.matches)
        why = answer.why or (f"it may be {names}" if names else "no account goes by that name")
        team = written.kind is OwnerKind.TEAM
        cure = (
            ""
            if team
            else f'; name the account in sync.toml: [people] "{written.called}" = {{ {place.tracker} = "…" }}'
        )
        return _Account(None, f"owner {written.called!r} is not resolved: {why}{cure}")


def _body(document: Document, postmortem: Postmortem, item: ActionItem) -> Body:
    context = (
        ("Part of", item.parent),
        *(("Detail", line) for line in item.details),
        ("Service", postmortem.service),
        ("Severity", postmortem.severity),
        ("Incident", postmortem.incident),
    )
    return Body(
        text=item.text,
        postmortem_title=postmortem.title or document.path,
        postmortem_url=document.url,
        section=item.section,
        owners=tuple(owner.called for owner in item.owners),
        due=item.due.text if item.due else "",
        priority=item.priority or "",
        context=tuple((name, value) for name, value in context if value),
    )


def _values(document: Document, postmortem: Postmortem, item: ActionItem) -> tuple[tuple[str, str], ...]:
    values = dict(postmortem.fields)
    values |= {
        "title": item.text,
        "owner": item.owners[0].called if item.owners else "",
        "due": item.due_date.isoformat() if item.due_date else "",
        "priority": item.priority or "",
        "section": item.section,
        "postmortem": postmortem.title,
        "path": document.path,
        "url": document.url,
        "service": postmortem.service,
        "team": postmortem.team,
        "severity": postmortem.severity,
        "date": postmortem.date.isoformat() if postmortem.date else "",
    }
    return tuple(sorted(values.items()))
