"""Where files live, for everybody who has a copy of them: the repository of a work tree, or a folder's stated id."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from adapters.files.git import work_tree
from sync.errors import SourceError

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>\[[^\]]+\]|[^:/\s]+):(?P<path>[^\s]+)")
_PORTS = {"https": 443, "http": 80, "ssh": 22, "git": 9418}
_SAME_HOST = {"ssh.github.com": "github.com", "www.github.com": "github.com", "altssh.bitbucket.org": "bitbucket.org"}


def home_from(remote: str) -> str:
    """host/owner/name of a remote's address, in lower case, without credentials, the usual port and `.git`.

    The same repository has the same home however it was cloned; "" for an address that names nothing.
    """
    remote = remote.strip()
    if "://" in remote:
        try:
            parts = urlsplit(remote)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return ""
        path = parts.path
        if parts.scheme == "file":
            host, port = "", None
        elif port and port != _PORTS.get(parts.scheme) and host not in _SAME_HOST:
            host = f"{host}:{port}"
    elif (found := _SCP.fullmatch(remote)) and not os.path.isabs(remote):
        host, path = found["host"].strip("[]"), found["path"]
    else:
        host, path = "", os.path.realpath(remote) if remote else ""
    path = path.strip("/").removesuffix(".git").strip("/")
    if not path:
        return ""
    host = _SAME_HOST.get(host.lower(), host.lower())
    # A folder on this machine keeps its case: two that differ in nothing else are two.
    return f"{host}/{path.lower()}" if host else f"/{path}"


def origin_of(top: Path) -> str:
    """The address of a work tree's remote `origin`, as its configuration says; "" when it has none.

    The file is read without git, which a machine may lack: the home must not depend on that.
    """
    try:
        folder = top / ".git"
        if folder.is_file():
            folder = (top / folder.read_text("utf-8").removeprefix("gitdir:").strip()).resolve()
            common = folder / "commondir"
            if common.is_file():
                folder = (folder / common.read_text("utf-8").strip()).resolve()
        lines = (folder / "config").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    section, url = "", ""
    for line in map(str.strip, lines):
        if line.startswith("["):
            section = line
        elif section == '[remote "origin"]' and (found := re.fullmatch(r"url\s*=\s*(.*)", line)):
            url = found[1].strip('"')
    return url


class Home:
    """The home of a folder, and what is certain about it.

    Args:
        root: the folder, its links resolved.
        stated: the home that the settings state; "" for none.
        git: runs git in a folder and gives what it said; raises SourceError.
    """

    def __init__(self, root: Path, stated: str, git: Callable[..., str]) -> None:
        self._root = root
        self._git = git
        self._top = None if stated else work_tree(root)
        self.name = stated or (home_from(origin_of(self._top)) if self._top else "")
        self._whole: bool | None = None
        self.base = root if stated else self._top if self.name and self._top else Path("/")
        """What paths within the home are relative to."""

    def path(self, place: str) -> str:
        """A file's path within its home, as a posix path; without a home all of it."""
        if not self.name:
            return place
        return os.path.relpath(place, self.base).replace(os.sep, "/")

    def file(self, path: str) -> str:
        """The other way round."""
        return os.path.join(self.base, path) if self.name else path

    def lacks(self, path: str) -> bool:
        """Whether the home certainly has no such file any more; False where nobody can tell.

        Absence proves nothing by itself: a branch may lack a file, and so may a folder that is not mounted.
        """
        if not self.name or os.path.lexists(self.file(path)):
            return False
        if self._top is None:
            # Of a folder that merely states a home, what lay beside the file must be there.
            folder = os.path.dirname(self.file(path))
            return os.path.isdir(folder) and any(os.scandir(folder))
        if self._whole is None:
            self._whole = self._is_whole()
        return self._whole and not self._ask("ls-tree", "--name-only", "HEAD", "--", path)

    def _is_whole(self) -> bool:
        """Whether the work tree shows all of the repository's own branch."""
        head = self._ask("symbolic-ref", "--quiet", "HEAD")
        own = self._ask("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        sparse = self._ask("config", "--get", "core.sparseCheckout").lower() == "true"
        return (
            bool(head and own)
            and not sparse
            and head.removeprefix("refs/heads/") == own.removeprefix("refs/remotes/origin/")
        )

    def _ask(self, *arguments: str) -> str:
        try:
            return self._git(self._top or self._root, *arguments).strip()
        except SourceError:
            return ""
