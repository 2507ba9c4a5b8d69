"""The program in a process of its own, on the virtual clock; its last line on stderr is what it took."""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path

import sync.wiring.engine as wire
import sync.wiring.sources as wire_sources
from sync.cli import entry
from tests.faults.clock import system_clock


def took() -> str:
    """Peak memory in kB, and seconds of the processor."""
    # ru_maxrss would tell of the process that started this one, too.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return json.dumps({"kb": int(peak[1]) if peak else 0, "cpu": used.ru_utime + used.ru_stime})


def main() -> None:
    for module in (wire, wire_sources):
        module.SystemClock = system_clock(Path(sys.argv[1]))  # type: ignore[attr-defined]
    sys.argv = ["sync", *sys.argv[2:]]
    try:
        entry()
    finally:
        print(took(), file=sys.stderr)


if __name__ == "__main__":
    main()
