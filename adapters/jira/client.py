"""The one way to a Jira site: the jira package's client and session, and errors in our words.

The client's own methods are used where they make one call and say what came of it. Elsewhere its session is used
directly: `create_issues` loses errors and properties, `assign_issue` and `add_watcher` search by name,
`add_remote_link`, `create_issue_link` and searches with fields make calls of their own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from jira import JIRA
from jira.exceptions import JIRAError

from adapters.http.atlassian import GATEWAY, Credentials, Unauthorised, is_nobody, names_us, not_accepted, reached
from adapters.http.policy import CallPolicy, Transient, lost, web_page
from adapters.http.schemas import Shape, UnexpectedAnswer
from adapters.http.transport import Redirected, is_page
from adapters.jira.access import SCOPES, Access
from adapters.jira.dialect import Dialect
from adapters.jira.limits import asked_to_wait
from adapters.jira.schemas import PERMISSIONS, SERVER, STEPS, USER
from sync.errors import CredentialsError, OutcomeUnknown, TrackerError
from sync.ports import Clock, Watch

_REASONS = {
    "jira-quota-global-based": "the hourly quota that all sites share with this app is spent",
    "jira-quota-tenant-based": "the hourly quota of this site is spent",
    "jira-burst-based": "too many calls at once",
    "jira-per-issue-on-write": "too many writes to one ticket at once",
}


_NONE = ("", "")


class _Anonymous(Exception):
    """An answer was given to nobody in particular, whatever its status: our token was not accepted."""

    def __init__(self, status: int) -> None:
        super().__init__("answered as to nobody")
        self.status = status


class JiraRefusal(TrackerError):
    """Jira says no to a call, which was not carried out.

    Attributes:
        errors: what is wrong, by field.
        messages: what is wrong otherwise.
        body: the answer as it came.
    """

    def __init__(self, status: int, errors: Mapping[str, str], messages: list[str], body: object = None) -> None:
        stated = [*messages, *(f"{name}: {text}" for name, text in errors.items())]
        super().__init__("; ".join(stated) or f"Jira refused the call ({status}).")
        self.status = status
        self.errors = dict(errors)
        self.messages = messages
        self.body = body

    @classmethod
    def of(cls, status: int, body: object) -> JiraRefusal:
        """From an answer's JSON, whatever it is."""
        errors = body.get("errors") if isinstance(body, Mapping) else None
        messages = body.get("errorMessages") if isinstance(body, Mapping) else None
        return cls(
            status,
            {str(name): str(text) for name, text in errors.items()} if isinstance(errors, Mapping) else {},
            [str(text) for text in messages] if isinstance(messages, list) else [],
            body,
        )


