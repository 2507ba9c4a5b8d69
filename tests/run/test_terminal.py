"""What a person sees while a run waits."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

CODE = """
import time
from tests.clocks import VirtualClock
clock = VirtualClock()
time.sleep = clock.sleep
time.monotonic = lambda: clock.now().timestamp()
from sync.process.clock import SystemClock
from sync.process.terminal import Terminal
from sync.run.terminal import TerminalObserver
observer = TerminalObserver(Terminal(), False, {bar})
observer.began(60)
observer.waiting("GitHub asks for \\x1b[31mpatience.", 3.2)
SystemClock(observer.left).sleep(3.2)
observer.ended()
print("done")
"""


def on_a_terminal(code: str) -> str:
    """What the program shows on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, env=environ
    ) as program:
        os.close(theirs)
        shown = bytearray()
        while select.select([ours], [], [], 20)[0]:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        assert program.wait(20) == 0
    os.close(ours)
    return shown.decode()


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """What three programs show that wait at the same time: on a terminal, beside a progress bar, piped."""
    piped = "from sync.process.logs import configure\nconfigure('info', 'json')\n" + CODE.format(bar=False)
    with ThreadPoolExecutor() as pool:
        plain, bar = (pool.submit(on_a_terminal, CODE.format(bar=bar)) for bar in (False, True))
        command = [sys.executable, "-c", piped]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return {"plain": plain.result(), "bar": bar.result(), "out": done.stdout, "err": done.stderr}


def test_a_wait_counts_down_and_leaves_no_trace(shown: dict[str, str]) -> None:
    counts = re.findall(r"waiting: GitHub asks for \ufffd\[31mpatience, 0:0(\d)", shown["plain"])
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) >= 3
    assert shown["plain"].endswith("\r\x1b[2Kdone\r\n")


def test_beside_a_progress_bar_it_counts_down_as_well(shown: dict[str, str]) -> None:
    assert len(set(re.findall(r"patience, 0:0(\d)", shown["bar"]))) >= 3
    assert shown["bar"].rstrip().endswith("done")


def test_piped_it_is_a_line_of_the_log(shown: dict[str, str]) -> None:
    assert shown["out"] == "done\n"
    assert shown["err"].count("\n") == 1
    assert '"event": "waiting"' in shown["err"]
