"""Settings from sync.toml, the environment and secret files. Every key is a contract with its users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.registry import SYSTEMS
from adapters.system import Registry, Section

Count = Annotated[int, Field(ge=0)]
S = TypeVar("S", bound=Section)


class SourceSettings(Section):
    """`[sources.NAME]`: where postmortems are read and written back.

    `settings_class` adds the keys of every kind; the ones that a kind does not read must be left alone.
    """

    kind: str
    tracker: str | None = None
    project: str = ""

    def keys_of(self, kind: type[S]) -> S:
        """The keys that one kind reads."""
        return kind.model_construct(**{name: getattr(self, name) for name in kind.model_fields})


class PersonSettings(Section):
    """One entry of `[people]`.

    `settings_class` adds a key for each tracker: the person's account there.
    """

    aliases: tuple[str, ...] = ()

    def account(self, tracker: str) -> str:
        """The account at a tracker, as written; "" when there is none."""
        return str(getattr(self, tracker))


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
    tracker: str | None = None


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
    """`[serve]`: `sync serve`, which receives webhooks and shows the report."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    report: Literal["loopback", "all", "off"] = "loopback"


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
    """Everything a run may be told, beside the systems' own sections, which `settings_class` adds. Made by `load`.

    Attributes:
        systems: whose sections, trackers and kinds of sources there are.
        file: the sync.toml it was read from; None when there was none.
        root: the folder that relative paths are relative to.
    """

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    systems: ClassVar[Registry] = Registry(())

    tracker: str = ""
    secrets_dir: str = ""
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    people: dict[str, PersonSettings] = Field(default_factory=dict)
    routes: tuple[RouteSettings, ...] = ()
    policies: tuple[PolicySettings, ...] = ()
    calendar: CalendarSettings = CalendarSettings.model_construct()
    state: StateSettings = StateSettings.model_construct()
    limits: LimitsSettings = LimitsSettings.model_construct()
    items: ItemsSettings = ItemsSettings.model_construct()
    completion: CompletionSettings = CompletionSettings.model_construct()
    check: CheckSettings = CheckSettings.model_construct()
    remind: RemindSettings = RemindSettings.model_construct()
    log: LogSettings = LogSettings.model_construct()
    metrics: MetricsSettings = MetricsSettings.model_construct()
    worker: WorkerSettings = WorkerSettings.model_construct()
    serve: ServeSettings = ServeSettings.model_construct()
    telemetry: TelemetrySettings = TelemetrySettings.model_construct()
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

    def section(self, name: str) -> Section:
        """What `[name]` says to that system, completed from the section it may borrow from; empty when it has none.

        Raises SettingsError when there is no such system.
        """
        system = self.systems.system(name)
        own: Section = getattr(self, name) if system.section else Section()
        return system.borrow(own, self.section(system.lender)) if system.borrow else own

    def of(self, model: type[S]) -> S:
        """The section of this type. Raises KeyError when no system has one."""
        for system in self.systems:
            if system.section is model:
                section = self.section(system.name)
                assert isinstance(section, model)
                return section
        raise KeyError(model)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, the password within the state's address included, for redaction."""
        values = list(_secrets_within(dict(self)))
        for value in self.telemetry.pairs().values():
            values += [value, value.rpartition(" ")[2]]  # what follows "Bearer " as well
        password = urlsplit(self.state.url).password or ""
        return tuple(dict.fromkeys(value for value in (*values, password, unquote(password)) if value))


def _secrets_within(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Section):
        yield from _secrets_within(dict(value))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets_within(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _secrets_within(inner)


@cache
def settings_class(systems: Registry = SYSTEMS) -> type[Settings]:
    """The settings with all that these systems add: names, sections, and keys of sources and of people.

    Raises:
        TypeError: two kinds of sources mean something different by one key, or one by a key that all sources have; a
            system's section is called as one of our own.
    """
    for system in systems:
        if system.section and system.name in Settings.model_fields:
            raise TypeError(f"[{system.name}]: it is no system's section, but one of the program's own")
    choice: Any = Literal
    tracker = choice[systems.trackers]
    source: dict[str, Any] = {"kind": (choice[systems.kinds], systems.kinds[0]), "tracker": (tracker | None, None)}
    for kind in systems.kinds:
        for name, info in systems.source(kind).keys.model_fields.items():
            key = (info.rebuild_annotation(), info.get_default(call_default_factory=True))
            if name in SourceSettings.model_fields or source.setdefault(name, key) != key:
                raise TypeError(f"[sources.NAME] {name}: it means something else to {kind} than to other kinds")
    accounts: dict[str, Any] = dict.fromkeys(systems.trackers, (str, ""))
    sources = _completed(SourceSettings, source)
    people = _completed(PersonSettings, accounts)
    routes = _completed(RouteSettings, {"tracker": (tracker | None, None)})
    fields: dict[str, Any] = {
        system.name: (system.section, system.section.model_construct()) for system in systems if system.section
    }
    fields |= {
        "tracker": (tracker, systems.trackers[0]),
        "sources": (dict[str, sources], Field(default_factory=dict)),  # type: ignore[valid-type]
        "people": (dict[str, people], Field(default_factory=dict)),  # type: ignore[valid-type]
        "routes": (tuple[routes, ...], ()),  # type: ignore[valid-type]
    }
    made = create_model("Settings", __base__=Settings, **fields)
    made.systems = systems
    return made


def _completed(model: type[S], fields: dict[str, Any]) -> type[S]:
    """The model with further fields, under its own name and with its first sentence."""
    said = (model.__doc__ or "").partition("\n")[0]
    return create_model(model.__name__, __base__=model, __doc__=said, **fields)
