from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from adapters.files.source import FilesSource
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

    def test_what_is_wrong_is_told_with_its_cure(self, world: FilesWorld, tmp_path: Path) -> None:
        def wrong(source: FilesSource) -> list[tuple[str, bool]]:
            findings = [finding for finding in source.check() if not finding.well]
            assert all(finding.cure and finding.detail for finding in findings)
            return [(finding.what, finding.serious) for finding in findings]

        assert wrong(FilesSource("docs", tmp_path / "missing")) == [("folder", True)]
        assert wrong(FilesSource("docs", world.root, glob="*.rst")) == [("documents", False)]
        (world.root / "docs/a.md").chmod(0o444)
        assert wrong(world.source) == [("writable", False)]
        (world.root / "docs/b.md").chmod(0o444)
        assert wrong(world.source) == [("writable", True)]
        (world.root / "docs/a.md").chmod(0o644)
        (world.root / "docs/b.md").chmod(0o644)
        assert wrong(FilesSource("docs", world.root, commit=True)) == [("git", True)]


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

    def test_a_work_tree_that_cannot_take_a_commit_is_told(self, world: FilesWorld) -> None:
        def wrong() -> list[tuple[bool, str]]:
            return [(finding.serious, finding.detail) for finding in world.source.check() if not finding.well]

        (world.root / "docs/c.txt").write_text("not a document\n")
        assert wrong() == []
        (world.root / "docs/a.md").write_text("somebody's work in progress\n")
        ((serious, detail),) = wrong()
        assert not serious
        assert "not committed: docs/a.md" in detail
        _git(world.root, "checkout", "-q", "docs/a.md")
        _git(world.root, "checkout", "-q", "--detach")
        ((serious, detail),) = wrong()
        assert not serious
        assert "on no branch" in detail
        (world.root / ".git/MERGE_HEAD").write_text("0" * 40)
        assert (True, "a merge or a rebase is under way in the work tree, so that no commit can be made") in wrong()

    def test_a_work_tree_without_a_name_to_commit_in_is_told(
        self, world: FilesWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
        _git(world.root, "config", "--unset", "user.email")
        _git(world.root, "config", "user.useConfigOnly", "true")
        (finding,) = [finding for finding in world.source.check() if not finding.well]
        assert "git config user.name" in finding.cure


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)
