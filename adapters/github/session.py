"""The one way to GitHub: calls through PyGithub's requester, and errors in our words.

Only the requester's one method that sends a call and hands back what came is used: the client's own methods lose
fields, raise on cut answers, and their redirects forget the query.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from github import Auth, Github

from adapters.github import queries
from adapters.github.answers import (
    GitHubRefusal,
    Moved,
    Reply,
    check_graphql,
    judge,
    next_page,
    read_json,
    refuse_graphql,
)
from adapters.github.client import AppToken, open_client
from adapters.github.schemas import ACCOUNT, ANSWER, VIEWER
from adapters.http.policy import CallPolicy, Transient, lost
from adapters.http.policy import pages as numbered
from adapters.http.schemas import Shape, UnexpectedAnswer
from adapters.http.transport import Redirected
from sync.errors import OutcomeUnknown, SettingsError, TrackerError
from sync.ports import Clock, Watch

PAGE = 100


@dataclass(frozen=True, slots=True)
class Me:
    """Our own account. An installation of an App is a bot."""

    id: int
    login: str


class GitHubSession:
    """The calls of one account to GitHub. May be shared by threads.

    Args:
        base_url: of the API.
        token: of an account; or else app_id and private_key of an App that is installed on `repository`.
        timeout: seconds to connect, and to wait for an answer.
        watch: told of each call.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        policy: CallPolicy,
        *,
        token: str = "",
        app_id: str = "",
        private_key: str = "",
        repository: str = "",
        timeout: tuple[float, float] = (10.0, 60.0),
        watch: Watch | None = None,
    ) -> None:
        self.base_url = base_url.strip().rstrip("/")
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.hostname == "github.com":
            raise SettingsError(
                f"github.base_url is {base_url!r}, which is not the address of an API.",
                'Leave it out for github.com; for a server of your own: base_url = "https://github.example.com/api/v3".',
            )
        if not token and not (app_id and private_key):
            raise SettingsError(
                "There is no account for GitHub.",
                "Set SYNC_GITHUB__TOKEN, or SYNC_GITHUB__APP_ID and SYNC_GITHUB__PRIVATE_KEY.",
            )
        self.web = f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
        self.webs = [self.web]
        self.count = 0
        self.policy = policy
        self._clock = clock
        self._timeout = timeout
        self._watch = watch
        self._token = token
        self._app = None if token else AppToken(app_id, private_key, repository, clock, self._as_app)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._clients: list[Github] = []
        self._me: Me | None = None

    # calls

    def get(
        self,
        path: str,
        shape: Shape,
        params: Mapping[str, Any] | None = None,
        etag: str = "",
        moved: bool = False,
    ) -> Reply:
        """Read; a 304 comes back as such when an ETag was given. Raises TrackerError for another shape.

        Args:
            moved: follow to where an issue was transferred, on the same host; else that raises Moved.
        """
        headers = {"If-None-Match": etag} if etag else {}
        for _ in range(4):
            try:
                return _held(self._call("GET", path, params, None, headers, repeat=True), shape, f"GET {path}")
            except Moved as error:
                if not moved or not error.path:
                    raise
                path, params = error.path, None
        raise TrackerError(f"GitHub sends us in circles for {path}.")

    def pages(self, path: str, shape: Shape, params: Mapping[str, Any] | None = None, limit: int = 0) -> Iterator[Any]:
        """The entries of every page; of the first `limit` pages, if it is given."""
        wanted: Mapping[str, Any] | None = {"per_page": PAGE} | dict(params or {})
        for _ in range(limit) if limit else numbered("GitHub"):
            reply = self.get(path, shape, wanted)
            yield from reply.body
            following = next_page(reply.headers)
            if not following:
                return
            path, wanted = self._local_path(following), None

    def write(self, method: str, path: str, body: object, shape: Shape) -> Reply:
        """Set, or add to a set: the same twice is the same once."""
        return _held(self._call(method, path, None, body, {}, repeat=True, write=True), shape, f"{method} {path}")

    def create(self, path: str, body: object, shape: Shape) -> Reply:
        """Make something; never sent again once it may have arrived. Raises OutcomeUnknown, for another shape too."""
        reply = self._call("POST", path, None, body, {}, repeat=False, write=True, create=True)
        return _held(reply, shape, f"POST {path}", made=True)

    def graphql(
        self, query: str, variables: Mapping[str, Any], shape: Shape, change: bool = False, partial: bool = False
    ) -> tuple[Any, list[Any]]:
        """(data, errors that concern a part of it). Raises GitHubRefusal for errors that leave no data.

        Args:
            shape: of the data.
            change: it is a mutation, not to be sent again once it may have arrived.
            partial: a part of the data is of use where the server is in trouble with the rest.
        """

        def look(reply: Reply) -> None:
            check_graphql(reply.body, partial)

        url = self.base_url.removesuffix("/v3") + "/graphql"
        body = {"query": query, "variables": variables}
        reply = self._call(
            "POST", url, None, body, {"GraphQL-Features": "issue_fields"}, not change, write=change, look=look
        )
        answer = _held(reply, ANSWER, "a query", made=change).body
        data, errors = answer.get("data"), answer.get("errors") or []
        if errors and (data is None or change):
            refuse_graphql(errors)
        return _held(replace(reply, body=data), shape, "a query", made=change).body, errors

    def learn_web(self, page: str) -> None:
        """Another address at which people read this server, from the page of an issue."""
        parts = urlsplit(page)
        web = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme in ("http", "https") and parts.hostname and web not in self.webs:
            self.webs = [self.web, web]

    def me(self) -> Me:
        """Our own account; asked for once."""
        if self._me is None:
            self._me = self._who()
        return self._me

    def _who(self) -> Me:
        try:
            data, _ = self.graphql(queries.VIEWER, {}, VIEWER)
        except GitHubRefusal as error:
            # A server without GraphQL; an App's installation has no account that REST would show.
            if error.status != 404 or self._app:
                raise
            account = self.get("/user", ACCOUNT).body
            return Me(account["id"], account["login"])
        return Me(data["viewer"]["databaseId"], data["viewer"]["login"])

    def close(self) -> None:
        """Close the connections of every thread. May be called twice."""
        with self._lock:
            while self._clients:
                self._clients.pop().close()
            self._local = threading.local()

    # one attempt, and what became of it

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: object,
        headers: Mapping[str, str],
        repeat: bool,
        write: bool = False,
        create: bool = False,
        look: Callable[[Reply], None] | None = None,
    ) -> Reply:
        def attempt() -> Reply:
            reply = self._exchange(self._client(), method, path, params, body, headers)
            if look:
                look(reply)
            return reply

        return self.policy.run(attempt, repeat, write, create)

    def _as_app(self, auth: Auth.Auth, method: str, path: str, shape: Shape) -> Any:
        """A call under the name of the App itself, which asks for its installation."""
        client = open_client(self.base_url, auth, self._timeout, self._watch)
        try:
            reply = self.policy.run(lambda: self._exchange(client, method, path, None, None, {}), repeat=True)
            return _held(reply, shape, f"{method} {path}").body
        finally:
            client.close()

    def _exchange(
        self,
        client: Github,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: object,
        headers: Mapping[str, str],
    ) -> Reply:
        self.count += 1
        sent = {"Accept": "application/vnd.github+json", **headers}
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(params or {})
        path = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.scheme else parts.path
        try:
            status, got, text = client.requester.requestJson(method, path, query, sent, body)
        except Redirected as error:
            raise self._moved(error) from None
        except requests.RequestException as error:
            raise lost(error, "GitHub", "github.base_url") from None
        except (ValueError, TypeError, RecursionError) as error:
            raise Transient(f"GitHub's answer cannot be read ({type(error).__name__}).", done=True) from None
        reply = Reply(status, read_json(status, text), got)
        judge(reply, self._clock.now(), "github.private_key" if self._app else "github.token")
        return reply

    def _moved(self, error: Redirected) -> TrackerError:
        target, ours = urlsplit(error.location), urlsplit(self.base_url)
        if target.netloc and (target.scheme, target.netloc) != (ours.scheme, ours.netloc):
            return Moved(
                f"{ours.netloc} sends us to another host instead of answering.",
                "Set github.base_url to the address of the API itself, with https.",
                "",
            )
        path = self._local_path(error.location)
        if not path.startswith(("/repos/", "/repositories/")):
            where = target.path[:100] or "/"
            return TrackerError(
                f"{ours.netloc} sends us to another page instead of answering ({where}), to log in perhaps.",
                "See that github.base_url is the API's own address, and that nothing on the way asks for a log-in.",
            )
        return Moved(
            f"GitHub says that this moved ({error.status}): a repository was renamed, or an issue transferred.",
            "Name the repository as it is called now in sync.toml.",
            path,
        )

    def _local_path(self, url: str) -> str:
        """The path and query of a URL of the API, below the base address."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(urlsplit(self.base_url).path)
        return f"{path}?{parts.query}" if parts.query else path

    def _client(self) -> Github:
        """This thread's own client: they are not to be shared."""
        token = self._app.get() if self._app else self._token
        if getattr(self._local, "token", None) != token:
            self._local.client = open_client(self.base_url, Auth.Token(token), self._timeout, self._watch)
            self._local.token = token
            with self._lock:
                self._clients.append(self._local.client)
        client: Github = self._local.client
        return client


def _held(reply: Reply, shape: Shape, asked: str, made: bool = False) -> Reply:
    """The reply with its body in a shape. Raises TrackerError; OutcomeUnknown where something may have been made."""
    if reply.status in (204, 304):
        return reply
    try:
        return replace(reply, body=shape.read(reply.body))
    except UnexpectedAnswer as error:
        kind = OutcomeUnknown if made else TrackerError
        raise kind(f"GitHub's answer to {asked} is not what its API promises: {error}.") from None
