"""Whether a Jira site can be used as configured: credentials, deployment, project, permissions, the create screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from adapters.trackers.jira_creating import JiraCreating
from adapters.trackers.jira_session import JiraSession
from sync.errors import SyncError
from sync.model import Finding, Wish

NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES")
USEFUL = {
    "TRANSITION_ISSUES": "duplicates cannot be closed",
    "LINK_ISSUES": "tickets are not linked to their postmortem",
    "SCHEDULE_ISSUES": "due dates cannot be set",
    "MANAGE_WATCHERS": "second owners do not become watchers",
}


class JiraCheck:
    def __init__(self, session: JiraSession, creating: JiraCreating) -> None:
        self._session = session
        self._creating = creating

    def findings(self, project: str, sample: Wish) -> Iterator[Finding]:
        """Look at everything that can be looked at without writing; ends where nothing further can work.

        Args:
            sample: a wish like those to come: it is drafted, never created.
        """
        looks: list[Callable[[], Iterator[Finding]]] = [
            self._server,
            self._account,
            lambda: self._project(project),
            lambda: self._permissions(project),
            lambda: self._screen(project, sample),
        ]
        for look in looks:
            try:
                yield from look()
            except SyncError as error:
                yield Finding("jira", False, detail=error.message, cure=error.cure)
                return

    def _server(self) -> Iterator[Finding]:
        told = str(self._session.server().get("deploymentType") or "")
        cloud = told == "Cloud"
        wanted = "cloud" if cloud else "datacenter"
        cure = "" if cloud == self._session.dialect.cloud else f'Set deployment = "{wanted}" in [jira].'
        yield Finding("deployment", not cure, detail=told, cure=cure)
        site = urlsplit(self._session.base_url)
        if site.scheme == "http" and site.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield Finding("base_url", False, False, "the token travels unencrypted", "Use an https address.")

    def _account(self) -> Iterator[Finding]:
        me = self._session.myself()
        yield Finding("credentials", True, detail=f"signed in as {me.get('displayName')}")

    def _project(self, project: str) -> Iterator[Finding]:
        found = self._session.get(f"project/{project}")
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

    def _screen(self, project: str, sample: Wish) -> Iterator[Finding]:
        one = self._creating.draft(sample, trial=True)
        screen = self._creating.screen(project)
        yield Finding("fields", True, detail=f"{screen.type_name}: every required field is filled")
        for name, effect in (("duedate", "due dates are set by an edit"), ("labels", "labels are set by an edit")):
            if name not in screen.specs:
                yield Finding("fields", False, False, f"{name} is not on the create screen: {effect}, if at all")
        if one.dropped:
            yield Finding("fields", False, False, "; ".join(one.dropped))
