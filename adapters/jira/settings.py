"""`[jira]`: a Jira site, Cloud or Data Center."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SecretStr

from adapters.system import Section

WONTDO = (
    "Won't Do",
    "Won't Fix",
    "Wont Do",
    "Wontfix",
    "Duplicate",
    "Declined",
    "Rejected",
    "Cancelled",
    "Canceled",
    "Abandoned",
    "Obsolete",
    "Invalid",
    "Cannot Reproduce",
    "Not a Bug",
)
"""Names of resolutions, and of statuses, that mean closed without being done; the preferred first."""


class JiraSettings(Section):
    """`[jira]`: a Jira site, Cloud or Data Center."""

    base_url: str = ""
    email: str = ""
    user: str = ""
    token: SecretStr | None = None
    auth: Literal["auto", "basic", "bearer"] = "auto"
    cloud_id: str = ""
    gateway: str = "https://api.atlassian.com"
    deployment: Literal["auto", "cloud", "datacenter"] = "auto"
    project: str = ""
    issue_type: str = "Task"
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    security_level: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)
    transition_fields: dict[str, Any] = Field(default_factory=dict)
    wontdo_resolutions: tuple[str, ...] = WONTDO
    webhook_secret: SecretStr | None = None
