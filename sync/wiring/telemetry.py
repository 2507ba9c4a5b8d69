"""From settings to telemetry. Without an endpoint, nothing of OpenTelemetry is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sync.errors import SettingsError
from sync.telemetry.tracing import Telemetry

if TYPE_CHECKING:
    import requests

    from config.settings import Settings

MAX_BODY = 1024 * 1024
"""Bytes of a collector's answer."""


@contextmanager
def telemetry(settings: Settings) -> Iterator[Telemetry]:
    """Send traces and metrics while the block lasts; what is left is sent at its end, which takes some seconds at most.

    What cannot be sent is lost with a warning in the log, and is no failure.

    Raises:
        SettingsError: OpenTelemetry is not installed.
    """
    endpoint, headers = settings.telemetry.endpoint, settings.telemetry.pairs()
    if not endpoint:
        yield Telemetry()
        return
    try:
        from sync.telemetry.otlp import exporting
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise SettingsError(
            "telemetry.endpoint is set, and OpenTelemetry is not installed.",
            "Install it: pip install 'postmortem-sync[telemetry]'. Or take the endpoint out.",
        ) from None
    with exporting(endpoint, headers, settings.telemetry.service_name, _session) as on:
        yield on


def _session(seconds: float) -> requests.Session:
    """A session for a collector: no redirect is followed, since the headers are for one host alone.

    Args:
        seconds: for a whole answer.
    """
    import requests

    from adapters.http.transport import BoundedAdapter

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter((seconds / 2, seconds / 2), seconds, MAX_BODY))
    return session
