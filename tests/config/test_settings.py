from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings, load
from sync.errors import SettingsError

EXAMPLE = Path("config/sync.example.toml")
CANARY = "canary-7f3e91"


def load_text(tmp_path: Path, text: str, **environ: str) -> Settings:
    (tmp_path / "sync.toml").write_text(text, encoding="utf-8")
    return load(None, environ, tmp_path)


def refused(tmp_path: Path, text: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_text(tmp_path, text, **environ)
    assert caught.value.exit_status == 2
    return str(caught.value)


class TestReading:
    def test_nothing_at_all_is_the_embedded_tracker(self, tmp_path: Path) -> None:
        settings = load(None, {}, tmp_path)
        assert (settings.tracker, settings.limits.new_tickets, settings.limits.max_age_days) == ("local", 25, 180)
        assert settings.file is None
        assert settings.root == tmp_path

    def test_the_environment_wins_over_secret_files_and_those_over_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "github__token").write_text("from-a-file\n")
        (tmp_path / "secrets" / "SYNC_JIRA__TOKEN").write_text("jira-from-a-file")
        text = 'secrets_dir = "secrets"\n[github]\ntoken = "from-toml"\n[limits]\nnew_tickets = 3\n'
        settings = load_text(tmp_path, text)
        assert settings.github.token
        assert settings.github.token.get_secret_value() == "from-a-file"
        assert settings.jira.token
        assert settings.jira.token.get_secret_value() == "jira-from-a-file"
        settings = load_text(tmp_path, text, SYNC_GITHUB__TOKEN="from-the-environment", SYNC_LIMITS__NEW_TICKETS="9")
        assert settings.github.token
        assert settings.github.token.get_secret_value() == "from-the-environment"
        assert settings.limits.new_tickets == 9

    def test_lists_in_the_environment_are_json_or_commas(self, tmp_path: Path) -> None:
        assert load(None, {"SYNC_ITEMS__REQUIRE": "owner,due"}, tmp_path).items.require == ("owner", "due")
        assert load(None, {"SYNC_ITEMS__REQUIRE": '["owner"]'}, tmp_path).items.require == ("owner",)

    def test_tables_by_name_in_the_environment(self, tmp_path: Path) -> None:
        settings = load(None, {"SYNC_SOURCES__DOCS__PATH": "docs"}, tmp_path)
        assert settings.sources["docs"].path == "docs"

    def test_a_file_named_by_the_environment(self, tmp_path: Path) -> None:
        (tmp_path / "other.toml").write_text("[limits]\nnew_tickets = 4\n")
        assert load(None, {"SYNC_CONFIG": "other.toml"}, tmp_path).limits.new_tickets == 4

    def test_the_example_loads_and_shows_every_key(self) -> None:
        settings = load(EXAMPLE, {}, Path())
        values = tomllib.loads(EXAMPLE.read_text("utf-8"))
        assert settings.people["Ana Lima"].aliases == ("ana.l", "AL")
        text = EXAMPLE.read_text("utf-8")
        for name, info in Settings.model_fields.items():
            if name in ("file", "root"):
                continue
            assert name in values, name
            for key in getattr(info.annotation, "model_fields", {}):
                assert key in values[name] or f"# {key} = " in text, f"{name}.{key}"

    def test_what_the_example_shows_are_the_defaults(self) -> None:
        settings, plain = load(EXAMPLE, {}, Path()), Settings()
        for name in ("github", "jira", "local", "state", "limits", "items", "completion", "check", "remind", "log"):
            assert getattr(settings, name) == getattr(plain, name), name


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('traker = "local"', ["sync.toml: traker: there is no such key", "Did you mean tracker?"]),
            ("[limits]\nnew_ticket = 3", ["limits.new_ticket", "Did you mean new_tickets?"]),
            ('[sources.docs]\nkind = "files"\npaht = "x"', ["sources.docs.paht", "Did you mean path?"]),
            ('[[routes]]\nmatch = { service = "x" }\nprojct = "X"', ["routes.1.projct", "project"]),
            ('[people]\n"A" = { gihub = "a" }', ["people.A.gihub", "github"]),
            (
                '[limits]\nnew_tickets = "many"',
                ['limits.new_tickets: found "many", must be a whole number', "default 25"],
            ),
            ("[limits]\nnew_tickets = -1", ["limits.new_tickets: found -1", "at least 0"]),
            ('tracker = "trello"', ['tracker: found "trello"', '"local" or "jira" or "github"']),
            ("[items]\nrequire = 3", ["items.require", "a list of"]),
            ('[items]\nrequire = ["budget"]', ["items.require.1", '"owner" or "due"']),
            ("limits = 3", ["limits: found 3", "a table"]),
            ("[[routes]]\nproject = 'X'", ["routes.1.match: it is missing", "a table"]),
            ("tracker = ", ["it is not valid TOML", "line 1"]),
            ("tracker = 'local'\ntracker = 'local'", ["it is not valid TOML", "line 2"]),
            ('tracker = "github"', ["github.token: the secret is missing", "SYNC_GITHUB__TOKEN", "github.repository"]),
            ('tracker = "jira"', ["jira.token", "SYNC_JIRA__TOKEN", "jira.base_url", "jira.project"]),
            ('[github]\nbase_url = "http://github.example.com"', ["github.base_url", "https://"]),
            ('[sources.a]\nkind = "github"', ["sources.a.repository", "owner/name", "github.token"]),
            ('secrets_dir = "nowhere"', ["secrets_dir", "nowhere"]),
        ],
    )
    def test_is_named_with_its_cure(self, tmp_path: Path, text: str, words: list[str]) -> None:
        message = refused(tmp_path, text)
        assert "sync.toml" in message
        for word in words:
            assert word in message

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("SYNC_TRAKER", "local", ["SYNC_TRAKER", "Did you mean SYNC_TRACKER?"]),
            ("SYNC_GITHUB__TOKN", CANARY, ["SYNC_GITHUB__TOKN", "Did you mean SYNC_GITHUB__TOKEN?"]),
            ("SYNC_LIMITS__NEW_TICKETS", "many", ["environment variable SYNC_LIMITS__NEW_TICKETS", "a whole number"]),
            ("SYNC_SOURCES__A__PAHT", "x", ["SYNC_SOURCES__A__PAHT"]),
            ("SYNC_LIMITS", "nonsense", ["SYNC_LIMITS"]),
        ],
    )
    def test_in_the_environment_too(self, tmp_path: Path, name: str, value: str, words: list[str]) -> None:
        message = refused(tmp_path, "", **{name: value})
        for word in words:
            assert word in message
        assert CANARY not in message

    def test_several_are_told_at_once(self, tmp_path: Path) -> None:
        message = refused(tmp_path, '[limits]\nnew_tickets = "a"\nmax_age_days = "b"\n')
        assert len(message.splitlines()) == 2

    def test_a_file_that_was_asked_for_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"other\.toml"):
            load(Path("other.toml"), {}, tmp_path)

    def test_http_is_excused_on_loopback(self, tmp_path: Path) -> None:
        assert load_text(tmp_path, '[github]\nbase_url = "http://127.0.0.1:8080"').github.base_url

    def test_two_ways_to_sign_in_are_one_too_many(self, tmp_path: Path) -> None:
        text = 'tracker = "github"\n[github]\nrepository = "a/b"\ntoken = "t"\napp_id = 3\nprivate_key = "k"'
        assert "keep one way" in refused(tmp_path, text)


junk: st.SearchStrategy[Any] = st.sampled_from([3, True, "x", [CANARY], {"a": CANARY}, {CANARY: 1}])


@given(junk, st.sampled_from(["token", "tokne", "private_key", "app_id"]))
def test_no_secret_is_ever_shown(tmp_path_factory: pytest.TempPathFactory, value: Any, key: str) -> None:
    folder = tmp_path_factory.mktemp("settings")
    environ = {f"SYNC_GITHUB__{key.upper()}": f"{value if not isinstance(value, str) else CANARY}"}
    (folder / "sync.toml").write_text(f'tracker = "github"\n[github]\ntoken = ["{CANARY}"]\n')
    with pytest.raises(SettingsError) as caught:
        load(None, environ, folder)
    assert CANARY not in str(caught.value)


def test_secrets_do_not_show_in_any_form(tmp_path: Path) -> None:
    settings = load_text(tmp_path, f'[github]\ntoken = "{CANARY}"')
    assert settings.secrets() == (CANARY,)
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert CANARY not in text
