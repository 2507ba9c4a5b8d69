"""Settings from sync.toml, the environment and secret files. Every key is a contract with its users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    WithJsonSchema,
    field_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from config.explain import explain
from config.found import PREFIX, Given, gather
from config.use import check_use

Count = Annotated[int, Field(ge=0)]
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


class Section(BaseModel):
    """A table of sync.toml: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


class SourceSettings(Section):
    """`[sources.NAME]`: where postmortems are read and written back."""

    kind: Literal["files", "github"] = "files"
    path: str = ""
    repository: str = ""
    branch: str = ""
    glob: str = "**/*.md"
    exclude: tuple[str, ...] = ()
    url: str = ""
    tracker: Literal["local", "jira", "github"] | None = None
    project: str = ""
    commit: bool = False


class GitHubSettings(Section):
    """`[github]`: GitHub Issues as the tracker, and the account for repositories as sources."""

    base_url: str = "https://api.github.com"
    token: SecretStr | None = None
    app_id: Annotated[str, WithJsonSchema({"type": ["string", "integer"]})] = ""
    private_key: SecretStr | None = None
    repository: str = ""
    labels: tuple[str, ...] = ()
    due: Literal["auto", "field", "milestone", "body"] = "auto"
    due_field: str = "Target date"
    milestone: str = ""
    type: str = ""
    webhook_secret: SecretStr | None = None

    @field_validator("app_id", mode="before")
    @classmethod
    def _number_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class JiraSettings(Section):
    """`[jira]`: a Jira site, Cloud or Data Center."""

    base_url: str = ""
    email: str = ""
    token: SecretStr | None = None
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


class LocalSettings(Section):
    """`[local]`: the embedded tracker."""

    path: str = ""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,19}$")] = "LOCAL"


class PersonSettings(Section):
    """One entry of `[people]`."""

    github: str = ""
    jira: str = ""
    local: str = ""
    aliases: tuple[str, ...] = ()


def _as_list(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    numbers = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in values]
    return numbers if isinstance(value, list | str | int) else value


_ONE = {"type": ["string", "integer"]}
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]}),
]
"""A list of texts; one may be written without brackets, and a number without quotes."""

Country = Annotated[
    str,
    Field(
        pattern=r"^([A-Z]{2}(-[A-Za-z0-9]{1,6})?)?$",
        description='a country by its two letters, such as "DE", or a part of one, such as "DE-BY"',
    ),
]


class RouteSettings(Section):
    """One of `[[routes]]`: all patterns of `match` must fit, the first route that fits wins."""

    match: dict[str, str]
    project: str = ""
    tracker: Literal["local", "jira", "github"] | None = None


Period = Annotated[
    str,
    Field(
        pattern=r"^([1-9][0-9]{0,3} ?(d|days?|w|weeks?|(working|business) days?))?$",
        description='a number of days, weeks or working days, such as "3d", "2 weeks" or "15 working days"',
    ),
]


class PolicySettings(Section):
    """One of `[[policies]]`: how soon the items that `match` fits have an owner and a due date, and are done."""

    name: str = ""
    match: dict[str, Texts] = Field(default_factory=dict)
    assigned_within: Period = ""
    due_within: Period = ""
    done_within: Period = ""
    holidays: Country = ""


class CalendarSettings(Section):
    """`[calendar]`: which days are worked, where a policy counts working days."""

    holidays: Country = ""


class StateSettings(Section):
    """`[state]`: the journal."""

    url: str = "sqlite:///.postmortem-sync/journal.db"
    mark_secret: SecretStr | None = None
    lock_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 600.0
    pg_schema: Annotated[str, Field(pattern=r"^([a-z_][a-z0-9_]{0,50})?$")] = ""


class LimitsSettings(Section):
    """`[limits]`: what a run may do at most."""

    new_tickets: Count = 25
    max_age_days: Count = 180
    requests_per_minute: Annotated[int, Field(gt=0)] | None = None


class ItemsSettings(Section):
    """`[items]`: what counts as an action item."""

    require: tuple[Literal["owner", "due"], ...] = ()
    sections: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    date_order: Literal["", "dmy", "mdy"] = ""
    periods: bool = False
    unsure: bool = False


class CompletionSettings(Section):
    """`[completion]`: what a tick means."""

    on_ticked: Literal["report", "close", "reopen"] = "report"
    create_closed: bool = False


Check = Literal[
    "specific",
    "owned",
    "one-owner",
    "dated",
    "due-valid",
    "due-past",
    "due-far",
    "policy",
    "few-items",
    "has-items",
    "unsure",
    "sections",
    "empty-section",
    "blameless",
    "ignore",
]


class CheckSettings(Section):
    """`[check]`: rules of `sync check`."""

    disable: tuple[Check, ...] = ()
    severity: dict[str, Literal["error", "warning", "note"]] = Field(default_factory=dict)
    max_items: Annotated[int, Field(gt=0)] = 7


