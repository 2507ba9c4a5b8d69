"""What every source must do. A test module subclasses `SourceContract` and offers a world as fixture."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

import pytest

from sync.errors import SourceError
from sync.ports import Rewrite, Source, WriteResult


class SourceWorld(ABC):
    """A source with two documents in it, and something beside them that is none.

    Attributes:
        source: the adapter under test.
        first, second: the paths of its documents, sorted; nowhere: a path at which there is nothing.
        outside: what is no path within a source.
    """

    source: Source
    first = "docs/a.md"
    second = "docs/b.md"
    nowhere = "docs/nowhere.md"
    outside = "../outside.md"

    @abstractmethod
    def person_writes(self, path: str, data: bytes) -> None: ...

    @abstractmethod
    def person_deletes(self, path: str) -> None: ...

    @abstractmethod
    def now(self, path: str) -> bytes:
        """The bytes that stand there, seen from outside."""

    def second_machine(self) -> Source:
        """A source that has cached nothing."""
        return self.source


class SourceContract:
    """Subclass it and define a fixture `world`."""

    def test_it_offers_its_documents_sorted(self, world: SourceWorld) -> None:
        assert list(world.source.paths()) == [world.first, world.second]

    def test_a_document_is_read_byte_for_byte(self, world: SourceWorld) -> None:
        data = b"\xef\xbb\xbf# T\xc3\xaftle \r\n\ttext  \r\n\nend"
        world.person_writes(world.first, data)
        document = world.second_machine().read(world.first)
        assert document.data == data
        assert document.path == world.first
        assert document.source == world.source.name

    def test_a_version_changes_with_the_bytes_and_only_then(self, world: SourceWorld) -> None:
        first = world.source.read(world.first)
        assert world.second_machine().read(world.first).version == first.version
        world.person_writes(world.first, first.data + b"more\n")
        assert world.second_machine().read(world.first).version != first.version

    def test_a_version_known_without_reading_is_the_right_one(self, world: SourceWorld) -> None:
        known = world.source.version(world.first)
        assert known in ("", world.source.read(world.first).version)

    def test_what_is_written_is_there(self, world: SourceWorld) -> None:
        documents = [world.source.read(path) for path in (world.first, world.second)]
        rewrites = [Rewrite(document, document.data + "done ✓\r\n".encode()) for document in documents]
        results = world.source.write(rewrites)
        assert [result.written for result in results] == [True, True]
        for rewrite, result in zip(rewrites, results, strict=True):
            assert world.now(rewrite.document.path) == rewrite.data
            assert result.version == world.second_machine().read(rewrite.document.path).version

    def test_an_edit_since_it_was_read_is_never_overwritten(self, world: SourceWorld) -> None:
        stale, fresh = (world.source.read(path) for path in (world.first, world.second))
        world.person_writes(world.first, b"a person's words\n")
        results: list[WriteResult] = []
        for attempt in (stale, fresh):
            results += world.source.write([Rewrite(attempt, b"ours\n")])
        assert results[0].stale
        assert world.now(world.first) == b"a person's words\n"
        current = world.second_machine().read(world.first)
        assert world.source.write([Rewrite(current, b"ours, on theirs\n")])[0].written
        assert world.now(world.first) == b"ours, on theirs\n"

    def test_a_deleted_document_is_never_made_again(self, world: SourceWorld) -> None:
        document = world.source.read(world.first)
        world.person_deletes(world.first)
        result = world.source.write([Rewrite(document, b"ours\n")])[0]
        assert not result.written
        with pytest.raises(SourceError):
            world.second_machine().read(world.first)

    def test_a_missing_document_is_an_error_that_names_it(self, world: SourceWorld) -> None:
        with pytest.raises(SourceError, match=re.escape(world.nowhere)):
            world.source.read(world.nowhere)

    def test_a_path_that_leads_outside_is_refused(self, world: SourceWorld) -> None:
        with pytest.raises(SourceError):
            world.source.read(world.outside)

    def test_it_is_well_before_anything_is_written_and_looking_changes_nothing(self, world: SourceWorld) -> None:
        before = {path: world.now(path) for path in (world.first, world.second)}
        findings = world.source.check()
        assert [finding for finding in findings if not finding.well] == []
        assert ("documents", "2") in [(finding.what, finding.detail) for finding in findings]
        assert {path: world.now(path) for path in before} == before
