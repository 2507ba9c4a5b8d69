"""The receiver: verifies who speaks, keeps what it says, and answers at once. ASGI, with Starlette."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sync.errors import JournalError
from sync.process.logs import log
from sync.serve.intake import ACCEPTED, FAILED, REFUSED, DeliveryCounts, EventSender, Intake
from sync.serve.live import Access, LivePage
from sync.serve.live import routes as report_routes
from sync.serve.metrics import ReceiverFigures

BODY_SECONDS = 10.0
"""GitHub waits no longer for the whole answer."""

SMALL = 1024 * 1024
"""Bytes. Nearly every event is smaller."""

LARGE_AT_ONCE = 4
"""So many larger ones are held at once, whoever sends them: nobody is known before the whole body is there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the events of one sender come in for one team.

    Attributes:
        path: of the address, such as "/github".
        secret: what the sender signs with.
        longest: how many bytes an event may have.
    """

    path: str
    sender: EventSender
    secret: str
    intake: Intake
    longest: int


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def application(
    places: list[Place],
    intakes: Mapping[str, Intake],
    counts: DeliveryCounts,
    pages: Mapping[str, LivePage] | None = None,
    access: Access = "loopback",
) -> Starlette:
    """The ASGI application.

    POST to a place answers 202 when the event is kept, 200 when it was there before or concerns no document, 400, 401,
    408 or 413 when it is refused, 503 when it cannot be kept: the sender may repeat it then. GET / is the report.

    Args:
        pages: of the report, by team.
        access: who may read them.
    """
    figures = ReceiverFigures(counts, intakes)

    async def healthz(request: Request) -> Response:
        troubles = await run_in_threadpool(_troubles, intakes)
        status = 503 if troubles else 200
        return JSONResponse({"status": "failing" if troubles else "ok", "troubles": troubles}, status)

    async def metrics(request: Request) -> Response:
        try:
            page, kind = await run_in_threadpool(figures.page, request.headers.get("accept", ""))
            return Response(page, headers={"content-type": kind})
        except JournalError as error:
            return PlainTextResponse(f"{error}\n", 503)

    large = asyncio.Semaphore(LARGE_AT_ONCE)
    routes = [Route("/healthz", healthz), Route("/metrics", metrics)]
    routes += [Route(place.path, _receiver(place, counts, large), methods=["POST"]) for place in places]
    return Starlette(routes=[*routes, *report_routes(pages or {}, access)])


def _receiver(place: Place, counts: DeliveryCounts, large: asyncio.Semaphore) -> Callable[[Request], object]:
    intake, sender = place.intake, place.sender.name

    async def receive(request: Request) -> Response:
        try:
            body = await _body(request, place.longest, large)
            headers = {name.lower(): value for name, value in request.headers.items()}
            if not place.sender.signed(headers, body, place.secret):
                raise _Refused(401, "The signature is missing or wrong: it must be made with the secret of sync.toml.")
            try:
                event = place.sender.event(headers, body)
            except ValueError as error:
                raise _Refused(400, f"This is no event: {error}.") from error
            outcome, documents = await run_in_threadpool(intake.take, sender, event)
        except _Refused as refused:
            counts.add(intake.team, sender, REFUSED)
            log().warning("refused", team=intake.team, sender=sender, why=str(refused))
            return JSONResponse({"error": str(refused)}, refused.status)
        except JournalError as error:
            counts.add(intake.team, sender, FAILED)
            log().error("an event could not be kept", team=intake.team, sender=sender, why=str(error))
            return JSONResponse({"error": "The event cannot be kept now; send it again."}, 503)
        except ClientDisconnect:
            counts.add(intake.team, sender, REFUSED)
            return Response(status_code=400)
        return JSONResponse({"outcome": outcome, "documents": documents}, 202 if outcome == ACCEPTED else 200)

    return receive


async def _body(request: Request, longest: int, large: asyncio.Semaphore) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > longest:
        raise _Refused(413, f"The body is longer than {longest} bytes.")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS), AsyncExitStack() as held:
            async for part in request.stream():
                if len(body) <= SMALL < len(body) + len(part):
                    await held.enter_async_context(large)
                body += part
                if len(body) > longest:
                    raise _Refused(413, f"The body is longer than {longest} bytes.")
    except TimeoutError as error:
        raise _Refused(408, f"The body did not come within {BODY_SECONDS:.0f} seconds.") from error
    return bytes(body)


def _troubles(intakes: Mapping[str, Intake]) -> list[str]:
    found = []
    for team, intake in intakes.items():
        if not intake.dispatcher.alive:
            found.append(f"{team}: events are not dealt with any more; start it again")
        try:
            intake.dispatcher.inbox.left()
        except JournalError as error:
            found.append(f"{team}: {error}")
    return found
