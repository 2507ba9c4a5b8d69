"""What every source must do. A test module subclasses `SourceContract` and offers a world as fixture."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from sync.errors import SourceError
from sync.ports import Rewrite, Source, WriteResult


class SourceWorld(ABC):
    """A source with the documents `docs/a.md` and `docs/b.md` in it; `docs/c.txt` is not one.

    Attributes:
        source: the adapter under test.
    """

    source: Source

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
        assert list(world.source.paths()) == ["docs/a.md", "docs/b.md"]

    def test_a_document_is_read_byte_for_byte(self, world: SourceWorld) -> None:
        data = b"\xef\xbb\xbf# T\xc3\xaftle \r\n\ttext  \r\n\nend"
        world.person_writes("docs/a.md", data)
        document = world.second_machine().read("docs/a.md")
        assert document.data == data
        assert document.path == "docs/a.md"
        assert document.source == world.source.name

    def test_a_version_changes_with_the_bytes_and_only_then(self, world: SourceWorld) -> None:
        first = world.source.read("docs/a.md")
        assert world.second_machine().read("docs/a.md").version == first.version
        world.person_writes("docs/a.md", first.data + b"more\n")
        assert world.second_machine().read("docs/a.md").version != first.version

    def test_a_version_known_without_reading_is_the_right_one(self, world: SourceWorld) -> None:
        known = world.source.version("docs/a.md")
        assert known in ("", world.source.read("docs/a.md").version)

    def test_what_is_written_is_there(self, world: SourceWorld) -> None:
        documents = [world.source.read(path) for path in ("docs/a.md", "docs/b.md")]
        rewrites = [Rewrite(document, document.data + "done ✓\r\n".encode()) for document in documents]
        results = world.source.write(rewrites)
        assert [result.written for result in results] == [True, True]
        for rewrite, result in zip(rewrites, results, strict=True):
            assert world.now(rewrite.document.path) == rewrite.data
            assert result.version == world.second_machine().read(rewrite.document.path).version

    def test_an_edit_since_it_was_read_is_never_overwritten(self, world: SourceWorld) -> None:
        stale, fresh = (world.source.read(path) for path in ("docs/a.md", "docs/b.md"))
        world.person_writes("docs/a.md", b"a person's words\n")
        results: list[WriteResult] = []
        for attempt in (stale, fresh):
            results += world.source.write([Rewrite(attempt, b"ours\n")])
        assert results[0].stale
        assert world.now("docs/a.md") == b"a person's words\n"
        current = world.second_machine().read("docs/a.md")
        assert world.source.write([Rewrite(current, b"ours, on theirs\n")])[0].written
        assert world.now("docs/a.md") == b"ours, on theirs\n"

    def test_a_deleted_document_is_never_made_again(self, world: SourceWorld) -> None:
        document = world.source.read("docs/a.md")
        world.person_deletes("docs/a.md")
        result = world.source.write([Rewrite(document, b"ours\n")])[0]
        assert not result.written
        with pytest.raises(SourceError):
            world.second_machine().read("docs/a.md")

    def test_a_missing_document_is_an_error_that_names_it(self, world: SourceWorld) -> None:
        with pytest.raises(SourceError, match=r"nowhere\.md"):
            world.source.read("docs/nowhere.md")

    def test_a_path_that_leads_outside_is_refused(self, world: SourceWorld) -> None:
        with pytest.raises(SourceError):
            world.source.read("../outside.md")

    def test_it_is_well_before_anything_is_written_and_looking_changes_nothing(self, world: SourceWorld) -> None:
        before = {path: world.now(path) for path in ("docs/a.md", "docs/b.md")}
        findings = world.source.check()
        assert [finding for finding in findings if not finding.well] == []
        assert ("documents", "2") in [(finding.what, finding.detail) for finding in findings]
        assert {path: world.now(path) for path in before} == before
