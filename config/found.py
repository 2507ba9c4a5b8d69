"""Finds what was set where: sync.toml, the environment and secret files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from config.keys import Absent, described, fields, leaves, near, plain, reach, secrets_in, shown, sift, step
from sync.errors import SettingsError
from sync.process.redaction import Redactor

PREFIX = "SYNC_"
BESIDE = frozenset({"SYNC_CONFIG"})
"""Variables of ours that are no settings."""
LARGEST_SECRET = 1 << 20


@dataclass(frozen=True, slots=True)
class Given:
    """One key that was set outside sync.toml.

    Attributes:
        path: of the key, its parts spelled as in the models and in sync.toml.
        value: its text as pydantic-settings takes it: JSON for lists and tables; `decoded` the same, understood.
        place: who set it, in words.
    """

    path: tuple[str, ...]
    value: str
    decoded: Any
    place: str

    def holds(self, path: tuple[str, ...]) -> bool:
        """Whether the key at `path` got its value from here."""
        if path[: len(self.path)] != self.path:
            return False
        value = self.decoded
        for part in path[len(self.path) :]:
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdecimal() and 0 < int(part) <= len(value):
                value = value[int(part) - 1]
            else:
                return False
        return True


@dataclass(slots=True)
class Found:
    """What was set, and where.

    Attributes:
        values: of sync.toml, without unknown keys.
        problems: sentences about keys that do not exist or cannot be read.
        hidden: secret values that were met, so that no sentence shows one.
    """

    file: Path | None
    root: Path
    values: dict[str, Any] = field(default_factory=dict)
    environment: list[Given] = field(default_factory=list)
    secrets: list[Given] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The settings file as a person knows it."""
        return str(self.file) if self.file else "sync.toml"

    def where(self, path: tuple[str, ...]) -> str:
        """Who set a key: the environment, a secret file, or the settings file."""
        return next((given.place for given in (*self.environment, *self.secrets) if given.holds(path)), self.name)

    def refusal(self, problems: Iterable[str]) -> SettingsError:
        """All problems, one a line. Whatever they quote, no secret is in it."""
        hide = Redactor(secret for secret in self.hidden if len(secret) >= 8)
        return SettingsError("\n".join(hide.text(problem) for problem in problems))


def gather(config: Path | None, environ: Mapping[str, str], cwd: Path, model: type[BaseModel]) -> Found:
    """Read the settings file, the SYNC_ variables and the secret files.

    Raises:
        SettingsError: when a file or folder that was asked for cannot be read at all.
    """
    file = _file(config, environ, cwd)
    found = Found(file, file.parent if file else cwd)
    raw = _read(file) if file else {}
    found.hidden |= set(secrets_in(raw, model))
    found.values = sift(raw, model, found.name, (), found.problems, model)
    for name, value in environ.items():
        if name.upper().startswith(PREFIX) and name.upper() not in BESIDE:
            _add(found, found.environment, model, name, value, f"environment variable {name}")
    folder = next((g.value for g in found.environment if g.path == ("secrets_dir",)), found.values.get("secrets_dir"))
    if folder and isinstance(folder, str):
        _read_secrets(found, found.root / folder, model)
    return found


