"""Whether a repository can be used as configured: account, permissions, issues, labels, due dates, issue types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from adapters.github.answers import GitHubRefusal
from adapters.github.board import GitHubBoard
from adapters.github.issue import LABEL
from adapters.github.permissions import check_token
from adapters.github.repository import GitHubPlaces
from adapters.github.schemas import ISSUE_TYPES, NAMED, REPOSITORY
from adapters.github.session import GitHubSession
from sync.errors import SyncError
from sync.model import Finding
from sync.ports import Clock
from sync.process.clock import check_clock


class GitHubCheck:
    """What the doctor asks of a repository of issues.

    Args:
        due, issue_type, labels: as in the settings.
    """

    def __init__(
        self,
        session: GitHubSession,
        places: GitHubPlaces,
        clock: Clock,
        due: str,
        issue_type: str,
        labels: Sequence[str] = (),
        board: GitHubBoard | None = None,
    ) -> None:
        self._session = session
        self._places = places
        self._clock = clock
        self._due = due
        self._type = issue_type
        self._labels = (LABEL, *labels)
        self._board = board
        self._may_write = True

    def findings(self, project: str) -> Iterator[Finding]:
        """Look at everything that can be looked at without writing. Without a repository nothing further can work."""
        needed: list[tuple[str, Callable[[str], Iterator[Finding]]]] = [
            ("credentials", self._account),
            ("repository", self._repository),
        ]
        others = [
            ("project", self._project),
            ("due dates", self._dates),
            ("issue type", self._types),
            ("labels", self._label),
        ]
        for name, look in (*needed, *others):
            try:
                yield from look(project)
            except SyncError as error:
                yield Finding(name, False, detail=error.message, cure=error.cure or _cure(error, project))
                if (name, look) in needed:
                    return

    def _account(self, project: str) -> Iterator[Finding]:
        yield Finding("credentials", True, detail=f"signed in as {self._session.me().login}")

    def _repository(self, project: str) -> Iterator[Finding]:
        reply = self._session.get(f"/repos/{project}", REPOSITORY)
        found = reply.body
        yield Finding("repository", True, detail=found["full_name"])
        yield from check_clock(reply.headers.get("date", ""), self._clock.now())
        yield from check_token(reply.headers, bool(found.get("private")), self._clock.now())
        if found.get("archived"):
            yield Finding("repository", False, detail=f"{project} is archived", cure="Unarchive it, or name another.")
        if not found.get("has_issues", True):
            yield Finding("issues", False, detail="Issues are turned off", cure="Turn them on in the settings.")
        # An App's permissions are not told here; what it may not do is told when it tries.
        may = found.get("permissions")
        self._may_write = not may or bool(may.get("push"))
        if may and not (may.get("push") or may.get("triage")):
            detail = "the account may not set labels and assignees: GitHub drops them without a word"
            yield Finding("permission", False, detail=detail, cure=f"Give it triage or write access to {project}.")
        elif may:
            yield Finding("permission", True, detail="write" if self._may_write else "triage")

    def _project(self, project: str) -> Iterator[Finding]:
        if self._board is None:
            return
        place, settings = self._board.path, self._board.settings
        detail = f"{self._board.name}, of {'an organisation' if place.startswith('/orgs/') else 'a person'}"
        # What REST shows of a person's project, GraphQL keeps from an App.
        self._board.open_cards(project, LABEL)
        yield Finding("project", True, detail=detail)
        options = [(settings.status, option) for option in (settings.open, settings.done) if option]
        for name, option in ((settings.date, ""), *options):
            field = self._board.fields.get(name.casefold()) if name else None
            if name and field is None:
                known = ", ".join(sorted(self._board.fields))
                yield Finding("project", False, False, f"it has no field {name!r}", f"Set it to one of: {known}.")
            elif field and option and option.casefold() not in field.options:
                known = ", ".join(sorted(field.options))
                yield Finding(
                    "project", False, False, f"{name} has no option {option!r}", f"Set it to one of: {known}."
                )

    def _dates(self, project: str) -> Iterator[Finding]:
        if self._due in ("auto", "field"):
            field = self._places.due_field(project)
            if field is None and self._due == "field":
                detail = "the organisation has no such date field, or does not show it"
                yield Finding("due dates", False, False, detail, 'Set due_field to its name, or due = "auto".')
                return
            if field is not None:
                yield Finding("due dates", True, detail="kept in the organisation's issue field")
                return
        if (board := self._places.dated_board(project)) is not None:
            yield Finding("due dates", True, detail=f"kept in the project {board.name}")
            return
        where = "milestones" if self._due == "milestone" else "the description, or milestones where they are set"
        yield Finding("due dates", True, detail=f"kept in {where if self._due != 'body' else 'the description'}")

    def _types(self, project: str) -> Iterator[Finding]:
        if not self._type:
            return
        found = self._session.get(f"/repos/{project}/issue-types", ISSUE_TYPES).body or []
        names = [str(entry["name"]) for entry in found if entry]
        known = any(name.casefold() == self._type.casefold() for name in names)
        cure = "" if known else f"Set github.type to one of: {', '.join(names) or 'none, there are no types'}."
        yield Finding("issue type", known, False, self._type, cure)

    def _label(self, project: str) -> Iterator[Finding]:
        missing = [name for name in self._labels if not self._has_label(project, name)]
        if not missing:
            yield Finding("labels", True, detail=", ".join(self._labels))
        elif self._may_write:
            yield Finding("labels", True, detail=f"made with the first ticket: {', '.join(missing)}")
        else:
            detail = f"the repository lacks {', '.join(missing)}, and the account may not make labels"
            yield Finding("labels", False, LABEL in missing, detail, "Make them, or give the account write access.")

    def _has_label(self, project: str, name: str) -> bool:
        try:
            self._session.get(f"/repos/{project}/labels/{quote(name, safe='')}", NAMED)
        except GitHubRefusal as error:
            if error.status != 404:
                raise
            return False
        return True


def _cure(error: SyncError, project: str) -> str:
    if isinstance(error, GitHubRefusal) and error.status == 404:
        return f"Correct github.repository, or give the account access to {project}."
    return ""
