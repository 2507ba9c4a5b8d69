"""Confluence, as the registry knows it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.confluence.settings import ConfluenceSettings, ConfluenceSourceSettings, seconds_of
from adapters.system import Missing, Problem, SourcePart, Surroundings, System, Use, Wrong
from sync.ports import Source

if TYPE_CHECKING:
    from adapters.http.webhook import Sender

_SHARED = ("email", "user", "token", "auth", "cloud_id", "gateway", "deployment")
_SPACE = re.compile(r"~?[\w.-]+")
_BY_ADDRESS = re.compile(r"(?:[?&]pageId=|/pages/)([0-9]{1,20})(?=\D|$)")


def _source(name: str, keys: ConfluenceSourceSettings, settings: ConfluenceSettings, around: Surroundings) -> Source:
    from adapters.confluence.client import ConfluenceSession
    from adapters.confluence.page import Wanted
    from adapters.confluence.source import ConfluenceSource
    from adapters.http.atlassian import signing_in
    from adapters.http.policy import CallPolicy

    cloud, credentials = signing_in(
        settings.base_url,
        _token(settings),
        settings.email,
        settings.user,
        settings.auth,
        settings.cloud_id,
        settings.deployment,
    )
    policy = CallPolicy(around.clock, around.requests_per_minute, around.waiting, rate_limiter=around.rate_limiter)
    session = ConfluenceSession(
        settings.base_url,
        credentials,
        policy,
        around.clock,
        cloud=cloud,
        cloud_id=settings.cloud_id,
        gateway=settings.gateway,
        watch=around.watch,
    )
    wanted = Wanted(keys.space, keys.label, _page_id(keys.under), keys.cql)
    # Another account sees other pages, and other settings want others.
    place = "\0".join([session.web, credentials.user, wanted.query()])
    memory = around.cache / f"confluence-{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"
    return ConfluenceSource(
        name,
        session,
        wanted,
        around.clock,
        formerly=keys.formerly,
        page_states=keys.page_states,
        memory=memory,
        draft_wait=seconds_of(settings.draft_wait),
    )


def _token(settings: ConfluenceSettings) -> str:
    return settings.token.get_secret_value() if settings.token else ""


def _page_id(under: str) -> str:
    """The id of a page that is written as its id, or as its address."""
    match = _BY_ADDRESS.search(under)
    return match[1] if match else under.strip()


def _account(settings: ConfluenceSettings) -> tuple[str, ...]:
    return settings.base_url, settings.email or settings.user, _token(settings)


def _borrow(settings: ConfluenceSettings, lender: Any) -> ConfluenceSettings:
    """The site of Jira Cloud where none is given, and Jira's account where both are on one host.

    A token is shown to no other host than the one that it was given for. `lender` is Jira's section.
    """
    if not lender.base_url:
        return settings
    if settings.base_url:
        if _origin(settings.base_url) != _origin(lender.base_url):
            return settings
    elif not (lender.email or lender.cloud_id or _is_cloud(lender.base_url, lender.deployment)):
        # A Data Center's Confluence has an address of its own.
        return settings
    update: dict[str, Any] = {} if settings.base_url else {"base_url": lender.base_url}
    if settings.token is None:
        set_here = settings.model_fields_set
        update |= {key: getattr(lender, key) for key in _SHARED if key not in set_here}
    return settings.model_copy(update=update)


def _check(settings: ConfluenceSettings, use: Use) -> Iterator[Problem]:
    if not use.source:
        return
    if not settings.base_url:
        yield Missing("base_url", 'the site, such as "https://acme.atlassian.net"')
    if not settings.token:
        yield Missing("token", "an API token (Cloud) or a personal access token (Data Center)", secret=True)
    if _is_cloud(settings.base_url, settings.deployment) and not settings.email and settings.auth != "bearer":
        yield Missing("email", "the e-mail address of the token's account, for Confluence Cloud")


def _is_cloud(base_url: str, deployment: str) -> bool:
    """Whether settings say that a site is one of Cloud, by its address where they leave it open."""
    _, host = _origin(base_url)
    return deployment == "cloud" or (deployment == "auto" and host.partition(":")[0].endswith(".atlassian.net"))


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host of an address; of what is none, that it is none is told elsewhere."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme, parts.netloc.lower()


def _check_source(keys: ConfluenceSourceSettings) -> Iterator[Problem]:
    if not (keys.space or keys.label or keys.under or keys.cql):
        yield Missing("label", "a label of your postmortems; or set space, under or cql")
    if keys.space and not _SPACE.fullmatch(keys.space):
        yield Wrong("space", 'found other text, must be the key of a space, such as "OPS".')
    if keys.under and not _page_id(keys.under).isdecimal():
        yield Wrong("under", "found other text, must be the id of a page, or its address with the id in it.")
    if keys.cql.count("(") != keys.cql.count(")") or re.search(r"\border\s+by\b", keys.cql, re.IGNORECASE):
        yield Wrong("cql", "it must be a condition with all its parentheses closed, and without ORDER BY.")


def _sender() -> Sender:
    from adapters.confluence.webhook import SENDER

    return SENDER


CONFLUENCE = System(
    "confluence",
    ConfluenceSettings,
    source=SourcePart(ConfluenceSourceSettings, _source, _check_source),
    account=_account,
    addresses=("base_url", "gateway"),
    check=_check,
    sender=_sender,
    lender="jira",
    borrow=_borrow,
)
