"""Runs git: with nothing of ours in its environment, for whatever it starts itself (hooks, filters) sees that too."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sync.errors import SourceError

SECONDS = 60.0
HOOK_SECONDS = 600.0
"""Hooks may run a test suite."""

_OURS = ("SYNC_", "OTEL_EXPORTER_OTLP", "PGPASS")
"""How the names of variables begin in which we are given secrets."""

_ELSEWHERE = frozenset(
    f"GIT_{name}"
    for name in (
        *("DIR", "WORK_TREE", "INDEX_FILE", "COMMON_DIR", "PREFIX", "NAMESPACE"),
        *("OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES"),
    )
)
"""Set where git itself has started us, for a work tree that need not be the one of the documents."""

NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")


def git(
    folder: Path,
    *arguments: str,
    data: bytes = b"",
    variables: Mapping[str, str] | None = None,
    hooks: bool = False,
    seconds: float = SECONDS,
) -> bytes:
    """What git writes to its output.

    Args:
        folder: where it runs.
        data: its input.
        variables: for its environment.
        hooks: whether it may start the repository's hooks.

    Raises:
        SourceError: it cannot be run, or fails; with the last line that it said.
    """
    command = ["git", "-C", str(folder), *(() if hooks else NO_HOOKS), *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            input=data,
            timeout=seconds,
            check=False,
            env={**_environment(hooks), **(variables or {})},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(
            f"git could not be run in {folder} ({error}).", "Install git, or set commit = false."
        ) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        said = lines[-1].strip() if lines else "no reason given"
        raise SourceError(f"git {arguments[0]} failed in {folder}: {said}", "See what git status says there.")
    return done.stdout


def ask(folder: Path, *arguments: str) -> str:
    """One answer of git as text. Raises SourceError."""
    return os.fsdecode(git(folder, *arguments)).rstrip("\n")


def merged(mine: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """What two edits of `base` make together; None where they touch each other, and for what is no text."""
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    with tempfile.TemporaryDirectory(prefix="postmortem-sync-") as folder:
        for name, data in (("mine", mine), ("base", base), ("theirs", theirs)):
            Path(folder, name).write_bytes(data)
        try:
            return git(Path(folder), "merge-file", "-p", "--quiet", "mine", "base", "theirs")
        except SourceError:
            return None


def _environment(hooks: bool) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(_OURS) and k not in _ELSEWHERE}
    plain = {} if hooks else {"LC_ALL": "C", "GIT_LITERAL_PATHSPECS": "1"}
    return {**kept, **plain, "GIT_TERMINAL_PROMPT": "0"}


def work_tree(folder: Path) -> Path | None:
    """The top of the git work tree a folder lies in; None outside of one."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None
