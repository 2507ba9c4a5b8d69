from __future__ import annotations

from pathlib import Path

import pytest

from adapters.jira.settings import JiraSettings
from config.load import load
from sync.errors import SettingsError
from tests.canaries import excuse
from tests.config.worlds import load_text, refused

JIRA = 'tracker = "jira"\n[jira]\nbase_url = "https://j.example"\nproject = "OPS"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # unknown keys
        ('traker = "local"', ["sync.toml: traker: there is no such key. Did you mean tracker?"]),
        ("[limits]\nnew_ticket = 3", ["sync.toml: limits.new_ticket: there is no such key. Did you mean new_tickets?"]),
        ('[sources.docs]\npaht = "x"', ["sources.docs.paht: there is no such key. Did you mean path?"]),
        ("[[routes]]\nmatch = {}\nprojct = 'X'", ["routes.1.projct: there is no such key. Did you mean project?"]),
        ('[people]\n"Ana Lima" = { gihub = "a" }', ['people."Ana Lima".gihub: there is no such', "mean github?"]),
        ("new_tickets = 3", ["new_tickets: there is no such key. Did you mean limits.new_tickets?"]),
        ('[jira]\nrepository = "a/b"', ["jira.repository", "Did you mean github.repository?"]),
        ("[completion]\nx = 1", ["completion.x", "There are: create_closed, on_ticked."]),
        ('file = "x"', ["file: there is no such key"]),
        # wrong values
        ("[limits]\nnew_tickets = 'many'", ['limits.new_tickets: found "many", must be a whole number (default 25).']),
        (
            "[limits]\nnew_tickets = -1",
            ["limits.new_tickets: found -1, must be a whole number, at least 0 (default 25)"],
        ),
        ("[limits]\nnew_tickets = 2.5", ["limits.new_tickets: found 2.5, must be a whole number"]),
        ("[limits]\nrequests_per_minute = 0", ["found 0, must be a whole number, more than 0."]),
        ("[state]\nlock_seconds = inf", ["state.lock_seconds: found inf, must be a number"]),
        ("[items]\nperiods = 'maybe'", ['items.periods: found "maybe", must be true or false (default false).']),
        ('tracker = "trello"', ['tracker: found "trello", must be "local" or "jira" or "github" (default "local").']),
        ('tracker = "gihub"', ['found "gihub"', 'Did you mean "github"?']),
        ('tracker = ""', ["tracker: found empty text, must be"]),
        ("[items]\nrequire = 3", ['items.require: found 3, must be a list of "owner" or "due".']),
        ('[items]\nrequire = ["budget"]', ['items.require.1: found "budget", must be "owner" or "due"']),
        ("[github]\nlabels = 'x'", ['github.labels: found "x", must be a list of texts.']),
        ("[github]\nmilestone = 2026-01-01", ["github.milestone: found a date or time, must be text."]),
        ("limits = 3", ["limits: found 3, must be a table."]),
        ("[[limits]]\nnew_tickets = 3", ["limits: found a list, must be a table."]),
        ('[sources]\nkind = "files"', ['sources.kind: found "files", must be a table.']),
        ("[[routes]]\nproject = 'X'", ["routes.1.match: it is missing, must be a table."]),
        ('[local]\nprefix = "A B"', ["local.prefix", "text that fits"]),
        (
            '[[policies]]\ndue_within = "soon"',
            ['policies.1.due_within: found "soon", must be a number of days'],
        ),
        ('[[policies]]\ndone_within = "0 days"', ['policies.1.done_within: found "0 days", must be']),
        ("[[policies]]\ndue_within = 3", ["policies.1.due_within: found 3, must be text"]),
        (
            '[[policies]]\nmatch = { severity = "1" }',
            ["policies.1: it asks for nothing; set assigned"],
        ),
        (
            '[[policies]]\ndue_within = "3d"\nmatch = { sevrity = 1 }',
            ["policies.1.match.sevrity: there is", "mean s"],
        ),
        ('[[policies]]\ndue_within = "3d"\nmatch = { team = true }', ["policies.1.match.team"]),
        ('[calendar]\nholidays = "Germany"', ['calendar.holidays: found "Germany", must be a country']),
        # what belongs together
        ('tracker = "github"', ["github.token: the secret is missing; set SYNC_GITHUB__TOKEN", "github__token"]),
        ('tracker = "github"', ['github.repository: it is missing, must be "owner/name" (or set SYNC_GITHUB__REPO']),
        ('tracker = "github"\n[github]\napp_id = 3', ["github.private_key: the secret is missing"]),
        ('tracker = "github"\n[github]\nprivate_key = "k"', ["github.app_id: it is missing"]),
        ('[github]\ntoken = "t"\napp_id = 3\nprivate_key = "k"', ["github: both token and app_id", "keep one way"]),
        ('[github]\nrepository = "https://github.com/a/b"', ['github.repository: found other text, must be "owner/n']),
        ('tracker = "jira"', ["jira.base_url: it is missing", "jira.project: it is missing", "SYNC_JIRA__TOKEN"]),
        (JIRA + 'token = "t"\ndeployment = "cloud"', ["jira.email: it is missing", "SYNC_JIRA__EMAIL"]),
        ('tracker = "jira"\n[jira]\nbase_url = "https://a.atlassian.net"\ntoken = "t"', ["jira.email: it is missing"]),
        ('[sources.a]\ntracker = "jira"', ["jira.token: the secret is missing"]),
        ('[[routes]]\nmatch = {}\ntracker = "github"', ["github.token: the secret is missing", "github.repository"]),
        ('[sources.a]\nkind = "github"', ["sources.a.repository: it is missing", "github.token"]),
        ('[github]\nbase_url = "http://ghe.example"', ['github.base_url: found "http://", must begin with https://']),
        ('[github]\nbase_url = "http://localhost.evil.example"', ["must begin with https://"]),
        ('[jira]\nbase_url = "acme.atlassian.net"', ["jira.base_url: found no address, must be one such as"]),
        ('[jira]\nbase_url = "https://[x"', ["jira.base_url: found no address"]),
        ('[jira]\nbase_url = "https://me:pass@j.example"', ["jira.base_url: it holds an account"]),
        ('[state]\nurl = "mysql://u:p@h/d"', ['state.url: found another address, must begin with "sqlite:///" or']),
        # the file itself
        ("tracker = ", ["it is not valid TOML", "line 1, column 11"]),
        ('[items]\nrequire = ["owner"', ["it is not valid TOML", "line 2, column 19"]),
        ("tracker = 'local'\ntracker = 'jira'", ["a key is set a second time (at line 2"]),
        ("[limits]\n[items]\n[limits]", ["the table 'limits' is begun a second time (at line 3"]),
        ('secrets_dir = "nowhere"', ["secrets_dir: there is no folder", "nowhere"]),
    ],
)
def test_a_mistake_in_the_file(tmp_path: Path, text: str, words: list[str]) -> None:
    message = refused(tmp_path, text)
    assert str(tmp_path / "sync.toml") in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "SYNC_TRAKER",
            "local",
            ["environment variable SYNC_TRAKER: there is no such setting. Did you mean SYNC_TRACKER?"],
        ),
        ("SYNC_GITHUB__TOKN", "canary-7f3e91", ["Did you mean SYNC_GITHUB__TOKEN?"]),
        ("SYNC_GITHUB_TOKEN", "canary-7f3e91", ["Did you mean SYNC_GITHUB__TOKEN?"]),
        ("SYNC_SOURCES__DOCS__PAHT", "x", ["Did you mean SYNC_SOURCES__DOCS__PATH?"]),
        ("SYNC_GITHUB__TOKEN__X", "x", ["SYNC_GITHUB__TOKEN__X: there is no such setting"]),
        ("SYNC_", "x", ["SYNC_: there is no such setting"]),
        ("SYNC_ZZZZZ", "x", ["It is set, but nothing reads it."]),
        ("SYNC_LIMITS__NEW_TICKETS", "many", ['variable SYNC_LIMITS__NEW_TICKETS: limits.new_tickets: found "many"']),
        ("SYNC_ITEMS__REQUIRE", "owner,budget", ["variable SYNC_ITEMS__REQUIRE: items.require.2", '"budget"']),
        ("SYNC_ITEMS__REQUIRE", '["owner"', ["SYNC_ITEMS__REQUIRE: found text, must be a list of", '(["a", "b"])']),
        ("SYNC_LIMITS", "nonsense", ["SYNC_LIMITS: found text, must be a table, written as JSON"]),
        ("SYNC_LIMITS", "3", ["variable SYNC_LIMITS: limits: found 3, must be a table"]),
        ("SYNC_SOURCES__DOCS", "docs", ["SYNC_SOURCES__DOCS: found text, must be a table, written as JSON"]),
        ("SYNC_ROUTES", '[{"project": "X"}]', ["variable SYNC_ROUTES: routes.1.match: it is missing"]),
        ("SYNC_ROUTES", '[{"match": {}, "projct": "X"}]', ["SYNC_ROUTES: routes.1.projct: there is no such key"]),
        ("SYNC_ROUTES", "PAY", ["SYNC_ROUTES: found text, must be a list of tables, written as JSON ([{"]),
        ("SYNC_JIRA__BASE_URL", "http://j.example", ["variable SYNC_JIRA__BASE_URL: jira.base_url: found"]),
        ("SYNC_CONFIG", "other.toml", ["other.toml: there is no such settings file", "SYNC_CONFIG"]),
        ("SYNC_SECRETS_DIR", "nowhere", ["variable SYNC_SECRETS_DIR: secrets_dir: there is no folder"]),
    ],
)
def test_a_mistake_in_the_environment(tmp_path: Path, name: str, value: str, words: list[str]) -> None:
    message = refused(tmp_path, "", **{name: value})
    for word in words:
        assert word in message
    assert "canary" not in message


