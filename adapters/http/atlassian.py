"""What Atlassian's products have in common: addresses of sites, accounts, and the gateway of tokens with scopes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import Field
from typing_extensions import TypedDict  # before Python 3.12 pydantic reads no other

from adapters.http.policy import Transient
from adapters.http.schemas import Shape, UnexpectedAnswer
from sync.errors import CredentialsError, SettingsError

T = TypeVar("T")

GATEWAY = "https://api.atlassian.com"

_PRODUCT = re.compile(r"/ex/(?:jira|confluence)/([0-9A-Za-z-]+)(?:/.*)?")
_CLOUD_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class _Tenant(TypedDict):
    cloudId: Annotated[str, Field(pattern=_CLOUD_ID.pattern)]


TENANT = Shape(_Tenant)
"""What a site of Cloud tells anybody at /_edge/tenant_info."""


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


def signing_in(
    base_url: str, token: str, email: str, user: str, auth: str, cloud_id: str, deployment: str
) -> tuple[bool, Credentials]:
    """Whether a site is one of Cloud, and how its calls are signed, by the keys that its products' sections share.

    Args:
        auth: "basic", "bearer", or "auto": basic with an e-mail address or a user, else bearer.
        deployment: "cloud", "datacenter", or "auto": Cloud by its address, or with an e-mail address or an id.
    """
    cloud = bool(email or cloud_id) or is_cloud(base_url) if deployment == "auto" else deployment == "cloud"
    name = email if cloud else user
    bearer = not (cloud or name) if auth == "auto" else auth == "bearer"
    return cloud, Credentials(token, name, bearer)


def check_credentials(credentials: Credentials, cloud: bool, section: str) -> None:
    """Raise SettingsError, which names the key of the section, where nobody can sign in with these."""
    missing = "" if credentials.token else "token"
    if not missing and not (credentials.bearer or credentials.user):
        missing = "email" if cloud else "user"
    if missing:
        raise SettingsError(
            f"{section}.{missing} is not set.",
            "Cloud wants the account's e-mail address and an API token, Data Center a personal access token alone.",
        )


def is_cloud(base_url: str) -> bool:
    """Whether an address is one of Cloud's own; a site may have another as well."""
    return (urlsplit(base_url.strip()).hostname or "").endswith((".atlassian.net", ".jira.com"))


def checked_address(base_url: str, section: str) -> str:
    """A site's address without its last slash. Raises SettingsError for what is none, and for the gateway's.

    Args:
        section: of the settings, in which the address is `base_url`.
    """
    address = base_url.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise SettingsError(
            f"{section}.base_url is {base_url!r}, which is no address.",
            'Write it as people open it: base_url = "https://example.atlassian.net".',
        )
    gateway = _PRODUCT.fullmatch(parts.path)
    if gateway:
        raise SettingsError(
            f"{section}.base_url is {address}, the address of the gateway, under which nobody can open anything.",
            f'Write the site\'s own address as base_url, and cloud_id = "{gateway[1]}" beside it.',
        )
    return address


def checked_id(cloud_id: str, base_url: str, section: str) -> str:
    """A site's id at the gateway, without blanks; "" for none. Raises SettingsError for what is none."""
    found = cloud_id.strip()
    if found and not _CLOUD_ID.fullmatch(found):
        raise SettingsError(
            f"{section}.cloud_id is {cloud_id!r}, which is no id of a site.",
            f"{base_url}/_edge/tenant_info tells it, as cloudId.",
        )
    return found


def id_in(status: int, body: object) -> str:
    """The id in what a site tells anybody; "" where it tells none."""
    if status != 200:
        return ""
    try:
        found: dict[str, Any] = TENANT.read(body)
    except UnexpectedAnswer:
        return ""
    return str(found["cloudId"])


class Unauthorised(CredentialsError):
    """The credentials are not accepted at an address; nothing was carried out.

    Args:
        scope: whether they are known there, and lack a scope.
    """

    def __init__(self, message: str, cure: str, scope: bool) -> None:
        super().__init__(message, cure)
        self.scope = scope


def not_accepted(refuses: str, stated: str, product: str, by: str, scopes: str = "") -> Unauthorised:
    """What is told of credentials that are not accepted.

    Args:
        refuses: who refuses what: `example.atlassian.net refuses jira.token`.
        by: that it was the gateway, where it was; "" for the site.
        scopes: those that the token lacks, if that is why.
    """
    cure = f"Make a new token, for it may have ended or been revoked, and see that the account may use {product}."
    if scopes:
        cure = f"Make a token that has the scopes {scopes}."
    return Unauthorised(f"{refuses} ({stated}{by}).", cure, bool(scopes))


def reached(attempt: Callable[[], T], refused: Unauthorised) -> T:
    """An attempt at the gateway. Where it cannot be reached, what the site said stands."""
    try:
        return attempt()
    except Transient as failure:
        if failure.done or failure.limit:
            raise
        stated = f"{refused.message} Atlassian's gateway, for tokens with scopes, cannot be reached."
        raise Unauthorised(stated, refused.cure, scope=False) from None


def is_nobody(headers: Mapping[str, str]) -> bool:
    """Whether an answer was given to nobody in particular, whatever its status: a token that is not accepted."""
    reason, name = headers.get("X-Seraph-LoginReason", ""), headers.get("X-AUSERNAME", "")
    return "AUTHENTICATED_FAILED" in reason or "AUTHENTICATION_DENIED" in reason or name.lower() == "anonymous"


def names_us(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it was given to an account."""
    named = headers.get("X-AUSERNAME") or headers.get("X-AACCOUNTID")
    return bool(named) or "OK" in headers.get("X-Seraph-LoginReason", "")
