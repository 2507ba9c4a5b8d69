"""`[confluence]`: a Confluence site, Cloud or Data Center, and the keys of its sources."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema

from adapters.system import Section

Wait = Annotated[
    str,
    Field(
        pattern=r"^(0|[1-9][0-9]{0,3} ?(m|minutes?|h|hours?|d|days?))$",
        description='a time, such as "30m", "12 hours" or "1 day"; "0" for none',
    ),
]
_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds_of(wait: str) -> float:
    """A time of the settings in seconds."""
    number = wait.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = wait[len(number) :].strip()[:1]
    return float(number) * _SECONDS.get(unit, 0.0)


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


PageRef = Annotated[str, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "integer"]})]
"""A page's id, which may be written without quotes, or its address."""


class ConfluenceSettings(Section):
    """`[confluence]`: a Confluence site, Cloud or Data Center."""

    base_url: str = ""
    email: str = ""
    user: str = ""
    token: SecretStr | None = None
    auth: Literal["auto", "basic", "bearer"] = "auto"
    cloud_id: str = ""
    gateway: str = "https://api.atlassian.com"
    deployment: Literal["auto", "cloud", "datacenter"] = "auto"
    draft_wait: Wait = "1 day"
    webhook_secret: SecretStr | None = None


class ConfluenceSourceSettings(Section):
    """`[sources.NAME]` with `kind = "confluence"`: pages by their space, label, place in the tree, or by CQL."""

    space: str = ""
    label: str = ""
    under: PageRef = ""
    cql: str = ""
    page_states: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
