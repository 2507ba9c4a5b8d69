"""Whether a repository can be used as configured: credentials, permissions, issues, due dates, issue types."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters.github_session import GitHubSession
from adapters.trackers.github_places import GitHubPlaces
from sync.errors import SyncError
from sync.model import Finding


class GitHubCheck:
    def __init__(self, session: GitHubSession, places: GitHubPlaces, due: str, issue_type: str) -> None:
        self._session = session
        self._places = places
        self._due = due
        self._type = issue_type

    def findings(self, project: str) -> Iterator[Finding]:
        """Look at everything that can be looked at without writing; ends where nothing further can work."""
        looks: list[Callable[[str], Iterator[Finding]]] = [self._account, self._repository, self._dates, self._types]
        for look in looks:
            try:
                yield from look(project)
            except SyncError as error:
                yield Finding("github", False, detail=error.message, cure=error.cure)
                return

    def _account(self, project: str) -> Iterator[Finding]:
        yield Finding("credentials", True, detail=f"signed in as {self._session.me().login}")

    def _repository(self, project: str) -> Iterator[Finding]:
        found = self._session.get(f"/repos/{project}").body
        yield Finding("repository", True, detail=str(found["full_name"]))
        if found.get("archived"):
            yield Finding("repository", False, detail=f"{project} is archived", cure="Unarchive it, or name another.")
        if not found.get("has_issues", True):
            yield Finding("issues", False, detail="Issues are turned off", cure="Turn them on in the settings.")
        # An App's permissions are not told here; what it may not do is told when it tries.
        may = found.get("permissions")
        if may and not (may.get("push") or may.get("triage")):
            detail = "the account may not set labels and assignees: GitHub drops them without a word"
            yield Finding("permission", False, detail=detail, cure=f"Give it triage or write access to {project}.")

    def _dates(self, project: str) -> Iterator[Finding]:
        if self._due in ("auto", "field"):
            field = self._places.due_field(project)
            if field is None and self._due == "field":
                detail = "the organisation has no such date field, or does not show it"
                yield Finding("due dates", False, False, detail, 'Set due_field to its name, or due = "auto".')
            elif field is not None:
                yield Finding("due dates", True, detail="kept in the organisation's issue field")

    def _types(self, project: str) -> Iterator[Finding]:
        if not self._type:
            return
        found = self._session.get(f"/repos/{project}/issue-types").body or []
        names = [str(entry["name"]) for entry in found if entry]
        known = any(name.casefold() == self._type.casefold() for name in names)
        cure = "" if known else f"Set github.type to one of: {', '.join(names) or 'none, there are no types'}."
        yield Finding("issue type", known, False, self._type, cure)
