"""Reading issues: one listing a repository, many at once by name, and a fresh look for marks."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, cast

from adapters.github import queries, text
from adapters.github.answers import GitHubRefusal, moment, unknown_fields
from adapters.github.board import Card
from adapters.github.issue import LABEL, TRACKER, GitHubReader, from_graphql
from adapters.github.schemas import COMMENTS, ISSUE, ISSUES, NODES
from adapters.github.session import PAGE, GitHubSession
from adapters.http.policy import pages
from sync.errors import ProjectHidden, TrackerError
from sync.marks import ReadMark
from sync.model import Ticket, TicketRef
from sync.ports import Listing

OVERLAP = timedelta(seconds=60)
"""A listing begins so long before the newest change it has seen: changes may become visible out of order."""

BATCH = 50
"""Issues asked for in one query."""


@dataclass(slots=True)
class ReadCursor:
    """Where the next listing begins.

    Attributes:
        since: as GitHub writes times; "" for the beginning.
        etag: of the answer to exactly this question; "" for none.
        web: where people read this server, when it is another address than the API's; "" when it is not.
        cards: of the open issues in a project, by number, what their cards said; "" for those without one.
    """

    since: str = ""
    etag: str = ""
    web: str = ""
    cards: dict[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        parts: list[Any] = [self.since, self.etag]
        if self.web or self.cards:
            parts += [self.web, *filter(None, [self.cards])]
        return json.dumps(parts, separators=(",", ":"))

    @classmethod
    def read(cls, value: str) -> ReadCursor:
        """From its text; whatever is none begins at the beginning."""
        try:
            since, etag, *more = json.loads(value)
            if since:
                moment(since)
            web, cards = str(more[0]) if more else "", more[1] if len(more) > 1 else {}
            return cls(str(since), str(etag), web, {int(number): str(said) for number, said in cards.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()


class GitHubReading:
    """Issues read as tickets: listed, looked up one by one, looked for by their marks."""

    def __init__(self, session: GitHubSession, reader: GitHubReader) -> None:
        self._session = session
        self._reader = reader
        self._board = reader.board
        self._lacking: set[str] = set()
        self._has_graphql = True

    def changed(self, project: str, cursor: str) -> Listing:
        """Issues under our label that changed, the oldest change first. An idle listing is one call and a 304."""
        state = ReadCursor.read(cursor)
        self._session.learn_web(state.web)
        return Listing(self._listed(project, state), state)

    def _listed(self, project: str, cursor: ReadCursor) -> Iterator[Ticket]:
        asked = cursor.since
        newest = ""
        etags: list[str] = []
        cards: dict[int, Card | None] | None = None
        listed: set[int] = set()
        try:
            for some in _chunks(self._walk(project, {"labels": LABEL}, cursor.since, cursor.etag, etags)):
                if self._board and cards is None:
                    cards = self._board.open_cards(project, LABEL)
                self._put_cards(project, some, cards)
                for raw in some:
                    newest = max(newest, raw["updated_at"])
                    listed.add(raw["number"])
                    self._session.learn_web(raw["html_url"])
                    yield self._reader.ticket(raw)
        except GitHubRefusal as error:
            if error.status != 404:
                raise
            raise ProjectHidden(
                f"{project}: GitHub has no such repository, or does not show it to our account any more.",
                f"Give the token issues: read and write on {project}, or name another repository in sync.toml.",
            ) from error
        if self._board:
            cards = self._board.open_cards(project, LABEL) if cards is None else cards
            yield from self._on_the_board(project, cards, cursor, listed)
        if not etags:
            return
        since = max(asked, _iso(moment(newest) - OVERLAP)) if newest else asked
        cursor.web = next(iter(self._session.webs[1:]), "")
        # The ETag answers the question as it was asked, and only if one page was all of it.
        cursor.since, cursor.etag = since, etags[0] if len(etags) == 1 and since == asked else ""

    def _on_the_board(
        self, project: str, cards: Mapping[int, Card | None], cursor: ReadCursor, listed: Collection[int]
    ) -> Iterator[Ticket]:
        """Open issues that changed in the project alone, which GitHub does not call a change of the issue."""
        now = {number: card.digest if card else "" for number, card in cards.items()}
        changed = [number for number, said in now.items() if number not in listed and cursor.cards.get(number) != said]
        refs = [TicketRef(TRACKER, project, f"{project}#{number}") for number in changed]
        yield from filter(None, self.lookup(refs).values())
        cursor.cards = now

    def _put_cards(self, project: str, raws: Sequence[Any], known: Mapping[int, Card | None] | None = None) -> None:
        """Write down where these issues of one repository stand in the project, if there is one."""
        if self._board is None:
            return
        found = dict(known or {})
        numbers = [raw["number"] for raw in raws if not raw.get("pull_request") and raw["number"] not in found]
        found |= self._board.cards(project, numbers) if numbers else {}
        for raw in raws:
            raw["card"] = found.get(raw["number"])

    def _walk(
        self, project: str, params: Mapping[str, str], since: str, etag: str, etags: list[str]
    ) -> Iterator[Mapping[str, Any]]:
        """Issues by the time of their last change, the oldest first.

        Each page begins at the time where the one before ended, not at a number: issues that change, come or go
        meanwhile cannot push others from one page into one already read.

        Args:
            etags: gets the ETag of every page that was read; stays empty when nothing changed.
        """
        path = f"/repos/{project}/issues"
        fixed = {"state": "all", "sort": "updated", "direction": "asc", "per_page": PAGE} | dict(params)
        seen: dict[int, str] = {}
        page = 1
        for _ in pages("GitHub"):
            asked = fixed | ({"since": since} if since else {}) | ({"page": page} if page > 1 else {})
            reply = self._session.get(path, ISSUES, asked, etag)
            if reply.status == 304:
                return
            etag = ""
            etags.append(reply.headers.get("etag", ""))
            entries = reply.body
            for entry in entries:
                number, changed = entry["number"], entry["updated_at"]
                if seen.get(number) != changed:
                    seen[number] = changed
                    yield entry
            if len(entries) < PAGE:
                return
            following = _iso(moment(entries[-1]["updated_at"]) - timedelta(seconds=1))
            since, page = (following, 1) if following > since else (since, page + 1)
            seen = {number: changed for number, changed in seen.items() if changed >= since}

    def marked(self, project: str, places: Collection[str], since: datetime | None) -> list[Ticket]:
        """Issues marked for any of these places; with `since`, those without our label too."""
        wanted = set(places)
        # With a time, issues without our label are looked at too: GitHub drops labels without a word.
        params = {} if since else {"labels": LABEL}
        begin = _iso(since) if since else ""
        found: dict[TicketRef, Ticket] = {}
        for some in _chunks(self._walk(project, params, begin, "", [])):
            ours = [raw for raw in some if _is_wanted(self._reader.mark(raw), wanted)]
            self._put_cards(project, ours)
            found |= {ticket.ref: ticket for ticket in map(self._reader.ticket, ours) if ticket.mark}
        return list(found.values())

    def lookup(self, refs: Sequence[TicketRef]) -> dict[TicketRef, Ticket | None]:
        """These issues as they are now, by the hundred through GraphQL; transferred ones are followed through REST."""
        found: dict[TicketRef, Ticket | None] = {}
        if len(refs) > 1:
            for start in range(0, len(refs), BATCH):
                found |= self._together(refs[start : start + BATCH])
        # What GraphQL does not show may have been transferred: REST says where to.
        return {ref: found.get(ref) or self.one(ref) for ref in refs}

    def touched(self, ticket: Ticket) -> bool:
        """See ports: told by what the issue says now, against what was last pushed to it."""
        raw = self.raw(ticket.ref)
        now = self._reader.ticket(raw) if raw else None
        if now is None or now.mark is None:
            return True
        base, body = now.mark.base, str(raw.get("body") or "")
        # What GitHub did not take when the issue was made is missing without anybody's doing.
        if now.title != base.title or now.due not in (None, base.due) or set(now.assignees) - set(base.owners):
            return True
        if text.digest(text.part_of(body) or "") != base.body or text.beside_part(body):
            return True
        comments = self._session.pages(f"/repos/{now.ref.project}/issues/{number_of(now.ref)}/comments", COMMENTS)
        return any((comment.get("user") or {}).get("id") != self._session.me().id for comment in comments)

    def one(self, ref: TicketRef) -> Ticket | None:
        """One issue as it is now, wherever it is now; None when it is gone or invisible."""
        raw = self.raw(ref)
        return self._under(ref, self._reader.ticket(raw)) if raw else None

    def raw(self, ref: TicketRef, moved: bool = True) -> Any:
        """The same as REST shows it. Raises Moved when it is elsewhere and `moved` is False."""
        try:
            found = self._session.get(f"/repos/{ref.project}/issues/{number_of(ref)}", ISSUE, moved=moved).body
        except GitHubRefusal as error:
            if error.status in (404, 410):
                return None
            raise
        self._put_cards(self._reader.ref(found).project, [found])
        return found

    def _together(self, refs: Sequence[TicketRef]) -> dict[TicketRef, Ticket | None]:
        """What one query shows of these issues; what it leaves out is to be read by itself."""
        groups: dict[str, list[TicketRef]] = {}
        for ref in refs:
            groups.setdefault(ref.project, []).append(ref)
        data = self._asked(groups)
        found: dict[TicketRef, Ticket | None] = {}
        for index, some in enumerate(groups.values()):
            nodes = data.get(f"r{index}") or {}
            for ref in some:
                node = nodes.get(f"i{number_of(ref)}")
                raw = from_graphql(node, dated=bool(self._reader.due_field)) if node else None
                if raw and node and self._board:
                    raw["card"] = self._board.card(node.get("projectItems"))
                if raw:
                    found[ref] = self._under(ref, self._reader.ticket(raw))
        return found

    def _asked(self, groups: Mapping[str, Sequence[TicketRef]]) -> Mapping[str, Any]:
        """The data of one query; empty where the server has no GraphQL for it, which is remembered."""
        numbers = [dict.fromkeys(map(number_of, some)) for some in groups.values()]
        variables: dict[str, str] = {}
        for index, project in enumerate(groups):
            owner, _, name = project.partition("/")
            variables |= {f"o{index}": owner, f"n{index}": name}
        variables |= self._board.variables if self._board else {}
        while self._has_graphql:
            previews = queries.PREVIEWS - self._lacking - (set() if self._reader.due_field else {queries.VALUES})
            query = queries.issues(numbers, previews, self._board is not None)
            try:
                with self._board.explained() if self._board else nullcontext():
                    data, errors = self._session.graphql(query, variables, NODES, partial=True)
            except GitHubRefusal as error:
                if set(error.types) == {"NOT_FOUND"}:
                    return {}
                unknown = unknown_fields(error.stated)
                if not unknown and error.status == 200:
                    raise
                self._has_graphql = bool(unknown) and unknown <= previews
            else:
                unknown = unknown_fields(" ".join(str(error.get("message")) for error in errors)) & previews
                if not unknown:
                    return cast("Mapping[str, Any]", data)
            self._lacking |= unknown
            if queries.VALUES in unknown and self._has_values(next(iter(groups.values()))[0]):
                self._has_graphql = False
        return {}

    def _has_values(self, ref: TicketRef) -> bool:
        """Whether REST shows fields of issues, or may do so, though GraphQL does not."""
        raw = self.raw(ref)
        return raw is None or raw.get("issue_field_values") is not None

    def _under(self, asked: TicketRef, ticket: Ticket) -> Ticket:
        return ticket if ticket.ref == asked else replace(ticket, former=asked.key)


def _chunks(raws: Iterator[Any]) -> Iterator[list[Any]]:
    """So many at a time as one page has."""
    while some := list(islice(raws, PAGE)):
        yield some


def _is_wanted(found: ReadMark, places: Collection[str]) -> bool:
    return found.mark is not None and found.mark.place in places


def number_of(ref: TicketRef) -> int:
    """The issue's number. Raises TrackerError for a key that is none of ours."""
    number = ref.key.rpartition("#")[2]
    if not number.isdecimal() or not number.isascii():
        raise TrackerError(f"{ref.key} is no issue of GitHub.")
    return int(number)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
