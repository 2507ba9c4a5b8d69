"""A project of GitHub, as where a team keeps dates and status. Asked from the issues; its items are never listed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from adapters.github import queries
from adapters.github.answers import GitHubRefusal
from adapters.github.schemas import CARDS, OPEN_CARDS, PROJECT, PROJECT_FIELDS, PROJECT_ITEM
from adapters.github.session import GitHubSession
from adapters.github.settings import GitHubProjectSettings
from adapters.http.policy import pages
from adapters.http.schemas import ANYTHING
from sync.errors import TrackerError

BATCH = 50
RIGHTS = (
    "Give a classic token the scope project, or an App, or a fine-grained token, the organisation's Projects: read and"
    " write. The GITHUB_TOKEN of Actions reaches no project, and fine-grained tokens none of a person."
)


@dataclass(frozen=True, slots=True)
class Card:
    """An issue on the board.

    Attributes:
        item: number of the item.
        status: the option's name; "" for none.
    """

    item: int
    due: date | None = None
    status: str = ""

    @property
    def digest(self) -> str:
        """Changes when anything changes that is read."""
        return hashlib.sha256(f"{self.item} {self.due} {self.status}".encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of the project; options by their names in small letters."""

    id: int
    options: Mapping[str, str]


class GitHubBoard:
    """One project. Issues are added to it, never removed; its fields and options stay as people made them.

    Args:
        owner: of the project, where the settings name none.
    """

    def __init__(self, session: GitHubSession, settings: GitHubProjectSettings, owner: str) -> None:
        self._session = session
        self.settings = settings
        self.owner = settings.owner or owner
        self.number = settings.number
        self._path = ""
        self._seen = False
        self._fields: dict[str, _Field] | None = None

    @property
    def name(self) -> str:
        """As it is told to people, and in the comment on issues that were added."""
        return f"{self.owner.lower()}/{self.number}"

    @property
    def keeps_dates(self) -> bool:
        """Whether due dates may stand there."""
        return bool(self.settings.date)

    # reading

    def open_cards(self, project: str, label: str) -> dict[int, Card | None]:
        """The open issues of a repository under a label, by number; None for one that is not on the board."""
        owner, _, name = project.partition("/")
        found: dict[int, Card | None] = {}
        after: str | None = None
        for _ in pages("GitHub"):
            names = {"o": owner, "n": name, "l": [label], "after": after, **self.variables}
            with self.explained():
                data, _errors = self._session.graphql(queries.OPEN_CARDS, names, OPEN_CARDS)
            issues = (data["repository"] or {}).get("issues")
            if issues is None:
                return found
            found |= {node["number"]: self.card(node["projectItems"]) for node in issues["nodes"] or () if node}
            after = issues["pageInfo"]["endCursor"]
            if not issues["pageInfo"]["hasNextPage"]:
                break
        return self._visible(found)

    def cards(self, project: str, numbers: Sequence[int]) -> dict[int, Card | None]:
        """The same for these issues, whatever their state."""
        owner, _, name = project.partition("/")
        found: dict[int, Card | None] = {}
        wanted = list(dict.fromkeys(numbers))
        for start in range(0, len(wanted), BATCH):
            some = wanted[start : start + BATCH]
            with self.explained():
                query = queries.cards(some)
                data, errors = self._session.graphql(query, {"o": owner, "n": name, **self.variables}, CARDS)
            nodes = data["repository"] or {}
            for number in some:
                node = nodes.get(f"i{number}")
                if node is None and errors:
                    raise TrackerError(f"GitHub does not show where {project}#{number} stands in {self.name}.", RIGHTS)
                found[number] = self.card(node["projectItems"]) if node else None
        return self._visible(found)

    def _visible(self, found: dict[int, Card | None]) -> dict[int, Card | None]:
        """Cards, once it is known that the project is shown to us: an App sees none of a person's, without an error."""
        self._seen = self._seen or any(found.values())
        if found and not self._seen:
            self._seen = bool(self.path)
        return found

    @property
    def variables(self) -> dict[str, str]:
        """What the queries call the fields that are read."""
        return {"date": self.settings.date or "-", "status": self.settings.status or "-"}

    def card(self, items: Mapping[str, Any] | None) -> Card | None:
        """The card of this project among those of an issue."""
        for item in (items or {}).get("nodes") or ():
            if not item or item["project"]["number"] != self.number:
                continue
            if str((item["project"]["owner"] or {}).get("login") or "").lower() != self.owner.lower():
                continue
            due = (item["due"] or {}).get("date")
            return Card(
                int(item["fullDatabaseId"]),
                date.fromisoformat(due) if due and self.keeps_dates else None,
                str((item["status"] or {}).get("name") or ""),
            )
        return None

    def is_started(self, card: Card | None) -> bool:
        """Whether its status says that somebody works on it."""
        return card is not None and card.status.casefold() in {name.casefold() for name in self.settings.in_progress}

    # writing

    def add(self, issue: int, is_open: bool, due: date | None) -> tuple[Card, list[str]]:
        """Put an issue onto the board, which does nothing where it is there, and set what is to be set at once.

        Returns:
            the card, and what the board did not take, in words.
        """
        with self.explained():
            made = self._session.write("POST", f"{self.path}/items", {"type": "Issue", "id": issue}, PROJECT_ITEM).body
        return self.set(Card(int(made["id"])), is_open, due)

    def set(self, card: Card, is_open: bool | None, due: date | None) -> tuple[Card, list[str]]:
        """Set the date, and the status unless `is_open` is None, in one call; what has no place there is left out."""
        wanted = self.settings
        values: list[dict[str, Any]] = []
        missing: list[str] = []
        if due and self.keeps_dates:
            if wanted.date.casefold() in self.fields:
                values.append({"id": self.fields[wanted.date.casefold()].id, "value": due.isoformat()})
                card = replace(card, due=due)
            else:
                missing.append(f"due date {due} (the project {self.name} has no field {wanted.date!r})")
        option = "" if is_open is None else wanted.open if is_open else wanted.done
        if option:
            field = self.fields.get(wanted.status.casefold())
            if field and option.casefold() in field.options:
                values.append({"id": field.id, "value": field.options[option.casefold()]})
                card = replace(card, status=option)
            else:
                missing.append(f"status {option} (the project {self.name} has no such option in {wanted.status!r})")
        if values:
            with self.explained():
                self._session.write("PATCH", f"{self.path}/items/{card.item}", {"fields": values}, ANYTHING)
        return card, missing

    @property
    def path(self) -> str:
        """Where REST has the project: below an organisation, or a person. Raises TrackerError where it is neither."""
        if not self._path:
            for kind in ("orgs", "users"):
                path = f"/{kind}/{self.owner}/projectsV2/{self.number}"
                try:
                    with self.explained():
                        self._session.get(path, PROJECT)
                except GitHubRefusal as error:
                    if error.status != 404:
                        raise
                else:
                    self._path = path
                    return path
            raise TrackerError(f"GitHub shows no project {self.name}.", f"Correct [github.project]. {RIGHTS}")
        return self._path

    @property
    def fields(self) -> Mapping[str, _Field]:
        """The project's fields of dates and of single choices, by their names in small letters; asked for once."""
        if self._fields is None:
            with self.explained():
                entries = list(self._session.pages(f"{self.path}/fields", PROJECT_FIELDS))
            self._fields = {
                entry["name"].casefold(): _Field(
                    entry["id"], {one["name"]["raw"].casefold(): one["id"] for one in entry.get("options") or ()}
                )
                for entry in entries
                if entry["data_type"] in ("date", "single_select")
            }
        return self._fields

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say of a refusal that it is the project which the token may not see or change."""
        try:
            yield
        except GitHubRefusal as error:
            refused = {"INSUFFICIENT_SCOPES", "FORBIDDEN"} & set(error.types) or error.status in (401, 403)
            if not refused:
                raise
            raise TrackerError(
                f"The token may not use the project {self.name}: {error.stated[:200]}", RIGHTS
            ) from error
