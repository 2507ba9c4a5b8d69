"""What every format must do. A test module subclasses `FormatContract` and says how documents are written in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.files.source import FilesSource
from sync.check.check import check
from sync.errors import DocumentError
from sync.formats import Format, apply_edits, parse, render
from sync.model import Notation, OwnerKind, Postmortem, State
from sync.ports import Document
from tests.properties.keeping import facts, only_edited, statuses
from tests.worlds import World

# Each subclass draws for itself.
DRAWN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
STATES = (State.OPEN, State.DONE, State.WONTDO, State.OPEN, State.WONTDO, State.DONE)
WORDS = (
    "Add a limit to the queue",
    "Check that a < b & c > d holds",
    "Rotate the größte key of the 検索 index",
    'Say "no" to a | b * c',
    "Move 5 > 3 racks (both rows) to hall 2",
)


@dataclass(frozen=True)
class Entry:
    """An item to be written. `owner` is one of the format's own, by kind; "" for none."""

    notation: Notation
    words: str
    owner: OwnerKind | None = None
    due: str = ""
    nested: str = ""


class FormatContract(ABC):
    """Subclass it."""

    format: Format
    notations: tuple[Notation, ...]
    owners: ClassVar[Mapping[OwnerKind, str]]
    """The owners that `written` writes, as they are understood."""

    @abstractmethod
    def written(self, entries: Sequence[Entry], **front: str) -> bytes:
        """A document with these items below "Action items", each in its notation, and front matter."""

    @abstractmethod
    def broken(self) -> Mapping[str, bytes]:
        """Bytes that are none of the format, by the words that the error must hold."""

    def parse(self, data: bytes) -> Postmortem:
        return parse(data, "2026-02-20-a.md", format=self.format.name, formats=self.formats)

    @property
    def formats(self) -> dict[str, Format]:
        return {self.format.name: self.format}

    def entries(self, draw: st.DataObject) -> list[Entry]:
        one = st.builds(
            Entry,
            st.sampled_from(self.notations),
            st.sampled_from(WORDS),
            st.sampled_from([None, *self.owners]),
            st.sampled_from(["", "2026-04-03", "2027-01-31"]),
            st.sampled_from(["", "An explanation of it."]),
        )
        drawn = draw.draw(st.lists(one, min_size=1, max_size=5))
        return [replace(entry, words=f"{entry.words} {number}") for number, entry in enumerate(drawn, 1)]

    def expected(self, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
        return sorted(
            (entry.words, [self.owners[entry.owner]] if entry.owner else [], entry.due or None) for entry in entries
        )

    @DRAWN
    @given(st.data())
    def test_what_is_written_is_understood(self, data: st.DataObject) -> None:
        entries = self.entries(data)
        postmortem = self.parse(self.written(entries))
        assert postmortem.format == self.format.name
        assert sorted(fact[1:] for fact in facts(postmortem)) == self.expected(entries)
        assert sorted(item.notation for item in postmortem.items) == sorted(entry.notation for entry in entries)
        for item in postmortem.items:
            for owner in item.owners:
                assert self.owners[owner.kind] == owner.text

    @DRAWN
    @given(st.data())
    def test_written_back_and_read_again(self, data: st.DataObject) -> None:
        document = self.written(self.entries(data))
        before = facts(self.parse(document))
        for state in data.draw(st.permutations(STATES)):
            postmortem = self.parse(document)
            wanted = statuses(postmortem, state)
            edits = render(postmortem, wanted, self.formats)
            after = apply_edits(document, edits)
            only_edited(document, edits, after)
            again = self.parse(after)
            assert facts(again) == before
            assert [item.state for item in again.items] == [state] * len(before)
            shown = [[reference.text for reference in item.references] for item in again.items]
            assert shown == [[wanted[index].url] for index in range(len(before))]
            assert render(again, statuses(again, state), self.formats) == ()
            document = after

    @DRAWN
    @given(st.data())
    def test_some_are_written_and_others_left(self, data: st.DataObject) -> None:
        document = self.written(self.entries(data))
        postmortem = self.parse(document)
        chosen = data.draw(st.lists(st.sampled_from(range(len(postmortem.items))), unique=True, max_size=3))
        edits = render(postmortem, statuses(postmortem, State.DONE, chosen), self.formats)
        again = self.parse(apply_edits(document, edits))
        assert facts(again) == facts(postmortem)
        for index, item in enumerate(again.items):
            assert bool(item.references) == (index in chosen)
            assert item.state is (State.DONE if index in chosen else State.OPEN)

    def test_what_is_nested_is_no_item(self) -> None:
        entries = [Entry(self.notations[0], WORDS[0], nested="It broke twice.")]
        assert len(self.parse(self.written(entries)).items) == 1

    def test_front_matter(self) -> None:
        entries = [Entry(self.notations[0], WORDS[0])]
        postmortem = self.parse(self.written(entries, title="Outage", status="draft", id="inc-7", service="checkout"))
        assert (postmortem.title, postmortem.id, postmortem.service) == ("Outage", "inc-7", "checkout")
        assert not postmortem.published

    def test_what_is_none_of_it_is_an_error_with_its_place(self) -> None:
        for words, data in self.broken().items():
            with pytest.raises(DocumentError, match=words) as caught:
                self.parse(data)
            assert str(caught.value).startswith("2026-02-20-a.md: ")

    @DRAWN
    @given(st.binary(max_size=200))
    def test_any_bytes_raise_nothing_else(self, data: bytes) -> None:
        try:
            postmortem = self.parse(data)
        except DocumentError:
            return
        assert render(postmortem, statuses(postmortem, State.DONE), self.formats) == () or postmortem.items

    def test_the_rules_look_at_it(self) -> None:
        data = self.written([Entry(self.notations[0], WORDS[1]), Entry(self.notations[-1], "Fix things")])
        found = check(self.parse(data), date(2026, 3, 1), formats=self.formats)
        owned = [finding for finding in found if finding.rule == "owned"]
        assert owned
        for finding in found:
            assert 0 <= finding.span.start <= finding.span.end <= len(data)
            assert finding.line >= 1

    def test_a_run_calls_nothing_but_the_format(self, tmp_path: Path) -> None:
        world = World(tmp_path)
        place = world.write("a.md", self.written([Entry(notation, WORDS[0]) for notation in self.notations]))
        first = world.run(wrap=self._source, formats=self.formats)
        assert first.created == len(self.notations)
        assert len(self.parse(place.read_bytes()).items[0].references) == 1
        ticket = world.tickets()[0]
        world.person(ticket.ref.key, state=State.DONE)
        assert world.run(wrap=self._source, formats=self.formats).written_back == 1
        assert State.DONE in [item.state for item in self.parse(place.read_bytes()).items]
        before = place.read_bytes()
        world.run(wrap=self._source, formats=self.formats)
        assert place.read_bytes() == before

    def _source(self, port: Any) -> Any:
        return _InFormat(port, self.format.name) if isinstance(port, FilesSource) else port


class _InFormat:
    """A source whose documents are all of one format."""

    def __init__(self, source: FilesSource, name: str) -> None:
        self._source = source
        self._format = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, path: str) -> Document:
        return replace(self._source.read(path), format=self._format)
