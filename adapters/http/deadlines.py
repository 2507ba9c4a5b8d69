"""Connections that cannot be held up, and that tell what was never sent from what may have arrived.

Time-outs of sockets begin anew with every byte, and a header, or a hundred promises of an answer, may go on for ever.
What an error is called says nothing of when it came: behind a proxy urllib3 calls a connection that ended after the
request by the same name as one that never came about. Whether a connection came about is therefore noted where it is
made: with the host, through the proxy's tunnel, and the handshake of TLS.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Until(io.RawIOBase):
    """A stream that can be read until a time."""

    def __init__(self, raw: io.RawIOBase, end: float) -> None:
        self._raw = raw
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._end:
            raise TimeoutError("the answer takes too long")
        return self._raw.readinto(buffer)

    def fileno(self) -> int:
        return self._raw.fileno()

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Noted:
    """A connection whose failures to come about are known as such afterwards."""

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:
            error.add_note(_NEVER_SENT)
            raise


_NEVER_SENT = "no connection came about"


def never_sent(error: BaseException) -> bool:
    """Whether a failed call ended before anything of it was sent, so that nothing can have been carried out."""
    return any(_NEVER_SENT in getattr(inner, "__notes__", ()) for inner in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all errors within it: its causes, and those that libraries keep among its arguments."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        inner = left.pop()
        if isinstance(inner, BaseException) and id(inner) not in seen:
            seen.add(id(inner))
            yield inner
            left += [inner.__cause__, inner.__context__, getattr(inner, "reason", None), *inner.args]


def pool_classes(seconds: float) -> dict[str, type[Any]]:
    """urllib3's pools by scheme, whose answers take so long at most."""

    class Response(HTTPResponse):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fp = io.BufferedReader(_Until(self.fp.detach(), time.monotonic() + seconds))

    class Plain(_Noted, HTTPConnection):
        response_class = Response

    class Secure(_Noted, HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
