"""Postmortems in a repository: one call when nothing changed, one commit a run, no edit of anybody's lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.github.blobs import DiskCache, blob_id
from sync.errors import CredentialsError, SettingsError, SourceError
from sync.model import MAX_BYTES
from sync.ports import Rewrite
from tests.adapters.github.source_worlds import PROJECT, GitHubSourceWorld
from tests.simulators.jira_wire import Answer, Asked, Fault

BRANCH = "postmortem-sync/main"


def test_an_idle_look_is_one_call(docs: GitHubSourceWorld) -> None:
    cache: dict[str, bytes] = {}
    first = docs.open(cache=cache)
    versions = {path: first.read(path).version for path in first.paths()}
    docs.github.log.clear()
    second = docs.open(cache=cache)
    assert {path: second.version(path) for path in second.paths()} == versions
    assert [asked.path for asked in docs.github.calls()] == ["/graphql"]


def test_only_what_changed_is_read_again(docs: GitHubSourceWorld, tmp_path: Path) -> None:
    first = docs.open(cache=DiskCache(tmp_path / "cache"))
    for path in first.paths():
        first.read(path)
    docs.person_writes("docs/b.md", b"new\n")
    docs.github.log.clear()
    second = docs.open(cache=DiskCache(tmp_path / "cache"))
    assert [second.read(path).data for path in second.paths()] == [b"# a.md\n", b"new\n"]
    queries = [str(asked.body["query"]) for asked in docs.github.calls("POST", "/graphql")]
    assert sum(query.count("... on Blob") for query in queries) == 1
    kept = set(DiskCache(tmp_path / "cache"))
    assert blob_id(b"# b.md\n") not in kept
    assert blob_id(b"new\n") in kept


def test_what_a_killed_run_left_in_the_cache_does_no_harm(docs: GitHubSourceWorld, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/tmpk3.tmp").write_bytes(b"half of")
    assert docs.open(cache=DiskCache(tmp_path / "cache")).paths()
    assert not (tmp_path / "cache/tmpk3.tmp").exists()


def test_many_documents_are_read_together(docs: GitHubSourceWorld) -> None:
    files = {f"docs/{n:03}.md": f"# {n}\n".encode() for n in range(100)}
    docs.repository.commit(files, "many")
    source = docs.open()
    assert {path: source.read(path).data for path in source.paths()} == files
    assert source.requests() <= 2 + 4


@pytest.mark.parametrize(
    "data",
    [b"", b"\xef\xbb\xbfBOM\r\n", b"\xff\xfe broken \x80\n", b"nul \0 byte\n", "größe ✓\r\n".encode(), b"no end"],
)
def test_bytes_come_and_go_as_they_are(docs: GitHubSourceWorld, data: bytes) -> None:
    docs.person_writes("docs/a.md", data)
    source = docs.open()
    document = source.read("docs/a.md")
    assert document.data == data
    assert source.write([Rewrite(document, data + b"\xfe\r\n")])[0].written
    assert docs.now("docs/a.md") == data + b"\xfe\r\n"


def test_a_damaged_cache_is_read_anew(docs: GitHubSourceWorld) -> None:
    cache: dict[str, bytes] = {}
    docs.open(cache=cache).read("docs/a.md")
    for key in cache:
        cache[key] = b"damaged"
    source = docs.open(cache=cache)
    assert source.paths() == ["docs/a.md", "docs/b.md"]
    assert source.read("docs/a.md").data == b"# a.md\n"


def test_a_run_is_one_commit_of_its_documents(docs: GitHubSourceWorld) -> None:
    results = docs.write(a=b"x\n", b=b"y\n")
    assert [result.written for result in results] == [True, True]
    assert docs.log() == ["Write ticket status back into postmortems", "documents", "first"]
    assert all("/commit/" in result.where for result in results)
    assert docs.now("docs/c.txt") == b"# c.txt\n"


def test_nothing_changed_is_no_commit(docs: GitHubSourceWorld) -> None:
    document = docs.source.read("docs/a.md")
    assert docs.source.write([Rewrite(document, document.data)])[0].written
    assert docs.source.write([]) == []
    assert docs.log() == ["documents", "first"]
    assert docs.github.writes() == []


def test_a_stale_document_does_not_keep_the_others(docs: GitHubSourceWorld) -> None:
    source = docs.open()
    documents = [source.read(path) for path in source.paths()]
    docs.person_writes("docs/a.md", b"a person's words\n")
    results = source.write([Rewrite(document, b"ours\n") for document in documents])
    assert [(result.stale, result.written) for result in results] == [(True, False), (False, True)]
    assert docs.now("docs/a.md") == b"a person's words\n"
    assert docs.now("docs/b.md") == b"ours\n"


def test_a_branch_that_moves_between_the_look_and_the_commit_is_looked_at_again(docs: GitHubSourceWorld) -> None:
    document = docs.source.read("docs/a.md")
    original = docs.github.handle
    moved: list[bool] = []

    def meanwhile(asked: Asked) -> Answer:
        if "mutation" in str(asked.body) and not moved:
            moved.append(True)
            docs.person_writes("docs/b.md", b"meanwhile\n")
        return original(asked)

    docs.github.handle = meanwhile  # type: ignore[method-assign]
    assert docs.source.write([Rewrite(document, b"ours\n")])[0].written
    assert docs.now("docs/a.md") == b"ours\n"
    assert docs.now("docs/b.md") == b"meanwhile\n"


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "after", "garbage"])
def test_a_commit_whose_answer_is_lost_is_not_made_twice(docs: GitHubSourceWorld, kind: str) -> None:
    document = docs.source.read("docs/a.md")
    # The write looks at the branch first.
    docs.github.faults.append(Fault(kind, "POST", "/graphql", status=502, skip=1))
    result = docs.source.write([Rewrite(document, b"ours\n")])[0]
    assert result.written
    assert docs.now("docs/a.md") == b"ours\n"
    assert docs.log() == ["Write ticket status back into postmortems", "documents", "first"]


def test_a_commit_that_never_arrived_is_made(docs: GitHubSourceWorld) -> None:
    document = docs.source.read("docs/a.md")
    docs.github.faults.append(Fault("drop_before", "POST", "/graphql", skip=1))
    assert docs.source.write([Rewrite(document, b"ours\n")])[0].written
    assert docs.now("docs/a.md") == b"ours\n"


def test_a_protected_branch_gets_one_pull_request_that_later_runs_add_to(docs: GitHubSourceWorld) -> None:
    docs.repository.protected.add("main")
    first = docs.write(a=b"x\n")[0]
    assert first.written
    assert "/pull/" in first.where
    assert first.version == docs.source.read("docs/a.md").version
    assert docs.now("docs/a.md") == b"# a.md\n"
    assert docs.repository.files(BRANCH)["docs/a.md"] == b"# a.md\nx\n"
    commits = len(docs.repository.commits)
    again = docs.write(a=b"x\n")[0]
    assert again.where == first.where
    assert len(docs.repository.commits) == commits
    later = docs.write(b=b"y\n")[0]
    assert later.where == first.where
    assert docs.repository.files(BRANCH)["docs/a.md"] == b"# a.md\nx\n"
    assert docs.repository.files(BRANCH)["docs/b.md"] == b"# b.md\ny\n"
    assert len([i for i in docs.repository.issues.values() if i.pull]) == 1


@pytest.mark.parametrize(
    ("kind", "reported"),
    [
        ("BRANCH_PROTECTION_RULE_VIOLATION", "Anything at all"),
        ("REPOSITORY_RULE_VIOLATION", "Anything at all"),
        ("UNPROCESSABLE", "Changes must be made through a pull request."),
        ("UNPROCESSABLE", "At least 1 approving review is required by reviewers with write access."),
        ("UNPROCESSABLE", "Commits must have verified signatures."),
        ("UNPROCESSABLE", "Changes must be made through the merge queue"),
        ("UNPROCESSABLE", "Cannot update this protected ref."),
        ("UNPROCESSABLE", "Repository rule violations found"),
        ("UNPROCESSABLE", 'Required status check "ci" is expected.'),
        ("FORBIDDEN", "You're not authorized to push to this branch. Visit https://docs.github.com/… for more."),
    ],
)
def test_a_rule_of_the_branch_is_known_by_its_kind_or_its_words(
    docs: GitHubSourceWorld, kind: str, reported: str
) -> None:
    docs.repository.protected.add("main")
    docs.repository.refusal = (kind, reported)
    assert "/pull/" in docs.write(a=b"x\n")[0].where


def test_a_token_that_may_not_write_makes_no_pull_request(docs: GitHubSourceWorld) -> None:
    docs.site.push = False
    result = docs.write(a=b"x\n")[0]
    assert "not accessible" in result.error
    assert list(docs.repository.branches) == ["main"]


def test_after_a_pull_request_is_closed_the_branch_begins_anew(docs: GitHubSourceWorld) -> None:
    docs.repository.protected.add("main")
    first = docs.write(a=b"x\n")[0]
    pull = next(i for i in docs.repository.issues.values() if i.pull)
    docs.site.close(pull)
    docs.person_writes("docs/b.md", b"newer\n")
    docs.source = docs.open()
    second = docs.write(a=b"z\n")[0]
    assert second.where != first.where
    assert docs.repository.files(BRANCH) == docs.repository.files() | {"docs/a.md": b"# a.md\nz\n"}


def test_a_page_leads_to_its_document(docs: GitHubSourceWorld) -> None:
    source = docs.open(exclude=["**/b.md"])
    url = source.read("docs/a.md").url
    assert source.path_of(url) == "docs/a.md"
    assert source.path_of(url + "?plain=1#action-items") == "docs/a.md"
    base = docs.github.base_url
    assert source.path_of(f"{base}/acme/docs/edit/main/docs/a.md") == "docs/a.md"
    for other in (
        f"{base}/{PROJECT}/blob/main/docs/b.md",
        f"{base}/{PROJECT}/blob/other/docs/a.md",
        f"{base}/{PROJECT}/blob/main/docs/c.txt",
        f"{base}/Acme/Other/blob/main/docs/a.md",
        "https://example.com/Acme/Docs/blob/main/docs/a.md",
        "no address",
    ):
        assert source.path_of(other) == ""


def test_what_cannot_be_read_is_an_error_and_never_empty(docs: GitHubSourceWorld) -> None:
    for source in (docs.open(branch="gone"),):
        with pytest.raises(SourceError, match="no branch gone"):
            source.paths()
    docs.github.faults.append(Fault("before", status=500, times=100))
    with pytest.raises(SourceError, match="trouble"):
        docs.open().paths()
    docs.github.faults.clear()
    with pytest.raises(CredentialsError):
        docs.open(token="wrong").paths()
    with pytest.raises(SettingsError, match="repository"):
        docs.open().__class__("docs", "no repository", docs.clock, token="x")


def test_a_repository_we_may_not_write_is_an_error_of_each_document(docs: GitHubSourceWorld) -> None:
    docs.site.push = False
    result = docs.write(a=b"x\n")[0]
    assert not result.written
    assert "not accessible" in result.error
    assert "contents" in result.error


def test_a_document_that_is_larger_than_a_postmortem_is_refused(docs: GitHubSourceWorld) -> None:
    docs.person_writes("docs/a.md", b"x" * (MAX_BYTES + 1))
    with pytest.raises(SourceError, match="10 MB"):
        docs.open().read("docs/a.md")
