"""What a GitHub simulator keeps: accounts, repositories, issues, files. People act on it by its methods."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.canaries import MARK

Now = Callable[[], datetime]


@dataclass(slots=True)
class Account:
    login: str
    id: int
    type: str = "User"

    @property
    def node_id(self) -> str:
        return f"U_{self.id}"


@dataclass(slots=True)
class Milestone:
    number: int
    title: str
    due_on: datetime | None
    state: str = "open"

    @property
    def shown(self) -> str | None:
        """As GitHub keeps it: midnight in California of the day it is there at the time that was given."""
        if self.due_on is None:
            return None
        day = (self.due_on - timedelta(hours=8)).date()
        return f"{day}T08:00:00Z"


@dataclass(slots=True)
class Comment:
    id: int
    user: Account
    body: str
    created: datetime


@dataclass(slots=True)
class Issue:
    repository: Repository
    number: int
    id: int
    user: Account | None
    title: str
    body: str
    created: datetime
    updated: datetime
    state: str = "open"
    state_reason: str | None = None
    closed: datetime | None = None
    assignees: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    milestone: int | None = None
    type: str | None = None
    fields: dict[int, str] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    pull: bool = False
    merged: datetime | None = None
    locked: bool = False
    deleted: bool = False
    moved_to: Issue | None = None
    parent: Issue | None = None
    duplicate_of: int | None = None
    reads: int = 0

    @property
    def node_id(self) -> str:
        return f"I_{self.id}"


@dataclass(slots=True)
class Field:
    id: int
    name: str
    data_type: str = "date"


@dataclass(slots=True)
class Commit:
    oid: str
    files: dict[str, bytes]
    parent: str | None
    message: str


@dataclass(slots=True)
class Repository:
    owner: str
    name: str
    id: int
    organisation: bool = True
    default_branch: str = "main"
    archived: bool = False
    has_issues: bool = True
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    milestones: list[Milestone] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    renamed_branches: dict[str, str] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    refusal: tuple[str, str] = ("BRANCH_PROTECTION_RULE_VIOLATION", "You're not authorized to push to this branch.")
    """Type and words by which a push to a protected branch is refused; there are others."""
    commits: dict[str, Commit] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def files(self, branch: str = "") -> dict[str, bytes]:
        """The files at a branch's head."""
        return self.commits[self.branches[branch or self.default_branch]].files

    def commit(self, files: dict[str, bytes], message: str, branch: str = "") -> Commit:
        """A commit of these whole contents on a branch."""
        branch = branch or self.default_branch
        parent = self.branches.get(branch)
        seed = f"{parent}{message}{sorted((p, blob_id(d)) for p, d in files.items())}{len(self.commits)}"
        commit = Commit(hashlib.sha1(seed.encode()).hexdigest(), dict(files), parent, message)
        self.commits[commit.oid] = commit
        self.branches[branch] = commit.oid
        return commit


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def tree_id(files: dict[str, bytes]) -> str:
    """Of a whole tree; it need not be git's own, only change with the files."""
    listed = "\n".join(f"{path} {blob_id(data)}" for path, data in sorted(files.items()))
    return hashlib.sha1(listed.encode()).hexdigest()


class Site:
    """Args:
    now: the time there.
    """

    def __init__(self, now: Now) -> None:
        self.now = now
        self._ids = itertools.count(1000)
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self.renamed: dict[str, Repository] = {}
        self.fields: dict[str, list[Field]] = {}
        self.me = self.account("pm-robot[bot]", "Bot")
        self.tokens = {f"ghp_{MARK}": self.me}
        self.push = True
        self.closed: Callable[[Issue], None] = lambda issue: None
        """Told of each issue that is closed."""
        self.unassignable: set[str] = set()
        self.unseen: set[str] = set()
        """Private repositories, in lower case, that our token may not see any more."""
        self.lag = timedelta(0)
        """How long a new issue stays out of listings."""

    def account(self, login: str, kind: str = "User") -> Account:
        if login.lower() not in self.accounts:
            self.accounts[login.lower()] = Account(login, next(self._ids), kind)
        return self.accounts[login.lower()]

    def repository(self, full_name: str, organisation: bool = True) -> Repository:
        """The repository of that name, made when there is none."""
        if full_name.lower() not in self.repositories:
            owner, _, name = full_name.partition("/")
            made = Repository(owner, name, next(self._ids), organisation)
            made.commit({}, "first")
            self.repositories[full_name.lower()] = made
        return self.repositories[full_name.lower()]

    def find(self, full_name: str) -> Repository | None:
        return None if full_name.lower() in self.unseen else self.repositories.get(full_name.lower())

    def rename(self, repository: Repository, name: str) -> None:
        self.renamed[repository.full_name.lower()] = repository
        del self.repositories[repository.full_name.lower()]
        repository.name = name
        self.repositories[repository.full_name.lower()] = repository

    def add_field(self, organisation: str, name: str, data_type: str = "date") -> Field:
        made = Field(next(self._ids), name, data_type)
        self.fields.setdefault(organisation.lower(), []).append(made)
        return made

    # issues

    def issue(self, repository: Repository, title: str, body: str, by: Account | None, **values: Any) -> Issue:
        now = self.now()
        number = next(reversed(repository.issues), 0) + 1
        made = Issue(repository, number, next(self._ids) * 1_000_000, by, title, body, now, now, **values)
        repository.issues[number] = made
        return made

    def edit(self, issue: Issue, **values: Any) -> None:
        """Somebody changes an issue."""
        for name, value in values.items():
            setattr(issue, name, value)
        issue.updated = self.now()
        if values.get("state") == "closed":
            self.closed(issue)

    def close(self, issue: Issue, reason: str = "completed") -> None:
        self.edit(issue, state="closed", state_reason=reason, closed=self.now())

    def reopen(self, issue: Issue) -> None:
        self.edit(issue, state="open", state_reason="reopened", closed=None)

    def transfer(self, issue: Issue, repository: Repository) -> Issue:
        moved = self.issue(repository, issue.title, issue.body, issue.user, labels=list(issue.labels))
        moved.state, moved.state_reason, moved.closed = issue.state, issue.state_reason, issue.closed
        moved.created, moved.assignees = issue.created, list(issue.assignees)
        issue.moved_to = moved
        return moved

    def comment(self, issue: Issue, body: str, by: Account) -> Comment:
        made = Comment(next(self._ids), by, body, self.now())
        issue.comments.append(made)
        issue.updated = self.now()
        return made

    def milestone(self, repository: Repository, title: str, due: datetime | date | None) -> Milestone:
        if isinstance(due, date) and not isinstance(due, datetime):
            due = datetime(due.year, due.month, due.day, 12, tzinfo=UTC)
        made = Milestone(len(repository.milestones) + 1, title, due)
        repository.milestones.append(made)
        return made

    def may_be_assigned(self, login: str) -> bool:
        known = self.accounts.get(login.lower())
        return known is not None and known.type == "User" and login.lower() not in self.unassignable


def iso(time: datetime | None) -> str | None:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None
