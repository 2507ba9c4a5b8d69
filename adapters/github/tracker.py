"""GitHub Issues as a tracker, on github.com and on GitHub Enterprise Server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.github import text
from adapters.github.board import GitHubBoard
from adapters.github.cards import GitHubCards
from adapters.github.client import NAME
from adapters.github.doctor import GitHubCheck
from adapters.github.issue import LABEL, TRACKER, GitHubReader
from adapters.github.names import ref_of
from adapters.github.people import GitHubPeople
from adapters.github.reading import GitHubReading
from adapters.github.reminding import GitHubReminding
from adapters.github.repository import GitHubPlaces
from adapters.github.session import GitHubSession
from adapters.github.settings import GitHubProjectSettings
from adapters.github.writing import GitHubWriting
from adapters.http.policy import CallPolicy, Waiting
from sync.errors import SettingsError
from sync.model import DesiredTicket, Finding, Owner, Reference, TicketRef
from sync.ports import Accounts, Clock, Created, Limit, RateLimiter, Watch

ASSIGNEES = 10
CONTENT = ((60, 60.0), (450, 3600.0))
"""New issues and comments: below what GitHub takes for abuse (80 a minute, 500 an hour)."""


class GitHubTracker:
    """Tickets are issues of one repository, unless a desired ticket names another.

    Args:
        base_url: of the API; GitHub Enterprise Server: https://github.example.com/api/v3.
        token: of an account; or else app_id and private_key of an App installed on the repository.
        repository: owner/name used when nothing else names one.
        labels: put on every new issue, beside our own.
        due: "field", "project", "milestone", "body", or "auto": an issue field if the organisation has it, the project
            or a milestone if one is configured, else a line of the description.
        due_field: name of the organisation's issue field for due dates.
        milestone: what the titles of milestones for due dates begin with.
        issue_type: name of the type of new issues.
        board: the project that issues are put onto; None, or one without a number, for none.
        mark_key: signs marks, so that they are believed on tickets of other accounts.
        waiting: told why, and how many seconds, before a wait.
        timeout: seconds to connect, and to wait for an answer.
        watch: told of each call.
    """

    name = TRACKER
    settle_seconds = 60.0
    batch_size = 1

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        *,
        token: str = "",
        app_id: str = "",
        private_key: str = "",
        repository: str = "",
        labels: Sequence[str] = (),
        due: str = "auto",
        due_field: str = "Target date",
        milestone: str = "",
        issue_type: str = "",
        board: GitHubProjectSettings | None = None,
        mark_key: bytes = b"",
        requests_per_minute: int | None = None,
        waiting: Waiting | None = None,
        rate_limiter: RateLimiter | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        watch: Watch | None = None,
    ) -> None:
        self._repository = repository.strip()
        self._labels = tuple(filter(None, map(_label, labels)))
        self._spellings: dict[str, str] = {}
        policy = CallPolicy(clock, requests_per_minute, waiting, Limit(1.0), Limit(0.0, CONTENT), rate_limiter)
        self._session = GitHubSession(
            base_url,
            clock,
            policy,
            token=token,
            app_id=app_id,
            private_key=private_key,
            repository=self._repository,
            timeout=timeout,
            watch=watch,
        )
        if self._repository:
            self._checked(self._repository)
        shown = None
        if board and board.number:
            shown = GitHubBoard(self._session, board, self._repository.partition("/")[0])
        reader = GitHubReader(
            key=mark_key,
            me=self._session.me,
            spelled=self._spelled,
            due_field=due_field if due in ("auto", "field") else "",
            milestones=due == "milestone" or (due == "auto" and bool(milestone)),
            board=shown,
        )
        reading = GitHubReading(self._session, reader)
        places = GitHubPlaces(self._session, due, due_field, milestone, shown)
        cards = GitHubCards(shown) if shown else None
        self._writing = GitHubWriting(self._session, reading, reader, places, issue_type, cards)
        reminding = GitHubReminding(self._session, reading)
        self._people = GitHubPeople(self._session)
        self._check = GitHubCheck(self._session, places, clock, due, issue_type, self._labels, shown)
        self.changed, self.lookup, self.marked = reading.changed, reading.lookup, reading.marked
        self.touched = reading.touched
        self.update = self._writing.update
        self.reminded, self.remind = reminding.reminded, reminding.remind
        self.close = self._session.close

    # reading

    def project_of(self, project: str) -> str:
        """owner/name of a repository, the configured one for "". Raises SettingsError for what is no such name."""
        name = project.strip() or self._repository
        if not name:
            raise SettingsError(
                "github.repository is not set.", 'Add repository = "owner/name" to [github] in sync.toml.'
            )
        return self._checked(name)

    def resolve(self, reference: Reference, repository: str, url: str) -> TicketRef | None:
        """The issue that `#12`, `owner/name#12`, `GH-12` or an address names; None for anything else."""
        return ref_of(reference.text, repository, url, self._session.webs, self._spelled)

    def accounts(self, owner: Owner, project: str) -> Accounts:
        """The account of a handle, if it may be assigned in the repository; else nobody, with candidates named."""
        return self._people.accounts(owner, self.project_of(project))

    def normalise(self, desired: DesiredTicket) -> DesiredTicket:
        """The ticket as it will read back: logins in lower case, ten assignees, each label once whatever its case."""
        labels: dict[str, str] = {}
        for label in (LABEL, *self._labels, *filter(None, map(_label, desired.labels))):
            labels.setdefault(label.casefold(), label)
        assignees = dict.fromkeys(name.lower() for name in desired.assignees)
        return replace(
            desired,
            project=self.project_of(desired.project),
            title=text.title(desired.title),
            labels=tuple(labels.values()),
            assignees=tuple(sorted(list(assignees)[:ASSIGNEES])),
        )

    def body_digest(self, desired: DesiredTicket) -> str:
        """Digest of our part of the description; the due date is left out of it."""
        return text.digest(text.ours(desired.body, None))

    def requests(self) -> int:
        """How many calls were made so far, refused and repeated ones included."""
        return self._session.count

    # writing

    def create(self, desired_tickets: Sequence[DesiredTicket]) -> Sequence[Created]:
        """Make one issue for each, in calls of their own: GitHub has no bulk create."""
        return [self._writing.create(desired) for desired in desired_tickets]

    def check(self, project: str = "") -> Sequence[Finding]:
        """What the doctor wants to know, without writing anything; never raises for GitHub's sake."""
        try:
            return tuple(self._check.findings(self.project_of(project)))
        except SettingsError as error:
            return (Finding("repository", False, detail=error.message, cure=error.cure),)

    # names of repositories have no case

    def _checked(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is no repository of GitHub.", 'Write it as "owner/name".')
        return self._spellings.setdefault(name.lower(), name)

    def _spelled(self, name: str) -> str:
        """A configured repository as it is configured, any other in lower case."""
        return self._spellings.get(name.lower(), name.lower())


def _label(name: str) -> str:
    return " ".join(name.split())[:50].strip()
