"""How a Jira site is reached: by which address, and as whom. Tokens with scopes go by Atlassian's gateway."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from jira import JIRA

from adapters.http.schemas import Shape, UnexpectedAnswer
from adapters.http.transport import BoundedAdapter, Redirected, WebPage
from adapters.jira.dialect import Dialect
from adapters.jira.schemas import TENANT
from sync.errors import SettingsError
from sync.ports import Watch

GATEWAY = "https://api.atlassian.com"
SCOPES = "read:jira-work, write:jira-work and read:jira-user"
"""What a token with scopes must be allowed."""

_PRODUCT = re.compile(r"/ex/(?:jira|confluence)/([0-9A-Za-z-]+)/?")
_CLOUD_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One account.

    Attributes:
        token: an API token, a personal access token, an OAuth token, or a password.
        user: its e-mail address on Cloud, its user name on Data Center; "" where the token says whose it is.
        bearer: whether the token is sent alone.
    """

    token: str
    user: str = ""
    bearer: bool = False


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
        self.base_url = checked_address(base_url)
        self._credentials = credentials
        self._dialect = dialect
        self._cloud_id = cloud_id.strip()
        self._gateway = gateway.strip().rstrip("/")
        self._timeout = timeout
        self._watch = watch
        self._look = look
        if self._cloud_id and not _CLOUD_ID.fullmatch(self._cloud_id):
            raise SettingsError(
                f"jira.cloud_id is {cloud_id!r}, which is no id of a site.",
                f"{self.base_url}/_edge/tenant_info tells it, as cloudId.",
            )
        missing = _missing(credentials, dialect)
        if missing:
            raise SettingsError(
                f"{missing} is not set.",
                "Cloud wants the account's e-mail address and an API token, Data Center a personal access token alone.",
            )

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
        return _id_in(answer)


def checked_address(base_url: str) -> str:
    """The site's address without its last slash. Raises SettingsError for what is none, and for the gateway's."""
    address = base_url.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise SettingsError(
            f"jira.base_url is {base_url!r}, which is no address.",
            'Write it as people open it: base_url = "https://example.atlassian.net".',
        )
    gateway = _PRODUCT.fullmatch(parts.path)
    if gateway:
        raise SettingsError(
            f"jira.base_url is {address}, the address of the gateway, under which nobody can open a ticket.",
            f'Write the site\'s own address as base_url, and cloud_id = "{gateway[1]}" beside it.',
        )
    return address


def is_cloud(base_url: str) -> bool:
    """Whether an address is one of Cloud's own; a site may have another as well."""
    return (urlsplit(base_url.strip()).hostname or "").endswith((".atlassian.net", ".jira.com"))


def _missing(credentials: Credentials, dialect: Dialect) -> str:
    if not credentials.token:
        return "jira.token"
    if credentials.bearer or credentials.user:
        return ""
    return "jira.email" if dialect.cloud else "jira.user"


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _id_in(answer: requests.Response, shape: Shape = TENANT) -> str:
    if answer.status_code != 200:
        return ""
    try:
        found: dict[str, Any] = shape.read(answer.json())
    except (ValueError, UnexpectedAnswer):
        return ""
    return str(found["cloudId"])
