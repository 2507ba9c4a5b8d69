"""Commits what was written back, and of a document nothing else: what a person has not committed stays theirs.

What was written is kept in the repository's git folder until it is committed, so that a commit which could not be made
(a lock, no branch, a merge under way) is made by a later run. A commit is made of what HEAD has with our edits merged
in; a person's edits stay in the work tree, and in the index with our edits merged in there as well, so that neither
`git diff` nor `git diff --cached` changes. Where an edit of theirs touches ours, nothing is committed.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from adapters.files.git import HOOK_SECONDS, ask, git, merged, work_tree
from adapters.files.index import locked_index
from adapters.files.uncommitted import Uncommitted, Written
from sync.errors import SourceError

HEADLINE = "Write ticket status back into postmortems"
UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
NO_TREE = "It lies in no git work tree. Clone the repository there, or set commit = false for its source."
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_FILE = ("100644", "100755")


class Committed(NamedTuple):
    """What became of the commit of one document.

    Attributes:
        where: the commit, for a person; "" where there was nothing to commit.
        left: why it is not committed.
    """

    where: str = ""
    left: str = ""


class _Entry(NamedTuple):
    mode: str
    blob: str


class _Change(NamedTuple):
    """What a document becomes in the commit, and in the index; None for what stays as it is there."""

    head: _Entry | None
    staged: _Entry | None


class Commits:
    """Commits of the documents below one folder, whichever work trees they lie in.

    Args:
        root: the folder, its links resolved.
        hooks: whether the repository's hooks run.
        setting: the key that switches them on, for a person.
    """

    def __init__(self, root: Path, hooks: bool, setting: str) -> None:
        self._root = root
        self._hooks = hooks
        self._setting = setting
        self._earlier: dict[str, Written | None] = {}

    def begin(self, edits: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Keep in mind what is about to be written: files by their real paths, before and after.

        Raises:
            SourceError: it cannot be kept.
        """
        for top, places in self._by_tree(list(edits)).items():
            if top is None:
                continue
            with Uncommitted(_git_folder(top)).changed() as kept:
                for place in places:
                    path = _path(top, place)
                    self._earlier[place] = kept.edits.get(path)
                    kept.add(path, *edits[place])

    def undo(self, places: Sequence[str]) -> None:
        """These were not written after all. Where that cannot be kept, a commit finds it out by looking at the file."""
        for top, some in self._by_tree(places).items():
            with contextlib.suppress(SourceError):
                if top is None:
                    continue
                with Uncommitted(_git_folder(top)).changed() as kept:
                    for place in some:
                        kept.put_back(_path(top, place), self._earlier.get(place))

    def commit(self, places: Sequence[str], trees: Collection[str] = ()) -> dict[str, Committed]:
        """Commit everything that is written and not committed, in one commit a work tree.

        Args:
            places: what was written now.
            trees: tops of further work trees below the folder.

        Returns:
            what became of each place, and of whatever else was to be committed; under the folder itself why nothing
            can be committed there at all.
        """
        found = self._by_tree(places)
        for top in (work_tree(self._root), *map(Path, trees)):
            found.setdefault(top, [])
        if not trees and None in found:
            found[None].append(str(self._root))
        results: dict[str, Committed] = {}
        for top, some in found.items():
            if top is None:
                results |= dict.fromkeys(some, Committed(left=NO_TREE))
                continue
            try:
                results |= _Tree(top, self._hooks, self._setting).commit()
            except (SourceError, OSError) as error:
                results |= dict.fromkeys(some or [str(self._root)], Committed(left=str(error)))
        return results

    def _by_tree(self, places: Sequence[str]) -> dict[Path | None, list[str]]:
        found: dict[Path | None, list[str]] = {}
        for place in places:
            found.setdefault(work_tree(Path(place).parent), []).append(place)
        return found


