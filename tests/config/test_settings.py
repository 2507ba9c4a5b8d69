from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from adapters.files.settings import FilesSourceSettings
from adapters.github.settings import GitHubSettings
from adapters.jira.settings import JiraSettings
from config.load import load
from config.settings import settings_class
from tests.config.worlds import load_text


def said(secret: SecretStr | None) -> str:
    assert secret
    return secret.get_secret_value()


def test_nothing_at_all_is_the_embedded_tracker(tmp_path: Path) -> None:
    settings = load(None, {}, tmp_path)
    assert (settings.tracker, settings.limits.new_tickets, settings.limits.max_age_days) == ("local", 25, 180)
    assert settings.file is None
    assert settings.root == tmp_path
    assert settings.sources == {}


def test_the_environment_wins_over_secret_files_and_those_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "github__token").write_text("from-a-file\n")
    (tmp_path / "secrets" / "SYNC_JIRA__TOKEN").write_text("jira-from-a-file\r\n")
    text = 'secrets_dir = "secrets"\n[github]\ntoken = "from-toml"\nlabels = ["a"]\n[limits]\nnew_tickets = 3\n'
    settings = load_text(tmp_path, text)
    assert said(settings.of(GitHubSettings).token) == "from-a-file"
    assert said(settings.of(JiraSettings).token) == "jira-from-a-file"
    settings = load_text(tmp_path, text, SYNC_GITHUB__TOKEN="from-the-environment", SYNC_LIMITS__NEW_TICKETS="9")
    assert said(settings.of(GitHubSettings).token) == "from-the-environment"
    assert (settings.limits.new_tickets, settings.of(GitHubSettings).labels) == (9, ("a",))


def test_secret_files_keep_their_lines_and_lose_the_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "github__private_key").write_text("-----BEGIN\nline\n-----END\n")
    (tmp_path / "..data").mkdir()
    settings = load(None, {"SYNC_SECRETS_DIR": str(tmp_path)}, tmp_path)
    assert said(settings.of(GitHubSettings).private_key) == "-----BEGIN\nline\n-----END"


def test_files_of_others_in_the_folder_of_secrets_are_left_alone(tmp_path: Path) -> None:
    for name in ("db_password", "github", "tls.key", "grafana__admin__password"):
        (tmp_path / name).write_bytes(b"\xff\xfe not ours")
    assert load(None, {"SYNC_SECRETS_DIR": str(tmp_path)}, tmp_path).of(GitHubSettings).token is None


def test_lists_in_the_environment_are_json_or_commas(tmp_path: Path) -> None:
    assert load(None, {"SYNC_ITEMS__REQUIRE": "owner, due"}, tmp_path).items.require == ("owner", "due")
    assert load(None, {"SYNC_ITEMS__REQUIRE": '["owner"]'}, tmp_path).items.require == ("owner",)


def test_tables_in_the_environment_are_json_over_what_the_file_says(tmp_path: Path) -> None:
    settings = load_text(
        tmp_path,
        '[people]\n"Ana Lima" = { github = "ana", jira = "a" }\n[[routes]]\nmatch = { team = "x" }\nproject = "X"',
        SYNC_PEOPLE='{"Ana Lima": {"jira": "b"}, "Bo": {"github": "bo"}}',
        SYNC_ROUTES='[{"match": {"service": "checkout"}, "project": "PAY"}]',
        SYNC_JIRA__FIELDS='{"Team": {"value": "Core"}}',
    )
    assert [settings.people["Ana Lima"].account(tracker) for tracker in ("github", "jira")] == ["ana", "b"]
    assert settings.people["Bo"].account("github") == "bo"
    assert [route.project for route in settings.routes] == ["PAY"]
    assert settings.of(JiraSettings).fields == {"Team": {"value": "Core"}}


def test_a_name_in_the_environment_is_the_one_of_the_file_whatever_its_case_and_punctuation(tmp_path: Path) -> None:
    settings = load_text(
        tmp_path,
        '[sources.My-Docs]\npath = "a"\n[people]\n"Ana Lima" = {}\n[jira.fields]\n"Root cause" = "x"',
        SYNC_SOURCES__MY_DOCS__PATH="b",
        SYNC_SOURCES__NEW__PATH="c",
        SYNC_PEOPLE__ANA_LIMA__GITHUB="ana",
        SYNC_JIRA__FIELDS__ROOT_CAUSE="y",
    )
    paths = {name: source.keys_of(FilesSourceSettings).path for name, source in settings.sources.items()}
    assert paths == {
        "My-Docs": "b",
        "new": "c",
    }
    assert settings.people["Ana Lima"].account("github") == "ana"
    assert settings.of(JiraSettings).fields == {"Root cause": "y"}


def test_an_empty_variable_is_as_if_it_were_not_set(tmp_path: Path) -> None:
    assert load(None, {"SYNC_LIMITS__NEW_TICKETS": "", "SYNC_GITHUB__TOKEN": ""}, tmp_path) == load(None, {}, tmp_path)


def test_a_file_named_by_the_environment_and_one_named_by_the_call(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "other.toml").write_bytes(b"\xef\xbb\xbf[limits]\r\nnew_tickets = 4\r\n")
    (tmp_path / "third.toml").write_text("[limits]\nnew_tickets = 5\n")
    environ = {"SYNC_CONFIG": "conf/other.toml"}
    settings = load(None, environ, tmp_path)
    assert (settings.limits.new_tickets, settings.root) == (4, tmp_path / "conf")
    assert settings.file == tmp_path / "conf" / "other.toml"
    assert load(Path("third.toml"), environ, tmp_path).limits.new_tickets == 5


def test_the_process_environment_is_never_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_LIMITS__NEW_TICKETS", "1")
    monkeypatch.setenv("SYNC_NONSENSE", "1")
    assert load(None, {}, tmp_path).limits.new_tickets == 25
    assert settings_class()().limits.new_tickets == 25


def test_nothing_changes_after_loading(tmp_path: Path) -> None:
    settings = load(None, {}, tmp_path)
    with pytest.raises(ValidationError):
        settings.limits.new_tickets = 3


def test_http_is_excused_on_loopback(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"):
        assert load_text(tmp_path, f'[github]\nbase_url = "{address}"').of(GitHubSettings).base_url == address


def test_an_offline_command_needs_no_account(tmp_path: Path) -> None:
    (tmp_path / "sync.toml").write_text('tracker = "jira"\n[sources.a]\nkind = "github"\nrepository = "o/r"')
    assert load(None, {}, tmp_path, offline=True).tracker == "jira"


def test_a_project_named_by_every_source_is_enough(tmp_path: Path) -> None:
    text = 'tracker = "github"\n[github]\ntoken = "t"\n[sources.a]\nproject = "o/r"\n'
    assert load_text(tmp_path, text).sources["a"].project == "o/r"
    text = '[sources.a]\ntracker = "jira"\nproject = "OPS"\n[jira]\nbase_url = "https://j.example"\ntoken = "t"'
    assert load_text(tmp_path, text).of(JiraSettings).project == ""
