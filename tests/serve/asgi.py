"""Calls an ASGI application as a server would, in this process."""

from __future__ import annotations

import asyncio
import json
import selectors
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import anyio.to_thread

Result = TypeVar("Result")


class _Waits(selectors.DefaultSelector):
    """What a loop waits with. Seconds pass at once, but never while a thread is at work."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self.threads: anyio.CapacityLimiter | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not timeout or (self.threads and self.threads.borrowed_tokens):
            return super().select(timeout)
        found = super().select(0)
        self.passed += 0 if found else timeout
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, waits: _Waits) -> None:
        super().__init__(waits)
        self.time = lambda: waits.passed  # type: ignore[method-assign]


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Its result; in its loop waiting takes no time."""
    waits = _Waits()

    async def main() -> Result:
        waits.threads = anyio.to_thread.current_default_thread_limiter()
        return await coroutine

    with asyncio.Runner(loop_factory=lambda: _Loop(waits)) as runner:
        return runner.run(main())


class Answered:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def call(application: Any, method: str, path: str) -> Answered:
    return run(called(application, method, path, {}, [b""]))


async def called(
    application: Any, method: str, path: str, headers: Mapping[str, str], body: Sequence[bytes | float]
) -> Answered:
    """Args:
    body: in parts; a number waits so many seconds, and as the last one hangs up then.
    """
    parts = list(body)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        while parts and isinstance(parts[0], float):
            await asyncio.sleep(float(parts.pop(0)))
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await application(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answered(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
