"""Writes config/sync.example.toml from docs/generate/example.toml and what each system's folder says of its own keys.

A system's `example.toml` holds its section, the keys of its kind under `[sources.NAME]` (whose heading says in a
comment what the kind is), and the key of `[people]` under `[people]`.
"""

from __future__ import annotations

import re
from pathlib import Path

import adapters
from adapters.registry import SYSTEMS

FRAME = Path(__file__).with_name("example.toml")
PLACE = Path(__file__).parents[2] / "config" / "sync.example.toml"
_TABLE = re.compile(r"(?m)^(?=\[)")


def compose() -> str:
    """The whole example."""
    keys: dict[str, str] = {}
    kinds: list[str] = []
    accounts: list[str] = []
    sections: list[str] = []
    tables = {system.name: _tables(system.name) for system in SYSTEMS}
    for kind in SYSTEMS.kinds:
        heading, lines = next(table for table in tables[kind] if table[0].startswith("[sources.NAME]"))
        kinds.append(f'"{kind}" ({heading.partition("# ")[2]})')
        for line in lines:
            keys.setdefault(line.partition(" = ")[0], line)
    for name in sorted(tables):
        for heading, lines in tables[name]:
            if heading == "[people]":
                accounts += lines
            elif not heading.startswith("[sources.NAME]"):
                sections.append("\n".join([heading, *lines]))
    filled = {
        "trackers": _either([f'"{name}"' for name in SYSTEMS.trackers]),
        "kinds": _either(kinds),
        "keys": "\n".join(keys.values()),
        "accounts": "\n".join(accounts),
        "sections": "\n\n".join(sections),
    }
    return re.sub(r"#\{(\w+)\}", lambda found: filled[found[1]], FRAME.read_text("utf-8"))


def _tables(name: str) -> list[tuple[str, list[str]]]:
    """The tables of a system's example: the line of the heading, and the lines below it."""
    text = (Path(adapters.__path__[0]) / name / "example.toml").read_text("utf-8")
    tables = [table.strip().splitlines() for table in _TABLE.split(text) if table.strip()]
    return [(heading, lines) for heading, *lines in tables]


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
