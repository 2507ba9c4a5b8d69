"""Commits through the API: on the branch itself, or proposed in a pull request where the branch is protected."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from adapters.github import queries
from adapters.github.answers import GitHubRefusal
from adapters.github.blobs import blob_id
from adapters.github.schemas import COMMITTED, HEAD, OBJECT, PULL, PULLS, REPOSITORY
from adapters.github.session import GitHubSession
from adapters.http.schemas import ANYTHING
from sync.errors import OutcomeUnknown, SourceError, TrackerError

HEADLINE = "Write ticket status back into postmortems"
BODY = (
    "The tickets of action items, and their status, as they stand in the postmortems.\n\n"
    "Merge it when you like; as long as it is open, later changes are added to it."
)
_RULES = (
    "pull request",
    "protected branch",
    "protected ref",
    "rule violation",
    "repository rule",
    "status check",
    "not authorized to push",
    "approving review",
    "verified signature",
    "merge queue",
)
SAFE_PATH = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a branch stands: the commit and its tree."""

    branch: str
    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class Made:
    """A commit and its page, or the pull request that proposes it."""

    url: str
    proposed: bool = False


class Commits:
    """The commits of one repository: where a branch stands, and new ones on top of it."""

    def __init__(self, session: GitHubSession, repository: str) -> None:
        self._session = session
        self._repository = repository
        self._owner, _, self._name = repository.partition("/")

    def leads_here(self, name: str) -> bool:
        """Whether GitHub leads from another name, owner/name, to this repository: it was renamed, or transferred."""
        try:
            found = self._session.get(f"/repos/{name}", REPOSITORY, moved=True).body
        except GitHubRefusal as error:
            if error.status in (403, 404, 410, 451):
                return False
            raise
        return str(found["full_name"]).lower() == self._repository.lower()

    def head(self, branch: str) -> Head:
        """Where a branch stands now; "" for the default branch. Raises SourceError when there is none."""
        names = {"o": self._owner, "n": self._name}
        wanted = {"r": f"refs/heads/{branch}"} if branch else {}
        data, _ = self._session.graphql(queries.HEAD if branch else queries.DEFAULT_HEAD, names | wanted, HEAD)
        repository = data["repository"]
        if not repository:
            raise SourceError(
                f"{self._repository}: there is no such repository, or the token does not show it.",
                "Correct the source's repository in sync.toml, or give the token contents: read.",
            )
        ref = repository.get("ref") if branch else repository.get("defaultBranchRef")
        if not ref or not (ref.get("target") or {}).get("tree"):
            raise SourceError(
                f"{self._repository}: there is no branch {branch or '(the repository is empty)'}.",
                "Correct the source's branch in sync.toml.",
            )
        return Head(ref["name"], ref["target"]["oid"], ref["target"]["tree"]["oid"])

    def commit(self, head: Head, files: Mapping[str, bytes]) -> Made | None:
        """Write files on top of a branch; None when it has moved since. Raises OutcomeUnknown, TrackerError."""
        try:
            return self._on(head.branch, head.commit, files)
        except GitHubRefusal as error:
            if not _is_protected(error):
                raise
        return self._propose(head, files)

    def _on(self, branch: str, commit: str, files: Mapping[str, bytes]) -> Made | None:
        named = [path for path in sorted(files) if SAFE_PATH.fullmatch(path)]
        values = {
            "branch": {"repositoryNameWithOwner": self._repository, "branchName": branch},
            "expectedHeadOid": commit,
            # No other words of a document: in a commit, "fixes" and a number close an issue.
            "message": {"headline": HEADLINE, "body": "\n".join(f"- {path}" for path in named)},
            "fileChanges": {
                "additions": [
                    {"path": path, "contents": base64.b64encode(data).decode()} for path, data in sorted(files.items())
                ]
            },
        }
        try:
            data, _ = self._session.graphql(queries.COMMIT, {"input": values}, COMMITTED, change=True)
        except GitHubRefusal as error:
            if "STALE_DATA" in error.types:
                return None
            raise
        return Made(data["createCommitOnBranch"]["commit"]["url"])

    # protected branches

    def _propose(self, head: Head, files: Mapping[str, bytes]) -> Made | None:
        branch = f"postmortem-sync/{head.branch}"
        pull = self._open_pull(branch, head.branch)
        if pull is None:
            self._reset(branch, head.commit)
        top = self.head(branch)
        left = {path: data for path, data in files.items() if self._blob(branch, path) != blob_id(data)}
        if left and self._on(branch, top.commit, left) is None:
            return None
        return Made(pull or self._new_pull(branch, head.branch), proposed=True)

    def _open_pull(self, branch: str, base: str) -> str | None:
        asked = {"state": "open", "head": f"{self._owner}:{branch}", "base": base}
        found = self._session.get(f"/repos/{self._repository}/pulls", PULLS, asked).body
        return found[0]["html_url"] if found else None

    def _new_pull(self, branch: str, base: str) -> str:
        body = {"title": HEADLINE, "head": branch, "base": base, "body": BODY}
        try:
            return str(self._session.create(f"/repos/{self._repository}/pulls", body, PULL).body["html_url"])
        except (OutcomeUnknown, GitHubRefusal) as error:
            found = self._open_pull(branch, base)
            if found is None:
                raise TrackerError(
                    f"The changes are on the branch {branch}, without a pull request: {error}"
                ) from error
            return found

    def _reset(self, branch: str, commit: str) -> None:
        """Our own branch, begun anew where the other stands: what was on it was merged, or turned down."""
        refs = f"/repos/{self._repository}/git/refs"
        try:
            self._session.write("PATCH", f"{refs}/heads/{quote(branch)}", {"sha": commit, "force": True}, ANYTHING)
        except GitHubRefusal as error:
            if error.status not in (404, 422):
                raise
            self._session.write("POST", refs, {"ref": f"refs/heads/{branch}", "sha": commit}, ANYTHING)

    def _blob(self, branch: str, path: str) -> str:
        names = {"o": self._owner, "n": self._name, "e": f"{branch}:{path}"}
        data, _ = self._session.graphql(queries.BLOB, names, OBJECT)
        return str((data["repository"]["object"] or {}).get("oid") or "")


def _is_protected(error: GitHubRefusal) -> bool:
    """Whether a commit was refused by a rule of the branch: by the kind of the error, else by its words."""
    stated = error.stated.lower()
    return any("RULE_VIOLATION" in kind or "PROTECTED" in kind for kind in error.types) or any(
        words in stated for words in _RULES
    )
