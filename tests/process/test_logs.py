from __future__ import annotations

import base64
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from sync.process.logs import configure, log
from sync.process.redaction import HIDDEN, Redactor
from tests.canaries import MARK

SECRET = f"{MARK}/+&9 x"


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    hook = sys.excepthook
    yield
    configure()
    sys.excepthook = hook


def test_json_when_nobody_looks_with_the_run_on_every_line() -> None:
    out = io.StringIO()
    run = configure("info", "auto", stream=out)
    log().info("ticket created", key="OPS-12")
    log().debug("too quiet to be told")
    (line,) = out.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["key"], entry["run"], entry["level"]) == ("ticket created", "OPS-12", run, "info")
    assert entry["time"].endswith("Z")


def test_a_line_for_a_person_on_a_terminal() -> None:
    out = Tty()
    configure("info", "auto", stream=out, run_id="r1")
    log().warning("tracker is slow", seconds=3)
    shown = re.sub(r"\x1b\[\d+m", "", out.getvalue())
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[warning +\] tracker is slow run=r1 seconds=3\n", shown)
    assert shown != out.getvalue()


def test_no_colour_where_nobody_looks() -> None:
    out = io.StringIO()
    configure("info", "console", stream=out)
    log().warning("tracker is slow", seconds=3)
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("mark", ["\x1b", "\x07", "\x9b", "\r", "\u202e", "\u2028"])
def test_no_word_steers_the_terminal(mark: str) -> None:
    out = io.StringIO()
    configure("info", "console", stream=out)
    try:
        raise ValueError(f"bad {mark}[2J title")
    except ValueError as error:
        log().error(f"it {mark}[2J\nfailed", exc_info=error, key=f"a{mark}b", title=f"a {mark}", nested=[{mark: mark}])
        logging.getLogger("a.library").error("%s failed", mark, exc_info=True)
    assert mark not in out.getvalue()
    assert "it \N{REPLACEMENT CHARACTER}[2J failed" in out.getvalue()
    assert out.getvalue().count("ValueError: bad \N{REPLACEMENT CHARACTER}[2J title") == 2


def test_lines_of_libraries_go_the_same_way_without_secrets() -> None:
    out = io.StringIO()
    run = configure("info", "json", ["sesame-4711"], stream=out)
    try:
        raise ValueError("sesame-4711")
    except ValueError:
        logging.getLogger("a.library").exception("%s failed", "sesame-4711")
    logging.getLogger("a.library").info("chatter")
    (line,) = out.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["logger"], entry["level"]) == (f"{HIDDEN} failed", "a.library", "error")
    assert entry["run"] == run
    assert f"ValueError: {HIDDEN}" in entry["exception"]


def test_a_traceback_nobody_foresaw_has_no_secrets_and_steers_nothing() -> None:
    code = (
        f"from sync.process.logs import configure\nconfigure(secrets=[{SECRET!r}])\n"
        f"raise ValueError({SECRET!r} + chr(27) + '[2J')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ValueError: [redacted]\N{REPLACEMENT CHARACTER}[2J" in done.stderr


def test_standard_error_is_looked_up_with_each_line() -> None:
    configure("info", "json")
    for word in ("one", "two"):
        with redirect_stderr(io.StringIO()) as out:
            log().info(word)
        assert json.loads(out.getvalue())["event"] == word
        out.close()


def test_a_line_does_not_load_rich() -> None:
    code = "from sync.process.logs import *; configure('info', 'console'); log().error('x', exc_info=ValueError('y'))"
    code += "; import sys; print([name for name in ('structlog', 'rich') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "['structlog']"
    assert "ValueError: y" in done.stderr


@pytest.mark.parametrize(("flags", "reported"), [({"quiet": True}, 1), ({}, 2), ({"verbose": True}, 4)])
def test_verbose_and_quiet(flags: dict[str, Any], reported: int) -> None:
    out = io.StringIO()
    configure("warning", "json", stream=out, **flags)
    for name in ("debug", "info", "warning", "error"):
        getattr(log(), name)(name)
    assert len(out.getvalue().splitlines()) == reported


def test_secrets_are_hidden_by_type_by_name_and_by_value() -> None:
    out = io.StringIO()
    configure("info", "json", [SECRET], stream=out)
    try:
        raise ValueError(f"GET https://x/?t={SECRET} failed")
    except ValueError:
        log().error("it failed", exc_info=True, url=f"https://x/{quote(SECRET)}", at=SecretStr("other"))
    log().info("headers", headers={"Authorization": "Basic abc"}, token="anything", nested=[{"x": (SECRET,)}])
    log().info("basic", line=base64.b64encode(f"user@example.com:{SECRET}".encode()).decode())
    text = out.getvalue()
    assert "ValueError" in text
    for form in (SECRET, quote(SECRET), "other", "abc", "anything", base64.b64encode(SECRET.encode()).decode()[:12]):
        assert form not in text
    assert text.count(HIDDEN) >= 6


_WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(_WORDS.filter(lambda s: s.strip() == s and len(s) >= 4), _WORDS, _WORDS, st.integers(0, 5))
def test_a_secret_is_found_wherever_it_stands(secret: str, before: str, after: str, depth: int) -> None:
    value: object = before + secret + after
    for _ in range(depth):
        value = [{"k": value}]
    cleaned = Redactor([secret]).value(value)
    for _ in range(depth):
        cleaned = cleaned[0]["k"]
    assert HIDDEN in cleaned
    assert secret not in cleaned.replace(HIDDEN, "\0")


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=12), st.text(max_size=9))
def test_a_secret_in_basic_authorization_is_found_whatever_stands_before_it(secret: str, user: str) -> None:
    header = base64.b64encode(f"{user}:{secret}".encode("utf-8", "replace")).decode()
    cleaned = Redactor([secret]).text(header)
    assert cleaned != header


def test_structlog_is_not_loaded_for_help() -> None:
    heavy = ("structlog", "rich", "jira", "github", "sqlalchemy", "pydantic")
    code = f"import sync.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_run_loads_nothing_that_only_others_need(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Outage\n\n## Action items\n\n- [ ] Add an alert\n", encoding="utf-8")
    (tmp_path / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
    others = ("structlog", "rich", "jinja2", "prometheus_client", "starlette", "opentelemetry")
    code = "import sys; from sync.cli import main; main(['run', '--metrics', 'm.prom']); "
    code += f"print(set({others}) & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()", done.stdout + done.stderr
    assert "postmortem_sync_items" in (tmp_path / "m.prom").read_text("utf-8")
