"""The one way to a Confluence site: a session on the common policy, and errors in our words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from adapters.confluence.answers import Reply, judge, next_page, read_json, words_of
from adapters.confluence.schemas import ME
from adapters.http.atlassian import (
    GATEWAY,
    Credentials,
    Unauthorised,
    check_credentials,
    checked_address,
    checked_id,
    id_in,
    is_nobody,
    names_us,
    not_accepted,
    reached,
)
from adapters.http.policy import CallPolicy, lost
from adapters.http.policy import pages as numbered
from adapters.http.schemas import Shape, UnexpectedAnswer
from adapters.http.transport import BoundedAdapter, Redirected, WebPage
from sync.errors import CredentialsError, OutcomeUnknown, TrackerError
from sync.ports import Clock, Watch

SCOPES = "read:page, write:page, read:user, read:label and search:confluence"
"""What a token with scopes must be allowed; Atlassian writes each with `:confluence` behind it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Our own account."""

    id: str
    name: str


class ConfluenceSession:
    """The calls of one account to a Confluence site. Threads that share it take turns.

    Args:
        base_url: of the site, as people open it; on Cloud with or without `/wiki`.
        cloud: whether it is a site of Cloud.
        cloud_id: of the site at the gateway; "" to ask the site for it when it is needed.
        timeout: seconds to connect and to wait for an answer.
        watch: told of each call.

    Attributes:
        web: the address below which people find pages.
        count: how many calls were made.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        policy: CallPolicy,
        clock: Clock,
        *,
        cloud: bool,
        cloud_id: str = "",
        gateway: str = GATEWAY,
        timeout: tuple[float, float] = (10.0, 60.0),
        watch: Watch | None = None,
    ) -> None:
        address = checked_address(base_url, "confluence")
        self.cloud = cloud
        self.web = f"{address.removesuffix('/wiki')}/wiki" if cloud else address
        self.count = 0
        self._site = address.removesuffix("/wiki")
        self._cloud_id = checked_id(cloud_id, self._site, "confluence")
        self._gateway = gateway.strip().rstrip("/")
        check_credentials(credentials, cloud, "confluence")
        self._credentials = credentials
        self._policy = policy
        self._clock = clock
        self._lock = threading.Lock()
        self._session = _open(credentials, timeout, watch)
        self._root = self.web
        self._at_gateway = False
        self._searched = not (self._cloud_id or (cloud and credentials.bearer))
        self._known = False
        self._me: Me | None = None

    @property
    def host(self) -> str:
        """Of the site, in lower case."""
        return urlsplit(self.web).netloc.lower()

    # calls; paths begin below the product's address

    def get(self, path: str, shape: Shape, params: Mapping[str, str] | None = None) -> Any:
        """Read. Raises TrackerError for another shape."""
        return _held(self._run("GET", path, params, None).body, shape, f"GET {path}")

    def pages(self, path: str, shape: Shape, params: Mapping[str, str]) -> Iterator[Any]:
        """The results of every page of a listing."""
        wanted = dict(params)
        for _ in numbered("Confluence"):
            reply = self._run("GET", path, wanted, None)
            yield from _held(reply.body, shape, f"GET {path}")["results"]
            following = next_page(reply.body, reply.headers)
            if not following:
                return
            wanted |= following

    def ask(self, path: str, body: object, shape: Shape) -> Any:
        """Read what has too many words for an address. Raises TrackerError for another shape."""
        return _held(self._run("POST", path, None, body).body, shape, f"POST {path}")

    def put(self, path: str, body: object) -> None:
        """Set what a version protects: the same twice is a conflict, and never done twice."""
        self._run("PUT", path, None, body, write=True)

    def me(self) -> Me | None:
        """Our own account, asked for once; None where we are nobody."""
        if self._me is None:
            found = self.get("/rest/api/user/current", ME)
            name = found.get("accountId") or found.get("userKey") or found.get("username") or ""
            if found.get("type") == "anonymous" or not name:
                return None
            self._me = Me(name, str(found.get("displayName") or found.get("username") or name))
        return self._me

    def check_known(self) -> None:
        """See that the answers so far were given to our account, before anything is concluded from what they leave out.

        Answers usually name the account; where none did, it is asked for. Raises CredentialsError, TrackerError.
        """
        if not self._known:
            if self.me() is None:
                raise self._refused("it answers us as nobody")
            self._known = True

    def gateway_id(self) -> str:
        """The site's id at the gateway, where calls turned out to have to go there; "" where they did not."""
        return self._cloud_id if self._at_gateway and self._searched else ""

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._session.close()

    # one attempt, and what became of it

    def _run(
        self, method: str, path: str, params: Mapping[str, str] | None, body: object, write: bool = False
    ) -> Reply:
        """A call at the site's address, or at the gateway, which is tried where the site does not know the token."""

        def attempt() -> Reply:
            return self._attempt(method, self._root + path, params, body)

        if not self._at_gateway and not self._searched:
            self._go_by_gateway()
        before = self._at_gateway
        try:
            return self._policy.run(attempt, repeat=True, write=write)
        except Unauthorised as error:
            # Nothing was carried out. A token with scopes is good at the gateway alone.
            if before or not (self._at_gateway or self._go_by_gateway()):
                raise
            refused = error
        try:
            return self._policy.run(lambda: reached(attempt, refused), repeat=True, write=write)
        except Unauthorised as error:
            if not error.scope:
                self._root, self._at_gateway = self.web, False
            raise

    def _go_by_gateway(self) -> bool:
        """Send calls to the gateway from now on; whether there is one for this site."""
        if not self.cloud:
            return False
        if not self._cloud_id:
            self._cloud_id = self._policy.run(self._asked_id, repeat=True)
        if not self._cloud_id:
            return False
        self._root, self._at_gateway = f"{self._gateway}/ex/confluence/{self._cloud_id}/wiki", True
        return True

    def _asked_id(self) -> str:
        """The id that the site tells anybody; "" where it tells none."""
        with self._lock:
            self.count += 1
            try:
                # Without an account: not even one of a netrc file.
                answer = self._session.get(f"{self._site}/_edge/tenant_info", auth=_nobody)
            except (Redirected, WebPage):
                return ""
            except requests.RequestException as error:
                raise lost(error, urlsplit(self._site).netloc, "confluence.base_url") from None
        return id_in(answer.status_code, read_json(max(answer.status_code, 400), answer.content))

    def _attempt(self, method: str, url: str, params: Mapping[str, str] | None, body: object) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        with self._lock:
            self.count += 1
            try:
                response = self._session.request(method, url, params=params, data=data, headers=headers)
            except Redirected:
                raise TrackerError(
                    f"{self.host} sends us elsewhere instead of answering.",
                    "Set confluence.base_url to the address that people end up at, with https.",
                ) from None
            except requests.RequestException as error:
                raise lost(error, self.host, "confluence.base_url") from None
        self._look_whose(response, method)
        reply = Reply(response.status_code, read_json(response.status_code, response.content), response.headers)
        if reply.status == 401:
            stated = words_of(reply.body)
            scope = "scope" in stated
            raise self._refused(f"401, {stated}" if scope else "401", scope)
        judge(reply, self._clock.now())
        return reply

    def _look_whose(self, response: requests.Response, method: str) -> None:
        """Whether an answer was given to our account: a site takes a token that it does not accept for no token."""
        if is_nobody(response.headers):
            if response.status_code < 300 and method != "GET":
                raise OutcomeUnknown("Confluence carried a call out for nobody in particular.")
            refused = self._refused("it answers us as nobody")
            raise CredentialsError(refused.message, refused.cure)
        self._known |= names_us(response.headers)

    def _refused(self, stated: str, scope: bool = False) -> Unauthorised:
        whose = "confluence.email and confluence.token" if self._credentials.user else "confluence.token"
        by = f", by the gateway{' as well' if self._searched else ''}" if self._at_gateway else ""
        refuses = f"{self.host} refuses {whose}"
        return not_accepted(refuses, stated, "Confluence", by, SCOPES if scope else "")


def _open(credentials: Credentials, timeout: tuple[float, float], watch: Watch | None) -> requests.Session:
    session = requests.Session()
    session.headers["Accept"] = "application/json"
    session.auth = _Account(credentials)
    adapter = BoundedAdapter(timeout, watch=watch)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


class _Account(requests.auth.AuthBase):
    """Signs each call, whatever a netrc file says."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        one = self._credentials
        if one.bearer:
            request.headers["Authorization"] = f"Bearer {one.token}"
            return request
        signed: requests.PreparedRequest = requests.auth.HTTPBasicAuth(one.user.encode(), one.token.encode())(request)
        return signed


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _held(body: object, shape: Shape, asked: str) -> Any:
    """An answer in a shape. Raises TrackerError."""
    try:
        return shape.read(body)
    except UnexpectedAnswer as error:
        raise TrackerError(f"Confluence's answer to {asked} is not what its API promises: {error}.") from None
