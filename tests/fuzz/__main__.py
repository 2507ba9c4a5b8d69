"""Parse and write-back under a fuzzer that is guided by coverage: `make fuzz`.

What it finds lies in build/fuzz/found, one document for each way to fail; `python -m tests.fuzz FILE` repeats one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="run these documents alone, without the fuzzer")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default 10)")
    parser.add_argument("--seed", type=int, default=2026, help="of the fuzzer's choices (default 2026)")
    options = parser.parse_args()
    if options.files:
        return repeated(options.files)
    command = [sys.executable, "-m", "tests.fuzz.child", str(options.minutes), str(options.seed), str(BUILD)]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    found = sorted((BUILD / "found").iterdir())
    from tests.fuzz.shorten import shorten

    for path in found:
        path.write_bytes(shorten(path.read_bytes()))
        print(f"\n{path}\n    to repeat: python -m tests.fuzz {path}")
        print("    " + repr(path.read_bytes()[:400]))
    print(f"\n{len(found)} ways to fail" if found else "\nnothing found")
    return 1 if found or status else 0


def repeated(files: list[Path]) -> int:
    from tests.fuzz.target import run

    for file in files:
        run(file.read_bytes())
        print(f"{file}: well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
