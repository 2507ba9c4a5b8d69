"""Safeguards that can be switched off, one at a time, in a process of a test: does a scenario notice?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _intent_record() -> None:
    from sync.journal.journal import Journal

    Journal.intend = lambda self, intents: None  # type: ignore[method-assign]


def _mark_lookup() -> None:
    from adapters.github.tracker import GitHubTracker
    from adapters.jira.tracker import JiraTracker
    from adapters.local.tracker import LocalTracker
    from sync.journal.journal import Journal

    for tracker in (GitHubTracker, JiraTracker, LocalTracker):
        tracker.marked = lambda self, project, places, since: []  # type: ignore[method-assign]
    Journal.tickets_for = lambda self, origin: []  # type: ignore[method-assign]


def _read_again() -> None:
    import adapters.files.source as files
    from sync.ports import WriteResult

    def believe(self: Any, rewrite: Any) -> Any:
        with open(self._place(rewrite.document.path), "wb") as file:
            file.write(rewrite.data)
        return WriteResult(rewrite.document.path, files._version(rewrite.data))

    files.FilesSource._write_one = believe  # type: ignore[method-assign]


def _exchange() -> None:
    import adapters.files.in_place as in_place

    in_place._exchange = lambda one, other: False


def _expected_head() -> None:
    from dataclasses import replace

    from adapters.github.commits import Commits
    from adapters.github.source import GitHubSource

    commit = Commits.commit

    def onto_whatever(self: Any, head: Any, files: Any) -> Any:
        return commit(self, replace(head, commit=self.head(head.branch).commit), files)

    def all_of_them(self: Any, rewrites: Any, listed: Any, results: Any) -> list[int]:
        return list(range(len(rewrites)))

    Commits.commit = onto_whatever  # type: ignore[method-assign]
    GitHubSource._fresh = all_of_them  # type: ignore[method-assign]


def _page_version() -> None:
    from dataclasses import replace

    from adapters.confluence.cloud import Cloud
    from adapters.confluence.datacenter import DataCenter

    def raising(kind: Any) -> None:
        save = kind.save

        def onto_whatever(self: Any, page: Any, body: Any, message: Any) -> None:
            save(self, replace(page, version=self.pages([page.id])[page.id].version), body, message)

        kind.save = onto_whatever

    raising(Cloud)
    raising(DataCenter)


def _twin_healing() -> None:
    import sync.plan as plan

    plan.twin_groups = lambda tickets: ()  # type: ignore[attr-defined]


SWITCHES: dict[str, Callable[[], None]] = {
    "the intent record": _intent_record,
    "the mark look-up": _mark_lookup,
    "the re-read before the rename": _read_again,
    "the look at what was there after it": _exchange,
    "expectedHeadOid": _expected_head,
    "the page's version": _page_version,
    "the healing of twins": _twin_healing,
}


def switch_off(name: str) -> None:
    """Switch a safeguard off in this process; none for ""."""
    if name:
        SWITCHES[name]()