def test_a_mistake_is_told_of_whoever_made_it(tmp_path: Path) -> None:
    text = '[sources.b]\nkind = "x"\n[people]\n"A" = { github = 3 }\n'
    message = refused(tmp_path, text, SYNC_SOURCES='{"a": {"kind": "y"}}', SYNC_LIMITS__NEW_TICKETS="z")
    lines = sorted(message.splitlines())
    assert [line.partition(": ")[2].split(":")[0] for line in lines[2:]] == ["limits.new_tickets", "sources.a.kind"]
    assert all(line.startswith(str(tmp_path)) for line in lines[:2])


def test_all_mistakes_are_told_at_once_one_a_line(tmp_path: Path) -> None:
    text = 'traker = 1\n[limits]\nnew_tickets = "a"\nmax_age_days = "b"\n'
    message = refused(tmp_path, text, SYNC_TRAKER="1", SYNC_ROUTES="x")
    assert len(message.splitlines()) == 5


def test_an_unknown_key_does_not_make_another_one_missing(tmp_path: Path) -> None:
    assert "missing" not in refused(tmp_path, 'tracker = "github"\n[github]\nrepository = "a/b"\ntokn = "x"')


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("github_token", b"canary-7f3e91", ["github_token: there is no such setting", "SYNC_GITHUB__TOKEN?"]),
        ("github__tokn", b"canary-7f3e91", ["github__tokn: there is no such setting"]),
        ("SYNC_NONSENSE", b"canary-7f3e91", ["SYNC_NONSENSE: there is no such setting"]),
        ("jira__token", b"\xff\xfe", ["jira__token: it cannot be read; must be a readable text file"]),
        ("jira__token", b"x" * 1_100_000, ["jira__token: it cannot be read"]),
        ("limits__new_tickets", b"canary-7f3e91-canary", ["limits__new_tickets: limits.new_tickets: found text"]),
    ],
)
def test_a_mistake_in_a_secret_file(tmp_path: Path, name: str, data: bytes, words: list[str]) -> None:
    (tmp_path / "secrets").mkdir()
    excuse(tmp_path / "secrets" / name).write_bytes(data)
    message = refused(tmp_path, 'secrets_dir = "secrets"')
    assert f"secret file {tmp_path / 'secrets' / name}" in message
    for word in words:
        assert word in message
    assert "canary" not in message


def test_a_file_that_was_asked_for_must_be_there_and_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"other\.toml: there is no such settings file\. Correct --config"):
        load(Path("other.toml"), {}, tmp_path)
    with pytest.raises(SettingsError, match="this is a folder"):
        load(tmp_path, {}, tmp_path)


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "sync.toml").write_bytes(b'tracker = "\xff"')
    with pytest.raises(SettingsError, match=r"sync\.toml: it is not UTF-8 \(byte 11\)"):
        load(None, {}, tmp_path)


def test_what_must_stay_free_is_free(tmp_path: Path) -> None:
    settings = load_text(tmp_path, '[jira.fields]\nx = { token = 1 }\n"A b" = [1]')
    assert settings.of(JiraSettings).fields == {"x": {"token": 1}, "A b": [1]}
