"""What single keys cannot tell: what a chosen tracker or source needs, and addresses that must be safe. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlsplit

from adapters.system import Missing, Use, Wrong
from config.found import PREFIX, Found
from config.keys import near, shown

if TYPE_CHECKING:
    from config.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_STATE = re.compile(r"sqlite:///.|postgresql(\+\w+)?://")


def check_use(settings: Settings, found: Found, offline: bool) -> Iterator[str]:
    """A sentence for each thing that is missing or does not fit.

    Args:
        offline: nothing will be signed in to, so that nothing is missing.
    """
    yield from _check_addresses(settings, found)
    yield from _check_sections(settings, found, offline)
    yield from _check_sources(settings, found)
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
        (system.name, key): (getattr(getattr(settings, system.name), key), "the token is sent in clear")
        for system in settings.systems
        for key in system.addresses
    }
    addresses["telemetry", "endpoint"] = (settings.telemetry.endpoint, "traces and headers are sent in clear")
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


def _check_sections(settings: Settings, found: Found, offline: bool) -> Iterator[str]:
    used = {settings.tracker, *(s.tracker for s in settings.sources.values()), *(r.tracker for r in settings.routes)}
    kinds = {source.kind for source in settings.sources.values()}
    for system in settings.systems:
        if system.section is None:
            continue
        name = system.name
        use = Use(name in used, name in kinds, _needs_project(settings, name))
        for problem in system.check(settings.section(name), use):
            if isinstance(problem, Wrong):
                where = found.where((name, problem.key)) if problem.key else found.name
                yield f"{where}: {shown((name, problem.key) if problem.key else (name,))}: {problem.words}"
            elif not offline:
                yield _missing(found, name, problem)


def _check_sources(settings: Settings, found: Found) -> Iterator[str]:
    """What is wrong with the keys of each source, among them keys that only another kind reads."""
    systems = settings.systems
    for name, source in settings.sources.items():
        path = ("sources", name)
        part = systems.source(source.kind)
        for problem in part.check(source.keys_of(part.keys)):
            at = (*path, problem.key)
            if isinstance(problem, Wrong):
                yield f"{found.where(at)}: {shown(at)}: {problem.words}"
            else:
                yield f"{found.where(path)}: {shown(at)}: it is missing, must be {problem.what}."
        for key in sorted(source.model_fields_set - part.keys.model_fields.keys()):
            readers = [kind for kind in systems.kinds if key in systems.source(kind).keys.model_fields]
            if readers and getattr(source, key) != type(source).model_fields[key].get_default(
                call_default_factory=True
            ):
                at, kinds = (*path, key), " or ".join(f'"{kind}"' for kind in readers)
                words = f'only kind = {kinds} reads it, and this is kind = "{source.kind}".'
                yield f"{found.where(at)}: {shown(at)}: {words}"


def _needs_project(settings: Settings, tracker: str) -> bool:
    """Whether tickets may be made in this tracker with nothing else naming their project."""
    sources = [(source.tracker or settings.tracker, source.project) for source in settings.sources.values()]
    routes = [(route.tracker or "", route.project) for route in settings.routes]
    named = [*(sources or [(settings.tracker, "")]), *routes]
    return any(used == tracker and not project for used, project in named)


def _missing(found: Found, section: str, problem: Missing) -> str:
    key = f"{section}.{problem.key}"
    variable = PREFIX + key.replace(".", "__").upper()
    if not problem.secret:
        return f"{found.name}: {key}: it is missing, must be {problem.what} (or set {variable})."
    return (
        f"{found.name}: {key}: the secret is missing; set {variable} to {problem.what},"
        f" or put it into secrets_dir as {key.replace('.', '__')}."
    )
