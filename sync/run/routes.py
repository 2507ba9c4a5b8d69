"""Which tracker and project an item belongs to (`[[routes]]`). Pure; the first route that matches wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sync.model import Postmortem


@dataclass(frozen=True, slots=True)
class Route:
    """`match` holds patterns by field: `path`, `label`, or any field of the front matter. All must match."""

    match: Mapping[str, str]
    project: str = ""
    tracker: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """An empty `project` means the tracker's own."""

    tracker: str
    project: str


def destination(postmortem: Postmortem, routes: Sequence[Route], default: Destination) -> Destination:
    """Where a postmortem's new tickets go."""
    for route in routes:
        if all(_matches(postmortem, name, pattern) for name, pattern in route.match.items()):
            return Destination(route.tracker or default.tracker, route.project or default.project)
    return default


def _matches(postmortem: Postmortem, name: str, pattern: str) -> bool:
    wanted = pattern.casefold()
    return any(fnmatchcase(value.casefold(), wanted) for value in _values(postmortem, name.casefold()))


def _values(postmortem: Postmortem, name: str) -> list[str]:
    if name == "path":
        return [postmortem.path]
    if name in ("label", "labels"):
        return list(postmortem.labels)
    named = {"service": postmortem.service, "team": postmortem.team, "severity": postmortem.severity}
    if named.get(name):
        return [named[name]]
    return [value for field, value in postmortem.fields if field == name]
