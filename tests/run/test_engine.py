"""Runs over a folder and the embedded tracker: what is made, followed, held back and reported."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.files.source import FilesSource
from sync.errors import LimitReached, SourceError
from sync.model import Action, State
from sync.model.names import stated_id
from tests.worlds import World

HEAD = "---\ndate: 2026-02-20\nstatus: {status}\n---\n# Outage\n\n## Action items\n\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def postmortem(*lines: str, status: str = "published") -> str:
    return HEAD.format(status=status) + "".join(f"{line}\n" for line in lines)


def notes(world: World) -> str:
    words: list[str] = []
    for report in world.watcher.reports:
        words += [*report.errors, report.skipped, *report.earlier]
        for outcome in report.outcomes:
            words += [*outcome.change.reasons, *outcome.notes, outcome.error, *map(str, outcome.change.conflicts)]
    return "\n".join(words)


class TestTickets:
    def test_carry_the_owner_the_due_date_and_the_mark(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert, owner: ana.l, due: 2026-04-03"))
        world.run()
        (ticket,) = world.tickets()
        assert (ticket.title, ticket.assignees, ticket.due) == ("Add an alert", ("ana",), date(2026, 4, 3))
        assert ticket.mark
        assert ticket.mark.place.endswith("/docs/a.md")

    def test_follow_the_document_and_keep_what_people_did(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert, owner: Bo Ek, due: 2026-04-03"))
        world.run()
        world.person("LOCAL-1", assignees=["zoe"])
        world.write("a.md", world.read("a.md").replace("2026-04-03", "2026-05-08").replace("an alert", "two alerts"))
        assert world.run().updated == 1
        (ticket,) = world.tickets()
        assert (ticket.title, ticket.assignees, ticket.due) == ("Add two alerts", ("zoe",), date(2026, 5, 8))

    def test_a_conflict_is_reported_in_every_run_and_nothing_is_overwritten(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert, due: 2026-04-03"))
        world.run()
        world.person("LOCAL-1", due=date(2026, 6, 1))
        world.write("a.md", world.read("a.md").replace("2026-04-03", "2026-05-08"))
        for _ in range(3):
            summary = world.run()
            assert (summary.conflicts, summary.exit_status) == (1, 1)
            assert "due date: the document says 2026-05-08, the ticket says 2026-06-01" in notes(world)
        assert world.tickets()[0].due == date(2026, 6, 1)
        assert "2026-05-08" in world.read("a.md")

    def test_an_orphan_is_reported_and_stays(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert", "- [ ] Move the disk"))
        world.run()
        kept = [line for line in world.read("a.md").splitlines() if "alert" not in line]
        world.write("a.md", "\n".join(kept) + "\n")
        world.run()
        (report,) = world.watcher.reports
        assert report.plan
        assert [ticket.ref.key for ticket in report.plan.orphans] == ["LOCAL-1"]
        assert world.tickets()[0].state is State.OPEN

    def test_a_link_to_a_persons_ticket_adopts_it(self, world: World) -> None:
        tracker = world.tracker()
        tracker.add("Somebody's own", "words")
        tracker.close()
        world.write("a.md", postmortem("- [ ] Add an alert, due: 2026-04-03 ([the ticket](local:LOCAL-1))"))
        summary = world.run()
        assert (summary.adopted, summary.created) == (1, 0)
        (ticket,) = world.tickets()
        assert (ticket.title, ticket.due) == ("Somebody's own", date(2026, 4, 3))
        assert world.run().unchanged == 1

    def test_a_link_copied_into_another_postmortem_follows_and_pushes_nothing(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert, due: 2026-04-03"))
        world.run()
        world.write("b.md", world.read("a.md").replace("2026-04-03", "2027-01-01"))
        world.run()
        assert world.tickets()[0].due == date(2026, 4, 3)
        world.person("LOCAL-1", state="done")
        world.run()
        assert "- [x]" in world.read("a.md")
        assert "- [x]" in world.read("b.md")

    def test_two_documents_of_one_id_are_not_mixed_up(self, world: World) -> None:
        text = "---\nid: PM-7\ndate: 2026-02-20\n---\n# O\n\n## Action items\n\n- [ ] Add an alert\n"
        world.write("a.md", text)
        world.write("b.md", text)
        summary = world.run()
        assert (summary.created, summary.failed) == (1, 1)
        assert "b.md: its id 'PM-7' is also that of a.md" in notes(world)

    def test_a_front_matter_id_given_later_keeps_the_tickets(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))
        world.run()
        world.write("a.md", world.read("a.md").replace("---\n", "---\nid: PM-7\n", 1))
        for _ in range(2):
            world.run()
        (ticket,) = world.tickets()
        assert ticket.mark
        assert ticket.mark.id == stated_id("PM-7")

    def test_a_ticked_box_closes_the_ticket_when_the_settings_say_so(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))
        world.run()
        world.write("a.md", world.read("a.md").replace("[ ]", "[x]"))
        world.run(policy={"on_ticked": "close"})
        assert world.tickets()[0].state is State.DONE
        assert world.run(policy={"on_ticked": "close"}).conflicts == 0


class TestHeldBack:
    @pytest.mark.parametrize("status", ["draft", "in review", "WIP"])
    def test_a_draft_is_left_alone_with_the_reason(self, world: World, status: str) -> None:
        text = postmortem("- [ ] Add an alert", status=status)
        world.write("a.md", text)
        summary = world.run()
        assert (summary.created, summary.skipped, summary.exit_status) == (0, 1, 0)
        assert world.read("a.md") == text
        assert status.casefold() in notes(world).casefold()
        world.write("a.md", postmortem("- [ ] Add an alert"))
        assert world.run().created == 1

    def test_too_many_new_tickets_stop_the_run_before_the_first(self, world: World) -> None:
        for name in ("a.md", "b.md"):
            world.write(name, postmortem(*(f"- [ ] Change number {n} of {name}" for n in range(3))))
        with pytest.raises(LimitReached, match=r"would create 6 tickets, and limits\.new_tickets is 5") as caught:
            world.run(new_tickets=5)
        assert caught.value.exit_status == 3
        assert "--force" in caught.value.cure
        assert world.tickets() == []
        assert world.run(new_tickets=5, force=True).created == 6

    def test_a_limit_of_exactly_as_many_lets_them_pass(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))
        assert world.run(new_tickets=1).created == 1

    def test_an_old_postmortem_gets_no_new_tickets_unless_named(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))
        later: dict[str, Any] = {"today": date(2026, 12, 24)}
        assert world.run(policy=later).skipped == 1
        assert "limits.max_age_days is 180" in notes(world)
        assert world.run("a.md", policy=later).created == 1
        world.person("LOCAL-1", state="done")
        assert world.run(policy=later).written_back == 1

    def test_what_is_required_is_told(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert", "- [ ] Move the disk, owner: Bo Ek"))
        summary = world.run(policy={"require": frozenset({"owner"})})
        assert (summary.created, summary.skipped) == (1, 1)
        assert "items.require" in notes(world)


class TestDryRun:
    def test_writes_nothing_and_shows_the_difference(self, world: World) -> None:
        text = postmortem("- [ ] Add an alert")
        place = world.write("a.md", text)
        before = place.stat().st_mtime_ns
        summary = world.run(dry_run=True)
        assert (summary.created, summary.written_back) == (1, 1)
        assert (world.read("a.md"), place.stat().st_mtime_ns) == (text, before)
        assert world.tickets() == []
        assert not world.state.exists()
        (report,) = world.watcher.reports
        assert report.outcomes[0].action is Action.CREATE
        assert b"new" in report.after

    def test_agrees_with_the_run_that_follows(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert", "- [x] Done already", "* Move the disk"))
        planned, done = world.run(dry_run=True), world.run()
        for name in ("items", "created", "updated", "adopted", "unchanged", "skipped", "written_back", "conflicts"):
            assert getattr(planned, name) == getattr(done, name), name


class TestBadInput:
    """Each is told with the file and the cure; the other documents go on."""

    GOOD = postmortem("- [ ] Add an alert")

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"# Outage\n\n## Action items\n\n- \xff\xfe\n", ["bad.md", "UTF-8"]),
            (b"---\ntitle: [\n---\n# O\n\n## Action items\n\n- [ ] Add x\n", ["bad.md", "front matter"]),
            (b"x" * 50_000_000, ["bad.md", "MB"]),
        ],
        ids=["not UTF-8", "broken front matter", "50 MB"],
    )
    def test_a_document_that_cannot_be_understood(self, world: World, data: bytes, words: list[str]) -> None:
        world.write("bad.md", data)
        world.write("good.md", self.GOOD)
        summary = world.run()
        assert (summary.created, summary.failed, summary.exit_status) == (1, 1, 1)
        for word in words:
            assert word in notes(world)
        assert (world.docs / "bad.md").read_bytes() == data

    def test_a_link_to_a_ticket_that_does_not_exist(self, world: World) -> None:
        text = postmortem("- [ ] Add an alert ([LOCAL-99](local:LOCAL-99))", "- [ ] Move the disk")
        world.write("a.md", text)
        summary = world.run()
        assert (summary.created, summary.failed) == (1, 1)
        assert "links LOCAL-99, which local does not have" in notes(world)
        assert "([LOCAL-99](local:LOCAL-99))" in world.read("a.md")

    def test_two_links_on_one_item_follow_the_first_and_say_so(self, world: World) -> None:
        tracker = world.tracker()
        tracker.add("One")
        tracker.add("Two")
        tracker.close()
        world.write("a.md", postmortem("- [ ] Add an alert [LOCAL-1](local:LOCAL-1) [LOCAL-2](local:LOCAL-2)"))
        assert world.run().adopted == 1
        assert "it links LOCAL-1 and LOCAL-2; only the first, LOCAL-1, is followed" in notes(world)
        assert world.tickets()[0].mark
        assert not world.tickets()[1].mark

    @pytest.mark.parametrize(
        ("row", "created"),
        [
            ("| Add an alert |", 2),
            ("| Add an alert | Bo Ek | 2026-04-03 | |", 2),
            ("| Add an alert | Bo Ek | 2026-04-03 | more | and more |", 1),  # which cell is which, nobody can know
        ],
    )
    def test_a_table_row_with_too_few_or_too_many_cells(self, world: World, row: str, created: int) -> None:
        world.write("a.md", postmortem("| Action | Owner | Due |", "|---|---|---|", row, "| Move the disk | Bo Ek | |"))
        summary = world.run()
        assert (summary.created, summary.failed) == (created, 0)
        (report,) = world.watcher.reports
        assert report.postmortem
        assert any("cells" in w.message and w.line == 11 for w in report.postmortem.warnings)
        before = world.read("a.md")
        assert world.run().created == 0
        assert world.read("a.md") == before
        assert len(world.tickets()) == created

    def test_a_read_only_file_keeps_its_bytes_and_is_written_when_it_may_be(self, world: World) -> None:
        place = world.write("a.md", self.GOOD)
        place.chmod(0o444)
        summary = world.run()
        assert (summary.created, summary.failed, summary.written_back) == (1, 1, 0)
        assert "read-only" in notes(world)
        assert world.read("a.md") == self.GOOD
        place.chmod(0o644)
        summary = world.run()
        assert (summary.created, summary.written_back) == (0, 1)
        assert len(world.tickets()) == 1

    def test_a_full_disk_leaves_the_file_whole(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.write("a.md", self.GOOD)
        real = os.fsync

        def full(handle: int) -> None:
            if os.readlink(f"/proc/self/fd/{handle}").endswith(".tmp"):
                raise OSError(28, "No space left on device")
            real(handle)

        monkeypatch.setattr(os, "fsync", full)
        summary = world.run()
        assert summary.failed == 1
        assert "No space left on device" in notes(world)
        assert world.read("a.md") == self.GOOD
        assert [place.name for place in world.docs.iterdir()] == ["a.md"]
        monkeypatch.undo()
        assert world.run().written_back == 1
        assert len(world.tickets()) == 1

    def test_a_source_that_cannot_be_read_is_a_failure_and_never_empty(self, world: World) -> None:
        world.write("a.md", self.GOOD)
        world.run()
        world.docs.rename(world.docs.with_name("elsewhere"))
        summary = world.run()
        assert (summary.failed, summary.exit_status) == (1, 1)
        assert "no such folder" in notes(world)

    def test_what_a_source_that_fails_meanwhile_cannot_tell_is_held(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))
        world.run()
        (world.docs / "a.md").unlink()
        world.write("b.md", postmortem("- [ ] Add an alert"))
        world.write("c.md", postmortem("- [ ] Move the disk"))
        listings = iter([["b.md", "c.md"]])

        class Failing(FilesSource):
            def paths(self) -> list[str]:
                try:
                    return next(listings)
                except StopIteration as end:
                    raise SourceError("the share is gone") from end

        def wrap(port: Any) -> Any:
            return Failing("docs", world.docs) if isinstance(port, FilesSource) else port

        summary = world.run(wrap=wrap)
        assert (summary.created, summary.held, summary.exit_status) == (1, 1, 1)
        assert "it may be LOCAL-1" in notes(world)
        assert len(world.tickets()) == 2


class TestEditsUnderOurHands:
    def test_an_edit_between_reading_and_writing_wins_and_the_link_is_added_to_it(self, world: World) -> None:
        world.write("a.md", postmortem("- [ ] Add an alert"))

        class Meddling:
            def __init__(self, port: Any) -> None:
                self.port = port
                self.left = 2

            def __getattr__(self, name: str) -> Any:
                value = getattr(self.port, name)
                if name != "write":
                    return value

                def write(rewrites: Any) -> Any:
                    if self.left:
                        self.left -= 1
                        world.write("a.md", world.read("a.md").replace("# Outage", "# Outage, edited"))
                        world.write("a.md", world.read("a.md") + f"- [ ] One more, number {self.left}\n")
                    return value(rewrites)

                return write

        summary = world.run(wrap=lambda port: Meddling(port) if hasattr(port, "together") else port)
        assert (summary.created, summary.failed) == (3, 0)
        text = world.read("a.md")
        assert text.count("# Outage, edited") == 1
        assert text.count("local:LOCAL-") == 3
        assert len(world.tickets()) == 3

    def test_a_file_that_gets_the_number_of_one_that_was_replaced_is_another_file(self, world: World) -> None:
        first = world.write("a.md", postmortem("- [ ] Add an alert"))
        second = world.write("b.md", postmortem("- [ ] Move the disk").replace("Outage", "Another outage"))
        number = first.stat().st_ino

        def replaced(path: str) -> None:
            if path == "a.md" and first.stat().st_ino == number:
                words = first.read_bytes()
                first.replace(world.docs / "saved")
                (world.docs / "saved").write_bytes(second.read_bytes())
                (world.docs / "saved").replace(second)
                first.write_bytes(words)

        summary = world.run(wrap=lambda port: AfterReading(port, replaced))
        assert (summary.created, summary.skipped) == (2, 0), notes(world)


class AfterReading:
    """Wraps a port: something happens right after a document was read."""

    def __init__(self, port: Any, happen: Any) -> None:
        self._port, self._happen = port, happen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def read(self, path: str) -> Any:
        document = self._port.read(path)
        self._happen(path)
        return document
