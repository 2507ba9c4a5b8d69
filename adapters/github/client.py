"""PyGithub's clients as they are safe to use: a guarded transport, no retries of their own, one for each thread."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass
from jwt.exceptions import PyJWTError

from adapters.github.answers import GitHubRefusal, moment
from adapters.github.schemas import INSTALLATION, TOKEN
from adapters.http.schemas import Shape
from adapters.http.transport import BoundedAdapter
from sync.errors import SettingsError
from sync.ports import Clock, Watch

API_VERSION = "2022-11-28"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+")
"""owner/name of a repository."""

# The requester writes whole answers to its log, tokens of installations among them.
logging.getLogger("github.Requester").setLevel(logging.WARNING)


def open_client(base_url: str, auth: Auth.Auth, timeout: tuple[float, float], watch: Watch | None = None) -> Github:
    """A client for one thread.

    Args:
        timeout: seconds to connect, and to wait for an answer.
        watch: told of each call.
    """
    client = Github(
        auth=auth,
        base_url=base_url,
        user_agent="postmortem-sync",
        timeout=int(sum(timeout)) + 1,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
        api_version=API_VERSION,
    )
    kind = HTTPSRequestsConnectionClass if client.requester.scheme == "https" else HTTPRequestsConnectionClass
    # It offers no other way to put a transport of ours in, for one client alone.
    setattr(client.requester, "_Requester__connectionClass", _bounded(kind, timeout, watch))  # noqa: B010
    return client


def _bounded(kind: type[Any], timeout: tuple[float, float], watch: Watch | None) -> type[Any]:
    class Bounded(kind):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.session.mount(f"{self.protocol}://", BoundedAdapter(timeout, watch=watch))

    return Bounded


class AppToken:
    """The token of an App's installation: fetched by one thread at a time, and again before it ends.

    Args:
        repository: owner/name, on which the App is installed.
        exchange: makes one call as the App itself, and answers its body in the shape that is given.
    """

    def __init__(
        self,
        app_id: str,
        private_key: str,
        repository: str,
        clock: Clock,
        exchange: Callable[[Auth.Auth, str, str, Shape], Any],
    ) -> None:
        self._app_id = app_id
        self._key = private_key
        self._repository = repository
        self._clock = clock
        self._exchange = exchange
        self._lock = threading.Lock()
        self._token = ""
        self._until = clock.now()

    def get(self) -> str:
        """A token that lasts for some minutes more."""
        with self._lock:
            if not self._token or self._clock.now() > self._until - timedelta(minutes=5):
                self._renew()
            return self._token

    def _renew(self) -> None:
        if not NAME.fullmatch(self._repository):
            raise SettingsError(
                "github.repository is not set, so that nobody knows which installation of the App is meant.",
                'Add repository = "owner/name" to [github] in sync.toml.',
            )
        try:
            me = Auth.AppAuthToken(Auth.AppAuth(self._app_id, self._key).create_jwt())
        except (PyJWTError, ValueError, TypeError) as error:
            raise SettingsError(
                f"github.private_key is no private key of an App ({type(error).__name__}).",
                "Give the whole PEM file, with its first and last line.",
            ) from None
        try:
            found = self._exchange(me, "GET", f"/repos/{self._repository}/installation", INSTALLATION)
        except GitHubRefusal as error:
            raise SettingsError(
                f"The App {self._app_id} is not installed on {self._repository} ({error.stated}).",
                "Install it there, or correct github.app_id and github.repository.",
            ) from None
        got = self._exchange(me, "POST", f"/app/installations/{found['id']}/access_tokens", TOKEN)
        self._token, self._until = str(got["token"]), moment(got["expires_at"])
