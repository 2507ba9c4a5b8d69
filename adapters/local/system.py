"""The embedded tracker, as the registry knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.local.settings import LocalSettings
from adapters.system import Surroundings, System, TrackerPart
from sync.model import Finding

if TYPE_CHECKING:
    from adapters.local.tracker import LocalTracker


def open_tracker(settings: LocalSettings, around: Surroundings) -> LocalTracker:
    """The tracker itself, with what only `sync tickets` needs."""
    from adapters.local.tracker import LocalTracker

    return LocalTracker(_file(settings, around), around.clock, settings.prefix)


def _file(settings: LocalSettings, around: Surroundings) -> Path:
    return around.root / settings.path if settings.path else around.state / "tickets.db"


def _examine(settings: LocalSettings, around: Surroundings) -> Iterator[Finding]:
    from sync.process.sqlite import examine_file

    cure = "Restore it from a backup: it holds the tickets themselves."
    yield from examine_file(_file(settings, around), cure)


LOCAL = System("local", LocalSettings, TrackerPart(open_tracker, by_name=True, examine=_examine))
