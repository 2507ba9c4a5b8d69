"""Pages written back: no edit lost, no draft overridden unseen, no comment orphaned, and told what the server did."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.confluence.writing import MESSAGE, message_of
from sync.errors import SourceError
from sync.ports import Rewrite
from tests.adapters.confluence.worlds import ConfluenceWorld
from tests.simulators.jira_wire import Answer, Fault
from tests.simulators.patience import too_late

BODY = "<p>Alert on lag \u2019til it hurts.</p><p>Ana\u00a0Lima</p>"


def put_path(world: ConfluenceWorld) -> str:
    return "/api/v2/pages/" if world.cloud else "/rest/api/content/"


def test_one_version_is_made_with_our_message_and_as_a_minor_edit_where_there_is_such(world: ConfluenceWorld) -> None:
    result = world.write(world.a, "a</p>", "a done</p>")
    assert (result.written, result.version, result.notes) == (True, "2", ())
    last = world.a.last
    assert (last.number, last.title, last.body) == (2, "Checkout outage", "<p>a done</p>")
    assert last.message.startswith(f"{MESSAGE} [")
    assert last.by == world.site.me.id
    assert last.minor is not world.cloud
    assert world.open().version(world.a.id) == "2"


def test_what_needs_no_change_is_not_written(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    assert world.source.write([Rewrite(document, document.data)])[0].written
    assert world.confluence.writes() == []


@pytest.mark.parametrize("status", [409, 400])
def test_a_version_that_somebody_else_made_is_never_overwritten(world: ConfluenceWorld, status: int) -> None:
    world.site.conflict = status
    document = world.source.read(world.a.id)
    world.site.edit(world.a, "<p>theirs</p>")
    result = world.source.write([Rewrite(document, b"<p>ours</p>")])[0]
    assert result.stale
    assert world.a.body == "<p>theirs</p>"
    assert len(world.confluence.writes()) == 1
    again = world.source.read(world.a.id)
    assert world.source.write([Rewrite(again, again.data + b"<p>ours</p>")])[0].written
    assert world.a.body == "<p>theirs</p><p>ours</p>"


def test_a_title_that_somebody_changed_meanwhile_is_kept(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    world.site.edit(world.a, "<p>a</p>", title="Checkout was slow")
    assert world.source.write([Rewrite(document, b"<p>ours</p>")])[0].stale
    assert world.a.last.title == "Checkout was slow"


def test_a_lock_that_could_not_be_had_is_tried_again(world: ConfluenceWorld) -> None:
    body = {"statusCode": 409, "message": "OptimisticLockException: Row was updated"}
    world.confluence.faults.append(Fault("before", "PUT", status=409, body=body))
    assert world.write(world.a, "a</p>", "b</p>").written
    assert world.a.last.number == 2


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "garbage"])
def test_an_answer_that_is_lost_is_no_second_version(world: ConfluenceWorld, kind: str) -> None:
    world.confluence.faults.append(Fault(kind, "PUT"))
    assert world.write(world.a, "a</p>", "b</p>").version == "2"
    assert [version.number for version in world.a.versions] == [1, 2]


def test_an_answer_that_comes_too_late_is_no_second_version(world: ConfluenceWorld) -> None:
    with too_late(world.confluence, "PUT", world.a.id):
        assert world.write(world.a, "a</p>", "b</p>").version == "2"
    assert [version.number for version in world.a.versions] == [1, 2]


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_server_that_stays_away_is_told_as_what_is_known(world: ConfluenceWorld, kind: str) -> None:
    world.confluence.faults.append(Fault(kind, "PUT", times=9))
    result = world.write(world.a, "a</p>", "b</p>")
    if kind == "drop_before":
        assert "nothing was written" in result.error
        assert world.a.last.number == 1
    else:
        assert result.version == "2"


def test_an_edit_right_after_a_lost_answer_is_kept_and_seen(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)

    def edited(answer: Answer) -> Answer:
        world.site.edit(world.a, world.a.body + "<p>theirs</p>")
        return Answer(503)

    world.confluence.faults.append(Fault("replace", "PUT", change=edited))
    assert world.source.write([Rewrite(document, b"<p>ours</p>")])[0].stale
    assert world.a.body == "<p>ours</p><p>theirs</p>"


def test_two_machines_that_write_the_same_at_once_make_one_version(world: ConfluenceWorld) -> None:
    one, other = world.open(), world.open()
    read = one.read(world.a.id), other.read(world.a.id)
    results = [s.write([Rewrite(d, b"<p>ours</p>")])[0] for s, d in zip((one, other), read, strict=True)]
    assert [result.version for result in results] == ["2", "2"]
    assert len(world.a.versions) == 2
    assert message_of(world.a.id, 1, b"<p>ours</p>") == world.a.last.message
    assert message_of(world.a.id, 1, b"<p>ours</p>") != message_of(world.a.id, 2, b"<p>ours</p>")


# --- what the server makes of it -------------------------------------------------------------


def test_the_servers_own_way_to_write_is_no_change(world: ConfluenceWorld) -> None:
    world.site.edit(world.a, BODY + "<ac:task-list><ac:task><ac:task-id>1</ac:task-id></ac:task></ac:task-list>")
    world.site.normalises = True
    document = world.source.read(world.a.id)
    wanted = document.data.replace(b"hurts.", b"hurts. <br></br>done")
    result = world.source.write([Rewrite(document, wanted)])[0]
    assert (result.written, result.notes) == (True, ())
    assert "&rsquo;" in world.a.body
    assert "ac:local-id" in world.a.body


def test_a_node_that_the_server_changes_beside_ours_is_told(world: ConfluenceWorld) -> None:
    world.site.edit(world.a, "<p>a</p><p>theirs</p><p>b</p>")
    write = world.site.write

    def meddling(*given: object) -> object:
        changed = [str(one).replace("theirs", "other words") if one == sent else one for one in given]
        return write(*changed)  # type: ignore[arg-type]

    document = world.source.read(world.a.id)
    sent = "<p>a done</p><p>theirs</p><p>b</p>"
    world.site.write = meddling  # type: ignore[assignment]
    result = world.source.write([Rewrite(document, sent.encode())])[0]
    assert result.written
    assert result.notes == ("the server changed what was not written by us: theirs became other words",)


def test_a_splice_that_the_server_takes_out_is_told(world: ConfluenceWorld) -> None:
    write = world.site.write

    def meddling(*given: object) -> object:
        return write(*[str(one).replace("<u>done</u>", "") if one == sent else one for one in given])  # type: ignore[arg-type]

    document = world.source.read(world.a.id)
    sent = "<p>a<u>done</u></p>"
    world.site.write = meddling  # type: ignore[assignment]
    result = world.source.write([Rewrite(document, sent.encode())])[0]
    # The server had nothing to change, and made no version.
    assert result.error.endswith("it was written, and the server does not show it. The next run looks.")


def test_a_page_that_cannot_be_read_back_is_told_and_looked_at_again(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    reads = Fault("before", "GET", r"/pages$|/content/[0-9]+$", status=500, times=9, skip=0 if world.cloud else 1)
    world.confluence.faults.append(reads)
    result = world.source.write([Rewrite(document, b"<p>ours</p>")])[0]
    assert "it was written, and cannot be read back" in result.error
    assert world.a.body == "<p>ours</p>"


def test_a_body_that_is_no_storage_format_is_refused_as_a_whole(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    result = world.source.write([Rewrite(document, b"<p>a &nosuch; b</p>")])[0]
    assert "nothing was written" in result.error
    assert world.a.body == "<p>a</p>"


# --- drafts ----------------------------------------------------------------------------------


def test_a_write_waits_for_somebodys_draft(world: ConfluenceWorld, tmp_path: Path) -> None:
    memory = tmp_path / "pages.json"
    world.site.write_draft(world.a, "<p>a and more</p>")
    result = world.write(world.a, "a</p>", "b</p>", world.open(memory=memory))
    assert "somebody is editing the page, and their draft is not published yet" in result.error
    assert "after 2026-03-02 12:00 UTC (confluence.draft_wait)" in result.error
    assert world.confluence.writes() == []
    world.site.edit(world.a, "<p>a and more</p>")
    assert world.write(world.a, "a and", "b and", world.open(memory=memory)).written


@pytest.mark.parametrize("merges", [True, False])
def test_a_write_waits_no_longer_than_the_setting_says(world: ConfluenceWorld, tmp_path: Path, merges: bool) -> None:
    memory = tmp_path / "pages.json"
    world.site.merges = merges
    for hour in range(24):
        world.site.write_draft(world.a, f"<p>a at {hour}</p>")
        assert world.write(world.a, "a</p>", "b</p>", world.open(memory=memory)).error, hour
        world.clock.sleep(3600)
    result = world.write(world.a, "a</p>", "b</p>", world.open(memory=memory))
    assert result.notes == ("it was written though somebody's draft of it is not published: the server merges the two",)
    assert world.a.body == "<p>b</p>"


def test_a_draft_that_nobody_touched_for_a_day_is_not_waited_for(world: ConfluenceWorld) -> None:
    world.site.write_draft(world.a, "<p>forgotten</p>")
    world.clock.sleep(90_000)
    assert world.write(world.a, "a</p>", "b</p>").written


def test_a_draft_that_says_the_same_is_none(world: ConfluenceWorld) -> None:
    world.site.write_draft(world.a, '<p local-id="7">a</p>')
    assert world.write(world.a, "a</p>", "b</p>").written


def test_a_draft_that_is_not_shown_is_none(world: ConfluenceWorld) -> None:
    world.site.shows_drafts = False
    world.site.write_draft(world.a, "<p>hidden</p>")
    assert world.write(world.a, "a</p>", "b</p>").written


def test_with_no_wait_at_all_a_draft_is_told_only(world: ConfluenceWorld) -> None:
    world.site.write_draft(world.a, "<p>more</p>")
    result = world.write(world.a, "a</p>", "b</p>", world.open(draft_wait=0.0))
    assert result.written
    assert len(result.notes) == 1


# --- pages that cannot be written ------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404])
def test_a_page_that_may_not_be_edited_is_told_and_the_rest_goes_on(world: ConfluenceWorld, status: int) -> None:
    world.site.forbidden = status
    world.a.editors = {"somebody else"}
    documents = [world.source.read(page.id) for page in (world.a, world.b)]
    results = world.source.write([Rewrite(one, one.data + b"<p>ours</p>") for one in documents])
    assert "the account may read the page and not edit it; nothing was written" in results[0].error
    assert results[1].written
    assert world.source.obstacle(world.a.id).startswith("the account may not edit")
    assert world.source.obstacle(world.b.id) == ""


@pytest.mark.parametrize(
    ("status", "words"), [("archived", "the page is archived"), ("trashed", "the page is trashed")]
)
def test_a_page_that_went_away_meanwhile_is_told(world: ConfluenceWorld, status: str, words: str) -> None:
    document = world.source.read(world.a.id)
    world.site.move(world.a, status=status)
    result = world.source.write([Rewrite(document, b"<p>ours</p>")])[0]
    assert f"{words}; nothing was written" in result.error
    assert world.source.lacks(world.a.id) is (status == "trashed")


def test_a_page_that_is_deleted_or_hidden_meanwhile_is_told(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    world.a.viewers = {"somebody else"}
    result = world.source.write([Rewrite(document, b"<p>ours</p>")])[0]
    assert "the page is gone, or not to be seen any more; nothing was written" in result.error
    assert not world.source.lacks(world.a.id)


def test_a_page_that_is_too_large_for_the_server_is_told(world: ConfluenceWorld) -> None:
    world.site.most = 20
    result = world.write(world.a, "a</p>", f"{'a' * 30}</p>")
    assert "the page is too large for the server; nothing was written" in result.error


def test_a_token_that_ends_before_a_write_is_an_error_of_each_page(world: ConfluenceWorld) -> None:
    document = world.source.read(world.a.id)
    world.confluence.secret = "another"
    result = world.source.write([Rewrite(document, b"<p>ours</p>")])[0]
    assert "nothing was written" in result.error
    world.confluence.faults.append(Fault("before", status=500, times=9))
    with pytest.raises(SourceError):
        world.source.read(world.other.id)


# --- comments --------------------------------------------------------------------------------


def test_a_comment_on_the_words_beside_ours_still_stands(world: ConfluenceWorld) -> None:
    world.site.edit(world.a, "<p>Alert on lag</p>")
    world.site.comment(world.a, "on lag")
    result = world.write(world.a, "</ac:inline-comment-marker>", "</ac:inline-comment-marker> (done)")
    assert result.written
    assert world.a.orphaned() == []


def test_the_simulator_orphans_a_comment_whose_marker_is_touched(world: ConfluenceWorld) -> None:
    world.site.edit(world.a, "<p>Alert on lag</p>")
    comment = world.site.comment(world.a, "on lag")
    assert world.write(world.a, "on lag</ac", "on lag, done</ac").written
    assert world.a.orphaned() == [comment]
