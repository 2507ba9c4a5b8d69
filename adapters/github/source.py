"""Postmortems in a repository of GitHub, read and written back through the API without a clone."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from adapters.documents import Chosen
from adapters.github.blobs import Blobs, blob_id
from adapters.github.client import NAME
from adapters.github.commits import Commits, Head
from adapters.github.session import GitHubSession
from adapters.github.source_doctor import GitHubSourceCheck
from adapters.http.policy import CallPolicy, Waiting
from sync.errors import CredentialsError, OutcomeUnknown, SettingsError, SourceError, TrackerError
from sync.model import MAX_BYTES, Finding
from sync.ports import Clock, Document, Limit, RateLimiter, Rewrite, Sight, Watch, WriteResult

TRIES = 3
"""How often a write is made anew when the branch moved meanwhile without touching our documents."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """One state of the branch.

    Attributes:
        blobs: the source's documents: blob id and size by path; files: every file of the repository.
    """

    head: Head
    blobs: dict[str, tuple[str, int]]
    files: frozenset[str]


class GitHubSource:
    """Markdown files of a branch.

    Args:
        name: of the source.
        repository: owner/name.
        branch: "" for the repository's default branch.
        path: a folder; the paths of documents begin below it.
        glob: which files, relative to the folder; `**` crosses folders.
        exclude: globs of files to leave out.
        formerly: what the repository's home was called before; what GitHub itself still redirects need not be named.
        base_url, token, app_id, private_key: as for the tracker.
        cache: keeps what was read, by the ids of its contents, so that only changes are read again; see `blobs`.
        watch: told of each call.
    """

    together = True

    def __init__(
        self,
        name: str,
        repository: str,
        clock: Clock,
        *,
        branch: str = "",
        path: str = "",
        glob: str = "**/*.md",
        exclude: Sequence[str] = (),
        formerly: Sequence[str] = (),
        base_url: str = "https://api.github.com",
        token: str = "",
        app_id: str = "",
        private_key: str = "",
        cache: MutableMapping[str, bytes] | None = None,
        requests_per_minute: int | None = None,
        waiting: Waiting | None = None,
        rate_limiter: RateLimiter | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        watch: Watch | None = None,
    ) -> None:
        self.name = name
        self.repository = repository.strip()
        if not NAME.fullmatch(self.repository):
            raise SettingsError(
                f"sources.{name}: repository is {repository!r}, which is no repository of GitHub.",
                'Write it as repository = "owner/name".',
            )
        self._branch = branch.strip()
        self._folder = f"{path.strip('/')}/" if path.strip("/.") else ""
        self._is_ours = Chosen(glob, exclude)
        self._session = GitHubSession(
            base_url,
            clock,
            CallPolicy(clock, requests_per_minute, waiting, Limit(1.0), rate_limiter=rate_limiter),
            token=token,
            app_id=app_id,
            private_key=private_key,
            repository=self.repository,
            timeout=timeout,
            watch=watch,
        )
        self._clock = clock
        self._commits = Commits(self._session, self.repository)
        self._blobs = Blobs(self._session, self.repository, {} if cache is None else cache)
        self._listed: _Listed | None = None
        self._called: dict[str, bool] = {home.lower(): True for home in formerly}

    # reading

    def paths(self) -> list[str]:
        """Every document of the branch, sorted, as of one look at its head."""
        with _telling(self.repository):
            return sorted(self._now().blobs)

    def version(self, path: str) -> str:
        """The id of the document's contents; no call once the branch was listed."""
        with _telling(f"{self.repository}: {path}"):
            return self._now().blobs.get(path, ("", 0))[0]

    def read(self, path: str) -> Document:
        """A document's bytes, from the cache where its contents were read before. Raises SourceError."""
        with _telling(f"{self.repository}: {path}"):
            listed = self._now()
            known = listed.blobs.get(path)
            if known is None:
                raise SourceError(f"{self.repository}: there is no file {self._folder}{path}.", "Check the path.")
            oid, size = known
            if size > MAX_BYTES:
                limit = MAX_BYTES / 1e6
                raise SourceError(f"{path}: the file has {size / 1e6:.0f} MB; a postmortem may have {limit:.0f} MB.")
            data = self._blobs.get(oid, listed.blobs.values())
        page = self._page(listed.head.commit, path)
        return Document(self.name, path, data, oid, page, self.repository, home=self.home, inner=self._folder + path)

    @property
    def home(self) -> str:
        """The repository: a clone of it has the same home."""
        host = urlsplit(self._session.web).netloc.lower()
        return f"{host}/{self.repository.lower()}"

    def was_called(self, home: str) -> bool:
        """Whether the settings say so, or GitHub leads from there to this repository; asked once for each name."""
        host, _, name = home.lower().partition("/")
        if home.lower() not in self._called:
            there = host == urlsplit(self._session.web).netloc.lower() and bool(NAME.fullmatch(name))
            with _telling(self.repository):
                self._called[home.lower()] = there and self._commits.leads_here(name)
        return self._called[home.lower()]

    def path_at(self, inner: str) -> str:
        """The document at a path of the repository; "" for what the folder or the globs leave out."""
        path = inner.removeprefix(self._folder) if inner.startswith(self._folder) else ""
        with _telling(self.repository):
            return path if path in self._now().blobs else ""

    def sight(self, inner: str) -> Sight:
        """What the branch has at a path of the repository."""
        with _telling(self.repository):
            if self.path_at(inner):
                return Sight.SHOWN
            return Sight.HIDDEN if inner in self._now().files else Sight.ABSENT

    def lacks(self, inner: str) -> bool:
        """Whether the repository's own branch has no such file any more; of another branch nothing is certain."""
        with _telling(self.repository):
            listed = self._now()
            if inner in listed.files:
                return False
            # Another branch than the repository's own may lack what others have.
            return not self._branch or self._commits.head("").branch == listed.head.branch

    def is_current(self, document: Document) -> bool:
        """Whether the branch still has the document as it was read; one call where nobody pushed meanwhile."""
        with _telling(self.repository):
            head = self._commits.head(self._branch)
            if self._listed is not None and head.commit == self._listed.head.commit:
                return self._listed.blobs.get(document.path, ("", 0))[0] == document.version
            self._listed = self._look()
            return self._listed.blobs.get(document.path, ("", 0))[0] == document.version

    def obstacle(self, path: str) -> str:
        """None is known before a commit is tried."""
        return ""

    def url(self, path: str) -> str:
        """The document's page on the branch."""
        return self._page(self._branch or (self._listed.head.branch if self._listed else "HEAD"), path)

    def _page(self, at: str, path: str) -> str:
        return f"{self._session.web}/{self.repository}/blob/{quote(at)}/{quote(self._folder + path)}"

    def path_of(self, url: str) -> str:
        """The path of the document whose page this is; "" when it is none of this source."""
        parts = urlsplit(url)
        if parts.netloc.lower() != urlsplit(self._session.web).netloc.lower():
            return ""
        match = re.fullmatch(r"/([^/]+/[^/]+)/(?:blob|raw|edit|blame)/(.+)", unquote(parts.path))
        if not match or match[1].lower() != self.repository.lower():
            return ""
        known = re.match(r"(?:[0-9a-f]{40}|HEAD)(?=/)", match[2])
        inside = match[2].removeprefix(f"{known[0] if known else self._branch_name()}/{self._folder}")
        return inside if inside != match[2] and self._is_ours(inside) else ""

    def _branch_name(self) -> str:
        if self._branch:
            return self._branch
        with _telling(self.repository):
            return self._now().head.branch

    def requests(self) -> int:
        """How many calls were made so far."""
        return self._session.count

    def _now(self) -> _Listed:
        if self._listed is None:
            self._listed = self._look()
        return self._listed

    def _look(self) -> _Listed:
        head = self._commits.head(self._branch)
        tree = self._blobs.tree(head.tree)
        blobs = {
            path.removeprefix(self._folder): entry
            for path, entry in tree.items()
            if path.startswith(self._folder) and self._is_ours(path.removeprefix(self._folder))
        }
        return _Listed(head, blobs, frozenset(tree))

    # writing

    def write(self, rewrites: Sequence[Rewrite]) -> list[WriteResult]:
        """Write all documents that are still as they were read, in one commit; none when nothing changed."""
        results: dict[int, WriteResult] = {}
        try:
            for _ in range(TRIES):
                listed = self._listed = self._look()
                left = self._fresh(rewrites, listed, results)
                if not left:
                    break
                done = self._commit(listed, [rewrites[index] for index in left])
                if done is not None:
                    results |= dict(zip(left, done, strict=True))
                    self._listed = None
                    break
        except (TrackerError, CredentialsError) as error:
            self._listed = None
            stated = f"{self.repository}: nothing was written: {error}"
            return [results.get(i) or WriteResult(r.document.path, error=stated) for i, r in enumerate(rewrites)]
        return [results.get(i) or WriteResult(r.document.path, stale=True) for i, r in enumerate(rewrites)]

    def _fresh(self, rewrites: Sequence[Rewrite], listed: _Listed, results: dict[int, WriteResult]) -> list[int]:
        """Indexes of what is to be written; what is stale, or there already, gets its result."""
        left: list[int] = []
        results.clear()
        for index, rewrite in enumerate(rewrites):
            path, there = rewrite.document.path, listed.blobs.get(rewrite.document.path, ("", 0))[0]
            wanted = blob_id(rewrite.data)
            if there == wanted:
                results[index] = WriteResult(path, wanted)
            elif there != rewrite.document.version:
                results[index] = WriteResult(path, stale=True)
            else:
                left.append(index)
        return left

    def _commit(self, listed: _Listed, rewrites: Sequence[Rewrite]) -> list[WriteResult] | None:
        """What became of these; None when the branch moved, or nobody knows, so that another look must tell."""
        files = {self._folder + rewrite.document.path: rewrite.data for rewrite in rewrites}
        try:
            made = self._commits.commit(listed.head, files)
        except OutcomeUnknown:
            return None
        if made is None:
            return None
        if made.proposed:
            # The documents on the branch are as they were, until somebody merges.
            return [WriteResult(r.document.path, r.document.version, where=made.url, proposed=True) for r in rewrites]
        return [WriteResult(r.document.path, blob_id(r.data), where=made.url) for r in rewrites]

    def check(self) -> list[Finding]:
        """What the doctor wants to know of the repository, without writing anything."""
        return list(GitHubSourceCheck(self._session, self.repository, self._clock).findings(self._branch, self.paths))

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._session.close()


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """What the API refuses is told as an error of the source; credentials stop the run as ever."""
    try:
        yield
    except TrackerError as error:
        raise SourceError(f"{what}: it cannot be read. {error.message}", error.cure) from error
