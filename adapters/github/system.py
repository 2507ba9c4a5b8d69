"""GitHub, as the registry knows it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import SecretStr

from adapters.github.settings import GitHubSettings, GitHubSourceSettings
from adapters.system import Missing, Problem, SourcePart, Surroundings, System, TrackerPart, Use, Wrong
from sync.ports import Source, Tracker

if TYPE_CHECKING:
    from adapters.http.webhook import Sender

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+", re.ASCII)
_NAMED = '"owner/name"'
_OTHER = Wrong("repository", f"found other text, must be {_NAMED}, no address.")


def _tracker(settings: GitHubSettings, around: Surroundings) -> Tracker:
    from adapters.github.tracker import GitHubTracker

    return GitHubTracker(
        settings.base_url,
        around.clock,
        token=_text(settings.token),
        app_id=settings.app_id,
        private_key=_text(settings.private_key),
        repository=settings.repository,
        labels=settings.labels,
        due=settings.due,
        due_field=settings.due_field,
        milestone=settings.milestone,
        issue_type=settings.type,
        board=settings.project,
        mark_key=around.mark_key,
        requests_per_minute=around.requests_per_minute,
        waiting=around.waiting,
        rate_limiter=around.rate_limiter,
        watch=around.watch,
    )


def _source(name: str, keys: GitHubSourceSettings, settings: GitHubSettings, around: Surroundings) -> Source:
    from adapters.github.blobs import DiskCache
    from adapters.github.source import GitHubSource

    place = f"{settings.base_url} {keys.repository} {keys.branch}".lower()
    return GitHubSource(
        name,
        keys.repository,
        around.clock,
        branch=keys.branch,
        path=keys.path,
        glob=keys.glob,
        exclude=keys.exclude,
        formerly=keys.formerly,
        base_url=settings.base_url,
        token=_text(settings.token),
        app_id=settings.app_id,
        private_key=_text(settings.private_key),
        cache=DiskCache(around.cache / hashlib.sha256(place.encode()).hexdigest()[:16]),
        requests_per_minute=around.requests_per_minute,
        waiting=around.waiting,
        rate_limiter=around.rate_limiter,
        watch=around.watch,
    )


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _ready(settings: GitHubSettings) -> bool:
    return bool(settings.token or settings.app_id)


def _signing(settings: GitHubSettings) -> SecretStr | None:
    return settings.private_key or settings.token


def _account(settings: GitHubSettings) -> tuple[str, ...]:
    return settings.base_url, settings.app_id, _text(settings.token)


def _pushed(keys: GitHubSourceSettings) -> tuple[str, str]:
    return keys.repository, keys.branch


def _check(settings: GitHubSettings, use: Use) -> Iterator[Problem]:
    if settings.repository and not _REPOSITORY.fullmatch(settings.repository):
        yield _OTHER
    if settings.due == "project" and not settings.project.number:
        yield Missing("project.number", "the number in the project's address")
    if settings.token and (settings.app_id or settings.private_key):
        yield Wrong("", "both token and app_id or private_key are set; keep one way to sign in.")
    if not (use.tracker or use.source):
        return
    if settings.private_key and not settings.app_id:
        yield Missing("app_id", "the number of the App that the private key belongs to")
    elif settings.app_id and not settings.private_key:
        yield Missing("private_key", "the whole PEM text of the App's key", secret=True)
    elif not settings.token and not settings.app_id:
        yield Missing("token", "a token", secret=True)
    if use.tracker and use.project and not settings.repository:
        yield Missing("repository", _NAMED)


def _check_source(keys: GitHubSourceSettings) -> Iterator[Problem]:
    if not keys.repository:
        yield Missing("repository", _NAMED)
    elif not _REPOSITORY.fullmatch(keys.repository):
        yield _OTHER


def _sender() -> Sender:
    from adapters.github.webhook import SENDER

    return SENDER


GITHUB = System(
    "github",
    GitHubSettings,
    TrackerPart(_tracker, _ready, _signing, spelled=str.lower),
    SourcePart(GitHubSourceSettings, _source, _check_source, pushed=_pushed),
    account=_account,
    addresses=("base_url",),
    check=_check,
    sender=_sender,
)
