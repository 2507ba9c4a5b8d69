"""A company's proxy on loopback: it forwards plain requests, and opens tunnels for others (CONNECT)."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP = {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "transfer-encoding"}


class Proxy:
    """Attributes:
    url: its address.
    refuse: a status that everything is answered with instead; 0 for none.
    drop: it hangs up, on a tunnel once that is promised.
    tunnels: where tunnels were asked for; passed: method and address of each request that was forwarded.
    """

    def __init__(self) -> None:
        self.url = ""
        self.refuse = 0
        self.drop = False
        self.tunnels: list[str] = []
        self.passed: list[tuple[str, str]] = []
        self._open: list[socket.socket] = []

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve until the block ends; gives its address."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self.url
        finally:
            server.shutdown()
            self.cut()
            server.server_close()
            thread.join()

    def cut(self) -> None:
        """End every tunnel that is open."""
        for end in self._open:
            _hang_up(end)
        self._open.clear()

    def environment(self) -> dict[str, str]:
        """The variables by which programs learn of it."""
        return {"HTTP_PROXY": self.url, "HTTPS_PROXY": self.url, "NO_PROXY": ""}

    def relay(self, client: socket.socket, host: str, port: int) -> None:
        """Carry bytes both ways until one of the two hangs up."""
        with socket.create_connection((host, port), 10) as server:
            server.settimeout(None)
            self._open += [client, server]
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_CONNECT(self) -> None:
            proxy.tunnels.append(self.path)
            self.close_connection = True
            if proxy.refuse:
                self.send_error(proxy.refuse)
                return
            self.send_response(200, "Connection established")
            self.end_headers()
            if proxy.drop:
                _hang_up(self.connection)
                return
            host, _, port = self.path.rpartition(":")
            proxy.relay(self.connection, host, int(port))

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.passed.append((self.command, self.path))
            if proxy.drop:
                self.close_connection = True
                _hang_up(self.connection)
                return
            if proxy.refuse:
                self.send_error(proxy.refuse)
                return
            parts = urlsplit(self.path)
            upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            try:
                upstream.request(self.command, path, body or None, headers)
                answer = upstream.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException):
                # As some proxies do: they hang up as they were hung up on.
                self.close_connection = True
                _hang_up(self.connection)
                return
            finally:
                upstream.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward

    return Handler
