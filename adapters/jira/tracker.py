"""Jira as a tracker: Cloud over REST v3, Data Center over REST v2, through the jira package's client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.http.atlassian import GATEWAY, signing_in
from adapters.http.policy import CallPolicy, Waiting
from adapters.jira import query
from adapters.jira.client import JiraSession
from adapters.jira.creating import BATCH, WATCHERS, JiraCreating
from adapters.jira.dialect import CLOUD, DATA_CENTER
from adapters.jira.doctor import JiraCheck
from adapters.jira.fields import Wanted, summary
from adapters.jira.issue import JiraReader
from adapters.jira.marks import Marks
from adapters.jira.reading import LABEL, JiraReading, postmortem_label
from adapters.jira.reminding import JiraReminding
from adapters.jira.settings import WONTDO
from adapters.jira.updating import JiraUpdating
from adapters.jira.writing import JiraWriting
from sync.errors import SettingsError
from sync.model import Body, DesiredTicket, Finding, Mark, Reference, Ticket, TicketRef
from sync.ports import Clock, RateLimiter, Watch


class JiraTracker:
    """Tickets are issues of one site, in one project unless a desired ticket names another.

    Args:
        base_url: of the site, as people open it (https://example.atlassian.net, https://jira.example.org/jira).
        email, token: an API token of Cloud and the account's address; a personal access token of Data Center alone.
        user: name of a Data Center's account whose password the token is.
        auth: "basic", "bearer", or "auto": basic with an e-mail address or a user, else bearer.
        cloud_id, gateway: of tokens with scopes and of OAuth; see `adapters.jira.access`.
        deployment: "cloud", "datacenter", or "auto": Cloud when there is an e-mail address.
        project: key used when nothing else names one.
        fields: values of further fields by name, or id; texts may hold `{title}` and the other values of an item.
        wontdo_resolutions: names of resolutions or statuses that mean won't do, instead of the usual ones.
        transition_fields: values for what the screens of transitions want.
        mark_key: signs marks, so that they are believed on tickets of other accounts.
        waiting: told why, and how many seconds, before a wait.
        timeout: seconds to connect and to wait for an answer.
        watch: told of each call.
    """

    name = "jira"
    batch_size = BATCH

    def __init__(
        self,
        base_url: str,
        token: str,
        clock: Clock,
        *,
        email: str = "",
        user: str = "",
        auth: str = "auto",
        cloud_id: str = "",
        gateway: str = GATEWAY,
        deployment: str = "auto",
        project: str = "",
        issue_type: str = "Task",
        labels: Sequence[str] = (),
        fields: Mapping[str, object] | None = None,
        components: Sequence[str] = (),
        security_level: str = "",
        wontdo_resolutions: Sequence[str] = (),
        transition_fields: Mapping[str, object] | None = None,
        duplicate_link: str = "Duplicate",
        mark_key: bytes = b"",
        requests_per_minute: int | None = None,
        waiting: Waiting | None = None,
        rate_limiter: RateLimiter | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        watch: Watch | None = None,
    ) -> None:
        cloud, credentials = signing_in(base_url, token, email, user, auth, cloud_id, deployment)
        self._dialect = CLOUD if cloud else DATA_CENTER
        self._project = project.strip().upper()
        self._labels = tuple(query.label_word(label) for label in labels)
        wontdo = tuple(name.strip().lower() for name in wontdo_resolutions or WONTDO)
        self.settle_seconds = self._dialect.settle_seconds
        policy = CallPolicy(clock, requests_per_minute, waiting, rate_limiter=rate_limiter)
        self._session = JiraSession(
            base_url, credentials, self._dialect, policy, clock, timeout, watch, cloud_id, gateway
        )
        marks = Marks(mark_key, self._is_me)
        user_key = self._dialect.user_key
        reader = JiraReader(self._session.base_url, user_key, frozenset(wontdo), duplicate_link, marks.read)
        self._reading = reading = JiraReading(self._session, reader, clock)
        writing = JiraWriting(self._session, reading, marks.value, duplicate_link)
        wanted = Wanted(issue_type, dict(fields or {}), tuple(components), security_level)

        def unsealed(mark: Mark) -> object:
            return marks.value(mark, creator=self._own_account())

        creating = JiraCreating(self._session, reading, writing, wanted, unsealed, clock)
        self._check = JiraCheck(self._session, creating, clock, wontdo, transition_fields)
        reminding = JiraReminding(self._session, reading, clock)
        updating = JiraUpdating(self._session, reading, writing, creating.shapes, wontdo, dict(transition_fields or {}))
        self.changed, self.lookup, self.marked = reading.changed, reading.lookup, reading.marked
        self.accounts = reading.accounts
        self.create, self.update = creating.create, updating.update
        self.reminded, self.remind = reminding.reminded, reminding.remind
        self.close = self._session.close

    # reading

    def project_of(self, project: str) -> str:
        """The key of a project, in capitals; the configured one for "". Raises SettingsError when there is none."""
        name = project.strip().upper() or self._project
        if not name:
            raise SettingsError("jira.project is not set.", 'Add project = "KEY" to [jira] in sync.toml.')
        return name

    def resolve(self, reference: Reference, repository: str, url: str) -> TicketRef | None:
        """The issue whose key, or whose address on this site, is written; None for anything else."""
        key = query.key_in(reference.text, *self._session.sites)
        return TicketRef(self.name, key.rpartition("-")[0], key) if key else None

    def touched(self, ticket: Ticket) -> bool:
        """Whether the issue says anything that we did not push, was begun, or holds a comment of somebody else."""
        return self._reading.touched(ticket, self._own_account())

    def normalise(self, desired: DesiredTicket) -> DesiredTicket:
        """The ticket as it will read back. One assignee: further owners travel among the values and become watchers."""
        own = (LABEL, postmortem_label(desired.mark.place), *self._labels)
        labels = tuple(dict.fromkeys((*own, *filter(None, map(query.label_word, desired.labels)))))
        assignees = tuple(dict.fromkeys(desired.assignees))
        values = desired.values
        if len(assignees) > 1:
            values = (*(pair for pair in values if pair[0] != WATCHERS), (WATCHERS, " ".join(assignees[1:])))
        return replace(
            desired,
            project=self.project_of(desired.project),
            title=summary(desired.title),
            assignees=assignees[:1],
            labels=labels,
            values=values,
        )

    def body_digest(self, desired: DesiredTicket) -> str:
        """Digest of the description as this dialect renders it."""
        return self._dialect.digest(self._dialect.render(desired.body))

    def requests(self) -> int:
        """How many calls were made so far, refused and repeated ones included."""
        return self._session.count

    # writing

    def check(self, project: str = "") -> Sequence[Finding]:
        """What the doctor wants to know of the site, without writing anything; never raises for the site's sake."""
        try:
            key = self.project_of(project)
        except SettingsError as error:
            return (Finding("project", False, detail=error.message, cure=error.cure),)
        body = Body("Sample", "Sample", "")
        sample = DesiredTicket(key, "Sample", body, Mark("doctor", "doctor", "doctor"))
        return tuple(self._check.findings(key, self.normalise(sample)))

    def _is_me(self, account: str) -> bool:
        return bool(account) and account == self._own_account()

    def _own_account(self) -> str:
        return str(self._session.myself().get(self._dialect.user_key) or "")
