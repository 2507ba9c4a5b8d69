"""A repository of postmortems on a simulated GitHub, and sources that read and write it through the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.github.source import GitHubSource
from sync.ports import Rewrite, Source, WriteResult
from tests.canaries import MARK
from tests.clocks import VirtualClock
from tests.contract.sources import SourceWorld
from tests.simulators.github_server import GitHub
from tests.simulators.github_site import Site

PROJECT = "Acme/Docs"


class GitHubSourceWorld(SourceWorld):
    def __init__(self, folder: str = "") -> None:
        self.clock = VirtualClock()
        self.site = Site(self.clock.now)
        self.github = GitHub(self.site)
        self.repository = self.site.repository(PROJECT)
        self.folder = folder
        self.prefix = f"{folder}/" if folder else ""
        files = {f"{self.prefix}docs/{name}": f"# {name}\n".encode() for name in ("a.md", "b.md", "c.txt")}
        files["README.txt"] = b"read me\n"
        self.repository.commit(files, "documents")
        self.opened: list[GitHubSource] = []

    def open(self, **settings: Any) -> GitHubSource:
        values: dict[str, Any] = {"base_url": self.github.base_url, "token": f"ghp_{MARK}", "path": self.folder}
        source = GitHubSource("docs", PROJECT, self.clock, **(values | {"timeout": (30.0, 30.0)} | settings))
        self.opened.append(source)
        return source

    def person_writes(self, path: str, data: bytes) -> None:
        self.repository.commit({**self.repository.files(), self.prefix + path: data}, f"edit {path}")

    def person_deletes(self, path: str) -> None:
        files = {name: data for name, data in self.repository.files().items() if name != self.prefix + path}
        self.repository.commit(files, f"delete {path}")

    def now(self, path: str) -> bytes:
        return self.repository.files()[self.prefix + path]

    def second_machine(self) -> Source:
        return self.open()

    def write(self, **documents: bytes) -> list[WriteResult]:
        """Append to documents, given by their names without ending."""
        read = {name: self.source.read(f"docs/{name}.md") for name in documents}
        return list(self.source.write([Rewrite(read[name], read[name].data + documents[name]) for name in documents]))

    def log(self, branch: str = "main") -> list[str]:
        """Headlines of the commits on a branch, the newest first."""
        lines: list[str] = []
        oid: str | None = self.repository.branches.get(branch)
        while oid:
            lines.append(self.repository.commits[oid].message)
            oid = self.repository.commits[oid].parent
        return lines


@contextmanager
def source_world(folder: str = "") -> Iterator[GitHubSourceWorld]:
    """A world with a source open; whatever the API's description does not allow fails the test."""
    world = GitHubSourceWorld(folder)
    with world.github.serving():
        world.source = world.open()
        yield world
        for source in world.opened:
            source.close()
    assert world.github.violations == []
