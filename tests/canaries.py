"""Secrets that are told from everything else: at the end of a run every output is searched for them.

Searched are what tests printed and logged, every file below the run's temporary folders (documents, commits, journals
with their -wal), and what the simulators hold when they close. One that is found fails the run. A test that writes a
secret into a file on purpose says so with `excuse`.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

MARK = "canary-7f3e91"
"""Part of every token, password and key of the tests."""


def _forms(text: str) -> Iterator[bytes]:
    yield text.encode()
    for shift in range(3):
        # As it stands within base64, such as a Basic authorization header.
        encoded = base64.b64encode(b"\0" * shift + text.encode())
        yield encoded[(shift * 8 + 5) // 6 : len(encoded) - (4 if encoded.endswith(b"=") else 0)]


PATTERN = re.compile(b"|".join(re.escape(form) for form in _forms(MARK)))

_base: Path | None = None


def _note(name: str, text: str) -> None:
    # Kept in a file: the process that searches may be another than the one that tests.
    if _base is not None:
        with (_base / f"{name}.{os.getpid()}.canaries").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def excuse(path: Path) -> Path:
    """This one file may hold a secret: a test puts it there, as a team would."""
    _note("excused", os.path.abspath(path))
    return path


def look(text: str, where: str) -> None:
    """Note a secret in a text that was printed or logged."""
    if PATTERN.search(text.encode("utf-8", "replace")):
        _note("leaked", where)


def held(value: object) -> bool:
    """Whether a secret stands anywhere in nested values, such as what a simulator holds."""
    seen: dict[int, object] = {}
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str | bytes):
            if PATTERN.search(one.encode("utf-8", "replace") if isinstance(one, str) else one):
                return True
        elif id(one) not in seen:
            seen[id(one)] = one
            if isinstance(one, Mapping):
                left += [*one.keys(), *one.values()]
            elif isinstance(one, list | tuple | set | frozenset):
                left += one
            elif is_dataclass(one):
                left += [getattr(one, each.name) for each in fields(one)]
    return False


def leaks(folder: Path) -> list[str]:
    """Where secrets stand below the folder of a run, and where tests noted some."""
    noted: dict[str, set[str]] = {"excused": set(), "leaked": set()}
    for place in _files(folder, ".canaries"):
        noted[Path(place).name.partition(".")[0]] |= set(_content(place).decode().splitlines())
    found = {place for place in _files(folder) if place not in noted["excused"] and PATTERN.search(_content(place))}
    return sorted(found | noted["leaked"])


def _files(folder: Path, ending: str = "") -> Iterator[str]:
    """The files below a folder, which pytest, or a server that ends late, may be clearing at this moment."""
    for at, _, names in os.walk(folder):
        for name in names:
            place = os.path.join(at, name)
            if name.endswith(ending) and os.path.isfile(place) and not os.path.islink(place):
                yield place


def _content(place: str) -> bytes:
    try:
        with open(place, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


# --- for pytest ------------------------------------------------------------------------------


def pytest_sessionstart(session: pytest.Session) -> None:
    global _base
    _base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for title, text in report.sections:
        look(text, f"{report.nodeid}: {title}")


def _captured(capture: pytest.CaptureFixture[str], where: str) -> pytest.CaptureFixture[str]:
    read = capture.readouterr

    def readouterr() -> Any:
        result = read()
        look(f"{result.out}\n{result.err}", f"{where}: what was printed")
        return result

    capture.readouterr = readouterr  # type: ignore[method-assign]
    return capture


@pytest.fixture
def capfd(capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> pytest.CaptureFixture[str]:
    """pytest's own; what a test takes out of it is searched as well."""
    return _captured(capfd, request.node.nodeid)


@pytest.fixture
def capsys(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> pytest.CaptureFixture[str]:
    """pytest's own; what a test takes out of it is searched as well."""
    return _captured(capsys, request.node.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    yield
    # The folders of xdist's workers lie below that of the process that leads them.
    if not hasattr(session.config, "workerinput") and _base is not None:
        found = leaks(_base)
        session.config.stash[_FOUND] = found
        if found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


_FOUND = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for where in config.stash.get(_FOUND, []):
        terminalreporter.write_line(f"SECRET LEAKED: {where}", red=True)
