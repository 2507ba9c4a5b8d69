"""What single keys cannot tell: what a chosen tracker or source needs, and addresses that must be safe. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlsplit

from config.found import PREFIX, Found
from config.keys import near, shown

if TYPE_CHECKING:
    from config.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+", re.ASCII)
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_STATE = re.compile(r"sqlite:///.|postgresql(\+\w+)?://")


def check_use(settings: Settings, found: Found, offline: bool) -> Iterator[str]:
    """A sentence for each thing that is missing or does not fit.

    Args:
        offline: nothing will be signed in to, so that nothing is missing.
    """
    yield from _check_addresses(settings, found)
    yield from _check_repositories(settings, found)
    pairs = settings.telemetry.pairs()
    if not all(
        _HEADER.fullmatch(name) and value and value.isprintable() and value.isascii() for name, value in pairs.items()
    ):
        where = found.where(("telemetry", "headers"))
        yield f'{where}: telemetry.headers: found other text, must be "name=value", with commas between.'
    if not _STATE.match(settings.state.url):
        where = found.where(("state", "url"))
        yield f'{where}: state.url: found another address, must begin with "sqlite:///" or "postgresql://".'
    yield from _check_rules(settings, found)
    yield from _check_policies(settings, found)
    github = settings.github
    if github.token and (github.app_id or github.private_key):
        yield f"{found.name}: github: both token and app_id or private_key are set; keep one way to sign in."
    if offline:
        return
    used = {settings.tracker, *(s.tracker for s in settings.sources.values()), *(r.tracker for r in settings.routes)}
    if "github" in used or any(source.kind == "github" for source in settings.sources.values()):
        yield from _check_github_account(settings, found)
    if "github" in used and not github.repository and _needs_project(settings, "github"):
        yield _missing(found, "github.repository", '"owner/name"')
    if "jira" in used:
        yield from _check_jira(settings, found)


def _check_rules(settings: Settings, found: Found) -> Iterator[str]:
    rules = get_args(get_args(type(settings.check).model_fields["disable"].annotation)[0])
    for name in settings.check.severity:
        if name not in rules:
            close = near(name, list(rules))
            cure = f' Did you mean "{close}"?' if close else f" Rules are {', '.join(rules)}."
            path = ("check", "severity", name)
            yield f"{found.where(path)}: {shown(path)}: there is no such rule.{cure}"


MATCHED = ("severity", "service", "team", "label", "priority", "type")
"""What a policy may be for."""


def _check_policies(settings: Settings, found: Found) -> Iterator[str]:
    for number, policy in enumerate(settings.policies, start=1):
        path = ("policies", str(number))
        start = f"{found.where(path)}: {shown(path)}"
        for name in policy.match:
            if name not in MATCHED:
                close = near(name, list(MATCHED))
                cure = f" Did you mean {close}?" if close else f" There are: {', '.join(MATCHED)}."
                yield f"{start}.match.{shown((name,))}: there is no such key.{cure}"
        if not (policy.assigned_within or policy.due_within or policy.done_within):
            yield f"{start}: it asks for nothing; set assigned_within, due_within or done_within."


def _check_addresses(settings: Settings, found: Found) -> Iterator[str]:
    addresses = {
        ("github", "base_url"): (settings.github.base_url, "the token is sent in clear"),
        ("jira", "base_url"): (settings.jira.base_url, "the token is sent in clear"),
        ("telemetry", "endpoint"): (settings.telemetry.endpoint, "traces and headers are sent in clear"),
    }
    for path, (url, harm) in addresses.items():
        if not url:
            continue
        start = f"{found.where(path)}: {shown(path)}:"
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            host = None
        if not host:
            yield f'{start} found no address, must be one such as "https://example.com".'
        elif parts.username is not None or parts.password is not None:
            yield f"{start} it holds an account; set the account in keys of its own, and here only the address."
        elif path[0] == "telemetry" and (parts.query or parts.fragment):
            yield f"{start} it holds more than an address; what signs in belongs in telemetry.headers."
        elif parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
            yield f'{start} found "{parts.scheme}://", must begin with https://, or {harm}.'


def _check_repositories(settings: Settings, found: Found) -> Iterator[str]:
    named: list[tuple[tuple[str, ...], str, bool]] = [(("github", "repository"), settings.github.repository, False)]
    for name, source in settings.sources.items():
        named.append((("sources", name, "repository"), source.repository, source.kind == "github"))
    for path, repository, needed in named:
        if needed and not repository:
            yield f'{found.where(path[:-1])}: {shown(path)}: it is missing, must be "owner/name".'
        elif repository and not _REPOSITORY.fullmatch(repository):
            yield f'{found.where(path)}: {shown(path)}: found other text, must be "owner/name", no address.'


def _needs_project(settings: Settings, tracker: str) -> bool:
    """Whether tickets may be made in this tracker with nothing else naming their project."""
    sources = [(source.tracker or settings.tracker, source.project) for source in settings.sources.values()]
    routes = [(route.tracker or "", route.project) for route in settings.routes]
    named = [*(sources or [(settings.tracker, "")]), *routes]
    return any(used == tracker and not project for used, project in named)


def _check_github_account(settings: Settings, found: Found) -> Iterator[str]:
    github = settings.github
    if github.private_key and not github.app_id:
        yield _missing(found, "github.app_id", "the number of the App that the private key belongs to")
    elif github.app_id and not github.private_key:
        yield _missing(found, "github.private_key", "the whole PEM text of the App's key", secret=True)
    elif not github.token and not github.app_id:
        yield _missing(found, "github.token", "a token", secret=True)


def _check_jira(settings: Settings, found: Found) -> Iterator[str]:
    jira = settings.jira
    if not jira.base_url:
        yield _missing(found, "jira.base_url", 'the site, such as "https://acme.atlassian.net"')
    if not jira.project and _needs_project(settings, "jira"):
        yield _missing(found, "jira.project", 'the key of a project, such as "OPS"')
    if not jira.token:
        yield _missing(
            found, "jira.token", "an API token (Cloud) or a personal access token (Data Center)", secret=True
        )
    host = urlsplit(jira.base_url).hostname or ""
    cloud = jira.deployment == "cloud" or (jira.deployment == "auto" and host.endswith(".atlassian.net"))
    if cloud and not jira.email:
        yield _missing(found, "jira.email", "the e-mail address of the token's account, for Jira Cloud")


def _missing(found: Found, key: str, what: str, secret: bool = False) -> str:
    variable = PREFIX + key.replace(".", "__").upper()
    if not secret:
        return f"{found.name}: {key}: it is missing, must be {what} (or set {variable})."
    file = key.replace(".", "__")
    return (
        f"{found.name}: {key}: the secret is missing; set {variable} to {what}, or put it into secrets_dir as {file}."
    )