class RemindSettings(Section):
    """`[remind]`: comments on overdue tickets."""

    enabled: bool = False
    every_days: Annotated[int, Field(gt=0)] = 14


class MetricsSettings(Section):
    """`[metrics]`: figures of a run, for a monitoring system."""

    file: str = ""


class WorkerSettings(Section):
    """`[worker]`: `sync worker`, on any number of machines that share a PostgreSQL state store."""

    teams: tuple[str, ...] = ()
    jobs: Annotated[int, Field(gt=0, le=64)] = 2
    every_minutes: Annotated[int, Field(gt=0, le=59)] = 5
    takeover_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 30.0


class ServeSettings(Section):
    """`[serve]`: `sync serve`, which receives webhooks."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class TelemetrySettings(Section):
    """`[telemetry]`: traces and metrics over OTLP."""

    endpoint: str = ""
    headers: SecretStr | None = None
    service_name: Annotated[str, Field(min_length=1)] = "postmortem-sync"

    def pairs(self) -> dict[str, str]:
        """The headers by their names, read as OpenTelemetry writes them: name=value,name=value, percent-encoded."""
        text = self.headers.get_secret_value() if self.headers else ""
        parts = [part.partition("=") for part in text.split(",") if part.strip()]
        return {name.strip(): unquote(value.strip()) for name, _, value in parts}


class LogSettings(Section):
    """`[log]`: what goes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    format: Literal["auto", "console", "json"] = "auto"


class Settings(BaseSettings):
    """Everything a run may be told. Load it with `load`.

    Attributes:
        file: the sync.toml it was read from; None when there was none.
        root: the folder that relative paths are relative to.
    """

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    tracker: Literal["local", "jira", "github"] = "local"
    secrets_dir: str = ""
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    github: GitHubSettings = GitHubSettings()
    jira: JiraSettings = JiraSettings()
    local: LocalSettings = LocalSettings()
    people: dict[str, PersonSettings] = Field(default_factory=dict)
    routes: tuple[RouteSettings, ...] = ()
    policies: tuple[PolicySettings, ...] = ()
    calendar: CalendarSettings = CalendarSettings()
    state: StateSettings = StateSettings()
    limits: LimitsSettings = LimitsSettings()
    items: ItemsSettings = ItemsSettings()
    completion: CompletionSettings = CompletionSettings()
    check: CheckSettings = CheckSettings()
    remind: RemindSettings = RemindSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    worker: WorkerSettings = WorkerSettings()
    serve: ServeSettings = ServeSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    file: Path | None = Field(default=None, exclude=True)
    root: Path = Field(default=Path(), exclude=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: the process's environment is never looked at behind its back."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, the password within the state's address included, for redaction."""
        github, jira = self.github, self.jira
        keys = (github.token, github.private_key, github.webhook_secret, jira.token, jira.webhook_secret)
        values = [key.get_secret_value() for key in (*keys, self.state.mark_secret, self.telemetry.headers) if key]
        for value in self.telemetry.pairs().values():
            values += [value, value.rpartition(" ")[2]]  # what follows "Bearer " as well
        password = urlsplit(self.state.url).password or ""
        return tuple(dict.fromkeys(value for value in (*values, password, unquote(password)) if value))


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of SYNC_ names, over what `gather` found: names spelled as the keys are."""

    def __init__(self, given: Iterable[Given]) -> None:
        self._passed = {PREFIX + "__".join(one.path): one.value for one in given}
        super().__init__(Settings, case_sensitive=True, env_prefix=PREFIX, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._passed)


def load(
    config: Path | None,
    environ: Mapping[str, str],
    cwd: Path,
    offline: bool = False,
    mistakes: list[str] | None = None,
) -> Settings:
    """Read the settings; the environment wins over secret files, and those over sync.toml.

    Args:
        config: the file that was asked for; None for `SYNC_CONFIG`, else sync.toml in `cwd` when there is one.
        offline: for commands that never sign in: what only a connection needs may be missing.
        mistakes: for the doctor: sentences about what can be left out (an unknown key) or is missing are added here,
            and the settings are those without it.

    Raises:
        SettingsError: one line for each mistake, naming the file (or variable), the key, what was found, and what
            would be right.
    """
    found = gather(config, environ, cwd, Settings)
    values = found.values
    for given in (found.secrets, found.environment):
        values = _merged(values, _Environment(given)())
    try:
        settings = Settings(**values, file=found.file, root=found.root)
    except ValidationError as error:
        raise found.refusal([*found.problems, *explain(error, found, Settings)]) from None
    problems = found.problems or list(check_use(settings, found, offline))
    if problems and mistakes is None:
        raise found.refusal(problems)
    if problems and mistakes is not None:
        mistakes += found.refusal([*found.problems, *check_use(settings, found, offline)]).message.splitlines()
    return settings


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result
