"""The page of the report, served as it is now: read only, and rebuilt from the journal at most once a minute."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sync.errors import JournalError
from sync.report.html import security_policy

FRESH_SECONDS = 60.0
"""A page is no older than this, and is not made more often."""

Access = Literal["loopback", "all", "off"]
"""Who may read the report: whoever sits at this machine, everybody who reaches it, nobody."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_HEADERS = {
    "Content-Security-Policy": f"{security_policy()}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class LivePage:
    """A page that is made when somebody asks for it, once a minute at most, however many ask.

    Args:
        make: the page, from the journal.
        now: seconds that only grow.
    """

    def __init__(self, make: Callable[[], str], now: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._now = now
        self._lock = threading.Lock()
        self._made: tuple[float, str] | None = None

    def text(self) -> str:
        """The page. Raises JournalError when it has to be made and the journal cannot be read."""
        with self._lock:
            if self._made is None or self._now() - self._made[0] >= FRESH_SECONDS:
                began = self._now()
                self._made = (began, self._make())
            return self._made[1]


def routes(pages: Mapping[str, LivePage], access: Access) -> Iterator[Route]:
    """`/`, and with several teams a page for each, which `/` links."""
    if access == "off" or not pages:
        return
    if len(pages) == 1:
        yield Route("/", _route(next(iter(pages.values())).text, access))
        return
    yield Route("/", _route(lambda: _links(pages), access))
    for team, page in pages.items():
        yield Route(f"/{team}/", _route(page.text, access))


def _route(text: Callable[[], str], access: Access) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        if access == "loopback" and not _is_local(request):
            words = 'The report is shown at this machine alone; serve.report = "all" shows it to others, too.\n'
            return PlainTextResponse(words, 403)
        try:
            page = await run_in_threadpool(text)
        except JournalError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return Response(page, media_type="text/html", headers=_HEADERS)

    return answer


def _is_local(request: Request) -> bool:
    """Whether a program of this machine asks, for itself and under this machine's own name.

    Another name may be a page elsewhere that made its name point here; a forwarded request is somebody else's.
    """
    host = request.headers.get("host", "")
    name = host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
    if any(header in request.headers for header in _FORWARDED):
        return False
    if name.lower().rstrip(".") != "localhost" and not _is_loopback(name.strip("[]")):
        return False
    return request.client is not None and _is_loopback(request.client.host)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _links(pages: Mapping[str, LivePage]) -> str:
    names = "".join(f'<li><a href="/{escape(team)}/">{escape(team)}</a></li>' for team in sorted(pages))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        "<title>Follow-through of action items</title></head>"
        f"<body><h1>Follow-through of action items</h1><ul>{names}</ul></body></html>"
    )
