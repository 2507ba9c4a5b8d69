"""Pages as postmortems: which there are, at which price, and what is not published."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.confluence.listing import RELIST_SECONDS
from adapters.confluence.page import Wanted
from adapters.confluence.source import ConfluenceSource
from adapters.http.atlassian import Credentials
from sync.errors import CredentialsError, SettingsError, SourceError
from tests.adapters.confluence.worlds import LABEL, ConfluenceWorld
from tests.canaries import MARK
from tests.simulators.confluence_cloud import CLOUD_ID
from tests.simulators.jira_wire import Answer, Fault


def asked(world: ConfluenceWorld) -> list[str]:
    return [f"{one.method} {one.path.removeprefix(world.confluence.product)}" for one in world.confluence.calls()]


# --- which pages -----------------------------------------------------------------------------


def test_an_idle_look_is_one_search(world: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "cache" / "pages.json"
    first = world.open(memory=memory)
    versions = {path: first.read(path).version for path in first.paths()}
    world.confluence.log.clear()
    second = world.open(memory=memory)
    assert {path: second.version(path) for path in second.paths()} == versions
    search = "/rest/api/search" if world.cloud else "/rest/api/content/search"
    assert asked(world) == [f"GET {search}"]


def test_only_what_changed_is_read_again(world: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "pages.json"
    first = world.open(memory=memory)
    versions = {path: first.read(path).version for path in first.paths()}
    world.site.edit(world.b, "<p>new</p>")
    world.confluence.log.clear()
    second = world.open(memory=memory)
    changed = [path for path in second.paths() if second.version(path) != versions[path]]
    assert changed == [world.b.id]
    assert second.read(world.b.id).data == b"<p>new</p>"
    assert len(asked(world)) == 2


def test_an_index_that_lags_hides_no_page_from_the_listing_by_label(cloud: ConfluenceWorld, tmp_path: Path) -> None:
    cloud.site.indexing = False
    new = cloud.site.page("New outage", "<p>n</p>", labels=(LABEL,))
    assert new.id in cloud.open(memory=tmp_path / "pages.json").paths()


def test_a_page_that_a_lagging_index_hides_is_found_within_an_hour(cloud: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "pages.json"
    assert len(cloud.open(memory=memory).paths()) == 2
    cloud.site.indexing = False
    new = cloud.site.page("New outage", "<p>n</p>", labels=(LABEL,))
    assert new.id not in cloud.open(memory=memory).paths()
    cloud.clock.sleep(RELIST_SECONDS)
    assert new.id in cloud.open(memory=memory).paths()


def test_labels_that_lag_hide_no_page_from_the_search(cloud: ConfluenceWorld) -> None:
    cloud.site.labelling = False
    new = cloud.site.page("New outage", "<p>n</p>", labels=(LABEL,))
    assert new.id in cloud.open().paths()


def test_the_first_page_with_a_label_is_found_before_the_index_knows_the_label(cloud: ConfluenceWorld) -> None:
    cloud.site.indexing = False
    new = cloud.site.page("New outage", "<p>n</p>", labels=("fresh",))
    assert cloud.open(Wanted(label="fresh")).paths() == [new.id]
    assert cloud.open(Wanted(label="unknown")).paths() == []


def test_an_older_version_of_the_index_is_no_news(world: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "pages.json"
    world.site.edit(world.a, "<p>2</p>")
    assert world.open(memory=memory).version(world.a.id) == "2"
    world.site.indexing = False
    world.site.index[world.a.id] = world.site.index[world.b.id].__class__(
        world.a.id, 1, "OPS", "Checkout outage", (LABEL,), (), "current"
    )
    assert world.open(memory=memory).version(world.a.id) == "2"


def test_a_page_that_the_index_shows_no_longer_stays_until_a_listing_lacks_it_too(
    cloud: ConfluenceWorld, tmp_path: Path
) -> None:
    memory = tmp_path / "pages.json"
    assert cloud.a.id in cloud.open(memory=memory).paths()
    del cloud.site.index[cloud.a.id]
    assert cloud.a.id in cloud.open(memory=memory).paths()
    cloud.clock.sleep(RELIST_SECONDS)
    assert cloud.a.id in cloud.open(memory=memory).paths()
    cloud.site.label(cloud.a)
    cloud.clock.sleep(RELIST_SECONDS)
    assert cloud.a.id not in cloud.open(memory=memory).paths()


def test_versions_that_a_search_does_not_tell_are_asked_for_together(cloud: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "pages.json"
    cloud.confluence.tells_versions = False
    assert cloud.open(memory=memory).version(cloud.a.id) == "1"
    cloud.site.edit(cloud.a, "<p>2</p>")
    (tmp_path / "pages.json").unlink()
    cloud.site.pages[cloud.a.id].labels = [LABEL]
    assert cloud.open(Wanted(cql=f'label = "{LABEL}"')).version(cloud.a.id) == "2"


@pytest.mark.parametrize("indexing", [True, False], ids=["index", "without the index"])
def test_space_label_tree_and_condition_must_all_fit(world: ConfluenceWorld, indexing: bool) -> None:
    site = world.site
    site.indexing = indexing
    top = site.page("Postmortems", "<p/>")
    level = top
    below = []
    for number in range(12):
        level = site.page(f"Level {number}", "<p/>", parent=level.id, labels=(LABEL,) if number % 2 else ())
        below.append(level)
    away = site.page("In another space", "<p/>", space="HR", parent=top.id)

    def ids(**wanted: str) -> set[str]:
        return set(world.open(Wanted(**wanted)).paths())

    if world.cloud or indexing:
        labelled = {page.id for page in below if page.labels}
        assert ids(under=top.id, label=LABEL) == labelled
        assert ids(space="OPS", label=LABEL) == labelled | {world.a.id, world.b.id}
    assert ids(under=top.id) == {away.id, *(page.id for page in below)}
    assert ids(under=top.id, space="HR") == {away.id}
    assert ids(space="HR") == {away.id}
    site.reindex()
    assert ids(space="HR", cql='title ~ "another"') == {away.id}
    assert ids(label=LABEL, cql='label = "search"') == {world.b.id}


def test_words_of_settings_cannot_leave_their_quotes(world: ConfluenceWorld) -> None:
    assert Wanted(label='x" OR space = "HR').query() == 'type = page AND label = "x\\" OR space = \\"HR"'
    assert world.open(Wanted(label='x" OR space = "HR')).paths() == []


def test_long_listings_are_read_to_their_end(world: ConfluenceWorld) -> None:
    world.confluence.page_size = 7
    for number in range(30):
        world.site.page(f"Outage {number}", f"<p>{number}</p>", labels=(LABEL,))
    source = world.open()
    assert len(source.paths()) == 32
    assert {source.read(path).data for path in source.paths()} >= {f"<p>{n}</p>".encode() for n in range(30)}


def test_many_pages_are_read_together(cloud: ConfluenceWorld) -> None:
    for number in range(200):
        cloud.site.page(f"Outage {number}", f"<p>{number}</p>", labels=(LABEL,))
    source = cloud.open()
    paths = source.paths()
    cloud.confluence.log.clear()
    assert len({source.read(path).data for path in paths}) == 202
    assert len(asked(cloud)) <= 10


def test_pages_that_are_too_large_together_are_read_one_by_one(cloud: ConfluenceWorld) -> None:
    for number in range(4):
        cloud.site.page(f"Outage {number}", f"<p>{number}</p>", labels=(LABEL,))
    source = cloud.open()

    def too_large(answer: Answer) -> Answer:
        return answer if len(answer.body["results"]) < 2 else Answer(413)

    cloud.confluence.faults.append(Fault("replace", path="/api/v2/pages$", times=99, change=too_large))
    assert len([source.read(path) for path in source.paths()]) == 6


def test_a_memory_that_cannot_be_read_or_written_is_as_good_as_none(world: ConfluenceWorld, tmp_path: Path) -> None:
    (tmp_path / "pages.json").write_text('{"versions": {"x": 1}, "listed": "soon"}', "utf-8")
    assert len(world.open(memory=tmp_path / "pages.json").paths()) == 2
    (tmp_path / "file").write_text("", "utf-8")
    assert len(world.open(memory=tmp_path / "file" / "pages.json").paths()) == 2


# --- one page --------------------------------------------------------------------------------


def test_a_page_comes_with_its_title_and_an_address_that_stays(world: ConfluenceWorld) -> None:
    before = world.source.read(world.a.id)
    assert (before.title, before.format, before.path) == ("Checkout outage", "storage", world.a.id)
    world.site.edit(world.a, "<p>a</p>", title="Checkout was slow")
    world.site.move(world.a, space="HR")
    after = world.open().read(world.a.id)
    assert (after.title, after.url, after.path) == ("Checkout was slow", before.url, before.path)
    assert world.source.path_of(after.url) == world.a.id


def test_a_page_is_found_by_the_address_of_its_title(world: ConfluenceWorld) -> None:
    web = f"{world.confluence.base_url}{world.confluence.product}"
    assert world.source.path_of(f"{web}/display/OPS/Checkout+outage") == world.a.id
    assert world.source.path_of(f"{web}/display/OPS/Nothing") == ""
    assert world.open(Wanted(space="HR")).path_of(f"{web}/spaces/OPS/pages/{world.a.id}") == ""


def test_a_page_that_lost_its_label_or_is_none_of_the_source_is_not_published(world: ConfluenceWorld) -> None:
    document = world.source.read(world.other.id)
    assert document.unpublished == "it is none of source pages: it does not have the label postmortem"
    assert document.version == "1 unpublished"
    top = world.site.page("Top", "<p/>")
    for wanted, words in (
        (Wanted(space="HR"), "it is not in the space HR"),
        (Wanted(under=top.id), f"it does not stand below the page {top.id}"),
    ):
        assert words in world.open(wanted).read(world.a.id).unpublished
    assert world.source.read(world.a.id).unpublished == ""


def test_a_page_state_that_settings_do_not_name_is_not_published(cloud: ConfluenceWorld) -> None:
    cloud.a.state, cloud.b.state = "Verified", "In progress"
    source = cloud.open(page_states=("verified",))
    found = {path: source.read(path).unpublished for path in source.paths()}
    assert found == {cloud.a.id: "", cloud.b.id: 'its page state is "In progress"'}
    cloud.b.state = ""
    assert source.read(cloud.b.id).unpublished == "it has no page state"


def test_a_live_document_needs_the_label(cloud: ConfluenceWorld) -> None:
    live = cloud.site.page("Live", "<p>l</p>", labels=(LABEL,), live=True)
    assert cloud.open().read(live.id).unpublished == ""
    assert "it is a live document" in cloud.open(Wanted(space="OPS")).read(live.id).unpublished


@pytest.mark.parametrize("status", ["archived", "trashed"])
def test_what_is_archived_or_in_the_trash_is_told_as_such(world: ConfluenceWorld, status: str) -> None:
    world.site.move(world.a, status=status)
    source = world.open()
    assert source.paths() == [world.b.id]
    try:
        words = source.read(world.a.id).unpublished
    except SourceError as error:
        words = str(error)
    assert f"the page is {status}" in words


def test_a_page_that_is_restricted_is_an_error_that_names_it(world: ConfluenceWorld) -> None:
    world.a.viewers = {"somebody else"}
    with pytest.raises(SourceError, match=f"{world.a.id}: there is no such page, or the account may not see it"):
        world.open().read(world.a.id)


def test_a_page_that_is_too_large_is_told(world: ConfluenceWorld) -> None:
    world.site.edit(world.a, "<p>" + "x" * 10_000_001 + "</p>")
    with pytest.raises(SourceError, match=r"the page 'Checkout outage' .* has 10 MB; a postmortem may have 10 MB"):
        world.open().read(world.a.id)


# --- who asks --------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_nothing_is_concluded_from_what_is_shown_to_nobody(world: ConfluenceWorld, named: bool) -> None:
    world.confluence.names_accounts = named
    world.a.viewers = {world.site.me.id}
    source = world.open(
        credentials=Credentials(f"revoked-{MARK}", "sync@acme.example" if world.cloud else "", bearer=not world.cloud)
    )
    with pytest.raises(CredentialsError, match=r"refuses confluence\.(email and confluence\.)?token"):
        source.paths()


def test_a_site_that_names_nobody_is_asked_once_who_we_are(world: ConfluenceWorld) -> None:
    world.confluence.names_accounts = False
    assert len(world.source.paths()) == 2
    assert asked(world).count("GET /rest/api/user/current") == 1


def test_a_wrong_token_where_nobody_may_see_anything_is_refused(world: ConfluenceWorld) -> None:
    world.site.anonymous_access = world.confluence.names_accounts = False
    with pytest.raises(CredentialsError, match="401"):
        world.open(credentials=Credentials(f"revoked-{MARK}", "sync@acme.example", bearer=not world.cloud)).paths()


def test_a_token_with_scopes_goes_by_the_gateway(cloud: ConfluenceWorld) -> None:
    cloud.confluence.scoped = True  # type: ignore[attr-defined]
    source = cloud.open()
    assert len(source.paths()) == 2
    assert source.read(cloud.a.id).url.startswith(f"{cloud.confluence.base_url}/wiki/")
    cloud.confluence.log.clear()
    assert len(cloud.open(cloud_id=CLOUD_ID).paths()) == 2
    assert all(one.path.startswith(f"/ex/confluence/{CLOUD_ID}/wiki/") for one in cloud.confluence.calls())


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/wiki", "{}/wiki/"])
def test_the_site_is_written_with_or_without_its_wiki(cloud: ConfluenceWorld, address: str) -> None:
    source = cloud.open(base_url=address.format(cloud.confluence.base_url))
    assert len(source.paths()) == 2
    assert source.url("7") == f"{cloud.confluence.base_url}/wiki/pages/viewpage.action?pageId=7"


def test_what_cannot_be_an_address_or_an_account_names_its_key(world: ConfluenceWorld) -> None:
    for settings, key in (
        ({"base_url": "acme"}, "base_url"),
        ({"base_url": f"https://api.atlassian.com/ex/confluence/{CLOUD_ID}"}, "base_url"),
        ({"cloud_id": "x"}, "cloud_id"),
        ({"credentials": Credentials("")}, "token"),
    ):
        with pytest.raises(SettingsError, match=rf"confluence\.{key}"):
            world.open(**settings)


def test_a_limit_is_waited_for(world: ConfluenceWorld) -> None:
    world.confluence.faults.append(Fault("before", status=429, headers={"Retry-After": "40"}))
    before = world.clock.now()
    assert len(world.source.paths()) == 2
    assert 40 <= (world.clock.now() - before).total_seconds() < 42


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "garbage"])
def test_a_broken_answer_is_asked_for_again(world: ConfluenceWorld, kind: str) -> None:
    world.confluence.faults.append(Fault(kind))
    assert len(world.source.paths()) == 2


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": [{"content": {"id": "../x"}}]}, [], "words"])
def test_an_answer_of_another_shape_is_no_empty_listing(world: ConfluenceWorld, body: object) -> None:
    world.confluence.faults.append(
        Fault("replace", path="search", change=lambda answer: Answer(200, body, answer.headers))
    )
    with pytest.raises(SourceError, match="is not what its API promises"):
        world.source.paths()


def test_the_next_page_is_asked_of_the_same_server_whatever_a_listing_says(world: ConfluenceWorld) -> None:
    def astray(answer: Answer) -> Answer:
        answer.body["_links"]["next"] = "http://127.0.0.1:1/wiki/rest/api/search?cursor=abc"
        return answer

    world.confluence.faults.append(Fault("replace", path="search", change=astray))
    with pytest.raises(SourceError):
        world.source.paths()
    assert len(world.confluence.calls("GET", "search")) == 2


def test_the_source_never_writes_by_reading(world: ConfluenceWorld) -> None:
    source: ConfluenceSource = world.source
    for path in source.paths():
        source.read(path)
    source.check()
    assert world.confluence.writes() == []
