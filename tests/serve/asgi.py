"""Calls an ASGI application as a server would, in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any


class Answered:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def call(application: Any, method: str, path: str) -> Answered:
    return asyncio.run(called(application, method, path, {}, [b""]))


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
