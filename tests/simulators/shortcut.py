"""Calls that reach a simulator without a socket: what a server does to them, at a tenth of the time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from adapters.http.transport import BoundedAdapter
from tests.simulators.jira_wire import Asked, Wire


@contextmanager
def reaching(wire: Wire, address: str) -> Iterator[None]:
    """Until the block ends, whatever is asked of any address is answered by this simulator."""
    wire.base_url = address

    def exchange(
        self: BoundedAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        answer = wire.answer(_asked(request))
        if answer is None:
            raise requests.exceptions.ConnectionError("dropped", request=request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict({"Content-Type": "application/json", **answer.headers})
        response.url, response.request = request.url or "", request
        response._content = b"" if answer.body is None else json.dumps(answer.body).encode()
        return response

    with mock.patch.object(BoundedAdapter, "_exchange", exchange):
        yield


def _asked(request: requests.PreparedRequest) -> Asked:
    parts = urlsplit(request.url or "")
    body = json.loads(request.body) if request.body else None
    headers = {name.title(): value for name, value in request.headers.items()}
    query = parse_qs(parts.query, keep_blank_values=True)
    return Asked(request.method or "", unquote(parts.path), query, headers, body)
