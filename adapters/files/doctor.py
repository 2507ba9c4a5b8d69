"""Whether a folder can be read and written back to: documents, permissions, the state of its git work tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from adapters.files.commits import UNDER_WAY, hooks_of
from adapters.files.git import ask
from sync.errors import SourceError
from sync.model import Finding

SHOWN = 3
"""Names of documents that a finding lists."""


class FilesCheck:
    """What the doctor asks of a folder of documents.

    Args:
        root: the folder.
        commit: whether what is written back is committed.
        hooks: whether its hooks run.
        url: a document's page by its path; "" where it has none.
    """

    def __init__(self, root: Path, commit: bool, hooks: bool, url: Callable[[str], str]) -> None:
        self._root = root
        self._url = url
        self._commit = commit
        self._hooks = hooks

    def findings(self, list_paths: Callable[[], Sequence[str]]) -> Iterator[Finding]:
        """Look at everything; without a folder that can be listed nothing further can work."""
        try:
            paths = list_paths()
        except SourceError as error:
            yield Finding("folder", False, detail=error.message, cure=error.cure)
            return
        yield Finding("folder", True, detail=str(self._root))
        if paths:
            yield Finding("documents", True, detail=f"{len(paths)}")
        else:
            cure = "Correct the source's path and glob; docs/configuration.md explains them."
            yield Finding("documents", False, False, "no file of the folder fits the glob", cure)
        yield from self._permissions(paths)
        yield from self._links(paths)
        yield from self._work_tree(paths)

    def _links(self, paths: Sequence[str]) -> Iterator[Finding]:
        """Whether the link that tickets get leads to a page: the one of the first document is tried."""
        page = self._url(paths[0]) if paths else ""
        if not page:
            return
        status = _status_of(page)
        if status in GONE:
            cure = "Correct the source's url: a document's path behind it must be the address of its page."
            yield Finding("links", False, False, f"{page} answers {status}: tickets would get broken links", cure)
        elif status is None:
            detail = f"not tried: {page} cannot be reached from here"
            yield Finding("links", True, detail=detail)
        else:
            yield Finding("links", True, detail=f"{page} answers {status}")

    def _permissions(self, paths: Sequence[str]) -> Iterator[Finding]:
        places = {path: os.path.join(self._root, path) for path in paths}
        unread = [path for path, place in places.items() if not os.access(place, os.R_OK)]
        if unread:
            cure = "Make them readable for the account that runs sync, or exclude them."
            yield Finding("readable", False, False, f"cannot be read: {_some(unread)}", cure)
        # A document is put in place whole, so its folder is written to as well.
        fixed = [path for path, place in places.items() if not _may_replace(place)]
        if fixed:
            cure = "Make the files and their folders writable for the account that runs sync."
            yield Finding("writable", False, len(fixed) == len(places), f"cannot be written: {_some(fixed)}", cure)
        elif places:
            yield Finding("writable", True)

    def _work_tree(self, paths: Sequence[str]) -> Iterator[Finding]:
        if not self._commit:
            return
        try:
            folder = Path(ask(self._root, "rev-parse", "--absolute-git-dir"))
        except SourceError as error:
            cure = "Run it in a clone, or set commit = false for this source."
            yield Finding("git", False, detail=error.message, cure=cure)
            return
        for look in (self._identity, self._operation, self._branch, self._unknown, self._edits, self._own_hooks):
            try:
                yield from look(folder, paths)
            except SourceError as error:
                yield Finding("git", False, False, error.message, "See what git status says there.")

    def _identity(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        try:
            ask(self._root, "var", "GIT_COMMITTER_IDENT")
        except SourceError:
            cure = 'git config user.name "postmortem-sync" && git config user.email sync@example.com'
            yield Finding("git", False, detail="git does not know in whose name to commit", cure=cure)
            return
        yield Finding("git", True, detail="commits what is written back")

    def _operation(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        if any((folder / name).exists() for name in UNDER_WAY):
            detail = "a merge or a rebase is under way in the work tree, so that no commit can be made"
            yield Finding("git", False, True, detail, "Finish it, or give it up (git merge --abort).")

    def _branch(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        try:
            ask(self._root, "symbolic-ref", "--quiet", "HEAD")
        except SourceError:
            detail = "the work tree is on no branch (detached HEAD): what is written there is not committed"
            yield Finding("git", False, False, detail, "git switch main")

    def _unknown(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        listed = ask(self._root, "ls-files", "-z", "--full-name", "--", ".").split("\0")
        if missing := sorted(self._full(paths) - set(listed)):
            detail = f"git does not have, and so nothing is committed of: {_some(missing)}"
            yield Finding("git", False, False, detail, "Commit them once, or take them out of .gitignore.")

    def _edits(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        changed = ask(self._root, "diff", "--name-only", "-z", "HEAD", "--", ".").split("\0")
        if edited := sorted(self._full(paths) & set(changed)):
            detail = f"edited and not committed: {_some(edited)}; what is written beside such an edit waits for it"
            yield Finding("git", False, False, detail, "Commit them.")

    def _own_hooks(self, folder: Path, paths: Sequence[str]) -> Iterator[Finding]:
        skipped = hooks_of(self._root)
        if skipped and not self._hooks:
            detail = f"commits are made without the repository's hooks ({', '.join(skipped)})"
            yield Finding("git", True, detail=detail, cure="Set hooks = true for this source to run them.")

    def _full(self, paths: Sequence[str]) -> set[str]:
        """Names from the top of the work tree."""
        prefix = ask(self._root, "rev-parse", "--show-prefix")
        return {prefix + path for path in paths}


GONE = (404, 410)


def _status_of(page: str) -> int | None:
    """What a page answers a stranger, without being read; None where nothing answers."""
    import requests

    from adapters.http.transport import BoundedAdapter, Redirected, WebPage

    with requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, BoundedAdapter((5.0, 5.0), 10.0))
        try:
            return session.get(page, auth=lambda request: request).status_code
        except (Redirected, WebPage) as found:
            return found.status
        except requests.RequestException:
            return None


def _may_replace(place: str) -> bool:
    real = os.path.realpath(place)
    if not os.path.exists(real) or not os.stat(real).st_mode & 0o222:
        return False
    return os.access(real, os.W_OK) and os.access(os.path.dirname(real), os.W_OK | os.X_OK)


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:SHOWN])
    return f"{shown} and {len(paths) - SHOWN} more" if len(paths) > SHOWN else shown
