"""How long Jira asks to be left alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from adapters.http.policy import LONGEST_ASKED, retry_after


def asked_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by Retry-After, else by X-RateLimit-Reset, a time by ISO 8601; None where they do not say."""
    seconds = retry_after(headers, now)
    if seconds is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(headers.get("X-RateLimit-Reset", "").strip())
    except ValueError:
        return None
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_ASKED) if moment.tzinfo else None
