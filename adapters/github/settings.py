"""`[github]`: GitHub Issues as the tracker, and the account for repositories as sources."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, WithJsonSchema, field_validator

from adapters.system import Section


class GitHubProjectSettings(Section):
    """`[github.project]`: a project in which dates and status are kept."""

    owner: str = ""
    number: int = Field(default=0, ge=0)
    date: str = "Target date"
    status: str = "Status"
    open: str = ""
    done: str = ""
    in_progress: tuple[str, ...] = ("In Progress", "In Review", "Doing", "Started")


class GitHubSettings(Section):
    """`[github]`: GitHub Issues as the tracker, and the account for repositories as sources."""

    base_url: str = "https://api.github.com"
    token: SecretStr | None = None
    app_id: Annotated[str, WithJsonSchema({"type": ["string", "integer"]})] = ""
    private_key: SecretStr | None = None
    repository: str = ""
    labels: tuple[str, ...] = ()
    due: Literal["auto", "field", "project", "milestone", "body"] = "auto"
    due_field: str = "Target date"
    milestone: str = ""
    type: str = ""
    project: GitHubProjectSettings = GitHubProjectSettings()
    webhook_secret: SecretStr | None = None

    @field_validator("app_id", mode="before")
    @classmethod
    def _number_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class GitHubSourceSettings(Section):
    """`[sources.NAME]` with `kind = "github"`: a branch of a repository, read and written through the API."""

    path: str = ""
    formerly: tuple[str, ...] = ()
    repository: str = ""
    branch: str = ""
    glob: str = "**/*.md"
    exclude: tuple[str, ...] = ()
