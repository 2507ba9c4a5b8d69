"""Rate limits that all machines with one state store keep together. Times are the store's own."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.journal import schema
from sync.journal.journal import Journal, now
from sync.journal.locks import alone
from sync.ports import Limit

CLOSED = "closed"


class SharedRateLimiter:
    """The rate limits of one account at a tracker, kept by every worker that has this state store.

    Args:
        account: names the account and its site, not in clear.
    """

    def __init__(self, journal: Journal, account: str) -> None:
        self._journal = journal
        self._account = account

    def take(self, limits: Mapping[str, Limit], longest: float, reserve: bool = True) -> float:
        """Seconds until a call of these kinds may begin, whichever worker makes it; that moment is ours then."""
        table = schema.rate_limits
        kept = {kind: limit for kind, limit in limits.items() if limit.interval or limit.windows}
        if not kept:
            with self._journal.reading() as connection:
                closed = self._closed(connection)
                return max(0.0, closed - now(connection)) if closed else 0.0
        with self._journal.transaction() as connection:
            alone(connection, f"turns {self._account}")
            moment = now(connection)
            wait = 0.0
            for kind, limit in kept.items():
                most = max([1, *(calls for calls, _ in limit.windows)])
                query = sa.select(table.c.at).where(table.c.account == self._account, table.c.kind == kind)
                past = list(connection.execute(query.order_by(table.c.at.desc()).limit(most)).scalars())
                wait = max(wait, limit.delay(past[::-1], moment))
            wait = max(wait, self._closed(connection) - moment)
            if wait > longest or not reserve:
                return max(0.0, wait)
            rows = [{"account": self._account, "kind": kind, "at": moment + wait} for kind in kept]
            connection.execute(table.insert(), rows)
            longest_window = max([60.0, *(s for limit in kept.values() for _, s in limit.windows)])
            old = table.c.at < moment - 2 * longest_window
            connection.execute(table.delete().where(table.c.account == self._account, old))
            return max(0.0, wait)

    def _closed(self, connection: Connection) -> float:
        """Until when the tracker asked to be left alone."""
        table = schema.rate_limits
        query = sa.select(sa.func.max(table.c.at)).where(table.c.account == self._account, table.c.kind == CLOSED)
        return connection.execute(query).scalar() or 0.0

    def close(self, seconds: float) -> None:
        """No worker begins a call for so many seconds."""
        with self._journal.transaction() as connection:
            row = {"account": self._account, "kind": CLOSED, "at": now(connection) + seconds}
            connection.execute(schema.rate_limits.insert(), [row])
