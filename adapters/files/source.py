"""Postmortems as files: one file, a folder with a glob, or a git work tree."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from adapters.documents import Chosen
from adapters.files.commits import Commits, Committed
from adapters.files.doctor import FilesCheck
from adapters.files.git import ask, work_tree
from adapters.files.home import Home, origin_of
from adapters.files.in_place import clear_left_behind, is_left_behind, put_in_place
from sync.errors import SourceError
from sync.model import MAX_BYTES, Finding
from sync.ports import Document, Rewrite, Sight, WriteResult

FRESH_SECONDS = 2.0
STEADY_SECONDS = 0.03
STEADY_ATTEMPTS = 40
IGNORED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", ".postmortem-sync", "__pycache__"})


class FilesSource:
    """Markdown files under a folder.

    Args:
        name: of the source.
        root: the folder. Nothing outside it is ever read or written, symbolic links included.
        glob: which files, relative to the root; `**` crosses folders.
        exclude: globs of files to leave out.
        commit: commit what a run writes back through git, all documents together.
        url: a prefix that makes a path a page's address; "" when the files have none.
        repository: `owner/name` of the repository the files belong to, for `#12`; None reads it from git's remote.
        id: the home of the files for everybody who has a copy of them; "" for that of their git remote, if any.
        formerly: what that home was called before.
        hooks: whether commits run the repository's hooks.
        sleep: how to wait, in seconds, for a document that is being saved this moment.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        glob: str = "**/*.md",
        exclude: Sequence[str] = (),
        commit: bool = False,
        url: str = "",
        repository: str | None = None,
        id: str = "",
        formerly: Sequence[str] = (),
        hooks: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.together = commit
        self._root = Path(os.path.realpath(root))
        self._is_ours = Chosen(glob, exclude)
        self._commits = Commits(self._root, hooks, f"sources.{name or 'NAME'}.hooks") if commit else None
        self._hooks = hooks
        self._trees: set[str] = set()
        # What ends in none of these would run into the path.
        self._url = url if not url or url.endswith(("/", "=", "?", "#")) else f"{url}/"
        self._repository = repository
        self._id = id
        self._formerly = frozenset(home.lower() for home in formerly)
        self._known_home: Home | None = None
        self._sleep = sleep
        self._checked: set[str] = set()
        self._littered: set[str] = set()
        self._reported: set[str] = set()

    def paths(self) -> list[str]:
        """The files that the globs take, sorted, symbolic links among them. Raises SourceError."""
        if not self._root.is_dir():
            raise SourceError(
                f"{self._root}: there is no such folder (source {self.name or 'files'}).",
                "Correct the source's path in sync.toml.",
            )
        return sorted(self._walk(str(self._root), ""))

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            raise SourceError(
                f"{folder}: the folder cannot be read ({error.strerror}).", "Make it readable."
            ) from error
        for entry in entries:
            path = prefix + entry.name
            if is_left_behind(entry.name):
                self._littered.add(folder)
            if entry.is_dir(follow_symlinks=False):
                if entry.name == ".git":
                    self._trees.add(folder)
                if entry.name not in IGNORED_FOLDERS:
                    yield from self._walk(entry.path, path + "/")
            elif self._is_ours(path):
                if not entry.is_symlink():
                    self._checked.add(path)
                yield path

    def version(self, path: str) -> str:
        """Always "": of a file, only reading it tells."""
        return ""

    def url(self, path: str) -> str:
        """The page's address: the configured prefix and the path; "" without a prefix."""
        return self._url + quote(path) if self._url else ""

    def path_of(self, url: str) -> str:
        """The path behind the prefix of a page's address; "" for any other address."""
        page = unquote(url.partition("#")[0].partition("?")[0])
        path = page.removeprefix(self._url) if self._url else page
        return path if path != page and self._is_ours(path) else ""

    def requests(self) -> int:
        """Always 0: files take no call over the network."""
        return 0

    @property
    def home(self) -> str:
        """The repository of the work tree that the files lie in, or what the settings state; "" for none."""
        return self._home.name

    @property
    def _home(self) -> Home:
        if self._known_home is None:
            self._known_home = Home(self._root, self._id, ask)
        return self._known_home

    def was_called(self, home: str) -> bool:
        """Whether the settings say so."""
        return home.lower() in self._formerly

    def path_at(self, inner: str) -> str:
        """The document at a path within the home; "" for what the globs leave out, and for what is not there."""
        place = self._home.file(inner)
        inside = os.path.relpath(place, self._root).replace(os.sep, "/")
        return inside if not inside.startswith("../") and self._is_ours(inside) and os.path.isfile(place) else ""

    def sight(self, inner: str) -> Sight:
        """What lies at a path within the home; without a home nothing but the folder is seen."""
        place = self._home.file(inner)
        if self.path_at(inner):
            return Sight.SHOWN
        if os.path.lexists(place):
            return Sight.HIDDEN
        within = bool(self.home) or place.startswith(str(self._root).rstrip("/") + "/")
        return Sight.ABSENT if within else Sight.OUTSIDE

    def lacks(self, inner: str) -> bool:
        """Whether the home has no such file any more, for certain (see `Home.lacks`)."""
        return self._home.lacks(inner)

    def is_current(self, document: Document) -> bool:
        """Whether the file still holds the bytes that were read."""
        try:
            return _read(self._place(document.path)) == document.data
        except (OSError, SourceError):
            return False

    def obstacle(self, path: str) -> str:
        """What a write-back would break, or run into: other names of the same file, a folder without write."""
        place = self._place(path)
        try:
            links, folder = os.stat(place).st_nlink, os.path.dirname(place)
        except OSError:
            return ""
        if links > 1:
            return (
                f"{place}: {links} names lead to this file (hard links), and writing it back would take them apart;"
                " keep one of them, and make the others symbolic links"
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder}: nothing can be written in this folder; make it writable for the account that runs sync"
        return ""

    def read(self, path: str) -> Document:
        """A file's bytes, once nobody is in the middle of saving it. Raises SourceError."""
        place = self._place(path)
        try:
            data, file = _read_whole(place, self._sleep)
        except FileNotFoundError as error:
            raise SourceError(f"{place}: there is no such file.", "Check the path.") from error
        except OSError as error:
            raise SourceError(f"{place}: the file cannot be read ({error.strerror}).", "Make it readable.") from error
        inner = self._home.path(os.path.realpath(place))
        return Document(
            self.name,
            path,
            data,
            _version(data),
            self.url(path),
            self.repository,
            home=self.home,
            inner=inner,
            file=f"file {file}",
        )

    @property
    def repository(self) -> str:
        """`owner/name` of the repository the files belong to; "" when there is none."""
        if self._repository is None:
            self._repository = _remote_repository(self._root)
        return self._repository

    def _place(self, path: str) -> str:
        """The file's real path. Raises SourceError when it lies outside the root."""
        joined = os.path.join(self._root, path)
        if path in self._checked:
            return joined
        real = os.path.realpath(joined)
        if real != str(self._root) and not real.startswith(str(self._root).rstrip("/") + "/"):
            raise SourceError(
                f"{joined}: it leads outside the source's folder ({self._root}).",
                "Remove the symbolic link, or name the folder it leads to as a source of its own.",
            )
        return real

    def write(self, rewrites: Sequence[Rewrite]) -> list[WriteResult]:
        """Replace each file that is still as it was read, and commit all of them where that is wanted."""
        if self._commits is None:
            return [self._write_one(rewrite) for rewrite in rewrites]
        places = {rewrite.document.path: self._real(rewrite.document.path) for rewrite in rewrites}
        try:
            self._commits.begin({places[r.document.path]: (r.document.data, r.data) for r in rewrites})
        except SourceError as error:
            return [WriteResult(r.document.path, error=f"Nothing was written. {error}") for r in rewrites]
        results = [self._write_one(rewrite) for rewrite in rewrites]
        self._commits.undo([places[result.path] for result in results if not result.written])
        found = self._commits.commit([places[result.path] for result in results if result.written], self._trees)
        self._reported |= found.keys()
        return [_with(found[places[r.path]], r) if r.written and places[r.path] in found else r for r in results]

    def finish(self) -> list[WriteResult]:
        """Commit what earlier runs wrote and could not commit; what `write` has reported is left out."""
        if self._commits is None:
            return []
        found = self._commits.commit([], self._trees)
        inside = {place: os.path.relpath(place, self._root) for place in found if place not in self._reported}
        return [_with(found[place], WriteResult("" if path == "." else path)) for place, path in inside.items()]

    def _real(self, path: str) -> str:
        return os.path.realpath(os.path.join(self._root, path))

    def _write_one(self, rewrite: Rewrite) -> WriteResult:
        path = rewrite.document.path
        try:
            place = self._place(path)
            if _read(place) != rewrite.document.data:
                return WriteResult(path, stale=True)
            if not os.stat(place).st_mode & 0o222 or not os.access(place, os.W_OK):
                return WriteResult(
                    path, error=f"{place}: the file is read-only; make it writable, the next run writes it"
                )
            if not put_in_place(place, rewrite.document.data, rewrite.data):
                return WriteResult(path, stale=True)
        except FileNotFoundError:
            return WriteResult(path, stale=True)
        except SourceError as error:
            return WriteResult(path, error=str(error))
        except OSError as error:
            return WriteResult(
                path,
                error=f"{path}: it cannot be written ({error.strerror}); nothing was changed, the next run tries again",
            )
        return WriteResult(path, _version(rewrite.data))

    def check(self) -> list[Finding]:
        """What the doctor wants to know of the folder, without writing anything."""
        check = FilesCheck(self._root, self._commits is not None, self._hooks, self.url)
        return list(check.findings(self.paths))

    def close(self) -> None:
        """Forget the paths that were looked at, and remove what a killed run left behind. May be called twice."""
        self._checked.clear()
        for folder in self._littered:
            with contextlib.suppress(OSError):
                clear_left_behind(folder)


