"""The process that the fuzzer runs in: it goes on after a failure, and keeps the shortest document for each kind."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sync.postmortem", "sync.formats"]):
    import sync.formats  # noqa: F401 - so that it is instrumented

from tests.fuzz import splice
from tests.fuzz.shorten import kind_of
from tests.fuzz.target import run

MOST_BYTES = 6000


class Findings:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}

    def __call__(self, data: bytes) -> None:
        try:
            run(data)
        except Exception as error:  # noqa: BLE001 - what the program raises is what is looked for
            self._keep(data, error)

    def _keep(self, data: bytes, error: Exception) -> None:
        kind = kind_of(error)
        if len(data) >= self._sizes.get(kind, sys.maxsize):
            return
        if kind not in self._sizes:
            print(f"found {kind}: {str(error)[:120]}", flush=True)
        self._sizes[kind] = len(data)
        name = f"{kind}-{hashlib.sha1(data, usedforsecurity=False).hexdigest()[:8]}.md"
        for old in self._folder.glob(f"{kind}-*.md"):
            old.unlink()
        (self._folder / name).write_bytes(data)


def main() -> None:
    minutes, seed, build = float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    for folder in ("corpus", "found"):
        (build / folder).mkdir(parents=True, exist_ok=True)
    for old in (build / "found").iterdir():
        old.unlink()
    splicer = splice.Splicer(splice.seeds(), lambda data, most: bytes(atheris.Mutate(data, most)))
    arguments = [
        sys.argv[0],
        str(build / "corpus"),
        *map(str, splice.FOLDERS),
        f"-max_total_time={int(minutes * 60)}",
        f"-seed={seed}",
        f"-max_len={MOST_BYTES}",
        "-timeout=60",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={build / 'found'}/",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup(arguments, Findings(build / "found"), custom_mutator=splicer)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
