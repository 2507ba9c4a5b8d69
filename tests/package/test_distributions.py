"""What the wheel and the source distribution hold: the program with its types, and no tool that only builds it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from sync import __version__
from tests.package.image import ROOT

PACKAGES = ("sync", "adapters", "config")
NAME = f"postmortem_sync-{__version__}"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def files_of_packages() -> set[str]:
    """All but the pieces that the commented example is made of."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "example.toml"
    }


def test_the_wheel_holds_the_packages_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(dist / f"{NAME}-py3-none-any.whl") as wheel:
        names = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}
    assert names == files_of_packages()


def test_type_checkers_of_others_are_told_that_the_packages_have_types() -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= files_of_packages()


def test_the_source_distribution_builds_the_wheel_and_carries_the_pages(dist: Path) -> None:
    with tarfile.open(dist / f"{NAME}.tar.gz") as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    assert files_of_packages() <= names
    pages = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"}
    assert pages | {"pyproject.toml", "PKG-INFO"} <= names
    assert {name.split("/")[0] for name in names if "/" in name} == {*PACKAGES, "docs", "examples"}
    assert not [name for name in names if name.startswith("docs/generate/")]
