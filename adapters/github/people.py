"""Who may be assigned: exact handles only. Names are never matched, only told who they may be."""

from __future__ import annotations

import difflib
import re
from itertools import islice

from adapters.github.answers import GitHubRefusal
from adapters.github.schemas import USERS
from adapters.github.session import GitHubSession
from adapters.http.schemas import ANYTHING
from sync.errors import TrackerError
from sync.model import Account, Owner, OwnerKind
from sync.ports import Accounts

HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:_[A-Za-z0-9]{1,10})?")
MOST = 500
"""Assignable accounts that candidates are looked for among."""


class GitHubPeople:
    """Accounts that may be assigned. GitHub knows people by their handles alone."""

    def __init__(self, session: GitHubSession) -> None:
        self._session = session
        self._known: dict[str, list[str]] = {}
        self._assignable: dict[tuple[str, str], bool] = {}

    def accounts(self, owner: Owner, project: str) -> Accounts:
        """The account of a handle, if it may be assigned in the repository; else nobody, with candidates named."""
        words = owner.text.strip().lstrip("@")
        if owner.kind is OwnerKind.TEAM:
            return Accounts((), "a team cannot be assigned")
        if owner.kind is not OwnerKind.HANDLE:
            return Accounts((), self._candidates(owner.called, project, "GitHub knows people by their handles alone"))
        if not HANDLE.fullmatch(words):
            return Accounts((), "that is no handle of GitHub")
        if self._may_be_assigned(words, project):
            login = words.lower()
            return Accounts((Account(login, login),))
        return Accounts((), self._candidates(words, project, f"@{words} cannot be assigned in {project}"))

    def _may_be_assigned(self, handle: str, project: str) -> bool:
        key = (project, handle.lower())
        if key not in self._assignable:
            try:
                status = self._session.get(f"/repos/{project}/assignees/{handle}", ANYTHING).status
                if status != 204:
                    raise TrackerError(
                        f"GitHub does not say whether @{handle} may be assigned: its answer was {status}."
                    )
                self._assignable[key] = True
            except GitHubRefusal as error:
                if error.status != 404:
                    raise
                self._assignable[key] = False
        return self._assignable[key]

    def _candidates(self, words: str, project: str, why: str) -> str:
        if project not in self._known:
            try:
                entries = self._session.pages(f"/repos/{project}/assignees", USERS, limit=MOST // 100)
                self._known[project] = [entry["login"] for entry in islice(entries, MOST)]
            except GitHubRefusal as error:
                # Not every server tells who may be assigned: there are no candidates, then.
                if error.status not in (403, 404):
                    raise
                self._known[project] = []
        close = _close(words, self._known[project])
        return f"{why}; it may be {' or '.join(close)}" if close else why


def _close(words: str, known: list[str]) -> list[str]:
    """Logins that look like the words, at most three."""
    local = words.partition("@")[0].casefold()
    parts = [part for part in re.split(r"[\W_]+", local) if len(part) > 2]
    joined = "".join(re.split(r"[\W_]+", local))
    lower = {login.casefold(): login for login in known}
    found = difflib.get_close_matches(joined, [name.replace("-", "") for name in lower], 3, 0.75)
    named = [login for name, login in lower.items() if name.replace("-", "") in found]
    named += [login for name, login in lower.items() if any(part in re.split(r"[-_]", name) for part in parts)]
    return list(dict.fromkeys(named))[:3]