class JiraSession:
    """The calls of one account to a Jira site. Threads that share it take turns.

    Args:
        base_url: of the site, as people open it.
        timeout: seconds to connect and to wait for an answer.
        watch: told of each call.
        cloud_id, gateway: see `Access`.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        dialect: Dialect,
        policy: CallPolicy,
        clock: Clock,
        timeout: tuple[float, float],
        watch: Watch | None = None,
        cloud_id: str = "",
        gateway: str = GATEWAY,
    ) -> None:
        self._access = Access(base_url, credentials, dialect, cloud_id, gateway, timeout, watch, self._look_whose)
        self.base_url = self._access.base_url
        self.sites = [self.base_url]
        self.dialect = dialect
        self.count = 0
        self._policy = policy
        self._clock = clock
        # One session without a lock of its own.
        self._lock = threading.Lock()
        self._client = self._access.site()
        self._at_gateway = False
        self._searched = not self._access.by_gateway
        self._known = False
        self._me: dict[str, Any] | None = None

    def learn_site(self, link: object) -> None:
        """Another address of the site, from the link of one of its issues to itself."""
        site, found, _ = str(link or "").partition("/rest/api/")
        if found and not self._at_gateway and site not in self.sites and urlsplit(site).scheme in ("http", "https"):
            self.sites = [self.base_url, site]

    def get(self, path: str, shape: Shape, params: Mapping[str, str] | None = None) -> Any:
        """Read; `path` below the API's version. Raises TrackerError for another shape."""
        return _held(self._json("GET", path, params, None, repeat=True), shape, f"GET {path}")

    def post(self, path: str, body: object, shape: Shape, repeat: bool) -> Any:
        """Make or look for something.

        Args:
            path: below the API's version.
            repeat: whether it does no harm to carry it out twice.

        Raises:
            TrackerError: the answer has another shape; OutcomeUnknown where that leaves open what was made.
        """
        return _held(self._json("POST", path, None, body, repeat), shape, f"POST {path}", made=not repeat)

    def put(self, path: str, body: object) -> None:
        """Set; the same twice is the same once."""
        self._json("PUT", path, None, body, repeat=True)

    def transitions(self, key: str) -> list[Mapping[str, Any]]:
        """The transitions that may be made now, with the fields of their screens."""
        answer = self.get(f"issue/{quote(key, safe='')}/transitions", STEPS, {"expand": "transitions.fields"})
        found: list[Mapping[str, Any]] = answer["transitions"]
        return found

    def myself(self) -> Mapping[str, Any]:
        """Our own account; asked for once."""
        if self._me is None:
            me = self._object(lambda: self._client.myself(), USER, "GET myself")
            if not me.get(self.dialect.user_key):
                raise TrackerError(
                    f"Jira's answer to GET myself is not what its API promises: no {self.dialect.user_key}."
                )
            self._me = me
        return self._me

    def check_known(self) -> None:
        """See that the answers so far were given to our account, before anything is concluded from what they leave out.

        Answers usually name the account; where none did, it is asked for. Raises CredentialsError, TrackerError.
        """
        if not self._known:
            self.myself()
            self._known = True

    def server(self) -> Mapping[str, Any]:
        """What the site says it is."""
        return self._object(lambda: self._client.server_info(), SERVER, "GET serverInfo")

    def gateway_id(self) -> str:
        """The site's id at the gateway, where calls turned out to have to go there; "" where they did not."""
        return self._access.cloud_id if self._at_gateway and self._searched else ""

    def permissions(self, project: str, names: list[str]) -> Mapping[str, bool]:
        """Whether our account has each of these permissions in a project."""
        asked = ",".join(names)
        answer = self._object(
            lambda: self._client.my_permissions(projectKey=project, permissions=asked), PERMISSIONS, "GET mypermissions"
        )
        held = answer["permissions"]
        return {name: held[name]["havePermission"] for name in names if name in held}

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._client.close()  # type: ignore[no-untyped-call]

    # one attempt, and what became of it

    def _json(self, method: str, path: str, params: Mapping[str, str] | None, body: object, repeat: bool) -> Any:
        data = None if body is None else json.dumps(body)

        def send() -> Any:
            url = self._client._get_url(path)
            response = self._client._session.request(method, url, params=params, data=data)
            # No answer of ours has a body of nothing but for writes.
            return response.json() if response.content or method == "GET" or path == "issue/bulk" else None

        # A limit may be meant for all calls like this one, or for all writes to this ticket.
        ticket = "/".join(path.split("/")[:2])
        scopes = (f"{method} {_kind_of(path)}", "" if method == "GET" else f"write {ticket}")
        return self._run(lambda: self._attempt(send, scopes, repeat), repeat, scopes)

    def _run(self, attempt: Callable[[], Any], repeat: bool, scopes: tuple[str, str] = _NONE) -> Any:
        """A call, wherever it is accepted. Raises CredentialsError where it is nowhere."""
        try:
            return self._accepted(attempt, repeat, scopes)
        except Unauthorised as error:
            raise CredentialsError(error.message, error.cure) from None

    def _accepted(self, attempt: Callable[[], Any], repeat: bool, scopes: tuple[str, str]) -> Any:
        """A call at the site's address, or at the gateway, which is tried where the site does not know the token."""
        if not self._at_gateway and self._access.by_gateway:
            self._go_by_gateway()
        before = self._at_gateway
        try:
            return self._policy.run(attempt, repeat, scopes=scopes)
        except Unauthorised as refused:
            if before:
                raise
            site = self._client
            # Nothing was carried out. A token with scopes is good at the gateway alone.
            if not (self._at_gateway or self._go_by_gateway()):
                raise
            return self._asked_there(attempt, refused, site, repeat, scopes)

    def _asked_there(
        self, attempt: Callable[[], Any], refused: Unauthorised, site: JIRA, repeat: bool, scopes: tuple[str, str]
    ) -> Any:
        """A call at the gateway that the site refused; back to the site where it is not accepted there either."""
        try:
            return self._policy.run(lambda: reached(attempt, refused), repeat, scopes=scopes)
        except Unauthorised as error:
            if not error.scope:
                with self._lock:
                    self._client, self._at_gateway = site, False
            raise

    def _go_by_gateway(self) -> bool:
        """Send calls to the gateway from now on; whether there is one for this site."""

        def find() -> JIRA | None:
            with self._lock:
                self.count += not self._access.cloud_id and self.dialect.cloud
                try:
                    return self._access.gateway()
                except requests.RequestException as error:
                    raise lost(error, urlsplit(self.base_url).netloc, "jira.base_url") from None

        found = self._policy.run(find, repeat=True)
        if found is None:
            return False
        with self._lock:
            self._client, self._at_gateway = found, True
        return True

    def _object(self, send: Callable[[], Any], shape: Shape, asked: str) -> dict[str, Any]:
        answer = self._run(lambda: self._attempt(send), repeat=True)
        found: dict[str, Any] = _held(answer, shape, asked)
        return found

    def _look_whose(self, response: requests.Response, **_: Any) -> None:
        """Whether an answer was given to our account: a site takes a token that it does not accept for no token."""
        if is_nobody(response.headers):
            raise _Anonymous(response.status_code)
        self._known |= names_us(response.headers)

    def _refused(self, stated: str, scope: bool = False) -> Unauthorised:
        whose = "jira.email and jira.token" if self.dialect.cloud else "jira.token"
        by = f", by the gateway{' as well' if self._searched else ''}" if self._at_gateway else ""
        refuses = f"{urlsplit(self.base_url).netloc} refuses {whose}"
        return not_accepted(refuses, stated, "Jira", by, SCOPES if scope else "")

    def _attempt(self, send: Callable[[], Any], scopes: tuple[str, str] = _NONE, repeat: bool = True) -> Any:
        with self._lock:
            self.count += 1
            try:
                return send()
            except _Anonymous as answer:
                if answer.status < 300 and not repeat:
                    raise OutcomeUnknown("Jira carried a call out for nobody in particular.") from None
                refused = self._refused("it answers us as nobody")
                # No token with scopes, which would have been refused outright.
                raise CredentialsError(refused.message, refused.cure) from None
            except JIRAError as error:
                raise self._failed(error, scopes) from None
            except Redirected:
                raise TrackerError(
                    f"{urlsplit(self.base_url).netloc} sends us elsewhere instead of answering.",
                    "Set jira.base_url to the address that people end up at, with https.",
                ) from None
            except requests.RequestException as error:
                raise lost(error, urlsplit(self.base_url).netloc, "jira.base_url") from None
            # The last three: the client stumbles over errors that are not shaped as it expects.
            except (ValueError, RecursionError, TypeError, AttributeError, LookupError) as error:
                raise Transient(f"Jira's answer did not arrive whole ({type(error).__name__}).", done=True) from None

    def _failed(self, error: JIRAError, scopes: tuple[str, str]) -> Exception:
        status = int(error.status_code or 0)
        response = error.response
        headers: Mapping[str, str] = response.headers if response is not None else {}
        if status == 429:
            stated = headers.get("RateLimit-Reason", "")
            reason = _REASONS.get(stated, "too many calls")
            scope = {"jira-burst-based": scopes[0], "jira-per-issue-on-write": scopes[1]}.get(stated, "")
            seconds = asked_to_wait(headers, self._clock.now())
            wait = f"; it asks us to come back in {seconds:.0f} s" if seconds is not None else ""
            return Transient(f"Jira limits us: {reason}{wait}.", done=False, limit=True, seconds=seconds, scope=scope)
        if status >= 500:
            seconds = asked_to_wait(headers, self._clock.now())
            return Transient(f"Jira is in trouble ({status}).", done=True, limit=seconds is not None, seconds=seconds)
        try:
            body = response.json() if response is not None else None
        except (ValueError, RecursionError):
            body = None
        if status == 401 or "X-Authentication-Denied-Reason" in headers:
            stated = str(body.get("message") or "")[:100] if isinstance(body, Mapping) else ""
            lacks = "scope" in stated
            return self._refused(f"{status}, {stated}" if lacks else str(status), lacks)
        site = urlsplit(self.base_url).netloc
        if is_page(headers):
            page = web_page(site, status, "jira.base_url")
            return TrackerError(page.message, f"{page.cure} A site that is suspended or renamed answers so as well.")
        other = _words_of_another(body) if status == 404 else ""
        if other:
            return TrackerError(
                f"{site} answers as a site that is not there (404): {other}.",
                "See whether the site is suspended or renamed, and correct jira.base_url.",
            )
        return JiraRefusal.of(status, body)


def _words_of_another(body: object) -> str:
    """What a 404 says that is not Jira's own, which has lists of errors; "" for Jira's."""
    if not isinstance(body, Mapping) or {"errorMessages", "errors"} & body.keys():
        return ""
    return str(body.get("errorMessage") or body.get("message") or "")[:200]


def _held(body: object, shape: Shape, asked: str, made: bool = False) -> Any:
    """An answer in a shape. Raises TrackerError; OutcomeUnknown where something may have been made."""
    try:
        return shape.read(body)
    except UnexpectedAnswer as error:
        kind = OutcomeUnknown if made else TrackerError
        raise kind(f"Jira's answer to {asked} is not what its API promises: {error}.") from None


def _kind_of(path: str) -> str:
    """Which endpoint a path is of: its words without names."""
    return "/".join("*" if any(sign.isdigit() for sign in word) else word for word in path.split("/"))
