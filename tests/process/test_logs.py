from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Iterator
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
def _unconfigured() -> Iterator[None]:
    import structlog

    yield
    structlog.reset_defaults()


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
    assert "tracker is slow  seconds=3  run=r1" in out.getvalue()


@pytest.mark.parametrize(("flags", "told"), [({"quiet": True}, 1), ({}, 2), ({"verbose": True}, 4)])
def test_verbose_and_quiet(flags: dict[str, bool], told: int) -> None:
    out = io.StringIO()
    configure("warning", "json", stream=out, **flags)
    for name in ("debug", "info", "warning", "error"):
        getattr(log(), name)(name)
    assert len(out.getvalue().splitlines()) == told


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


_WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")))


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


@given(st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), min_size=12), st.text(max_size=9))
def test_a_secret_in_basic_authorization_is_found_whatever_stands_before_it(secret: str, user: str) -> None:
    header = base64.b64encode(f"{user}:{secret}".encode("utf-8", "replace")).decode()
    cleaned = Redactor([secret]).text(header)
    assert cleaned != header


def test_structlog_is_not_loaded_for_help() -> None:
    heavy = ("structlog", "rich", "jira", "github", "sqlalchemy", "pydantic")
    code = f"import sync.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
