"""Finds what was set where, and turns every mistake in it into a sentence with its cure. No secret is ever shown."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

from sync.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from config.settings import Settings

PREFIX = "SYNC_"
BESIDE = frozenset({"SYNC_CONFIG"})
SECRETS = frozenset({"token", "private_key", "mark_secret"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class Found:
    """What was set, and where.

    Attributes:
        values: of sync.toml; environment: SYNC_ variables by name; secrets: the same from secret files.
        places: for variables that came from a secret file, the file.
    """

    file: Path | None
    root: Path
    values: dict[str, Any]
    environment: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The settings file as a person knows it."""
        return str(self.file) if self.file else "sync.toml"

    def where(self, path: tuple[str, ...]) -> str:
        """Who set a key: the environment, a secret file, or the settings file."""
        variable = PREFIX + "__".join(path).upper()
        if any(name.upper() == variable for name in self.environment):
            return f"environment variable {variable}"
        for name, place in self.places.items():
            if name.upper() == variable:
                return place
        return self.name

    def unreadable(self, error: Exception) -> SettingsError:
        """A variable that should hold JSON (a list, a table) and does not."""
        words = str(error).split('"')
        key = words[1] if len(words) > 1 else "?"
        return SettingsError(
            f"environment variable {PREFIX}{key.upper()}: it holds no valid JSON, and this key takes a table.",
            'Write it as JSON, such as {"key": "value"}, or set it in sync.toml.',
        )


def gather(config: Path | None, environ: Mapping[str, str], cwd: Path, model: type[BaseModel]) -> Found:
    """Read the settings file, the SYNC_ variables and the secret files. Raises SettingsError."""
    wanted = config or (Path(environ["SYNC_CONFIG"]) if environ.get("SYNC_CONFIG") else None)
    file = (cwd / wanted) if wanted else cwd / "sync.toml"
    if wanted and not file.is_file():
        raise SettingsError(f"{wanted}: there is no such settings file.", "Correct --config (or SYNC_CONFIG).")
    values = _read(file) if file.is_file() else {}
    environment = {
        name: value for name, value in environ.items() if name.upper().startswith(PREFIX) and name.upper() not in BESIDE
    }
    root = file.parent if file.is_file() else cwd
    found = Found(file if file.is_file() else None, root, values, environment)
    folder = next((v for n, v in environment.items() if n.upper() == "SYNC_SECRETS_DIR"), values.get("secrets_dir", ""))
    if folder and isinstance(folder, str):
        _read_secrets(found, root / folder)
    problems = [*_unknown_variables(found, model), *_unknown_keys(found, values, model, ())]
    if problems:
        raise SettingsError("\n".join(problems))
    for variables in (found.environment, found.secrets):
        variables |= {name: _as_list(model, name, value) for name, value in variables.items()}
    return found


def _as_list(model: Any, variable: str, value: str) -> str:
    """A list may be written with commas (`owner,due`) as well as in JSON."""
    annotation: Any = model
    for part in variable.upper().removeprefix(PREFIX).split("__"):
        fields = _fields(annotation)
        if fields is not None:
            annotation = next((kind for name, kind in fields.items() if name.upper() == part), None)
        elif get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
    simple = get_origin(annotation) is tuple and _fields(get_args(annotation)[0]) is None
    if not simple or value.lstrip().startswith("["):
        return value
    return json.dumps([word.strip() for word in value.split(",") if word.strip()])


def _read(file: Path) -> dict[str, Any]:
    text = ""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: it is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        said = str(error).replace("at end of document", f"at line {len(text.splitlines()) or 1}, the last")
        raise SettingsError(f"{file}: it is not valid TOML: {said}.", "Correct that line.") from error
    except OSError as error:
        raise SettingsError(f"{file}: it cannot be read ({error.strerror}).", "Make it readable.") from error


def _read_secrets(found: Found, folder: Path) -> None:
    if not folder.is_dir():
        raise SettingsError(f"{found.name}: secrets_dir: there is no folder {folder}.", "Correct it, or remove it.")
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or not entry.is_file():
            continue
        name = entry.name.upper()
        name = name if name.startswith(PREFIX) else PREFIX + name
        try:
            found.secrets[name] = entry.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{entry}: the secret cannot be read.", "Make it a readable text file.") from error
        found.places[name] = f"secret file {entry}"


