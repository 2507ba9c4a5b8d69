"""A transport that cannot be held up: time-outs, bodies of a bounded size, no redirect followed, no page for people.

A client's session gets a `BoundedAdapter`; what goes wrong is one of the exceptions here, or one of requests' own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from adapters.http.deadlines import causes, pool_classes
from sync.ports import Exchange, Watch

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer, decompressed."""


class Redirected(requests.RequestException):
    """The server points elsewhere. Nobody follows by itself: a token is shown to no other host.

    Attributes:
        status: 301, 302, 307 or 308; location: where to, as written.
    """

    def __init__(self, status: int, location: str) -> None:
        super().__init__(f"redirected ({status})")
        self.status = status
        self.location = location


class TooLarge(requests.RequestException):
    """The answer's body has no end in sight."""


class WebPage(requests.RequestException):
    """A page for people came where an answer of an API was asked for: a log-in, most often.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"a web page instead of an answer ({status})")
        self.status = status


class ProxyRefused(requests.RequestException):
    """The proxy on the way wants a login. Nothing of the call went further.

    Attributes:
        proxy: its host and port.
    """

    def __init__(self, proxy: str) -> None:
        super().__init__("the proxy wants a login (407)")
        self.proxy = proxy


def is_page(headers: Mapping[str, str]) -> bool:
    """Whether an answer is a page for people. No API that is called here answers with one."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return kind.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")


def _proxy(url: str, proxies: Any) -> str:
    """Host and port of the proxy that a call goes by, without the name and the password in its address."""
    parts = urlsplit(select_proxy(url, proxies) or "")
    return (parts.hostname or "on the way") + (f":{parts.port}" if parts.port else "")


class BoundedAdapter(HTTPAdapter):
    """A transport that cannot be held up: mount it on a client's session.

    Args:
        timeout: seconds to connect, and between two pieces of an answer; they win over what the client asks for.
        total: seconds for a whole answer, its headers included.
        max_body: bytes of an answer after decompression.
        watch: told of each call.
    """

    def __init__(
        self,
        timeout: tuple[float, float] = (10.0, 60.0),
        total: float = 180.0,
        max_body: int = MAX_BODY,
        watch: Watch | None = None,
    ) -> None:
        self._limits = timeout
        self._total = total
        self._max_body = max_body
        self._watch = watch
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of connections, whose answers have to be whole in time."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = pool_classes(self._total)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pool of connections to a proxy, whose answers have to be whole in time."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = pool_classes(self._total)
        return manager

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """One exchange. Raises a RequestException for whatever is not a whole answer of the host itself."""
        if self._watch is None:
            return self._exchange(request, *args, **kwargs)
        began = time.time_ns()
        status, failure = None, "interrupted"
        try:
            response = self._exchange(request, *args, **kwargs)
            status, failure = response.status_code, ""
            return response
        except Redirected as error:
            status, failure = error.status, ""
            raise
        except requests.RequestException as error:
            failure = type(error).__name__
            raise
        finally:
            parts = urlsplit(request.url or "")
            method, host = request.method or "", parts.hostname or ""
            self._watch(Exchange(method, host, parts.port, status, failure, began, time.time_ns()))

    def _exchange(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        end = time.monotonic() + self._total
        proxy = _proxy(request.url or "", kwargs.get("proxies"))
        try:
            response = super().send(request, True, self._limits, *args, **kwargs)
        except requests.RequestException as error:
            if any("Tunnel connection failed: 407" in str(inner) for inner in causes(error)):
                raise ProxyRefused(proxy) from error
            raise
        try:
            response._content = self._body(response, request, end)
            response._content_consumed = True  # type: ignore[attr-defined]
        finally:
            response.close()
        if response.status_code == 407:
            raise ProxyRefused(proxy)
        if response.status_code < 300 and is_page(response.headers):
            raise WebPage(response.status_code)
        if response.status_code in (301, 302, 303, 307, 308):
            raise Redirected(response.status_code, response.headers.get("Location", ""))
        return response

    def _body(self, response: requests.Response, request: requests.PreparedRequest, end: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := response.raw.read1(65536, decode_content=True):
                size += len(piece)
                if size > self._max_body:
                    raise TooLarge("the answer is too large", request=request)
                if time.monotonic() > end:
                    raise requests.exceptions.ReadTimeout("the answer takes too long", request=request)
                pieces.append(piece)
        except requests.RequestException:
            raise  # it is an OSError as well
        except ReadTimeoutError as error:
            raise requests.exceptions.ReadTimeout("no more of the answer came", request=request) from error
        except DecodeError as error:
            raise requests.exceptions.ContentDecodingError("the answer cannot be unpacked", request=request) from error
        except (HTTPError, OSError) as error:
            raise requests.exceptions.ChunkedEncodingError("the answer ended early", request=request) from error
        return b"".join(pieces)
