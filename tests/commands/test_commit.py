"""`commit = true`: what was written back is committed and nothing of a person's; what could not be is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from adapters.files.commits import words
from tests.program import Started, sync

TEXT = (
    "---\ndate: 2026-02-20\nstatus: published\n---\n# {title}\n\nIt went down.\n\n## Action items\n\n"
    "- [ ] Add an alert for {title}\n\nbetween\n\nthem\n\n- [ ] Move the disk of {title}\n\n"
    "## Lessons\n\nNone so far.\n"
)
SETTINGS = '[sources.docs]\npath = "docs"\ncommit = true\n[limits]\nmax_age_days = 36500\n'


class Team:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.docs = folder / "docs"
        self.docs.mkdir(parents=True)
        (folder / ".gitignore").write_text(".postmortem-sync/\n")
        (folder / "sync.toml").write_text(SETTINGS)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "a@example.com")
        self.git("config", "user.name", "A")
        self.git("config", "core.hooksPath", ".git/hooks")
        self.save("a.md", TEXT.format(title="Outage"))
        self.git("add", ".")
        self.git("commit", "-qm", "first")

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def save(self, name: str, text: str) -> None:
        (self.docs / name).write_text(text)

    def read(self, name: str = "a.md") -> str:
        return (self.docs / name).read_text()

    def committed(self, name: str = "a.md") -> str:
        return self.git("show", f"HEAD:docs/{name}")

    def commits(self) -> int:
        return int(self.git("rev-list", "--count", "HEAD"))

    def edit(self, old: str, new: str, name: str = "a.md") -> None:
        text = self.read(name)
        assert old in text
        self.save(name, text.replace(old, new))

    def hook(self, name: str, script: str) -> None:
        place = self.folder / ".git" / "hooks" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\n{script}\n")
        place.chmod(0o755)

    def run(self, *arguments: str, status: int = 0, **environ: str) -> str:
        done = sync(self.folder, "run", *arguments, hurried=False, **environ)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


def changes(diff: str) -> list[str]:
    """The lines that a diff adds and takes away."""
    return [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_an_edit_that_is_not_committed_stays_in_the_work_tree(team: Team) -> None:
    team.edit("None so far.", "We learned a lot.")
    before = changes(team.git("diff"))
    team.run()
    assert team.commits() == 2
    assert "LOCAL-2" in team.committed()
    assert "learned" not in team.committed()
    assert changes(team.git("diff")) == before
    assert team.git("diff", "--cached") == ""
    team.run()
    assert team.commits() == 2


def test_what_is_staged_stays_staged_as_it_was(team: Team) -> None:
    team.edit("It went down.", "It went down twice.")
    team.git("add", "docs/a.md")
    team.edit("None so far.", "We learned a lot.")
    (team.folder / "other.txt").write_text("new\n")
    team.git("add", "other.txt")
    before = [changes(team.git("diff", *how)) for how in ((), ("--cached",))]
    team.run()
    assert [changes(team.git("diff", *how)) for how in ((), ("--cached",))] == before
    assert changes(team.git("show", "HEAD", "--format=")) != []
    assert "twice" not in team.committed()
    assert "LOCAL-2" in team.committed()


def test_an_edit_that_touches_ours_is_not_committed_until_it_is_theirs(team: Team) -> None:
    team.edit("Move the disk", "Replace the disk")
    head = team.git("rev-parse", "HEAD")
    said = team.run(status=1)
    assert "not committed" in said
    assert "An edit that is not committed touches" in said
    assert team.git("rev-parse", "HEAD") == head
    assert "LOCAL-2" in team.read()
    assert "An edit that is not committed touches" in team.run(status=1)
    team.git("commit", "-qam", "a person's")
    team.run()
    assert team.git("status", "--porcelain") == ""
    assert team.commits() == 2


def test_other_documents_are_committed_all_the_same(team: Team) -> None:
    team.save("b.md", TEXT.format(title="Fire"))
    team.git("add", "docs/b.md")
    team.git("commit", "-qm", "second")
    team.edit("Move the disk", "Replace the disk")
    team.run(status=1)
    assert "LOCAL-" in team.committed("b.md")
    assert "LOCAL-" not in team.committed("a.md")


def test_an_index_that_is_locked_is_told_and_the_next_run_commits(team: Team) -> None:
    lock = team.folder / ".git" / "index.lock"
    lock.write_text("")
    for _ in range(2):
        assert "index.lock" in team.run(status=1)
        assert team.commits() == 1
    assert lock.exists()
    lock.unlink()
    assert "what an earlier run wrote is committed" in team.run()
    assert team.commits() == 2
    assert team.git("status", "--porcelain") == ""


def test_a_detached_head_is_not_committed_to(team: Team) -> None:
    team.git("checkout", "-q", "--detach")
    assert "on no branch" in team.run(status=1)
    assert team.commits() == 1
    team.git("switch", "-q", "main")
    team.run()
    assert "LOCAL-2" in team.committed()


def test_a_merge_that_is_under_way_is_not_committed(team: Team) -> None:
    marker = team.folder / ".git" / "MERGE_HEAD"
    marker.write_text(team.git("rev-parse", "HEAD"))
    assert "a merge or a rebase is under way" in team.run(status=1).lower()
    marker.unlink()
    team.run()
    assert team.commits() == 2


@pytest.mark.parametrize(("ignored", "words"), [(False, "does not have"), (True, "ignores")])
def test_a_document_that_git_does_not_have_is_told(team: Team, ignored: bool, words: str) -> None:
    team.save("b.md", TEXT.format(title="Fire"))
    if ignored:
        (team.folder / ".git" / "info" / "exclude").write_text("b.md\n")
    for _ in range(2):
        assert words in team.run(status=1)
    assert team.git("show", "--name-only", "--format=", "HEAD").split() == ["docs/a.md"]
    team.git("add", "-f", "docs/b.md")
    team.git("commit", "-qm", "a person's")
    team.run()


def test_a_folder_in_no_work_tree_is_told_in_every_run(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(TEXT.format(title="Outage"))
    (tmp_path / "sync.toml").write_text(SETTINGS)
    for _ in range(2):
        done = sync(tmp_path, "run", GIT_CEILING_DIRECTORIES=str(tmp_path))
        assert done.returncode == 1
        assert "in no git work tree" in done.stdout


def test_work_trees_below_the_folder_have_commits_of_their_own(tmp_path: Path) -> None:
    one, other = Team(tmp_path / "docs" / "one"), Team(tmp_path / "docs" / "other")
    (tmp_path / "sync.toml").write_text(SETTINGS)
    assert sync(tmp_path, "run").returncode == 0
    assert (one.commits(), other.commits()) == (2, 2)
    assert sync(tmp_path, "run").returncode == 0


def test_names_of_files_say_nothing_in_a_commit(team: Team) -> None:
    name = "fixes #12 closes #7 @x.md"
    team.save(name, TEXT.format(title="Fire"))
    team.git("add", ".")
    team.git("commit", "-qm", "second")
    team.run()
    message = team.git("log", "-1", "--format=%B")
    assert "docs/a.md" in message
    assert "1 more whose names are not repeated here" in message
    assert not {"#", "@", "fixes", "closes"} & {*message, *message.split()}
    assert "LOCAL" in team.committed(name)
    assert words([name]).endswith("\n\n- 1 whose names are not repeated here\n")


class TestHooks:
    def test_hooks_are_left_out_and_that_is_told(self, team: Team) -> None:
        team.hook("pre-commit", "exit 1")
        team.hook("post-commit", "touch ran")
        said = team.run()
        assert "without its pre-commit, post-commit hook" in said
        assert "sources.docs.hooks = true" in said
        assert team.commits() == 2
        assert not (team.folder / "ran").exists()
        doctor = sync(team.folder, "doctor")
        assert "without the repository's hooks (pre-commit, post-commit)" in doctor.stdout

    @pytest.mark.parametrize("name", ["pre-commit", "commit-msg"])
    def test_a_hook_that_refuses_is_told_and_asked_again(self, team: Team, name: str) -> None:
        (team.folder / "sync.toml").write_text(SETTINGS.replace("commit = true", "commit = true\nhooks = true"))
        team.hook(name, "echo 'not on a Friday' >&2; test -e allowed")
        for _ in range(2):
            said = team.run(status=1)
            assert f"The {name} hook refuses" in said
            assert "not on a Friday" in said
            assert team.commits() == 1
        (team.folder / "allowed").touch()
        team.run()
        assert team.commits() == 2

    def test_hooks_see_what_is_committed_and_no_secret_of_ours(self, team: Team) -> None:
        (team.folder / "sync.toml").write_text(SETTINGS.replace("commit = true", "commit = true\nhooks = true"))
        team.hook("pre-commit", "env > seen; git diff --cached --name-only > staged")
        team.hook("commit-msg", 'echo "Signed-off-by: A <a@example.com>" >> "$1"')
        team.hook("post-commit", "touch ran")
        team.run(SYNC_STATE__MARK_SECRET="hush-hush-hush", SYNC_GITHUB__TOKEN="ghp_hush")
        assert "hush" not in (team.folder / "seen").read_text()
        assert (team.folder / "staged").read_text() == "docs/a.md\n"
        assert "Signed-off-by" in team.git("log", "-1", "--format=%B")
        assert (team.folder / "ran").exists()

    def test_a_hook_that_changes_the_commit_is_no_part_of_it(self, team: Team) -> None:
        (team.folder / "sync.toml").write_text(SETTINGS.replace("commit = true", "commit = true\nhooks = true"))
        (team.folder / "secret.txt").write_text("a person's\n")
        team.hook("pre-commit", "git add secret.txt")
        assert "changes what is committed" in team.run(status=1)
        assert team.commits() == 1
        assert "secret.txt" not in team.git("ls-files")


@pytest.mark.parametrize("how", [("core.autocrlf", "true"), ("core.autocrlf", "input")])
def test_line_endings_are_committed_as_git_has_them(team: Team, how: tuple[str, str]) -> None:
    team.git("config", *how)
    text = team.read().replace("\n", "\r\n").encode()
    (team.docs / "a.md").write_bytes(text)
    team.run()
    diff = team.git("show", "HEAD", "--format=")
    assert len(changes(diff)) == 4, diff
    assert team.git("status", "--porcelain") == ""


def test_the_index_is_as_fresh_as_after_a_commit_of_git(team: Team) -> None:
    team.run()
    assert team.git("diff-files") == ""
    assert team.git("diff-index", "HEAD") == ""
    assert sorted(path.name for path in (team.folder / ".git").glob("*postmortem*")) == ["postmortem-sync.lock"]


@pytest.mark.parametrize("call", ["update-ref", "hash-object", "write-tree", "commit-tree", "update-index"])
def test_a_run_that_is_killed_while_it_commits_is_followed_by_one_that_does(team: Team, call: str) -> None:
    team.edit("None so far.", "We learned a lot.")
    before = changes(team.git("diff"))
    for after in (False, True):
        run = Started(team.folder, "run", before=KILLED.format(call=call, after=after))
        run.communicate()
        assert run.returncode == -9
    team.run()
    assert team.git("diff", "--cached") == ""
    assert changes(team.git("diff")) == before
    assert "LOCAL-2" in team.committed()
    assert not (team.folder / ".git" / "index.lock").exists()
    team.run()
    assert team.commits() == 2


KILLED = """
import os, signal, subprocess
run = subprocess.run
def killed(command, *args, **kwargs):
    ours = "{call}" in command
    if ours and not {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    done = run(command, *args, **kwargs)
    if ours:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
subprocess.run = killed
"""
