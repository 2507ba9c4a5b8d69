"""The main job on the embedded tracker: sync the examples, close tickets, sync again, show what came back."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
PLACE = EXAMPLES.parent / "demo"
BOLD, GREEN, RED, OFF = ("\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m") if sys.stdout.isatty() else ("", "", "", "")


def sync(*arguments: str) -> None:
    """Run the program as a user would, in the demo's folder."""
    print(f"\n{BOLD}$ sync {shlex.join(arguments)}{OFF}", flush=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")}
    command = [sys.executable, "-m", "sync.cli", *arguments]
    done = subprocess.run(command, cwd=PLACE, env=environment, check=False)
    if done.returncode:
        sys.exit(f"the demo stopped: sync {arguments[0]} ended with exit status {done.returncode}")


def show_difference(name: str) -> None:
    """The document as it was and as it is now."""
    before, after = ((folder / "postmortems" / name).read_text("utf-8").splitlines() for folder in (EXAMPLES, PLACE))
    print(f"\n{BOLD}What changed in {name}{OFF}")
    for line in list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]:
        if not line.startswith("@@"):
            print(f"  {GREEN if line[0] == '+' else RED}{line}{OFF}")


def main() -> None:
    """Run the demonstration in ./demo."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    shutil.copy(EXAMPLES / "sync.toml", PLACE)
    shutil.copytree(EXAMPLES / "postmortems", PLACE / "postmortems")
    sync("run")
    sync("tickets", "list")
    sync("tickets", "close", "LOCAL-1", "--as", "done")
    sync("tickets", "close", "LOCAL-3", "--as", "wontdo")
    sync("tickets", "close", "LOCAL-4", "--as", "done")
    sync("run")
    show_difference("2026-02-11-checkout-errors.md")
    show_difference("2026-03-04-search-stale.md")
    sync("run")
    print(f"\nThe documents and the tracker are in {PLACE.name}/: look at them.")


if __name__ == "__main__":
    main()
