"""Servers that mean harm, on loopback: they answer every call in one way, and remember what they were asked."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENDLESS_SECONDS = 120.0


@dataclass
class Server:
    """Attributes:
    url: its address; seen: path and headers of every request.
    tired: nobody stopped listening to what has no end.
    """

    url: str = ""
    tired: bool = False
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def for_ever(self) -> Iterator[None]:
        """For so long that whoever has a limit has reached it."""
        end = time.monotonic() + ENDLESS_SECONDS
        while time.monotonic() < end:
            yield
        self.tired = True


Answer = Callable[[BaseHTTPRequestHandler, Server], None]


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """A server until the block ends."""
    reported = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reported.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            try:
                answer(self, reported)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    reported.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield reported
    finally:
        server.shutdown()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, status: int, body: object, **headers: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(data))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


def endless_body(handler: BaseHTTPRequestHandler, server: Server) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.wfile.write(b'{"issues": "')
    for _ in server.for_ever():
        handler.wfile.write(b"x" * 65536)


def endless_headers(handler: BaseHTTPRequestHandler, server: Server) -> None:
    """Promises of an answer, for ever."""
    for _ in server.for_ever():
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


BOMB = gzip.compress(b"[" + b" " * 300_000_000 + b"]")


def gzip_bomb(handler: BaseHTTPRequestHandler, server: Server) -> None:
    reply(handler, 200, BOMB, Content_Encoding="gzip")


def deep(handler: BaseHTTPRequestHandler, server: Server) -> None:
    reply(handler, 200, b'{"issues":' * 100_000)


def circles(handler: BaseHTTPRequestHandler, server: Server) -> None:
    reply(handler, 302, {}, Location=f"{server.url}/repos/a/b/issues/{len(server.seen)}")