@dataclass
class _Tree:
    """One work tree."""

    top: Path
    hooks: bool
    setting: str
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = _git_folder(self.top)

    def commit(self) -> dict[str, Committed]:
        """Commit what is kept in mind; what is committed, or was by somebody else, is forgotten. Raises SourceError."""
        with Uncommitted(self.folder).changed() as kept:
            if not kept.edits:
                return {}
            try:
                results = self._commit(kept)
            except (SourceError, OSError) as error:
                results = {path: Committed(left=str(error)) for path in kept.edits}
            for path, one in results.items():
                if not one.left:
                    kept.put_back(path, None)
        return {os.path.join(self.top, path): one for path, one in results.items()}

    def _commit(self, kept: Uncommitted) -> dict[str, Committed]:
        self._must_be_free()
        branch, head = self._head()
        results: dict[str, Committed] = {}
        with locked_index(self.folder) as index:
            changes = dict(self._changes(head, kept, results))
            in_head = {path: change.head for path, change in changes.items() if change.head}
            where = self._commit_as(head, in_head) if in_head else ""
            in_index = [(entry, path) for path, change in changes.items() if (entry := change.staged)]
            if in_index:
                index.put(self.top, [(entry.mode, entry.blob, path) for entry, path in in_index])
            if where:
                git(self.top, "update-ref", "-m", f"commit: {HEADLINE}", branch, where, head)
        if not where:
            return results | dict.fromkeys(changes, Committed())
        said = "commit " + ask(self.top, "rev-parse", "--short", where)
        if self.hooks:
            self._run_hook("post-commit")
        elif skipped := hooks_of(self.top):
            said += f" (without its {', '.join(skipped)} hook; {self.setting} = true runs it)"
        return results | {path: Committed(said if path in in_head else "") for path in changes}

    def _must_be_free(self) -> None:
        if any((self.folder / name).exists() for name in UNDER_WAY):
            raise SourceError("A merge or a rebase is under way in the work tree.", "Finish it; the next run commits.")

    def _head(self) -> tuple[str, str]:
        """The branch and its commit. Raises SourceError where there is none."""
        try:
            branch = ask(self.top, "symbolic-ref", "--quiet", "HEAD")
        except SourceError as error:
            raise SourceError(
                "The work tree is on no branch (detached HEAD), where a commit would be lost.",
                "Switch to a branch; the next run commits.",
            ) from error
        try:
            return branch, ask(self.top, "rev-parse", "--quiet", "--verify", "HEAD^{commit}")
        except SourceError as error:
            raise SourceError("The repository has no commit yet.", "Make the first one.") from error

    # what is to be committed

    def _changes(self, head: str, kept: Uncommitted, results: dict[str, Committed]) -> Iterator[tuple[str, _Change]]:
        paths = sorted(kept.edits)
        committed = self._entries("ls-tree", "-z", head, "--", paths=paths)
        staged = self._entries("ls-files", "--stage", "-z", "--", paths=paths)
        for path in paths:
            try:
                yield path, self._change(path, kept.edits[path], committed.get(path), staged.get(path))
            except SourceError as error:
                results[path] = Committed(left=str(error))

    def _entries(self, *command: str, paths: Sequence[str]) -> dict[str, _Entry | None]:
        """What HEAD, or the index, has at these paths; None for what is not merged."""
        found: dict[str, _Entry | None] = {}
        for start in range(0, len(paths), 200):
            lines = git(self.top, *command, *paths[start : start + 200]).split(b"\0")
            for line in filter(None, lines):
                facts, _, name = line.partition(b"\t")
                path = os.fsdecode(name)
                words = facts.decode().split()
                if words[1] == "blob":
                    found[path] = _Entry(words[0], words[2])
                elif len(words) == 3:
                    found[path] = _Entry(words[0], words[1]) if words[2] == "0" else None
        return found

    def _change(self, path: str, edit: Written, committed: _Entry | None, staged: _Entry | None) -> _Change:
        if committed is None:
            raise self._not_there(path)
        if committed.mode not in _FILE:
            raise SourceError("In git it is no regular file.", "Name the file itself.")
        now = self.top / path
        data = now.read_bytes() if now.is_file() else b""
        if data != edit.after and merged(data, edit.before, edit.after) != data:
            if merged(data, edit.after, edit.before) == data:
                return _Change(None, None)  # it was never written, or a person took it back
            raise _inseparable()
        wanted = self._with_edit(path, committed.blob, edit)
        if wanted is None:
            raise _inseparable()
        new = None if wanted == committed.blob else _Entry(committed.mode, wanted)
        if staged is None or staged == new:
            return _Change(new, None)
        if staged == committed:
            return _Change(new, new)
        theirs = self._with_edit(path, staged.blob, edit)
        if theirs is None:
            raise _inseparable()
        return _Change(new, None if theirs == staged.blob else _Entry(staged.mode, theirs))

    def _not_there(self, path: str) -> SourceError:
        try:
            git(self.top, "check-ignore", "--quiet", "--", f"./{path}", variables={"GIT_LITERAL_PATHSPECS": "0"})
        except SourceError:
            return SourceError(
                "Git does not have this document yet.", "Commit it once; from then on its status is committed."
            )
        return SourceError(
            "Git ignores this document.", "Take it out of .gitignore, or set commit = false for its source."
        )

    def _with_edit(self, path: str, blob: str, edit: Written) -> str | None:
        """The blob with our edit in it; None where somebody else's touches it."""
        if self._store(edit.before) == blob:
            return self._store(edit.after)
        if self._store(edit.after) == blob:
            return blob
        # As git has it: with the line endings, and whatever else filters of the repository change.
        before, after = (self._store(data, path) for data in (edit.before, edit.after))
        if before == blob:
            return after
        found = merged(*(git(self.top, "cat-file", "blob", name) for name in (blob, before, after)))
        return None if found is None else self._store(found)

    def _store(self, data: bytes, path: str = "") -> str:
        how = [f"--path={path}"] if path else ["--no-filters"]
        return git(self.top, "hash-object", "-w", "--stdin", *how, data=data).decode().strip()

    # the commit

    def _commit_as(self, head: str, entries: Mapping[str, _Entry]) -> str:
        """The id of the commit, which is on no branch yet."""
        with tempfile.TemporaryDirectory(prefix="postmortem-sync-") as folder:
            variables = {"GIT_INDEX_FILE": f"{folder}/index"}
            git(self.top, "read-tree", head, variables=variables)
            lines = b"".join(_line(entry.mode, entry.blob, path) for path, entry in entries.items())
            git(self.top, "update-index", "-z", "--index-info", data=lines, variables=variables)
            tree = git(self.top, "write-tree", variables=variables)
            message = Path(folder, "COMMIT_EDITMSG")
            message.write_text(words(list(entries)), "utf-8")
            if self.hooks:
                git(self.top, "update-index", "-q", "--refresh", variables=variables)
                self._run_hook("pre-commit", variables=variables)
                if git(self.top, "write-tree", variables=variables) != tree:
                    raise SourceError("The pre-commit hook changes what is committed.", "See what it does there.")
                self._run_hook("prepare-commit-msg", str(message), "message", variables=variables)
                self._run_hook("commit-msg", str(message), variables=variables)
            signed = ["-S"] if self._signs() else []
            command = ["commit-tree", tree.decode().strip(), "-p", head, *signed]
            return git(self.top, *command, data=message.read_bytes()).decode().strip()

    def _run_hook(self, name: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        if name not in hooks_of(self.top):
            return
        command = ("hook", "run", "--ignore-missing", name, *(("--", *arguments) if arguments else ()))
        try:
            git(self.top, *command, variables=variables, hooks=True, seconds=HOOK_SECONDS)
        except SourceError as error:
            if name != "post-commit":
                raise SourceError(f"The {name} hook refuses the commit: {error.message}", error.cure) from error

    def _signs(self) -> bool:
        try:
            return ask(self.top, "config", "--type=bool", "--get", "commit.gpgsign") == "true"
        except SourceError:
            return False


def words(paths: Sequence[str]) -> str:
    """The message of a commit: no words of people, since `fixes` and a number would close an issue."""
    plain = sorted(path for path in paths if _PLAIN.fullmatch(path))
    lines = [f"- {path}" for path in plain]
    if more := len(paths) - len(plain):
        lines.append(f"- {more} {'more ' if plain else ''}whose names are not repeated here")
    return f"{HEADLINE}\n\n" + "\n".join(lines) + "\n"


def hooks_of(top: Path) -> list[str]:
    """The hooks that `git commit` would run there. Raises SourceError."""
    folder = Path(top, os.fsdecode(git(top, "rev-parse", "--git-path", "hooks", hooks=True)).rstrip("\n"))
    return [name for name in HOOKS if os.access(folder / name, os.X_OK)]


def _git_folder(top: Path) -> Path:
    return Path(ask(top, "rev-parse", "--absolute-git-dir"))


def _path(top: Path, place: str) -> str:
    return os.path.relpath(place, top).replace(os.sep, "/")


def _line(mode: str, blob: str, path: str) -> bytes:
    return f"{mode} {blob}\t".encode() + os.fsencode(path) + b"\0"


def _inseparable() -> SourceError:
    return SourceError("An edit that is not committed touches what was written back.", "Commit the document.")
