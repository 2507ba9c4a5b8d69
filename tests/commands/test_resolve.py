"""`sync resolve`: what is held or in conflict is listed, answered and carried out, on every tracker."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sync.model import State
from tests.commands.teams import Team, team_on
from tests.contract.trackers import desired

OLD = "Add an alert on the age of the oldest message"
NEW = "Add an alert on the age of the very oldest message"
OTHER = "Move the disk of the mailer"


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Team]:
    with team_on("local", tmp_path, monkeypatch, capfd) as team:
        yield team


def held(team: Team) -> int:
    """An item is held, as it was reworded and lost its link; the number that the run tells."""
    team.put(OLD, OTHER)
    assert team.call("run").status == 0
    team.replace(team.line(OLD), f"- [ ] {NEW}")
    said = team.call("run")
    assert said.status == 1, said.out + said.err
    (asked,) = team.asked()
    assert f"`sync resolve {asked['number']} --same` or `--new`" in said.out
    return int(asked["number"])


class TestAHeldItem:
    def test_same_links_the_ticket_on_its_line(self, team: Team) -> None:
        number = held(team)
        old = team.ticket(OLD)
        said = team.call("resolve", str(number), "--same")
        assert said.status == 0, said.out + said.err
        assert f"{NEW} ([{old.ref.key}" in team.line(NEW).replace("[#", f"[{old.ref.project}#")
        assert sorted(ticket.title for ticket in team.tickets()) == sorted([NEW, OTHER])
        assert team.call("run").status == 0
        assert (team.call("resolve").out, team.call("resolve").status) == ("nothing is held or in conflict\n", 0)

    def test_new_makes_one_of_its_own(self, team: Team) -> None:
        number = held(team)
        old = team.ticket(OLD)
        assert team.call("resolve", str(number), "--new").status == 0
        made = team.ticket(NEW)
        assert made.ref != old.ref
        assert made.url in team.line(NEW)
        assert team.ticket(OLD).state is State.OPEN
        team.there.settle()
        said = team.call("run")
        assert (said.status, len(team.tickets())) == (0, 3), said.out

    def test_a_lost_journal_asks_the_same_under_the_same_number(self, team: Team) -> None:
        number = held(team)
        team.loses_its_journal()
        assert [asked["number"] for asked in team.asked()] == [number]
        team.loses_its_journal()
        assert team.call("resolve", str(number), "--new").status == 0
        team.loses_its_journal()
        team.there.settle()
        assert team.call("run").status == 0
        assert sorted(ticket.title for ticket in team.tickets()) == sorted([OLD, NEW, OTHER])


@pytest.mark.parametrize("take", ["document", "ticket"])
class TestAConflict:
    def number(self, team: Team) -> str:
        said = team.call("run")
        assert said.status == 1, said.out
        (asked,) = team.asked()
        assert asked["answers"] == ["--take document", "--take ticket"]
        assert f"`sync resolve {asked['number']} --take document` or `--take ticket`" in said.out
        return str(asked["number"])

    def settled(self, team: Team, take: str) -> None:
        said = team.call("resolve", self.number(team), "--take", take)
        assert said.status == 0, said.out + said.err
        team.there.settle()
        for _ in range(2):
            said = team.call("run", "--json")
            assert (said.status, said.lines()[-1]["updated"], said.lines()[-1]["written_back"]) == (0, 0, 0), said.out
        assert team.call("resolve").status == 0

    def test_of_due_dates(self, team: Team, take: str) -> None:
        team.put(f"{OLD}, due: 2026-04-03")
        team.call("run")
        (ticket,) = team.tickets()
        team.person_dates(ticket.ref, date(2026, 9, 9))
        team.replace("2026-04-03", "2026-05-05")
        self.settled(team, take)
        (ticket,) = team.tickets()
        assert ticket.due == (date(2026, 5, 5) if take == "document" else date(2026, 9, 9))
        assert "due: 2026-05-05" in team.read()

    def test_of_titles(self, team: Team, take: str) -> None:
        team.put(OLD)
        team.call("run")
        (ticket,) = team.tickets()
        team.there.person_retitles(ticket.ref, "Theirs")
        team.replace(OLD, NEW)
        self.settled(team, take)
        (ticket,) = team.tickets()
        assert ticket.title == (NEW if take == "document" else "Theirs")
        assert NEW in team.read()

    def test_of_a_box_that_was_ticked_by_hand(self, team: Team, take: str) -> None:
        team.put(OLD)
        team.call("run")
        team.there.settle()
        team.call("run")
        team.replace("- [ ]", "- [x]")
        self.settled(team, take)
        (ticket,) = team.tickets()
        assert ticket.state is (State.DONE if take == "document" else State.OPEN)
        assert team.line(OLD).startswith("- [x]" if take == "document" else "- [ ]")

    def test_of_a_box_that_was_unticked_by_hand(self, team: Team, take: str) -> None:
        team.put(OLD)
        team.call("run")
        (ticket,) = team.tickets()
        team.there.person_closes(ticket.ref, State.DONE)
        team.there.settle()
        team.call("run")
        team.replace("- [x]", "- [ ]")
        self.settled(team, take)
        (ticket,) = team.tickets()
        assert ticket.state is (State.OPEN if take == "document" else State.DONE)
        assert team.line(OLD).startswith("- [ ]" if take == "document" else "- [x]")


class TestACallThatFitsNothing:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("99999", "--same"), "Nothing is asked under the number 99999"),
            (("--same",), "--same needs the number of what it answers"),
            (("N", "--take", "document"), "--take document is no answer to question"),
            (("N",), "has no answer yet"),
            (("N", "--same", "--new"), "not allowed with"),
            (("N", "--take", "both"), "invalid choice"),
            (("three", "--same"), "invalid int value"),
        ],
    )
    def test_is_status_2_with_the_cure(self, local: Team, arguments: tuple[str, ...], words: str) -> None:
        number = held(local)
        text = local.read()
        said = local.call("resolve", *(argument.replace("N", str(number)) for argument in arguments))
        assert (said.status, said.out) == (2, "")
        assert words in said.err
        assert any(cure in said.err for cure in ("`sync resolve` lists", "Answer it with --same or --new", "See: sync"))
        assert (local.read(), len(local.tickets())) == (text, 2)

    def test_names_a_conflict_s_own_answers(self, local: Team) -> None:
        local.put(OLD)
        local.call("run")
        local.replace("- [ ]", "- [x]")
        (asked,) = local.asked()
        said = local.call("resolve", str(asked["number"]), "--new")
        assert said.status == 2
        assert "Answer it with --take document or --take ticket." in said.err

    def test_is_told_when_what_was_asked_has_changed(self, local: Team) -> None:
        local.put(f"{OLD}, due: 2026-04-03")
        local.call("run")
        (ticket,) = local.tickets()
        local.person_dates(ticket.ref, date(2026, 9, 9))
        local.replace("2026-04-03", "2026-05-05")
        (asked,) = local.asked()
        local.person_dates(ticket.ref, date(2026, 10, 10))
        said = local.call("resolve", str(asked["number"]), "--take", "document")
        assert said.status == 2
        assert "it is settled, or has changed" in said.err
        assert [t.due for t in local.tickets()] == [date(2026, 10, 10)]
        (again,) = local.asked()
        assert "2026-10-10" in again["text"]


class TestADryRun:
    @pytest.mark.parametrize("answer", ["--same", "--new"])
    def test_shows_what_an_answer_would_do(self, local: Team, answer: str) -> None:
        number = held(local)
        text = local.read()
        said = local.call("resolve", str(number), answer, "--dry-run")
        assert said.status == 0
        assert f"+- [ ] {NEW} ([" in said.out
        assert "nothing was written" in said.out
        assert (local.read(), len(local.tickets())) == (text, 2)
        assert [(asked["number"], asked["answered"]) for asked in local.asked()] == [(number, None)]

    def test_lists_without_a_state_store(self, local: Team) -> None:
        number = held(local)
        local.loses_its_journal()
        said = local.call("resolve", "--dry-run", "--json")
        assert [asked["number"] for asked in said.lines()] == [number]
        assert not (local.folder / ".postmortem-sync" / "journal.db").exists()


class TestEveryRun:
    def test_names_what_is_open_and_ends_with_1(self, local: Team) -> None:
        number = held(local)
        local.put(f"{OTHER} soon", path="b.md", title="Another outage")
        for quiet in ((), ("--quiet",)):
            said = local.call("run", *quiet)
            assert said.status == 1
            assert f"held: a.md line 9: it may be LOCAL-1 ({OLD!r}) reworded; `sync resolve {number}" in said.out

    def test_names_a_conflict_of_a_document_that_needs_no_work(self, local: Team) -> None:
        local.put(OLD)
        local.call("run")
        local.replace("- [ ]", "- [x]")
        local.call("run")
        said = local.call("run")
        (asked,) = local.asked()
        line = "conflict: a.md line 9: completion: the document says done, the ticket says open"
        assert f"{line}; `sync resolve {asked['number']} --take document` or `--take ticket`" in said.out
        assert said.status == 1
        *documents, _ = local.call("run", "--json").lines()
        (question,) = documents[-1]["questions"]
        assert {**asked, **question} == asked

    def test_for_cron_what_was_told_before_is_0(self, local: Team) -> None:
        local.put(OLD, OTHER)
        local.call("run")
        local.replace(local.line(OLD), f"- [ ] {NEW}")
        local.replace("- [ ] Move", "- [x] Move")
        said = [local.call("run", "--conflicts=ok") for _ in range(3)]
        assert [one.status for one in said] == [1, 0, 0]
        assert all("held: " in one.out and "conflict: " in one.out for one in said)
        assert local.call("run").status == 1
        local.put("Check the fuses", path="b.md", title="Another outage")
        local.call("run")
        local.replace("- [ ]", "- [x]", "b.md")
        assert [local.call("run", "--conflicts=ok").status for _ in range(2)] == [1, 0]
        (local.folder / "docs" / "c.md").write_bytes(b"# \xff\n")
        assert local.call("run", "--conflicts=ok").status == 1

    def test_of_an_earlier_answer_that_could_not_be_carried_out_does_so(self, local: Team) -> None:
        number = held(local)
        local.configure(limits="max_age_days = 36500\nnew_tickets = 1")
        local.put("Check the fuses", path="b.md", title="Another outage")
        text = local.read()
        (local.folder / "docs" / "a.md").write_text(text + "- [ ] Paint the racks\n", encoding="utf-8")
        said = local.call("resolve", str(number), "--new")
        assert said.status == 3
        assert "limits.new_tickets is 1" in said.err
        assert {asked["number"]: asked["answered"] for asked in local.asked()} == {number: "--new"}
        assert local.call("run", "--force").status == 0
        assert local.ticket(NEW).ref != local.ticket(OLD).ref
        assert local.asked() == []


class TestAnAnswer:
    def test_new_then_asks_about_the_next_ticket_that_it_may_be(self, local: Team) -> None:
        local.put(OLD, f"{OLD} of all")
        local.call("run")
        local.put(NEW)
        first = local.asked()[0]
        local.call("resolve", str(first["number"]), "--new")
        (second,) = [asked for asked in local.asked() if not asked["answered"]]
        assert {first["ticket"], second["ticket"]} == {"LOCAL-1", "LOCAL-2"}
        for _ in range(2):
            local.call("run")
            assert [asked["ticket"] for asked in local.asked() if not asked["answered"]] == [second["ticket"]]
        assert local.call("resolve", str(second["number"]), "--new").status == 0
        assert [ticket.title for ticket in local.tickets()] == [OLD, f"{OLD} of all", NEW]
        assert "LOCAL-3" in local.line(NEW)
        assert local.call("run").status == 0

    def test_new_beside_a_ticket_of_the_same_words_makes_no_twin(self, local: Team) -> None:
        local.put(OLD)
        local.call("run")
        (ticket,) = local.tickets()
        local.put(OLD)
        local.put(f"{OTHER} ([{ticket.ref.key}](local:{ticket.ref.key}))", path="b.md", title="Another outage")
        (asked,) = [asked for asked in local.asked() if asked["path"] == "a.md"]
        assert local.call("resolve", str(asked["number"]), "--new").status == 0
        for _ in range(2):
            local.call("run")
            assert [t.duplicate_of for t in local.tickets()] == ["", ""]
        local.loses_its_journal()
        local.call("run")
        assert [(t.ref.key, t.duplicate_of) for t in local.tickets()] == [("LOCAL-1", ""), ("LOCAL-2", "")]
        assert "LOCAL-2" in local.line(OLD)

    def test_about_a_copied_link_can_only_follow_the_ticket(self, local: Team) -> None:
        local.put(OLD)
        local.call("run")
        (ticket,) = local.tickets()
        local.put(f"{OTHER} ([{ticket.ref.key}](local:{ticket.ref.key}))", path="b.md", title="Another outage")
        local.call("run")
        local.replace("- [ ]", "- [x]", "b.md")
        (asked,) = local.asked()
        assert (asked["path"], asked["answers"]) == ("b.md", ["--take ticket"])
        said = local.call("resolve", str(asked["number"]), "--take", "document")
        assert said.status == 2
        assert "Answer it with --take ticket." in said.err
        assert local.call("resolve", str(asked["number"]), "--take", "ticket").status == 0
        assert local.line(OTHER, "b.md").startswith("- [ ]")
        assert [ticket.state for ticket in local.tickets()] == [State.OPEN]
        assert local.call("run").status == 0

    def test_which_of_two_twins_stays_is_given_in_the_tracker(self, local: Team) -> None:
        local.put(OLD)
        local.call("run")
        (ticket,) = local.tickets()
        assert ticket.mark
        twin = replace(desired(local.there, OLD), mark=replace(ticket.mark, nonce="of another create"))
        local.there.tracker.create([twin])
        local.there.person_retitles(local.tickets()[1].ref, "Theirs")
        assert local.call("run", "--conflicts=ok").status == 1
        assert local.call("run", "--conflicts=ok").status == 0
        (asked,) = local.asked()
        assert (asked["what"], asked["answers"]) == ("twins", [])
        assert "choose one, and close the other" in asked["text"]
        said = local.call("resolve", str(asked["number"]), "--same")
        assert said.status == 2
        assert "Close the ticket that is to go, in the tracker." in said.err
        local.there.person_closes(local.tickets()[1].ref, State.WONTDO)
        local.call("run")
        assert local.asked() == []

    def test_about_a_document_that_is_gone_is_asked_no_more(self, local: Team) -> None:
        number = held(local)
        (local.folder / "docs" / "a.md").unlink()
        said = local.call("resolve", str(number), "--same")
        assert said.status == 2
        assert local.call("resolve").out.endswith("nothing is held or in conflict\n")

    def test_about_a_document_that_was_named_by_hand(self, local: Team) -> None:
        (local.folder / "sync.toml").write_text('[local]\npath = "../tickets.db"\n', encoding="utf-8")
        local.put(OLD)
        assert local.call("--postmortem", "docs/a.md").status == 0
        local.put(NEW)
        assert local.call("--postmortem", "docs/a.md").status == 1
        (asked,) = local.asked()
        assert local.call("resolve", str(asked["number"]), "--same").status == 0
        assert "LOCAL-1" in local.line(NEW)


class TestATerminal:
    def answer(self, team: Team, said: bytes) -> str:
        """What a terminal shows while somebody answers."""
        master, slave = pty.openpty()
        call = [sys.executable, "-m", "sync.cli", "resolve"]
        with subprocess.Popen(call, cwd=team.folder, stdin=slave, stdout=slave, stderr=slave) as process:
            os.close(slave)
            os.write(master, said)
            shown = b""
            # A terminal whose other end is closed is an error to read from.
            with contextlib.suppress(OSError):
                while some := os.read(master, 4096):
                    shown += some
            self.status = process.wait()
        os.close(master)
        return shown.decode()

    def test_asks_and_carries_out_what_is_answered(self, local: Team) -> None:
        number = held(local)
        local.replace("- [ ] Move", "- [x] Move")
        shown = self.answer(local, b"what\nn\ndoc\n")
        assert shown.count(f"{number}: same, new, Enter to leave it, q to stop: ") == 2
        assert self.status == 0, shown
        assert local.ticket(NEW).ref.key == "LOCAL-3"
        assert local.ticket(OTHER).state is State.DONE
        assert local.asked() == []

    @pytest.mark.parametrize("said", [b"\n\n", b"q\n", b"\x04"])
    def test_leaves_what_nobody_answers(self, local: Team, said: bytes) -> None:
        number = held(local)
        shown = self.answer(local, said)
        assert f"{number}: same, new" in shown
        assert self.status == 1
        assert [asked["number"] for asked in local.asked()] == [number]
