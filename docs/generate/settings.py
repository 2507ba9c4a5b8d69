"""Writes docs/configuration.md, docs/sync.schema.json and the commented example, from the settings' models and words.

The models say what there is, the example says what it means and in which order. `make docs` runs it, a test tells
when it was not run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from config.keys import described, fields, is_secret, plain
from config.settings import settings_class
from docs.generate import example

EXAMPLE = example.PLACE
_KEY = re.compile(r'(?:# )?(?P<key>"[^"]+"|[A-Za-z_]+) = (?P<value>.*?)(?:\s+# (?P<words>.+))?')
_TABLE = re.compile(r"\[\[?(?P<path>[^\]]+)\]\]?(?:\s+# (?P<words>.+))?")
_FREE = {"sources": "NAME", "people": '"NAME"'}
_LISTS = ("routes", "policies")
INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from config/settings.py, docs/generate/example.toml, and settings.py and example.toml of
each folder below adapters/: change those. -->

Settings stand in `sync.toml` in the working directory, or in the file that `--config` or `SYNC_CONFIG` names. Every
key is also an environment variable: `SYNC_` and the path, joined by two underscores, such as
`SYNC_LIMITS__NEW_TICKETS=10`. Write lists with commas or as JSON, and tables as JSON. A secret may also be a file in
`secrets_dir`, named like its variable without `SYNC_`: `github__token`. The environment wins over those files, and
the files win over `sync.toml`. Relative paths are relative to the folder of `sync.toml`.

[config/sync.example.toml](../config/sync.example.toml) shows every key in place. For completion in your editor, begin
the file with `#:schema ./sync.schema.json` and put [sync.schema.json](sync.schema.json) beside it. An error about a
setting names the file or the variable, the key, what was found and what would be right. `sync doctor` tells whether
everything works.
"""


def meanings() -> dict[tuple[str, ...], str]:
    """What the example says of each key and table; a free name is *."""
    found: dict[tuple[str, ...], str] = {}
    table: tuple[str, ...] = ()
    above: list[str] = []
    for line in EXAMPLE.read_text("utf-8").splitlines():
        heading, key = _TABLE.fullmatch(line), _KEY.fullmatch(line)
        if heading:
            first, *rest = (part.strip('"') for part in heading["path"].split("."))
            table = (first, *("*" if first in _FREE else part for part in rest))
            table = (first, "*") if first in _LISTS else table
            found[table[:2]] = heading["words"] or " ".join(above)
        elif key:
            words = key["words"] or " ".join(above)
            found.setdefault((*table, key["key"].strip('"')), words)
        above = [*above, line.removeprefix("# ")] if line.startswith("# ") and not key else []
    return found


def keys(annotation: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """(path, type, default) of every key, the tables' own among them; a free name, and one of many, is *."""
    for name, info in (settings_class() if annotation is None else annotation).model_fields.items():
        if info.exclude:
            continue
        inner = plain(info.annotation)
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        yield (*path, name), inner, default
        below = _below(inner)
        if below is not None:
            yield from keys(below, (*path, name, "*"))
        elif fields(inner) is not None:
            yield from keys(inner, (*path, name))


def _below(annotation: Any) -> Any:
    """The model of a table of tables, or of a list of them."""
    if get_origin(annotation) not in (dict, tuple):
        return None
    inner = plain(get_args(annotation)[get_origin(annotation) is dict])
    return inner if fields(inner) is not None else None


# --- the page --------------------------------------------------------------------------------


def page() -> str:
    """docs/configuration.md."""
    said = meanings()
    parts = [INTRODUCTION]
    order = {path: number for number, path in enumerate(said)}
    every = sorted(keys(), key=lambda entry: order.get(entry[0], -1))
    top = [entry for entry in every if len(entry[0]) == 1 and not is_table(entry[1])]
    parts.append(_section("## At the top", "", top, said))
    tables = [(*path, "*") if _below(kind) is not None else path for path, kind, _ in every if is_table(kind)]
    for inside in sorted(tables, key=lambda path: order.get(path, -1)):
        rows = [entry for entry in every if entry[0][:-1] == inside and not is_table(entry[1])]
        parts.append(_section(f"## `{_heading(inside)}`", said.get(inside, ""), rows, said))
    return "\n".join(parts)


def is_table(annotation: Any) -> bool:
    """Whether a key holds keys of ours in turn, so that it gets a section and no row."""
    return fields(annotation) is not None or _below(annotation) is not None


def _heading(path: tuple[str, ...]) -> str:
    if path[0] in _LISTS:
        return f"[[{path[0]}]]"
    return f"[{'.'.join(_FREE[path[0]] if part == '*' else part for part in path)}]"


def _section(heading: str, words: str, rows: list[tuple[tuple[str, ...], Any, Any]], said: Mapping[Any, str]) -> str:
    lines = [heading, "", *([words, ""] if words else [])]
    lines += ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for path, annotation, default in rows:
        cells = (f"`{path[-1]}`", _takes(annotation), _default(annotation, default), said[path])
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _takes(annotation: Any) -> str:
    return "a secret" if is_secret(annotation) else described(annotation)


def _default(annotation: Any, default: Any) -> str:
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, tuple):
        return f"`{json.dumps(list(default))}`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default:g}`"


# --- the schema ------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    """docs/sync.schema.json: JSON Schema of sync.toml, draft 2020-12."""
    made = settings_class().model_json_schema()
    for name in ("file", "root"):
        del made["properties"][name]
    made |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sync.toml"}
    made["description"] = "Settings of postmortem-sync."
    said = meanings()
    for path in (path for path, _, _ in keys() if said.get(path)):
        holder: Any = made
        for part in path[:-1]:
            holder = _step(made, holder, part)
        holder["properties"][path[-1]]["description"] = said[path]
    _tidy(made)
    return made


def _step(whole: Mapping[str, Any], at: Mapping[str, Any], part: str) -> Any:
    inner = (at.get("additionalProperties") or at["items"]) if part == "*" else at["properties"][part]
    return whole["$defs"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner


def _tidy(value: Any) -> None:
    """Without what pydantic adds for its own use: titles made of names, and null, which TOML cannot write."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _tidy(inner)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("title"), str) and value["title"] != "sync.toml":
        del value["title"]
    if value.get("default", 0) is None:
        del value["default"]
    kinds = value.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        kept = [kind for kind in kinds if kind != {"type": "null"}]
        del value["anyOf"]
        value |= kept[0] if len(kept) == 1 else {"anyOf": kept}


def main(folder: Path) -> None:
    """Write both into a folder, and the example in its place."""
    example.PLACE.write_text(example.compose(), encoding="utf-8")
    (folder / "configuration.md").write_text(page(), encoding="utf-8")
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / "sync.schema.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
