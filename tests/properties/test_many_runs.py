"""Many runs, with people's edits on both sides, lost journals, moved files and crashes between them."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync.model import State, Ticket
from sync.run.summary import DocumentReport, findings
from tests.worlds import World

HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Outage {n}\n\n## Action items\n\n"
DOCUMENTS = {
    "tasks.md": HEAD.format(n=1),
    "bullets.md": HEAD.format(n=2).replace("\n", "\r\n"),
    "table.md": HEAD.format(n=3) + "| Action | Owner | Due |\n|---|---|---|\n",
}
THINGS = ("queue of the mailer", "index of the search", "cache of the images", "pool of the checkout")
ADVERBS = ("soon", "carefully", "everywhere", "nightly", "properly")
OWNERS = ("ana.l", "Bo Ek", "Cy Dee")
DUES = ("2026-04-03", "2026-05-08", "2026-06-12")


class Crash(BaseException):
    """The process dies here."""


class Fuse:
    """Wraps a port: its n-th call dies, before it is carried out or after."""

    def __init__(self, calls: int, after: bool) -> None:
        self.left = calls
        self.after = after

    def __call__(self, port: Any) -> Any:
        return _Fused(port, self)


class _Fused:
    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value) or name in ("close", "exclusive"):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse.left -= 1
            if self._fuse.left == 0 and not self._fuse.after:
                raise Crash
            result = value(*args, **kwargs)
            if self._fuse.left == 0 and self._fuse.after:
                raise Crash
            return result

        return call


@dataclass
class Known:
    """What people did to an item's ticket, which no run may undo."""

    title: str = ""
    due: date | None = None
    owner: str = ""
    state: State = State.OPEN


