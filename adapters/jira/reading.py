"""Tickets and accounts read from Jira: listings, look-ups by key, the look before a create, the search for an owner."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from adapters.http.policy import pages
from adapters.jira import query
from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.issue import FIELDS, PROPERTY, Issue, JiraReader, moved_to
from adapters.jira.issue import project_of as issue_project
from adapters.jira.people import looks_like_account_id, pick, plain_words
from adapters.jira.recent import Recent
from adapters.jira.schemas import COMMENTS, FETCHED, ISSUE, KEYS, NUMBERED, PROJECT, PROPERTY_VALUE, TOKENS, USERS
from sync.errors import ProjectHidden, TicketMissing, TrackerError
from sync.model import Owner, OwnerKind, Ticket, TicketRef
from sync.ports import Accounts, Clock, Listing

LABEL = "postmortem-sync"
PAGE = 100
OVERLAP_MINUTES = 5
"""How far a listing reaches back behind the one before: the index shows a change late."""

MOST_KEPT = 5000
"""Marks that were read by a call of their own and are kept, the oldest given up first: as many as may be made in the
time that a look before creates reaches back."""

FEW = 20
"""Postmortems whose tickets are searched for by their own labels, not among all that changed."""

MOST_USERS = 50
MISSES = 5
"""On Data Center, so many keys without a ticket end the look for keys that the index does not show yet."""


def postmortem_label(place: str) -> str:
    """The label of all tickets of the postmortem at a place: a word, whatever the place is."""
    return f"pms-{hashlib.sha256(place.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


@dataclass(slots=True)
class _Cursor:
    """Where the next listing begins; certain once the listing has been read.

    Attributes:
        since: when the listing began, by our clock; "" for the beginning.
        anchor: key of a ticket that the next listing must show, changed or not, if the project can be seen at all.
        version: digest of that ticket as it was shown.
    """

    since: str = ""
    anchor: str = ""
    version: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.since, self.anchor, self.version)))

    @classmethod
    def read(cls, value: str) -> _Cursor:
        return cls(*value.split(" ")[:3])


class JiraReading:
    """Reads of one site. Remembers, for its lifetime, the projects it listed and the marks it read one by one."""

    def __init__(self, session: JiraSession, reader: JiraReader, clock: Clock) -> None:
        self._session = session
        self._reader = reader
        self._clock = clock
        self._properties: dict[tuple[str, str], Any] = {}
        self._projects: set[str] = set()
        self._newer = Recent(lambda keys: self._bulk(keys)[0], reader.ticket, PAGE, session.dialect.settle_seconds)

    def changed(self, project: str, cursor: str) -> Listing:
        """Issues under our label that changed.

        The cursor begins with the time at which the listing began, by our clock: only differences are used.

        What changed is asked for in all projects: a ticket that was moved is in none that we know. Anybody may ask
        that, and sees nothing, so that the listing asks for one ticket more that it must show, its anchor.
        """
        now = self._clock.now()
        self._projects.add(project)
        before = _Cursor.read(cursor)
        minutes = _minutes_since(before.since, now)
        if minutes is None:
            before = _Cursor()
        following = _Cursor(now.isoformat(), before.anchor, before.version)
        return Listing(self._listed(project, before, minutes, following, now), following)

    def _listed(
        self, project: str, before: _Cursor, minutes: int | None, following: _Cursor, began: datetime
    ) -> Iterator[Ticket]:
        following.anchor = ""
        for issue in self._under_label(project) if minutes is None else self._anchored(minutes, before.anchor):
            self._session.learn_site(issue.get("self"))
            key, version = issue["key"], _digest(issue)
            ours = issue_project(issue) == project
            if key == before.anchor or (ours and not following.anchor):
                following.anchor, following.version = key, version
            if key == before.anchor and version == before.version:
                continue
            ticket = self._reader.ticket(self._with_property(issue))
            if ours or ticket.ref.project not in self._projects:
                yield ticket
        if not following.anchor:
            following.anchor, following.version = self._seen(project, bool(before.anchor)), ""
        self._session.check_known()
        passed = (self._clock.now() - began).total_seconds() / 60
        if minutes is not None and self._session.dialect.cloud and passed > OVERLAP_MINUTES - 1:
            # What the query counted as recent when it was asked may have been too old for its last pages. On Data
            # Center each page looks back further; there a long listing that began anew would never end.
            following.since = before.since

    def _anchored(self, minutes: int, anchor: str) -> Iterator[Issue]:
        """What changed, and the anchor."""
        try:
            yield from self._changed(minutes, anchor=anchor)
        except JiraRefusal as refusal:
            # A site may refuse a query that names a ticket which is gone, or not shown to us.
            if refusal.status != 400 or not anchor:
                raise
            yield from self._changed(minutes)

    def _seen(self, project: str, lost: bool) -> str:
        """A new anchor in a project of which a listing showed nothing; "" where it is there and has no ticket of ours.

        Args:
            lost: there was an anchor, which the listing should have shown: it is gone, or the project is.

        Raises:
            ProjectHidden: nobody may conclude anything from what was not shown.
            CredentialsError: it was shown to nobody.
        """
        self._session.check_known()
        if lost:
            params = {"jql": query.listing(project, [LABEL]), "fields": "project", "maxResults": "1"}
            try:
                issues = self._session.get(self._search, KEYS, params)["issues"]
            except JiraRefusal as refusal:
                if refusal.status != 400:
                    raise
                issues = []
            if issues:
                return str(issues[0]["key"])
        try:
            self._session.get(f"project/{quote(project, safe='')}", PROJECT)
        except JiraRefusal as refusal:
            if refusal.status not in (403, 404):
                raise
            raise ProjectHidden(
                f"{project}: Jira has no such project, or does not show it to our account.",
                f"Give the account the permission Browse Projects in {project}, or name another project in sync.toml.",
            ) from refusal
        return ""

    def lookup(self, refs: Sequence[TicketRef]) -> dict[TicketRef, Ticket | None]:
        """These issues as they are now, by the hundred; None for one that is gone or invisible."""
        keys = list(dict.fromkeys(ref.key for ref in refs))
        found: dict[str, Ticket | None] = {}
        for start in range(0, len(keys), PAGE):
            found |= self._by_key(keys[start : start + PAGE])
        return {ref: found.get(ref.key) for ref in refs}

    def one(self, key: str, extra: str = "") -> tuple[Ticket, Mapping[str, Any]]:
        """A ticket as the database has it, and its raw fields; `extra` names one more. Raises TicketMissing."""
        issue = self._issue(key, extra)
        return self._reader.ticket(issue, former=key), issue["fields"]

    def touched(self, ticket: Ticket, own: str) -> bool:
        """See ports: told by what the issue says now, against what was last pushed to it."""
        now, fields = self.one(ticket.ref.key, "description")
        base = now.mark.base if now.mark else None
        begun = fields["status"]["statusCategory"]["key"] != "new"
        # What Jira did not take when the issue was made is missing without anybody's doing.
        if base is None or begun or now.title != base.title or now.due not in (None, base.due):
            return True
        if set(now.assignees) - set(base.owners):
            return True
        if self._session.dialect.digest(fields.get("description")) != base.body:
            return True
        answer = self._session.get(f"issue/{quote(now.ref.key, safe='')}/comment", COMMENTS, {"maxResults": str(PAGE)})
        comments = answer["comments"]
        authors = [self._reader.user_id(comment.get("author")) for comment in comments]
        return answer["total"] > len(comments) or any(author != own for author in authors)

    def creator(self, fields: Mapping[str, Any]) -> str:
        """The id of who created an issue, which people cannot set."""
        return self._reader.user_id(fields.get("creator"))

    def fresh(self, keys: Sequence[str]) -> dict[str, Ticket]:
        """Tickets by key, not through the index; a key without one is left out."""
        if not self._session.dialect.cloud:
            return {key: ticket for key in keys if (ticket := self._maybe(key))}
        return {key: ticket for key, ticket in self._by_key(keys).items() if ticket} if keys else {}

    def marked(self, project: str, places: Collection[str], since: datetime | None) -> list[Ticket]:
        """Issues marked for any of these places.

        Beside the search, the keys that follow the newest that the index must know are read by the hundred.
        """
        minutes = _minutes_since(since.isoformat() if since else "", self._clock.now())
        labels = [LABEL] if len(places) > FEW else [postmortem_label(place) for place in sorted(places)]
        issues = self._under_label(project) if minutes is None else self._changed(minutes, labels)
        found: dict[str, Ticket] = {}
        for issue in map(self._with_property, issues):
            if self._may_be_ours(issue):
                self._keep(self._reader.ticket(issue), places, found)
        for ticket in self._recent(project, places, minutes):
            self._keep(ticket, places, found)
        return list(found.values())

    @staticmethod
    def _keep(ticket: Ticket, places: Collection[str], found: dict[str, Ticket]) -> None:
        if ticket.mark and ticket.mark.place in places:
            found[ticket.ref.key] = ticket

    def accounts(self, owner: Owner, project: str) -> Accounts:
        """The accounts that are meant, by one search among those who may be assigned in the project."""
        words = plain_words(owner)
        if owner.kind is OwnerKind.TEAM:
            return Accounts((), "a team cannot be assigned in Jira")
        if not words:
            return Accounts((), "it is empty")
        cloud = self._session.dialect.cloud
        account = owner.kind is OwnerKind.ACCOUNT or looks_like_account_id(words)
        name = "username" if not cloud else "accountId" if account else "query"
        params = {"project": project, name: words, "maxResults": str(MOST_USERS)}
        people = self._session.get("user/assignable/search", USERS, params)
        for user in people:
            self._reader.user_id(user)
        return pick(owner, people, self._session.dialect.user_key, complete=len(people) < MOST_USERS)

    # by key

    def _by_key(self, keys: Sequence[str]) -> dict[str, Ticket | None]:
        known = [key for key in keys if query.KEY.fullmatch(key.upper())]
        if not known:
            return {}
        issues, lost = self._bulk(known)
        paired, left, strays = moved_to(issues, known)
        found: dict[str, Ticket | None] = {key: self._reader.ticket(i, former=key) for key, i in paired.items()}
        for key in left:
            # An answer under another key does not say which key was asked for; so each is asked by itself.
            found[key] = self._maybe(key) if strays and key not in lost else None
        return found

    def _bulk(self, keys: Sequence[str]) -> tuple[list[Issue], set[str]]:
        """Issues by key, and the keys that are certainly not there."""
        if self._session.dialect.cloud:
            body = {"issueIdsOrKeys": list(keys), "fields": list(FIELDS), "properties": [PROPERTY]}
            answer = self._session.post("issue/bulkfetch", body, FETCHED, repeat=True)
            lost = {str(error.get("id")) for error in answer.get("issueErrors") or ()}
            return list(map(self._with_property, answer["issues"])), lost
        params = {
            "jql": query.keyed(keys),
            "fields": ",".join(FIELDS),
            "maxResults": str(PAGE),
            # A key that is not there would fail the whole query.
            "validateQuery": "false",
        }
        return list(map(self._with_property, self._session.get("search", NUMBERED, params)["issues"])), set()

    def _maybe(self, key: str) -> Ticket | None:
        try:
            return self.one(key)[0]
        except TicketMissing:
            return None

    def _issue(self, key: str, extra: str = "") -> Issue:
        fields = ",".join((*FIELDS, extra) if extra else FIELDS)
        try:
            asked = {"fields": fields, "properties": PROPERTY}
            issue = self._session.get(f"issue/{quote(key, safe='')}", ISSUE, asked)
        except JiraRefusal as refusal:
            if refusal.status == 404:
                raise TicketMissing(f"{key}: Jira has no such ticket, or does not show it to us.") from refusal
            raise
        return self._with_property(issue)

    def _with_property(self, issue: Issue) -> Issue:
        """Data Center's search gives no properties: read the mark of a ticket of ours, once for each version of it."""
        labels = issue["fields"].get("labels")
        if issue.get("properties") is not None or (labels is not None and LABEL not in labels):
            return issue
        version = (issue["id"], str(issue["fields"].get("updated")))
        if version not in self._properties:
            while len(self._properties) >= MOST_KEPT:
                del self._properties[next(iter(self._properties))]
            self._properties[version] = self._property(issue["key"])
        return {**issue, "properties": self._properties[version]}

    def _property(self, key: str) -> dict[str, Any]:
        try:
            answer = self._session.get(f"issue/{quote(key, safe='')}/properties/{PROPERTY}", PROPERTY_VALUE)
        except JiraRefusal as refusal:
            if refusal.status == 404:
                return {}
            raise
        return {PROPERTY: answer["value"]}

    def forget(self) -> None:
        """A mark was written: what was remembered of the ticket's properties no longer holds."""
        self._properties.clear()

    # through the index

    @property
    def _search(self) -> str:
        return "search/jql" if self._session.dialect.cloud else "search"

    def _under_label(self, project: str) -> Iterator[Issue]:
        """Every ticket of ours in a project."""
        jql = query.listing(project, [LABEL])
        return self._tokens(jql) if self._session.dialect.cloud else self._keysets(jql)

    def _changed(self, minutes: int, labels: Sequence[str] = (LABEL,), anchor: str = "") -> Iterator[Issue]:
        """Every ticket under one of the labels, all of ours unless told, that changed within so many minutes.

        Args:
            anchor: key of one ticket more.
        """
        if self._session.dialect.cloud:
            return self._tokens(query.listing("", labels, updated=minutes, also=anchor))
        return self._widening(minutes, labels, anchor)

    def _tokens(self, jql: str) -> Iterator[Issue]:
        token = ""
        for _ in pages("Jira"):
            params = {"jql": jql, "fields": ",".join(FIELDS), "properties": PROPERTY, "maxResults": str(PAGE)}
            answer = self._session.get("search/jql", TOKENS, params | ({"nextPageToken": token} if token else {}))
            yield from answer["issues"]
            following = answer.get("nextPageToken") or ""
            if answer.get("isLast") is False and not following:
                raise TrackerError("Jira says that a search has more, and not where.")
            if answer.get("isLast") or not following:
                return
            if following == token:
                raise TrackerError("Jira gives the same page of a search over and over.")
            token = following

    def _keysets(self, jql: str) -> Iterator[Issue]:
        """Pages by key: with startAt, a ticket that leaves the result while it is read would hide another."""
        bounded = jql
        for _ in pages("Jira"):
            params = {"jql": bounded, "fields": ",".join(FIELDS), "maxResults": str(PAGE)}
            answer = self._session.get("search", NUMBERED, params)
            issues = answer["issues"]
            yield from issues
            total = answer.get("total")
            if not issues or (total is not None and total <= len(issues)):
                return
            head, _, order = jql.rpartition(" ORDER BY ")
            bounded = f"{head} AND key > {query.quote(issues[-1]['key'])} ORDER BY {order}"

    def _widening(self, minutes: int, labels: Sequence[str], anchor: str) -> Iterator[Issue]:
        """Pages by place. Each looks back a little further than the one before, so that nothing drops out between."""
        began = self._clock.now()
        seen: dict[str, None] = {}
        start = 0
        for _ in pages("Jira"):
            passed = math.ceil((self._clock.now() - began).total_seconds() / 60) + 1 if start else 0
            jql = query.listing("", labels, updated=minutes + passed, also=anchor)
            params = {"jql": jql, "fields": ",".join(FIELDS), "maxResults": str(PAGE), "startAt": str(start)}
            params["validateQuery"] = "false"  # or an anchor that is gone would fail the whole query
            answer = self._session.get("search", NUMBERED, params)
            issues = answer["issues"]
            for issue in issues:
                if issue["id"] not in seen:
                    yield issue
            # A page is pushed on by what the widening adds before it: what came with those just before comes again.
            seen |= dict.fromkeys(issue["id"] for issue in issues)
            seen = dict.fromkeys(list(seen)[-MOST_KEPT:])
            start += len(issues)
            total = answer.get("total")
            if not issues or (total is not None and start >= total):
                return

    def _recent(self, project: str, places: Collection[str], minutes: int | None) -> Iterator[Ticket]:
        """Tickets of the project by the keys that follow the newest one the index surely knows."""
        if not self._session.dialect.cloud:
            for issue in self._followers(project, self._newest(project, None) + 1):
                if self._may_be_ours(issue):
                    yield self._reader.ticket(issue)
            return
        settled = math.ceil(self._session.dialect.settle_seconds / 60) + 1

        def first() -> int:
            return self._newest(project, settled) + 1

        yield from self._newer.tickets(project, places, first, self._clock.now().timestamp())

    def _newest(self, project: str, minutes: int | None) -> int:
        params = {"jql": query.newest(project, minutes), "fields": "project", "maxResults": "1"}
        issues = self._session.get(self._search, KEYS, params)["issues"]
        return int(issues[0]["key"].rpartition("-")[2]) if issues else 0

    def _followers(self, project: str, number: int) -> Iterator[Issue]:
        misses = 0
        for _ in pages("Jira"):
            try:
                yield self._issue(f"{project}-{number}")
                misses = 0
            except TicketMissing:
                misses += 1
                if misses == MISSES:
                    return
            number += 1

    def _may_be_ours(self, issue: Issue) -> bool:
        return PROPERTY in (issue.get("properties") or {})


def _digest(issue: Issue) -> str:
    return hashlib.sha256(json.dumps(issue, sort_keys=True).encode()).hexdigest()[:16]


def _minutes_since(moment: str, now: datetime) -> int | None:
    """Whole minutes since a time, with the overlap; None when there is no time."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if then.tzinfo is None:
        return None
    return math.ceil(abs((now - then).total_seconds()) / 60) + OVERLAP_MINUTES
