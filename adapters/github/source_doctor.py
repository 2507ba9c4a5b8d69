"""Whether a repository of postmortems can be read and written back to: permissions, documents, branch protection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, unquote

from adapters.github.answers import GitHubRefusal, Moved
from adapters.github.permissions import check_token
from adapters.github.schemas import BRANCH, REPOSITORY
from adapters.github.session import GitHubSession
from sync.errors import SyncError
from sync.model import Finding
from sync.ports import Clock
from sync.process.clock import check_clock


class GitHubSourceCheck:
    """What the doctor asks of a repository of postmortems."""

    def __init__(self, session: GitHubSession, repository: str, clock: Clock) -> None:
        self._session = session
        self._repository = repository
        self._clock = clock
        self._default = ""

    def findings(self, branch: str, list_paths: Callable[[], Sequence[str]]) -> Iterator[Finding]:
        """Look at everything; without the repository nothing further can work.

        Args:
            branch: "" for the default branch.
        """
        looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
            ("repository", self._look),
            ("documents", lambda: self._documents(list_paths)),
            ("branch", lambda: self._branch(branch or self._default)),
        ]
        for name, look in looks:
            try:
                yield from look()
            except SyncError as error:
                yield Finding(name, False, detail=error.message, cure=error.cure or self._cure(error))
                if name == "repository":
                    return

    def _look(self) -> Iterator[Finding]:
        reply = self._session.get(f"/repos/{self._repository}", REPOSITORY)
        found = reply.body
        self._default = found["default_branch"]
        yield Finding("repository", True, detail=found["full_name"])
        yield from check_clock(reply.headers.get("date", ""), self._clock.now())
        yield from check_token(reply.headers, bool(found.get("private")), self._clock.now())
        if found.get("archived"):
            detail = f"{self._repository} is archived: nothing can be written back"
            yield Finding("repository", False, detail=detail, cure="Unarchive it, or remove the source.")
        may = found.get("permissions")
        if may and not may.get("push"):
            detail = "the account may not push, so that nothing can be written back"
            yield Finding("permission", False, detail=detail, cure=f"Give it write access to {self._repository}.")
        elif may:
            yield Finding("permission", True, detail="push")

    def _documents(self, list_paths: Callable[[], Sequence[str]]) -> Iterator[Finding]:
        paths = list_paths()
        cure = "" if paths else "Correct the source's path and glob; docs/configuration.md explains them."
        yield Finding("documents", bool(paths), False, f"{len(paths)}" if paths else "no file fits the glob", cure)

    def _branch(self, branch: str) -> Iterator[Finding]:
        try:
            found = self._session.get(f"/repos/{self._repository}/branches/{quote(branch)}", BRANCH).body
        except Moved as error:
            now = unquote(error.path.rpartition("/branches/")[2])
            cure = f'Set branch = "{now}" for the source in sync.toml, or leave it out.'
            yield Finding("branch", False, detail=f"{branch} was renamed to {now}", cure=cure)
            return
        if found["protected"]:
            detail = f"{branch} is protected: what is written back waits in a pull request, where a push is refused"
            cure = "Let the token also write pull requests, or let the account bypass the rule."
            yield Finding("branch", True, detail=detail, cure=cure)
        else:
            yield Finding("branch", True, detail=f"{branch}, written to directly")

    def _cure(self, error: SyncError) -> str:
        if isinstance(error, GitHubRefusal) and error.status == 404:
            return f"Correct the source's repository, or give the token contents: read and write on {self._repository}."
        return ""