# --- unknown keys ----------------------------------------------------------------------------


def _unknown_variables(found: Found, model: type[BaseModel]) -> Iterator[str]:
    known = [PREFIX + "__".join(path).upper() for path in _paths(model, ())]
    for name in (*found.environment, *found.secrets):
        path = name.upper().removeprefix(PREFIX).split("__")
        if not _exists(model, path):
            near = _near(name.upper(), known)
            place = found.places.get(name, f"environment variable {name}")
            yield f"{place}: there is no such setting.{near} It is set, but nothing reads it."


def _exists(model: Any, path: list[str]) -> bool:
    fields = _fields(model)
    if fields is None:
        return True
    by_name = {name.upper(): annotation for name, annotation in fields.items() if name not in ("file", "root")}
    if path[0] not in by_name:
        return False
    return len(path) == 1 or _exists_inside(by_name[path[0]], path[1:])


def _exists_inside(annotation: Any, path: list[str]) -> bool:
    if get_origin(annotation) is dict:
        return len(path) == 1 or _exists(get_args(annotation)[1], path[1:])
    return _fields(annotation) is not None and _exists(annotation, path)


def _unknown_keys(found: Found, values: Any, model: Any, path: tuple[str, ...]) -> Iterator[str]:
    fields = _fields(model)
    if fields is None or not isinstance(values, Mapping):
        return
    known = [name for name in fields if name not in ("file", "root")]
    for key, value in values.items():
        here = (*path, key)
        if key not in known:
            yield f"{found.name}: {'.'.join(here)}: there is no such key.{_near(key, known)}"
            continue
        annotation = fields[key]
        origin = get_origin(annotation)
        if origin is dict and isinstance(value, Mapping):
            for name, inner in value.items():
                yield from _unknown_keys(found, inner, get_args(annotation)[1], (*here, name))
        elif origin is tuple and isinstance(value, list):
            for number, inner in enumerate(value):
                yield from _unknown_keys(found, inner, get_args(annotation)[0], (*here, str(number + 1)))
        else:
            yield from _unknown_keys(found, value, annotation, here)


def _fields(model: Any) -> dict[str, Any] | None:
    """Names and types of a model's fields; None for anything that is no model."""
    fields = getattr(model, "model_fields", None)
    if not isinstance(fields, dict):
        return None
    return {name: info.annotation for name, info in fields.items()}


def _paths(model: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, annotation in (_fields(model) or {}).items():
        if name in ("file", "root"):
            continue
        if _fields(annotation) is None:
            yield (*path, name)
        else:
            yield from _paths(annotation, (*path, name))


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.6)
    if near:
        return f" Did you mean {near[0]}?"
    return f" There are: {', '.join(sorted(known))}." if len(known) <= 16 else ""


# --- wrong values ----------------------------------------------------------------------------


def explain(error: ValidationError, found: Found, model: type[BaseModel]) -> SettingsError:
    """All mistakes of one reading, one a line."""
    lines: list[str] = []
    for problem in error.errors(include_url=False, include_context=True, include_input=True):
        path = tuple(str(part + 1 if isinstance(part, int) else part) for part in problem["loc"])
        path = tuple(part for part in path if not part.startswith(("function-", "literal[")))
        lines.append(f"{found.where(path)}: {'.'.join(path)}: {_words(problem, path, model)}")
    return SettingsError("\n".join(lines))


def _words(problem: Mapping[str, Any], path: tuple[str, ...], model: type[BaseModel]) -> str:
    wanted, default = _wanted(model, path)
    kind = problem["type"]
    if kind == "missing":
        return f"it is missing; it must be {wanted}."
    found = _shown(problem.get("input"), path)
    limits = problem.get("ctx") or {}
    if kind.startswith(("greater_than", "less_than")):
        wanted += "".join(
            f", at least {v}" if k == "ge" else f", more than {v}" for k, v in limits.items() if k in ("ge", "gt")
        )
    if kind == "string_pattern_mismatch":
        wanted = f"text that fits {limits.get('pattern')}"
    rest = f" (default {default})" if default is not None else ""
    return f"found {found}, must be {wanted}{rest}."


