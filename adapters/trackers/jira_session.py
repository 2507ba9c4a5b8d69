"""The one way to a Jira site: the jira package's client and session, one attempt a call, errors in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests
from jira import JIRA
from jira.exceptions import JIRAError

from adapters.trackers.jira_dialect import Dialect
from sync.errors import CredentialsError, OutcomeUnknown, Throttled, TrackerError


class Refusal(TrackerError):
    """Jira says no to a call, which was not carried out.

    Attributes:
        errors: what is wrong, by field.
        messages: what is wrong otherwise.
        body: the answer as it came.
    """

    def __init__(self, status: int, errors: Mapping[str, str], messages: list[str], body: object = None) -> None:
        told = [*messages, *(f"{name}: {text}" for name, text in errors.items())]
        super().__init__("; ".join(told) or f"Jira refused the call ({status}).")
        self.status = status
        self.errors = dict(errors)
        self.messages = messages
        self.body = body

    @classmethod
    def of(cls, status: int, body: object) -> Refusal:
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
    def __init__(self, base_url: str, email: str, token: str, dialect: Dialect, timeout: tuple[float, float]) -> None:
        self.base_url = base_url.rstrip("/")
        self.dialect = dialect
        self.count = 0
        self._client = JIRA(
            server=self.base_url,
            options={"rest_api_version": dialect.version, "check_update": False},
            basic_auth=(email, token) if dialect.cloud else None,
            token_auth=None if dialect.cloud else token,
            get_server_info=False,
            max_retries=0,
            timeout=timeout,
        )

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self._call("GET", path, params=params, repeat=True)

    def post(self, path: str, body: object, repeat: bool) -> Any:
        return self._call("POST", path, body=body, repeat=repeat)

    def put(self, path: str, body: object) -> Any:
        return self._call("PUT", path, body=body, repeat=True)

    def transitions(self, key: str) -> list[Mapping[str, Any]]:
        return list(self.get(f"issue/{key}/transitions", {"expand": "transitions.fields"})["transitions"])

    def close(self) -> None:
        self._client.close()

    def _call(
        self, method: str, path: str, params: Mapping[str, str] | None = None, body: object = None, repeat: bool = True
    ) -> Any:
        self.count += 1
        data = None if body is None else json.dumps(body)
        try:
            response = self._client._session.request(
                method, self._client._get_url(path), params=params, data=data, allow_redirects=False
            )
        except JIRAError as error:
            raise Refusal.of(int(error.status_code or 0), error.response.json()) from error
        except requests.RequestException as error:
            raise OutcomeUnknown("x") from error
        return response.json() if response.content else None
