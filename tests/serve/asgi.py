"""Calls an ASGI application as a server would, in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any


class Answered:
    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def call(
    application: Any,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    parts: Sequence[bytes | float] = (b"",),
) -> Answered:
    """Args:
    parts: of the body; a number waits so many seconds, and None as the last one hangs up.
    """
    return asyncio.run(_call(application, method, path, headers or {}, list(parts)))


async def _call(
    application: Any, method: str, path: str, headers: Mapping[str, str], parts: list[bytes | float]
) -> Answered:
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
    return Answered(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))