def _read_whole(place: str, sleep: Callable[[float], None]) -> tuple[bytes, str]:
    """A file that nobody is in the middle of saving, and what tells it from all others of this machine.

    Many editors empty a file and then fill it. Half a document reads as other action items, so one that was
    changed a moment ago must read the same twice.
    """
    data, changed, file = _read_regular(place)
    if time.time() - changed > FRESH_SECONDS:
        return data, file
    for _ in range(STEADY_ATTEMPTS):
        sleep(STEADY_SECONDS)
        again, changed_again, file = _read_regular(place)
        if (again, changed_again) == (data, changed):
            return data, file
        data, changed = again, changed_again
    raise SourceError(f"{place}: it is being saved again and again.", "The next run reads it.")


def _read_regular(place: str) -> tuple[bytes, float, str]:
    """A whole file, when it was changed, and its number. Raises SourceError for what is none, or is too large."""
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{place}: this is not a regular file.", "Name a Markdown file or a folder.")
        if status.st_size > MAX_BYTES:
            size, limit = status.st_size / 1e6, MAX_BYTES / 1e6
            raise SourceError(
                f"{place}: the file has {size:.0f} MB; a postmortem may have {limit:.0f} MB.",
                "Exclude it with the source's glob or exclude.",
            )
        data = os.read(handle, status.st_size + 1)
        while len(data) < status.st_size and (more := os.read(handle, status.st_size - len(data))):
            data += more
        return data, status.st_mtime, f"{status.st_dev}:{status.st_ino}"
    finally:
        os.close(handle)


def _read(place: str) -> bytes:
    with open(place, "rb") as file:
        return file.read()


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _with(found: Committed, result: WriteResult) -> WriteResult:
    undone = f"It is written, but not committed. {found.left}" if found.left else ""
    return WriteResult(result.path, result.version, where=found.where, undone=undone)


def _remote_repository(root: Path) -> str:
    """`owner/name` from the work tree's remote `origin`; "" when there is none."""
    top = work_tree(root)
    if top is None:
        return ""
    match = re.search(r"[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", origin_of(top))
    return match[1] if match else ""
