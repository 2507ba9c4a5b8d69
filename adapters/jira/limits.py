"""How long Jira asks to be left alone. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the headers; None when they do not say, or not in a way that can be read.

    Retry-After is a number, whole or not, or a date; X-RateLimit-Reset is a time by ISO 8601.
    """
    for name, read in (("Retry-After", _seconds), ("Retry-After", _date), ("X-RateLimit-Reset", _iso)):
        seconds = read(headers.get(name, "").strip(), now)
        if seconds is not None:
            return min(max(0.0, seconds), 86_400.0)
    return None


def _seconds(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _date(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return (moment - now).total_seconds() if moment.tzinfo else None


def _iso(text: str, now: datetime) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment - now).total_seconds() if moment.tzinfo else None
