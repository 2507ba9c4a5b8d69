"""How a Jira site is reached: by which address, and as whom. Tokens with scopes go by Atlassian's gateway."""

from __future__ import annotations

from collections.abc import Callable

import requests
from jira import JIRA

from adapters.http.atlassian import Credentials, check_credentials, checked_address, checked_id, id_in
from adapters.http.transport import BoundedAdapter, Redirected, WebPage
from adapters.jira.dialect import Dialect
from sync.ports import Watch

SCOPES = "read:jira-work, write:jira-work and read:jira-user"
"""What a token with scopes must be allowed."""


class Access:
    """Opens clients, at the site itself and at the gateway.

    Args:
        base_url: of the site, as people open it.
        cloud_id: of the site at the gateway; "" to ask the site for it when it is needed.
        gateway: address of the gateway.
        timeout: seconds to connect and to wait for an answer.
        watch: told of each call.
        look: looks at each answer.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        dialect: Dialect,
        cloud_id: str,
        gateway: str,
        timeout: tuple[float, float],
        watch: Watch | None,
        look: Callable[..., None],
    ) -> None:
        self.base_url = checked_address(base_url, "jira")
        self._credentials = credentials
        self._dialect = dialect
        self._cloud_id = checked_id(cloud_id, self.base_url, "jira")
        self._gateway = gateway.strip().rstrip("/")
        self._timeout = timeout
        self._watch = watch
        self._look = look
        check_credentials(credentials, dialect.cloud, "jira")

    @property
    def by_gateway(self) -> bool:
        """Whether the gateway is known from the beginning to be the way: by its id, or as OAuth has no other."""
        return bool(self._cloud_id) or (self._dialect.cloud and self._credentials.bearer)

    def site(self) -> JIRA:
        """A client at the site's own address."""
        return self._open(self.base_url)

    def gateway(self) -> JIRA | None:
        """A client at the gateway; None where the site is none of Cloud, or tells no id.

        Raises RequestException.
        """
        if not self._dialect.cloud:
            return None
        self._cloud_id = self._cloud_id or self._asked_id()
        return self._open(f"{self._gateway}/ex/jira/{self._cloud_id}") if self._cloud_id else None

    @property
    def cloud_id(self) -> str:
        """Of the site at the gateway, as far as it is known."""
        return self._cloud_id

    def _open(self, server: str) -> JIRA:
        one = self._credentials
        client = JIRA(
            server=server,
            options={"rest_api_version": self._dialect.version, "check_update": False},
            basic_auth=None if one.bearer else (one.user, one.token),
            token_auth=one.token if one.bearer else None,
            get_server_info=False,
            max_retries=0,
            timeout=self._timeout,
        )
        client._session.hooks["response"].append(self._look)
        self._mount(client._session)
        return client

    def _mount(self, session: requests.Session) -> None:
        adapter = BoundedAdapter(self._timeout, watch=self._watch)
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter)

    def _asked_id(self) -> str:
        """The id that the site tells anybody; "" where it tells none."""
        with requests.Session() as session:
            self._mount(session)
            try:
                # Without an account: not even one of a netrc file.
                answer = session.get(f"{self.base_url}/_edge/tenant_info", auth=_nobody)
            except (Redirected, WebPage):
                return ""
        try:
            body: object = answer.json()
        except ValueError:
            return ""
        return id_in(answer.status_code, body)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
