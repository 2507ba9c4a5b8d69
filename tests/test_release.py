"""What a release carries: licences, the list of what is shipped, a version told once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from docs.generate import licences, sbom
from sync import __version__

ROOT = Path(__file__).parent.parent
FINE = {
    *("Apache-2.0", "MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0", "MPL-2.0"),
    *("LGPL", "LGPL-3.0-only", "LGPL-3.0-or-later"),
}
"""Licences that ask nothing of whoever runs or changes the program itself."""


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "licences.md").read_text("utf-8")


def test_the_licences_of_everything_that_is_installed_are_listed(page: str) -> None:
    assert page == licences.page(licences.reported(page)), "docs/licences.md is stale: run `make docs`"
    assert len(licences.reported(page)) == len(list(licences.locked())) > 30


def test_every_licence_is_known_and_fine(page: str) -> None:
    for name, words in licences.reported(page).items():
        assert set(re.split(r" (?:AND|OR|or) ", words)) <= FINE, f"{name}: {words}"


def test_the_list_of_what_is_shipped_is_valid_and_whole() -> None:
    made = sbom.bill()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made)) is None
    assert made["specVersion"] == "1.6"
    assert made["metadata"]["component"]["version"] == __version__
    assert {(one["name"], one["version"]) for one in made["components"]} == set(licences.locked())
    assert all(one["externalReferences"][0]["hashes"] for one in made["components"])


def test_lock_files_have_hashes_and_name_no_host() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        pins = len(re.findall(r"(?m)^[\w.-]+(?:\[[^\]]*\])?==", text))
        assert pins == len(re.findall(r"(?m)^[^\s#].*\\\n    --hash=sha256:", text)) > 0, lock.name


def test_the_version_is_a_semantic_one_and_the_changelog_is_open_for_the_next() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:-[\w.]+)?", __version__)
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert headings[0] == "Unreleased"
    assert all(re.match(r"\d+\.\d+\.\d+", heading) for heading in headings[1:])
