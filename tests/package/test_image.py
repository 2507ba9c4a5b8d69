"""What goes into the image, step by step, as far as that goes without an engine; and what it is then."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from sync import __version__
from tests.package.image import ROOT, Built, build, instructions


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("image"))


class TestText:
    """What can be read off the Dockerfile; hadolint reads it too, in `make lint`."""

    def final(self, name: str) -> list[str]:
        last = max(one.stage for one in instructions())
        return [one.rest for one in instructions() if one.stage == last and one.name == name]

    def test_both_stages_begin_at_one_pinned_base(self) -> None:
        bases = {one.rest.partition(" AS ")[0] for one in instructions() if one.name == "FROM"}
        assert bases == {"${PYTHON}"}
        (base,) = [one.rest for one in instructions() if one.stage < 0]
        assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-\w+", base)

    def test_the_final_stage_runs_as_nobody_special_and_installs_nothing(self) -> None:
        assert self.final("USER") == ["10001:10001"]
        assert not re.search(r"apt-get|pip install|gcc|build-essential", " ".join(self.final("RUN")))
        assert self.final("ENTRYPOINT") == ['["sync"]']
        assert self.final("HEALTHCHECK")
        assert self.final("VOLUME") == ['["/var/lib/postmortem-sync"]']

    def test_labels_tell_what_it_is(self) -> None:
        (labels,) = self.final("LABEL")
        for name in ("title", "description", "source", "licenses", "version", "revision"):
            assert f"org.opencontainers.image.{name}=" in labels
        assert f"VERSION={__version__}" in self.final("ARG")

    def test_everything_that_is_copied_passes_the_ignore_file(self) -> None:
        allowed = set(re.findall(r"(?m)^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8")))
        copied = {
            name for one in instructions() if one.stage == 0 and one.name == "COPY" for name in one.rest.split()[:-1]
        }
        assert copied == allowed


@pytest.mark.package
class TestBuild:
    """The build stage's own commands, in a folder. Takes a minute and the package index; `make package`."""

    def run(self, built: Built, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        place = built.root / "opt/postmortem-sync/bin"
        environment = {
            "PATH": f"{place}:{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SYNC_STATE__URL": f"sqlite:///{folder}/state/journal.db",
        }
        return subprocess.run(
            [place / "sync", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
        )

    def test_the_wheel_holds_the_program_and_nothing_else(self, built: Built) -> None:
        (wheel,) = (built.work / "dist").iterdir()
        assert wheel.name == f"postmortem_sync-{__version__}-py3-none-any.whl"
        names = set(zipfile.ZipFile(wheel).namelist())
        tops = {name.split("/")[0] for name in names}
        assert tops == {"sync", "adapters", "config", f"postmortem_sync-{__version__}.dist-info"}
        for folder in ("sync", "adapters", "config"):
            for path in (ROOT / folder).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts and path.name != "example.toml":
                    assert path.relative_to(ROOT).as_posix() in names
        assert any(name.endswith("LICENSE") for name in names)
        with zipfile.ZipFile(wheel) as opened:
            text = opened.read(f"postmortem_sync-{__version__}.dist-info/entry_points.txt").decode()
        assert "sync = sync.cli:entry" in text
        assert "postmortem-sync = sync.cli:entry" in text

    def test_what_was_installed_has_no_installer_and_no_tests(self, built: Built) -> None:
        place = built.root / "opt/postmortem-sync"
        assert not list(place.glob("bin/pip*"))
        assert not list(place.glob("lib/*/site-packages/pip"))
        assert not list(place.glob("lib/*/site-packages/pytest"))

    def test_it_runs_and_writes_only_state_and_documents(self, built: Built, tmp_path: Path) -> None:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "a.md").write_text("# Outage\n\n## Action items\n\n- [ ] Add an alert\n", encoding="utf-8")
        (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
        before = {path: path.lstat().st_mtime_ns for path in (built.root / "opt").rglob("*")}
        for arguments, words in (
            (["--help"], "usage: sync"),
            (["--version"], __version__),
            (["doctor"], "0 to repair"),
            (["run"], "1 created"),
            (["tickets", "list"], "LOCAL-1"),
        ):
            done = self.run(built, tmp_path, *arguments)
            assert done.returncode == 0, done.stderr
            assert words in done.stdout
        assert {path: path.lstat().st_mtime_ns for path in (built.root / "opt").rglob("*")} == before
        assert "LOCAL-1" in (tmp_path / "docs" / "a.md").read_text("utf-8")
