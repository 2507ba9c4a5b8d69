"""Reads the settings: sync.toml, the environment and secret files, with every mistake told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from adapters.registry import SYSTEMS
from adapters.system import Registry
from config.explain import explain
from config.found import PREFIX, Given, gather
from config.settings import Settings, settings_class
from config.use import check_use


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of SYNC_ names, over what `gather` found: names spelled as the keys are."""

    def __init__(self, model: type[Settings], given: Iterable[Given]) -> None:
        self._passed = {PREFIX + "__".join(one.path): one.value for one in given}
        super().__init__(model, case_sensitive=True, env_prefix=PREFIX, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._passed)


def load(
    config: Path | None,
    environ: Mapping[str, str],
    cwd: Path,
    offline: bool = False,
    mistakes: list[str] | None = None,
    systems: Registry = SYSTEMS,
) -> Settings:
    """Read the settings; the environment wins over secret files, and those over sync.toml.

    Args:
        config: the file that was asked for; None for `SYNC_CONFIG`, else sync.toml in `cwd` when there is one.
        offline: for commands that never sign in: what only a connection needs may be missing.
        mistakes: for the doctor: sentences about what can be left out (an unknown key) or is missing are added here,
            and the settings are those without it.
        systems: that there are.

    Raises:
        SettingsError: one line for each mistake, naming the file (or variable), the key, what was found, and what
            would be right.
    """
    model = settings_class(systems)
    found = gather(config, environ, cwd, model)
    values = found.values
    for given in (found.secrets, found.environment):
        values = _merged(values, _Environment(model, given)())
    try:
        settings = model(**values, file=found.file, root=found.root)
    except ValidationError as error:
        raise found.refusal([*found.problems, *explain(error, found, model)]) from None
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
