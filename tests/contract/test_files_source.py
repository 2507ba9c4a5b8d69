from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from adapters.sources.files import FilesSource
from sync.errors import SourceError
from sync.ports import Rewrite
from tests.contract.sources import SourceContract, SourceWorld


class FilesWorld(SourceWorld):
    def __init__(self, root: Path, commit: bool = False) -> None:
        self.root = root
        (root / "docs").mkdir(parents=True)
        for name in ("a.md", "b.md", "c.txt"):
            (root / "docs" / name).write_bytes(f"# {name}\n".encode())
        if commit:
            for arguments in (
                ["init", "-q"],
                ["config", "user.email", "pm@example.com"],
                ["config", "user.name", "Postmortems"],
                ["add", "."],
                ["commit", "-qm", "first"],
            ):
                subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)
        self.source: FilesSource = FilesSource("docs", root, commit=commit)

    def person_writes(self, path: str, data: bytes) -> None:
        (self.root / path).write_bytes(data)

    def person_deletes(self, path: str) -> None:
        (self.root / path).unlink()

    def now(self, path: str) -> bytes:
        return (self.root / path).read_bytes()


class TestFilesSource(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> FilesWorld:
        return FilesWorld(tmp_path / "root")

    def test_mode_is_kept_and_no_temporary_file_is_left(self, world: FilesWorld) -> None:
        place = world.root / "docs/a.md"
        place.chmod(0o640)
        world.source.write([Rewrite(world.source.read("docs/a.md"), b"new\n")])
        assert stat.S_IMODE(place.stat().st_mode) == 0o640
        assert sorted(p.name for p in place.parent.iterdir()) == ["a.md", "b.md", "c.txt"]

    def test_a_symbolic_link_out_of_the_root_is_refused(self, world: FilesWorld, tmp_path: Path) -> None:
        secret = tmp_path / "secret.md"
        secret.write_text("secret\n")
        (world.root / "docs/link.md").symlink_to(secret)
        assert "docs/link.md" in world.source.paths()
        with pytest.raises(SourceError, match="outside the source's folder"):
            world.source.read("docs/link.md")

    def test_a_symbolic_link_within_the_root_is_followed_and_kept(self, world: FilesWorld) -> None:
        link = world.root / "docs/link.md"
        link.symlink_to("a.md")
        document = world.source.read("docs/link.md")
        assert world.source.write([Rewrite(document, b"new\n")])[0].written
        assert link.is_symlink()
        assert world.now("docs/a.md") == b"new\n"

    def test_a_read_only_file_is_left_alone_with_the_cure(self, world: FilesWorld) -> None:
        place = world.root / "docs/a.md"
        document = world.source.read("docs/a.md")
        place.chmod(0o444)
        result = world.source.write([Rewrite(document, b"new\n")])[0]
        assert "read-only" in result.error
        assert world.now("docs/a.md") == document.data

    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="no such folder"):
            FilesSource("docs", tmp_path / "missing").paths()


class TestGitWorkTree(SourceContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> FilesWorld:
        return FilesWorld(tmp_path / "root", commit=True)

    def test_a_run_is_one_commit_of_its_documents_alone(self, world: FilesWorld) -> None:
        (world.root / "docs/c.txt").write_text("somebody's work in progress\n")
        documents = [world.source.read(path) for path in ("docs/a.md", "docs/b.md")]
        results = world.source.write([Rewrite(d, d.data + b"x\n") for d in documents])
        assert all(result.where.startswith("commit ") for result in results)
        log = subprocess.run(
            ["git", "-C", str(world.root), "log", "--name-only", "--format=%h", "-1"], capture_output=True, text=True
        ).stdout
        assert "docs/a.md" in log
        assert "docs/c.txt" not in log