def _file(config: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    named = config or (Path(environ["SYNC_CONFIG"]) if environ.get("SYNC_CONFIG") else None)
    if named is None:
        return cwd / "sync.toml" if (cwd / "sync.toml").is_file() else None
    by = "--config" if config else "environment variable SYNC_CONFIG"
    if (cwd / named).is_dir():
        raise SettingsError(f"{named}: this is a folder, no settings file.", f"Name the file itself with {by}.")
    if not (cwd / named).exists():
        raise SettingsError(f"{named}: there is no such settings file.", f"Correct {by}, or write the file.")
    return cwd / named


def _read(file: Path) -> dict[str, Any]:
    text = ""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: it is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: it is not valid TOML: {_explained(error, text)}.", "Correct that line.") from None
    except OSError as error:
        raise SettingsError(f"{file}: it cannot be read ({error.strerror}).", "Make it readable.") from None


def _explained(error: tomllib.TOMLDecodeError, text: str) -> str:
    lines = text.splitlines() or [""]
    said = str(error).replace("at end of document", f"at line {len(lines)}, column {len(lines[-1]) + 1}, the end")
    said = said.replace("Cannot overwrite a value", "a key is set a second time")
    return re.sub(r"Cannot declare \((.*?),?\) twice", r"the table \1 is begun a second time", said)


def _add(found: Found, to: list[Given], model: Any, name: str, value: str, place: str) -> None:
    path = _path(name, model, found.values)
    if path is None:
        found.problems.append(f"{place}: there is no such setting.{_cure(name, model, found.values)}")
        return
    if not value:
        return
    annotation = reach(model, path)
    try:
        decoded = _decoded(annotation, value)
    except ValueError:
        wanted = described(annotation)
        how = '(["a", "b"]) or with commas (a,b)' if wanted.startswith("a list of") else '({"key": "value"})'
        how = '([{"key": "value"}])' if wanted.endswith("tables") else how
        found.problems.append(f"{place}: found text, must be {wanted}, written as JSON {how}.")
        return
    found.hidden |= set(secrets_in(decoded, annotation))
    if not isinstance(decoded, str):
        decoded = sift(decoded, annotation, place, path, found.problems, model)
        value = json.dumps(decoded)
    to.append(Given(path, value, decoded, place))


def _decoded(annotation: Any, value: str) -> Any:
    """Lists and tables are JSON; a list of plain values may be written with commas as well."""
    origin = get_origin(annotation)
    if origin is tuple and fields(plain(get_args(annotation)[0])) is None and not value.lstrip().startswith("["):
        return [word.strip() for word in value.split(",") if word.strip()]
    if origin in (tuple, dict) or fields(annotation) is not None:
        return json.loads(value)
    return value


def _path(name: str, model: Any, values: Any) -> tuple[str, ...] | None:
    """The key that a variable means; None when there is none.

    A free name (`sources.NAME`) is the one of sync.toml that differs in case and punctuation only, else lower case.
    """
    path: tuple[str, ...] = ()
    annotation = model
    for word in name[len(PREFIX) :].split("__"):
        named = fields(annotation)
        known = named if named is not None else values if isinstance(values, Mapping) else {}
        part = next((key for key in known if _folded(key) == _folded(word)), word.lower())
        annotation = step(annotation, part)
        if not word or annotation is Absent:
            return None
        values = values.get(part) if isinstance(values, Mapping) else None
        path = (*path, part)
    return path


def _folded(word: str) -> str:
    return re.sub(r"\W", "_", word).upper()


def _cure(name: str, model: Any, values: Mapping[str, Any]) -> str:
    known = [PREFIX + "__".join(map(_folded, path)) for path in _settable(model, values, name)]
    close = near(name, [word.lower() for word in known])
    return f" Did you mean {close.upper()}?" if close else " It is set, but nothing reads it."


def _settable(model: Any, values: Mapping[str, Any], name: str) -> Iterator[tuple[str, ...]]:
    """Every key, those of tables with free names under the names in sync.toml and under the one in the variable."""
    parts = name[len(PREFIX) :].lower().split("__")
    for path, annotation in leaves(model):
        yield path
        below = plain(get_args(annotation)[1]) if get_origin(annotation) is dict else None
        if fields(below):
            table = values.get(path[0])
            names = [*table] if isinstance(table, Mapping) else []
            for free in [*names, *parts[1:2]]:
                yield from ((*path, free, *rest) for rest, _ in leaves(below))


def _read_secrets(found: Found, folder: Path, model: Any) -> None:
    where = found.where(("secrets_dir",))
    if not folder.is_dir():
        raise SettingsError(f"{where}: secrets_dir: there is no folder {folder}.", "Correct it, or remove it.")
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_file())
    except OSError as error:
        raise SettingsError(f"{where}: secrets_dir: {folder} cannot be read ({error.strerror}).") from None
    for entry in entries:
        ours = entry.name.upper().startswith(PREFIX)
        name = entry.name.upper() if ours else PREFIX + entry.name.upper()
        if not ours and ("__" not in name or _path(name, model, found.values) is None) and not _meant(name, model):
            continue
        try:
            value = _secret(entry)
        except (OSError, ValueError):
            found.problems.append(f"secret file {entry}: it cannot be read; must be a readable text file below 1 MB.")
            continue
        _add(found, found.secrets, model, name, value, f"secret file {entry}")


def _meant(name: str, model: Any) -> bool:
    """Whether a file of a folder that others may use too is likely a misspelled secret of ours."""
    known = [
        (PREFIX + "__".join(path)).lower() for path, annotation in leaves(model) if described(annotation) == "text"
    ]
    close = near(name, known)
    return bool(close) and "__" in close and _alike(name, close) >= 0.9


def _alike(one: str, other: str) -> float:
    import difflib

    return difflib.SequenceMatcher(None, one.lower(), other).ratio()


def _secret(entry: Path) -> str:
    with entry.open("rb") as file:
        data = file.read(LARGEST_SECRET + 1)
    if len(data) > LARGEST_SECRET:
        raise ValueError
    return data.decode("utf-8-sig").rstrip("\r\n")


__all__ = ["PREFIX", "Found", "Given", "gather", "shown"]
