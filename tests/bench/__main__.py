"""Every benchmark, one after the other: `make bench`."""

from __future__ import annotations

import importlib
import pkgutil

import tests.bench


def main() -> None:
    for module in sorted(m.name for m in pkgutil.iter_modules(tests.bench.__path__) if m.name.startswith("bench_")):
        print(f"== {module.removeprefix('bench_')}", flush=True)
        importlib.import_module(f"tests.bench.{module}").main()
        print(flush=True)


if __name__ == "__main__":
    main()