class ManyRuns(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postmortem-sync-"))
        self.world = World(self.folder)
        self.files = {name: name for name in DOCUMENTS}
        for name, head in DOCUMENTS.items():
            self.world.write(name, head)
        self.number = 0
        self.items: dict[str, str] = {}
        self.known: dict[str, Known] = {}
        self.clean = True
        self.asked: set[str] = set()
        self.held: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # the document's side

    def _text(self, document: str) -> str:
        return self.world.read(self.files[document])

    def _put(self, document: str, text: str) -> None:
        self.world.write(self.files[document], text)
        self.clean = False

    def _line(self, token: str) -> str:
        lines = [line for line in re.split(r"\r?\n", self._text(self.items[token])) if f"{token} " in line]
        assert len(lines) == 1, (token, lines)
        return lines[0]

    def _edit(self, token: str, pattern: str, new: str) -> None:
        document = self.items[token]
        line = self._line(token)
        self._put(document, self._text(document).replace(line, re.sub(pattern, new, line, count=1)))

    @rule(
        document=st.sampled_from(sorted(DOCUMENTS)),
        thing=st.sampled_from(THINGS),
        adverb=st.sampled_from(ADVERBS),
        owner=st.sampled_from(OWNERS),
        due=st.sampled_from(DUES),
    )
    def add(self, document: str, thing: str, adverb: str, owner: str, due: str) -> None:
        self.number += 1
        token = f"k{self.number}"
        words = f"Check {token} and {token}a, {token}b, {token}c, {token}d of the {thing} {adverb}"
        text = self._text(document)
        end = "\r\n" if "\r\n" in text else "\n"
        if document == "table.md":
            cells = text.rstrip("\n").splitlines()[-1].count("|") - 4
            line = f"| {words} | {owner} | {due} |" + "  |" * max(0, cells)
        elif document == "tasks.md":
            line = f"- [ ] {words}, owner: {owner}, due: {due}"
        else:
            line = f"* {words} (owner: {owner}, due: {due})"
        self._put(document, text + line + end)
        self.items[token] = document

    @precondition(lambda self: self.items)
    @rule(data=st.data(), adverb=st.sampled_from(ADVERBS))
    def reword(self, data: st.DataObject, adverb: str) -> None:
        self._edit(data.draw(st.sampled_from(sorted(self.items))), "|".join(ADVERBS), adverb)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), owner=st.sampled_from(OWNERS))
    def change_owner(self, data: st.DataObject, owner: str) -> None:
        self._edit(data.draw(st.sampled_from(sorted(self.items))), "|".join(map(re.escape, OWNERS)), owner)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), due=st.sampled_from(DUES))
    def change_due(self, data: st.DataObject, due: str) -> None:
        self._edit(data.draw(st.sampled_from(sorted(self.items))), "|".join(DUES), due)

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def delete_item(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(sorted(self.items)))
        line = self._line(token)
        document = self.items.pop(token)
        text = self._text(document)
        self._put(document, text.replace(line + ("\r\n" if "\r\n" in text else "\n"), ""))

    @precondition(lambda self: len(self.items) > 1)
    @rule(data=st.data())
    def swap_items(self, data: st.DataObject) -> None:
        one, other = data.draw(st.permutations(sorted(self.items)))[:2]
        if self.items[one] != self.items[other]:
            return
        first, second = self._line(one), self._line(other)
        text = self._text(self.items[one]).replace(first, "\0").replace(second, first).replace("\0", second)
        self._put(self.items[one], text)

    @precondition(lambda self: any(document == "tasks.md" for document in self.items.values()))
    @rule(data=st.data(), tick=st.booleans())
    def tick_a_box(self, data: st.DataObject, tick: bool) -> None:
        tokens = sorted(token for token, document in self.items.items() if document == "tasks.md")
        token = data.draw(st.sampled_from(tokens))
        self._edit(token, r"^- \[.\]", "- [x]" if tick else "- [ ]")

    @rule(document=st.sampled_from(sorted(DOCUMENTS)), folder=st.sampled_from(("", "archive/", "2026/")))
    def move_file(self, document: str, folder: str) -> None:
        old, new = self.files[document], f"{folder}{document}"
        if old != new:
            (self.world.docs / new).parent.mkdir(exist_ok=True)
            (self.world.docs / old).rename(self.world.docs / new)
            self.files[document] = new
            self.clean = False

    # the tracker's side

    def _tickets(self) -> dict[str, list[Ticket]]:
        found: dict[str, list[Ticket]] = {}
        for ticket in self.world.tickets():
            token = re.search(r"\bk\d+\b", ticket.title)
            assert token, ticket
            if not ticket.duplicate_of:
                found.setdefault(token[0], []).append(ticket)
        return found

    def _pick(self, data: st.DataObject) -> tuple[str, Ticket] | None:
        found = self._tickets()
        if not found:
            return None
        token = data.draw(st.sampled_from(sorted(found)))
        return token, found[token][0]

    def _person(self, token: str, ticket: Ticket, **values: Any) -> Known:
        self.world.person(ticket.ref.key, **values)
        self.clean = False
        return self.known.setdefault(token, Known(state=ticket.state))

    @rule(data=st.data(), word=st.sampled_from(("better", "shorter")))
    def retitle(self, data: st.DataObject, word: str) -> None:
        if found := self._pick(data):
            title = f"A {word} title of {found[0]}"
            self._person(*found, title=title).title = title

    @rule(data=st.data(), due=st.sampled_from((date(2027, 1, 1), date(2027, 2, 2))))
    def postpone(self, data: st.DataObject, due: date) -> None:
        if found := self._pick(data):
            self._person(*found, due=due).due = due

    @rule(data=st.data(), owner=st.sampled_from(("zoe", "yan")))
    def reassign(self, data: st.DataObject, owner: str) -> None:
        if found := self._pick(data):
            self._person(*found, assignees=(owner,)).owner = owner

    @rule(data=st.data(), state=st.sampled_from(State))
    def complete(self, data: st.DataObject, state: State) -> None:
        if found := self._pick(data):
            self._person(*found, state=state.value).state = state

    # runs

    @rule()
    def lose_the_journal(self) -> None:
        shutil.rmtree(self.world.state, ignore_errors=True)
        self.clean = False

    @rule(calls=st.integers(1, 40), after=st.booleans(), machine=st.sampled_from(("one", "two")))
    def crash(self, calls: int, after: bool, machine: str) -> None:
        self.clean = False
        try:
            self.world.run(wrap=Fuse(calls, after), machine=machine)
        except Crash:
            return

    @rule(machine=st.sampled_from(("one", "one", "two")))
    def run(self, machine: str) -> None:
        summary = self.world.run(machine=machine)
        assert summary.failed == 0, [(r.errors, [o.error for o in r.outcomes]) for r in self.world.watcher.reports]
        self.clean = True
        # With the journal lost before the link was written, and the words changed since, a person is asked.
        reported = [line for report in self.world.watcher.reports for line in report.earlier]
        for report in self.world.watcher.reports:
            reported += [reason for outcome in report.outcomes for reason in outcome.change.reasons]
        self.asked = {key for line in reported for key in re.findall(r"it may be (LOCAL-\d+) ", line)}
        # So is who adds an item while a ticket has none whose link was perhaps never written.
        self.held = {token for report in self.world.watcher.reports for token in self._held(report)}

    def _held(self, report: DocumentReport) -> set[str]:
        lines = self.world.read(report.path).splitlines()
        reported = (*report.earlier, *findings(report.plan, report.outcomes, report.postmortem))
        numbers = re.findall(r"(?m)^line (\d+): held back: it may be LOCAL-", "\n".join(reported))
        return {token for number in numbers for token in re.findall(r"\bk\d+\b", lines[int(number) - 1])}

    @rule()
    def dry_run(self) -> None:
        before = self._snapshot()
        self.world.run(dry_run=True)
        assert self._snapshot() == before

    @precondition(lambda self: self.clean)
    @rule()
    def idle(self) -> None:
        self.world.run()
        before = self._snapshot()
        summary = self.world.run()
        assert self._snapshot() == before
        assert (summary.created, summary.updated, summary.adopted, summary.written_back) == (0, 0, 0, 0)

    def _snapshot(self) -> tuple[object, ...]:
        files = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(self.world.docs.rglob("*.md"))}
        return files, self.world.tickets()

    # what must hold

    @invariant()
    def never_two_live_tickets_for_one_item(self) -> None:
        if hasattr(self, "world"):
            for token, found in self._tickets().items():
                live = [ticket for ticket in found if ticket.state is State.OPEN]
                assert len(live) <= 1, (token, live)

    @invariant()
    def never_a_lost_edit_of_a_ticket(self) -> None:
        if not hasattr(self, "world"):
            return
        found = self._tickets()
        for token, known in self.known.items():
            ticket = found[token][0]
            assert not known.title or ticket.title == known.title
            assert not known.due or ticket.due == known.due
            assert not known.owner or ticket.assignees == (known.owner,)
            assert ticket.state is known.state

    @invariant()
    def never_a_lost_item(self) -> None:
        if not hasattr(self, "world") or not self.clean:
            return
        found = self._tickets()
        for token in self.items:
            line = self._line(token)
            if token in found and found[token][0].ref.key in self.asked:
                assert "(local:" not in line
            elif token in found:
                assert f"(local:{found[token][0].ref.key})" in line, (line, found[token])
            else:
                assert line.startswith("- [x]") or token in self.held, line


TestManyRuns = ManyRuns.TestCase
TestManyRuns.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
