"""Writes docs/licences.md: the licence of everything that the lock file installs, as the packages tell it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

LOCK = Path(__file__).parents[2] / "requirements.lock"
INTRODUCTION = """\
# Licences of the dependencies

<!-- Written by `make docs` from requirements.lock and what the packages say of themselves. -->

postmortem-sync is licensed under Apache-2.0. It contains no code of others; these packages are installed beside it,
those under the LGPL unchanged and by themselves, so that they can be replaced. Not every one is installed on every
system or without the extras: requirements.lock says which. `make sbom` writes the same list as CycloneDX, with hashes.

| package | version | licence |
|---|---|---|
"""
_LINE = re.compile(r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}


def locked() -> Iterator[tuple[str, str]]:
    """(name, version) of every pinned package."""
    yield from _LINE.findall(LOCK.read_text("utf-8"))


def licence(name: str) -> str:
    """What an installed package says its licence is; "" when it is not installed, or does not say."""
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    about = cast(Message, installed.metadata)
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    reported = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")
    ]
    named = [words for words in reported if words != "OSI Approved"]
    short = str(about.get("License") or "").strip()
    if not named and short and "\n" not in short:
        named = [short]
    if not named:
        named = (installed.read_text("licenses/LICENSE") or "").strip().splitlines()[:1]
    return " or ".join(dict.fromkeys(_CLASSIFIERS.get(words, words) for words in named))


def page(before: Mapping[str, str]) -> str:
    """docs/licences.md; a package that is not installed here keeps the licence it had on the page `before`."""
    rows = []
    for name, version in sorted(locked()):
        rows.append(f"| {name} | {version} | {licence(name) or before.get(name, 'unknown')} |\n")
    return INTRODUCTION + "".join(rows)


def reported(text: str) -> dict[str, str]:
    """Licences by package, as a page tells them."""
    return dict(re.findall(r"(?m)^\| ([\w.-]+) \| \d[^|]* \| ([^|]+?) \|", text))


def main(place: Path) -> None:
    """Write the page anew."""
    place.write_text(page(reported(place.read_text("utf-8")) if place.exists() else {}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
