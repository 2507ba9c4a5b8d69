"""Whether a Jira site can be used as configured: account, project, permissions, create screen, transitions, clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from adapters.jira.client import JiraRefusal, JiraSession
from adapters.jira.creating import JiraCreating
from adapters.jira.query import an_open_one
from adapters.jira.schemas import OPEN_ONES, PROJECT
from adapters.jira.values import missing_line
from adapters.jira.workflow import Aim, choose, steps
from sync.errors import SyncError
from sync.model import DesiredTicket, Finding, State
from sync.ports import Clock
from sync.process.clock import check_clock

NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES")
USEFUL = {
    "TRANSITION_ISSUES": "duplicates cannot be closed",
    "LINK_ISSUES": "tickets are not linked to their postmortem",
    "SCHEDULE_ISSUES": "due dates cannot be set",
    "MANAGE_WATCHERS": "second owners do not become watchers",
}


class JiraCheck:
    """What the doctor asks of a site.

    Args:
        wontdo: words in lower case that mean won't do.
        transition_fields: as in the settings.
    """

    def __init__(
        self,
        session: JiraSession,
        creating: JiraCreating,
        clock: Clock,
        wontdo: Sequence[str] = (),
        transition_fields: Mapping[str, object] | None = None,
    ) -> None:
        self._session = session
        self._creating = creating
        self._clock = clock
        self._wontdo = wontdo
        self._transition_fields = dict(transition_fields or {})

    def findings(self, project: str, sample: DesiredTicket) -> Iterator[Finding]:
        """Look at everything that can be looked at without writing. Without a project nothing further can work.

        Args:
            sample: a desired ticket like those to come: it is drafted, never created.
        """
        needed: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
            ("server", self._server),
            ("credentials", self._account),
            ("project", lambda: self._project(project)),
        ]
        others: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
            ("permissions", lambda: self._permissions(project)),
            ("fields", lambda: self._screen(project, sample)),
            ("transitions", lambda: self._transitions(project)),
        ]
        for name, look in (*needed, *others):
            try:
                yield from look()
            except SyncError as error:
                cure = error.cure or _cure(error, project)
                # Closing a ticket is the exception: duplicates, and boxes ticked by hand where that is set.
                yield Finding(name, False, name != "transitions", error.message, cure)
                if (name, look) in needed:
                    return

    def _server(self) -> Iterator[Finding]:
        server = self._session.server()
        stated = str(server.get("deploymentType") or "")
        cloud = stated == "Cloud"
        wanted = "cloud" if cloud else "datacenter"
        cure = "" if cloud == self._session.dialect.cloud else f'Set deployment = "{wanted}" in [jira].'
        yield Finding("deployment", not cure, detail=stated, cure=cure)
        site = urlsplit(self._session.base_url)
        if site.scheme == "http" and site.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield Finding("base_url", False, False, "the token travels unencrypted", "Use an https address.")
        yield from check_clock(str(server.get("serverTime") or ""), self._clock.now())

    def _account(self) -> Iterator[Finding]:
        me = self._session.myself()
        yield Finding("credentials", True, detail=f"signed in as {me.get('displayName')}")
        if found := self._session.gateway_id():
            detail = "the token has scopes: calls go by Atlassian's gateway, after one that the site refuses"
            yield Finding("gateway", True, detail=detail, cure=f'Set cloud_id = "{found}" in [jira] to save that.')

    def _project(self, project: str) -> Iterator[Finding]:
        found = self._session.get(f"project/{project}", PROJECT)
        yield Finding("project", True, detail=f"{found.get('key')}, {found.get('name')}")

    def _permissions(self, project: str) -> Iterator[Finding]:
        held = self._session.permissions(project, [*NEEDED, *USEFUL])
        for name in (*NEEDED, *USEFUL):
            if held.get(name, True):
                continue
            words = name.replace("_", " ").title()
            effect = USEFUL.get(name, "tickets cannot be kept")
            cure = f"Give the account the permission {words} in {project}."
            yield Finding("permission", False, name in NEEDED, f"{words} is missing: {effect}", cure)
        if all(held.get(name, True) for name in (*NEEDED, *USEFUL)):
            yield Finding("permissions", True)

    def _screen(self, project: str, sample: DesiredTicket) -> Iterator[Finding]:
        one = self._creating.draft(sample, trial=True)
        screen = self._creating.screen(project)
        yield Finding("fields", True, detail=f"{screen.type_name}: every required field is filled")
        for name, effect in (("duedate", "due dates are set by an edit"), ("labels", "labels are set by an edit")):
            if name not in screen.specs:
                yield Finding("fields", False, False, f"{name} is not on the create screen: {effect}, if at all")
        if one.dropped:
            yield Finding("fields", False, False, "; ".join(one.dropped))

    def _transitions(self, project: str) -> Iterator[Finding]:
        """Whether a ticket can be closed as done and as won't do: only tickets tell, so an open one is looked at."""
        kind = self._creating.screen(project).type_name
        params = {"jql": an_open_one(project, kind), "fields": "status", "maxResults": "1"}
        path = "search/jql" if self._session.dialect.cloud else "search"
        found = self._session.get(path, OPEN_ONES, params)["issues"]
        if not found:
            yield Finding("transitions", True, detail=f"not looked at: {project} has no open {kind}")
            return
        key, status = found[0]["key"], found[0]["fields"]["status"]["name"]
        offered = steps(self._session.transitions(key))
        ways: list[str] = []
        for state, words in ((State.DONE, "done"), (State.WONTDO, "won't do")):
            aim = Aim(state, self._wontdo, False, self._transition_fields)
            move = choose(key, status, offered, aim, self._creating.shapes(project))
            ways.append(f"{words} by {move.step.name}")
            if move.missing:
                names = ", ".join(spec.name for spec in move.missing)
                lines = "; ".join(map(missing_line, move.missing))
                detail = f"{move.step.name} wants {names}"
                cure = f"Add to [jira.transition_fields] in sync.toml: {lines}"
                yield Finding("transitions", False, False, detail, cure)
        yield Finding("transitions", True, detail=f"{key}: {', '.join(ways)}")


def _cure(error: SyncError, project: str) -> str:
    if isinstance(error, JiraRefusal) and error.status == 404:
        return f"Correct jira.project, or give the account the permission Browse Projects in {project}."
    return ""
