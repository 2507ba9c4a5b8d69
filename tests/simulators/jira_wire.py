"""A Jira simulator's HTTP side: a server on loopback, a log of what was asked, and faults on demand."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.canaries import held
from tests.simulators.certificates import secured


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; `query` keeps repeated parameters."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def many(self, name: str) -> list[str]:
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]


@dataclass(slots=True)
class Answer:
    """What goes back; a body of None is an empty one."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next matching requests.

    Attributes:
        kind: "drop_before", "drop_after" (the connection closes before or after the work is done), "before",
            "after" (an answer of `status` instead of, or on top of, the work), "truncate" (half of the answer),
            "garbage" (an answer that is no JSON), "delay" (the work is done, the answer comes late), "replace"
            (the answer of `change`).
        skip: how many matching requests pass first.
        change: makes another answer out of the real one.
    """

    kind: str
    method: str = "*"
    path: str = ""
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    change: Callable[[Answer], Answer] | None = None

    def hits(self, asked: Asked) -> bool:
        if self.times <= 0 or self.method not in ("*", asked.method) or not re.search(self.path, asked.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Wire:
    """Runs `handle` behind HTTP. Subclasses are the simulators.

    Attributes:
        log: every request and the status of its answer (0 when the connection was dropped).
        context: the folder that it stands in, such as "/jira".
        faults: looked at in order; the first that hits is used.
    """

    def __init__(self) -> None:
        self.log: list[tuple[Asked, int]] = []
        self.faults: list[Fault] = []
        self._lock = threading.RLock()
        self.base_url = ""
        self.context = ""

    def handle(self, asked: Asked) -> Answer:
        raise LookupError(asked.path)

    def inside(self, path: str) -> str:
        """A path without the folder that the server stands in."""
        return path.removeprefix(self.context)

    def calls(self, method: str = "", path: str = "") -> list[Asked]:
        """The requests of the log whose method and path match."""
        return [asked for asked, _ in self.log if method in ("", asked.method) and re.search(path, asked.path)]

    @contextmanager
    def serving(self, secure: bool = False) -> Iterator[str]:
        """Serve until the block ends; gives the base address, of https where that is asked for."""
        server = _Server(("127.0.0.1", 0), _handler(self))
        if secure:
            # The handshake belongs to the thread of each connection, or one client that is slow would hold up all.
            server.socket = secured().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.base_url = f"http{'s' if secure else ''}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self.base_url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert not held(self.stored()), "a secret stands in what the simulator holds"

    def stored(self) -> object:
        """Everything that people of the site could come to see."""
        return ()

    def answer(self, asked: Asked) -> Answer | None:
        """The answer with its fault; None when the connection is to be dropped."""
        with self._lock:
            fault = next((fault for fault in self.faults if fault.hits(asked)), None)
            answer = self._faulty(asked, fault)
            self.log.append((asked, answer.status if answer else 0))
            return answer

    def _faulty(self, asked: Asked, fault: Fault | None) -> Answer | None:
        if fault and fault.kind == "drop_before":
            return None
        if fault and fault.kind == "before":
            return Answer(fault.status, fault.body, dict(fault.headers))
        answer = self.handle(asked)
        if fault is None:
            return answer
        if fault.kind == "drop_after":
            return None
        if fault.kind == "after":
            return Answer(fault.status, fault.body, dict(fault.headers))
        if fault.kind == "delay":
            answer.headers["X-Simulated-Delay"] = str(fault.seconds)
        if fault.kind == "replace" and fault.change:
            return fault.change(answer)
        if fault.kind in ("truncate", "garbage"):
            answer.headers["X-Simulated-Fault"] = fault.kind
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what the tests are about."""


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw else None
            query = parse_qs(parts.query, keep_blank_values=True)
            headers = {name.title(): value for name, value in self.headers.items()}
            asked = Asked(self.command, wire.inside(unquote(parts.path)), query, headers, body)
            answer = wire.answer(asked)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            fault = answer.headers.pop("X-Simulated-Fault", "")
            # Nobody waits longer than the one who asked.
            select.select([self.connection], [], [], float(answer.headers.pop("X-Simulated-Delay", "0")))
            if isinstance(answer.body, bytes):
                data = answer.body
            else:
                data = b"" if answer.body is None else json.dumps(answer.body).encode()
            length = len(data)
            if fault == "truncate":
                data = data[: length // 2]
                self.close_connection = True
            if fault == "garbage":
                data = b"<html>Gateway</html>"
                length = len(data)
            if "Date" in answer.headers:
                self.send_response_only(answer.status)
            else:
                self.send_response(answer.status)
            if "Content-Type" not in answer.headers:
                self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(length))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            if fault == "truncate":
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    return Handler
