from __future__ import annotations

import contextlib
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.github.settings import GitHubSettings
from config.keys import is_secret, leaves
from config.load import load
from config.settings import settings_class
from sync.errors import SettingsError
from tests.canaries import MARK, excuse
from tests.config.worlds import load_text

CANARY = f"{MARK}-kx0Qw"
SECRETS = [path for path, annotation in leaves(settings_class()) if is_secret(annotation)]

wrong: st.SearchStrategy[Any] = st.sampled_from(
    [CANARY, [CANARY], {"a": CANARY}, {CANARY: 1}, [[{"token": CANARY}]], f"{CANARY}\n{CANARY}"]
)
keys = st.sampled_from(
    [*(".".join(path) for path in SECRETS), "token", "github.tokn", "jira.private_key", "secret", "state.marksecret"]
)
mistakes = st.sampled_from(
    ["", "tracker = 3\n", 'tracker = "github"\n', 'tracker = "jira"\n', "limits = 1\n", "tracker = \n", 'x = "\n']
)


def test_these_keys_are_secrets() -> None:
    assert {".".join(path) for path in SECRETS} == {
        "github.token",
        "github.private_key",
        "jira.token",
        "github.webhook_secret",
        "jira.webhook_secret",
        "confluence.token",
        "confluence.webhook_secret",
        "state.mark_secret",
        "telemetry.headers",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(keys, wrong, mistakes, st.sampled_from(["file", "environment", "json", "secret file"]))
def test_no_secret_is_ever_shown(tmp_path: Path, key: str, value: Any, mistake: str, way: str) -> None:
    environ: dict[str, str] = {"SYNC_NONSENSE": CANARY}
    text = mistake
    folder = tmp_path / "secrets"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    table, _, last = key.rpartition(".")
    flat = value if isinstance(value, str) else json.dumps(value)
    if way == "file":
        inline = json.dumps(value).replace('": ', '" = ')
        text += (f"[{table}]\n" if table else "") + f"{last} = {inline}\n"
    elif way == "environment":
        environ[f"SYNC_{key.upper().replace('.', '__')}"] = flat
    elif way == "json" and table:
        environ[f"SYNC_{table.upper()}"] = json.dumps({last: value})
    else:
        environ["SYNC_SECRETS_DIR"] = "secrets"
        excuse(folder / key.replace(".", "__")).write_text(flat)
    excuse(tmp_path / "sync.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(None, environ, tmp_path)
    assert CANARY not in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", ["SYNC_TRACKER", "SYNC_GITHUB__DUE", "SYNC_LIMITS__NEW_TICKETS", "SYNC_LOCAL__PREFIX"])
@pytest.mark.parametrize("token", ["ghp_" + "a" * 36, "ATATT3xFfGF0" + "b" * 40, "0123456789abcdef0123456789abcdef0"])
def test_a_token_under_the_wrong_key_is_not_shown(tmp_path: Path, name: str, token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, {name: token}, tmp_path)
    assert token[:12] not in str(caught.value)


def test_secrets_do_not_show_in_any_form(tmp_path: Path) -> None:
    excuse(tmp_path / "sync.toml")
    loaded = load_text(
        tmp_path, f'[github]\ntoken = "{CANARY}"\n[state]\nurl = "postgresql://me:p%40ss-{CANARY}@db.example/x"'
    )
    assert set(loaded.secrets()) == {CANARY, f"p%40ss-{CANARY}", f"p@ss-{CANARY}"}
    for shown in (loaded.of(GitHubSettings), loaded.model_dump()["github"]):
        assert CANARY not in repr(shown)
    with contextlib.suppress(KeyError):
        assert CANARY not in json.dumps(loaded.model_dump(mode="json")["github"])