def _shown(value: Any, path: tuple[str, ...]) -> str:
    """What was found, in words; a secret, or what may be one, only by its type."""
    kind = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    name = kind.get(type(value), type(value).__name__)
    if SECRETS & set(path) or not isinstance(value, bool | int | float | str):
        return name
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value!r}" if isinstance(value, int | float) else f'"{value[:40]}"'


def _wanted(model: Any, path: tuple[str, ...]) -> tuple[str, str | None]:
    """What a key takes, in words, and its default."""
    annotation: Any = model
    default: str | None = None
    for part in path:
        fields = getattr(annotation, "model_fields", None)
        if isinstance(fields, dict) and part in fields:
            info = fields[part]
            annotation = info.annotation
            value = None if info.is_required() else info.get_default()
            default = _toml(value) if isinstance(value, bool | int | float | str) and value != "" else None
        elif get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        elif get_origin(annotation) is tuple:
            annotation, default = get_args(annotation)[0], None
    return _type_words(annotation), default


def _type_words(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(annotation) if choice)
    if origin is tuple:
        return f"a list of {_type_words(get_args(annotation)[0])}"
    if origin is dict or _fields(annotation) is not None:
        return "a table"
    choices = [one for one in get_args(annotation) if one is not type(None)]
    if origin is Union or (choices and type(annotation).__name__ == "UnionType"):
        return _type_words(choices[0])
    if choices:
        return _type_words(choices[0])
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return words.get(annotation, "text")


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


# --- what is needed together -----------------------------------------------------------------


def check_use(settings: Settings, found: Found) -> None:
    """What single keys cannot tell: secrets that a chosen tracker needs, addresses that must be https."""
    used = {settings.tracker, *(s.tracker for s in settings.sources.values()), *(r.tracker for r in settings.routes)}
    kinds = {source.kind for source in settings.sources.values()}
    problems: list[str] = []
    if "github" in used | kinds:
        problems += _check_github(settings, found)
    if "github" in used and not settings.github.repository and settings.tracker == "github":
        routed = all(source.project for source in settings.sources.values()) and settings.sources
        if not routed:
            problems.append(f'{found.name}: github.repository: it is missing; must be "owner/name".')
    if "jira" in used:
        problems += _check_jira(settings, found)
    for name, source in settings.sources.items():
        if source.kind == "github" and not source.repository:
            problems.append(f'{found.name}: sources.{name}.repository: it is missing; must be "owner/name".')
    for key, url in (("github.base_url", settings.github.base_url), ("jira.base_url", settings.jira.base_url)):
        parts = urlsplit(url)
        if url and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            where = found.where(tuple(key.split(".")))
            problems.append(f"{where}: {key}: it must begin with https://, so that the token is never sent in clear.")
    if problems:
        raise SettingsError("\n".join(problems))


def _check_github(settings: Settings, found: Found) -> Iterator[str]:
    github = settings.github
    if github.token and (github.app_id or github.private_key):
        yield f"{found.name}: github: both token and app_id/private_key are set; keep one way to sign in."
    elif github.app_id and not github.private_key:
        yield _missing(found, "github.private_key", "the PEM text of the App's key")
    elif not github.token and not github.app_id:
        yield _missing(found, "github.token", "a token")


def _check_jira(settings: Settings, found: Found) -> Iterator[str]:
    jira = settings.jira
    for key, value, what in (
        ("base_url", jira.base_url, 'the site, such as "https://acme.atlassian.net"'),
        ("project", jira.project, 'a project\'s key, such as "OPS"'),
    ):
        if not value:
            yield f"{found.name}: jira.{key}: it is missing; must be {what}."
    if not jira.token:
        yield _missing(found, "jira.token", "an API token")
    if jira.deployment == "cloud" and not jira.email:
        yield f"{found.name}: jira.email: it is missing; Jira Cloud signs in with an e-mail address and a token."


def _missing(found: Found, key: str, what: str) -> str:
    variable = PREFIX + key.replace(".", "__").upper()
    return f"{found.name}: {key}: the secret is missing; set {variable} to {what}, or put it into secrets_dir."
