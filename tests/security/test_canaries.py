"""The search for secrets at the end of a run finds them: in a file, in what is printed, in base64, with workers."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import MARK, excuse, held
from tests.simulators.github_server import GitHub
from tests.simulators.github_site import Site

ROOT = Path(__file__).resolve().parents[2]
SECRET = f"ghp_{MARK}"
ENCODED = base64.b64encode(f"me@example.org:{SECRET}".encode()).decode()
LEAKY = {
    "a file": f"def test_it(tmp_path):\n    (tmp_path / 'x').write_text({SECRET!r})\n",
    "a -wal": f"def test_it(tmp_path):\n    (tmp_path / 'j.db-wal').write_bytes(b'\\0\\xff' + {ENCODED.encode()!r})\n",
    "print": f"def test_it():\n    print({SECRET!r})\n",
    "a log": f"import logging\ndef test_it():\n    logging.getLogger().warning({ENCODED!r})\n",
    "taken out": f"def test_it(capfd):\n    print({SECRET!r})\n    assert capfd.readouterr().out\n",
}
CLEAN = {
    "nothing": "def test_it(tmp_path):\n    (tmp_path / 'x').write_text('words')\n",
    "excused": f"from tests.canaries import excuse\ndef test_it(tmp_path):\n"
    f"    excuse(tmp_path / 'sync.toml').write_text({SECRET!r})\n",
}


def ran(folder: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    """A test run of its own, whose outputs are searched as ours are."""
    place = folder / "test_one.py"
    excuse(place).write_text(text, encoding="utf-8")
    (folder / "conftest.py").write_text("from tests.canaries import capfd, capsys  # noqa\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.canaries", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--rootdir", str(folder), "--basetemp", str(folder / "out"), *more, str(place)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    for path in (folder / "out").rglob("*"):
        if path.suffix == ".canaries":
            path.unlink()
        excuse(path)
    return done


@pytest.mark.parametrize("way", LEAKY)
def test_a_secret_fails_the_run_though_every_test_passes(tmp_path: Path, way: str) -> None:
    done = ran(tmp_path, LEAKY[way])
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "SECRET LEAKED:" in done.stdout
    assert done.returncode == 1


def test_with_workers_as_well(tmp_path: Path) -> None:
    for way in ("a file", "taken out"):
        folder = tmp_path / way.replace(" ", "-")
        folder.mkdir()
        done = ran(folder, LEAKY[way], "-n", "1")
        assert "SECRET LEAKED:" in done.stdout, done.stdout + done.stderr
        assert done.returncode == 1


@pytest.mark.parametrize("way", CLEAN)
def test_a_run_without_one_and_a_file_that_was_named_are_well(tmp_path: Path, way: str) -> None:
    done = ran(tmp_path, CLEAN[way])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_simulator_that_holds_one_fails_its_test() -> None:
    from datetime import UTC, datetime

    github = GitHub(Site(lambda: datetime(2026, 3, 1, tzinfo=UTC)))
    repository = github.site.repository("Acme/Shop")
    with pytest.raises(AssertionError, match="a secret stands"), github.serving():
        github.site.issue(repository, "a title", f"see {ENCODED}", github.site.me)
    other = GitHub(Site(lambda: datetime(2026, 3, 1, tzinfo=UTC)))
    with pytest.raises(AssertionError, match="a secret stands"), other.serving():
        other.site.repository("Acme/Docs").commit({"a.md": f"x {SECRET}".encode()}, "words")
    assert not held({"a": [("b", {"c": b"words"})]})
