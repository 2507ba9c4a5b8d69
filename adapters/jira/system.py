"""Jira, as the registry knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from adapters.jira.settings import JiraSettings
from adapters.system import Missing, Problem, Surroundings, System, TrackerPart, Use
from sync.ports import Tracker

if TYPE_CHECKING:
    from adapters.http.webhook import Sender


def _tracker(settings: JiraSettings, around: Surroundings) -> Tracker:
    from adapters.jira.tracker import JiraTracker

    return JiraTracker(
        settings.base_url,
        _token(settings),
        around.clock,
        email=settings.email,
        user=settings.user,
        auth=settings.auth,
        cloud_id=settings.cloud_id,
        gateway=settings.gateway,
        deployment=settings.deployment,
        project=settings.project,
        issue_type=settings.issue_type,
        labels=settings.labels,
        fields=settings.fields,
        components=settings.components,
        security_level=settings.security_level,
        wontdo_resolutions=settings.wontdo_resolutions,
        transition_fields=settings.transition_fields,
        mark_key=around.mark_key,
        requests_per_minute=around.requests_per_minute,
        waiting=around.waiting,
        rate_limiter=around.rate_limiter,
        watch=around.watch,
    )


def _token(settings: JiraSettings) -> str:
    return settings.token.get_secret_value() if settings.token else ""


def _ready(settings: JiraSettings) -> bool:
    return bool(settings.base_url and settings.token)


def _signing(settings: JiraSettings) -> SecretStr | None:
    return settings.token


def _account(settings: JiraSettings) -> tuple[str, ...]:
    return settings.base_url, settings.email or settings.user, _token(settings)


def _check(settings: JiraSettings, use: Use) -> Iterator[Problem]:
    if not use.tracker:
        return
    if not settings.base_url:
        yield Missing("base_url", 'the site, such as "https://acme.atlassian.net"')
    if not settings.project and use.project:
        yield Missing("project", 'the key of a project, such as "OPS"')
    if not settings.token:
        yield Missing("token", "an API token (Cloud) or a personal access token (Data Center)", secret=True)
    host = urlsplit(settings.base_url).hostname or ""
    cloud = settings.deployment == "cloud" or (settings.deployment == "auto" and host.endswith(".atlassian.net"))
    if cloud and not settings.email and settings.auth != "bearer":
        yield Missing("email", "the e-mail address of the token's account, for Jira Cloud")


def _sender() -> Sender:
    from adapters.jira.webhook import SENDER

    return SENDER


JIRA = System(
    "jira",
    JiraSettings,
    TrackerPart(_tracker, _ready, _signing),
    account=_account,
    addresses=("base_url", "gateway"),
    check=_check,
    sender=_sender,
)
