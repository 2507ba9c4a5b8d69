"""Sources as settings make them: what is taken from Jira, and what a mistake in a key says."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.confluence.settings import ConfluenceSettings, seconds_of
from config.load import load
from config.settings import Settings
from sync.errors import SettingsError
from sync.run.summary import Silent
from sync.wiring.systems import Host, make_source
from tests.canaries import MARK, excuse
from tests.clocks import VirtualClock

JIRA = (
    '[jira]\nbase_url = "https://acme.atlassian.net"\nemail = "sync@acme.example"\n'
    f'token = "j-{MARK}"\nproject = "OPS"\n'
)
SOURCE = '[sources.pages]\nkind = "confluence"\nlabel = "postmortem"\n'


def settings_of(folder: Path, text: str) -> Settings:
    excuse(folder / "sync.toml").write_text(text, encoding="utf-8")
    return load(None, {}, folder)


def token(section: ConfluenceSettings) -> str:
    return section.token.get_secret_value() if section.token else ""


def test_site_and_account_are_those_of_jira_where_none_are_given(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, 'tracker = "jira"\n' + JIRA + SOURCE)
    section = settings.of(ConfluenceSettings)
    assert (section.base_url, section.email, token(section)) == (
        "https://acme.atlassian.net",
        "sync@acme.example",
        f"j-{MARK}",
    )
    source = make_source(settings, "pages", settings.sources["pages"], Silent(), Host(VirtualClock()))
    assert source.url("7") == "https://acme.atlassian.net/wiki/pages/viewpage.action?pageId=7"
    source.close()


def test_an_account_of_its_own_is_used_on_the_site_of_jira(tmp_path: Path) -> None:
    own = f'[confluence]\nemail = "wiki@acme.example"\ntoken = "c-{MARK}"\n'
    section = settings_of(tmp_path, JIRA + SOURCE + own).of(ConfluenceSettings)
    assert (section.base_url, section.email) == ("https://acme.atlassian.net", "wiki@acme.example")
    assert token(section) == f"c-{MARK}"


@pytest.mark.parametrize("address", ["https://acme.atlassian.net/wiki", "https://ACME.atlassian.net"])
def test_the_site_may_be_written_out_beside_jiras(tmp_path: Path, address: str) -> None:
    section = settings_of(tmp_path, JIRA + SOURCE + f'[confluence]\nbase_url = "{address}"\n').of(ConfluenceSettings)
    assert (section.base_url, token(section)) == (address, f"j-{MARK}")


def test_a_token_of_jira_is_shown_to_no_other_host(tmp_path: Path) -> None:
    other = '[confluence]\nbase_url = "https://wiki.acme.example"\n'
    with pytest.raises(SettingsError, match=r"confluence\.token: the secret is missing; set SYNC_CONFLUENCE__TOKEN"):
        settings_of(tmp_path, JIRA + SOURCE + other)


def test_a_data_center_of_jira_lends_no_address(tmp_path: Path) -> None:
    jira = f'[jira]\nbase_url = "https://jira.acme.example"\ntoken = "j-{MARK}"\nproject = "OPS"\n'
    with pytest.raises(SettingsError, match=r"confluence\.base_url: it is missing, must be the site"):
        settings_of(tmp_path, jira + SOURCE)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "sources.pages.label: it is missing, must be a label of your postmortems; or set space, under or cql."),
        ('space = "O P S"', 'sources.pages.space: found other text, must be the key of a space, such as "OPS".'),
        ('under = "Postmortems"', "sources.pages.under: found other text, must be the id of a page"),
        ('cql = "label = x)"', "sources.pages.cql: it must be a condition with all its parentheses closed"),
        ('cql = "label = x ORDER BY title"', "sources.pages.cql: it must be a condition"),
        ('label = "x"\nglob = "*.txt"', "sources.pages.glob: only kind"),
    ],
)
def test_a_mistake_in_a_source_names_its_key(tmp_path: Path, keys: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, JIRA + f'[sources.pages]\nkind = "confluence"\n{keys}\n')
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "under", ['"98319"', "98319", '"https://acme.atlassian.net/wiki/spaces/OPS/pages/98319/Postmortems"']
)
def test_a_page_is_named_by_its_id_or_its_address(tmp_path: Path, under: str) -> None:
    text = JIRA + f'[sources.pages]\nkind = "confluence"\nunder = {under}\n'
    assert settings_of(tmp_path, text).sources["pages"].kind == "confluence"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0", 0), ("30m", 1800), ("90 minutes", 5400), ("1 hour", 3600), ("1 day", 86400), ("2d", 172800)],
)
def test_a_wait_is_a_number_with_its_unit(tmp_path: Path, written: str, seconds: float) -> None:
    section = settings_of(tmp_path, f'[confluence]\ndraft_wait = "{written}"\n').of(ConfluenceSettings)
    assert seconds_of(section.draft_wait) == seconds


@pytest.mark.parametrize("written", ["soon", "1 week", "-1d", "1"])
def test_another_wait_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError, match=r"confluence\.draft_wait"):
        settings_of(tmp_path, f'[confluence]\ndraft_wait = "{written}"\n')
