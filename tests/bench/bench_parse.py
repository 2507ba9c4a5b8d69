"""Parsing 1,000 mixed postmortems against iterating pyromark's bare events, and growth on hostile input."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial

import pyromark

from sync.errors import DocumentError
from sync.formats import parse

POSTMORTEMS = 1000
OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_TASKLISTS | pyromark.Options.ENABLE_STRIKETHROUGH

STORY = (
    "At 09:12 UTC the error rate of **checkout** rose from 0.1 % to 38 %. The pool of `payment-api` had been cut from\n"
    "200 to 20 connections by [a change](https://example.com/changes/812) that was meant for staging only.\n\n"
)
TIMELINE = "| Time | Event |\n|---|---|\n" + "".join(f"| 09:{n:02d} | Step {n} of the response |\n" for n in range(12))
LISTS = {
    "task": "- [ ] Change number {n}, owner: @ana, due: 2026-04-0{d}\n",
    "bullet": "* **Change number {n}** (owner: Bo Ek, due: 2026-04-0{d})\n  * An explanation of it.\n",
    "number": "1. Change number {n} - @ana, by 2026-04-0{d}\n",
    "table": "| Change number {n} | Bo Ek | 2026-04-0{d} | [OPS-{n}](https://acme.example/browse/OPS-{n}) | Open |\n",
    "heading": "### Change number {n}\n\nOwner: Bo Ek\nDue: 2026-04-0{d}\n\nSome words on it.\n\n",
}
TABLE_HEAD = "| Action | Owner | Due | Ticket | Status |\n|---|---|---|---|---|\n"


def document(number: int) -> bytes:
    """One of five notations, with about 4 kB around its items."""
    kind = list(LISTS)[number % len(LISTS)]
    items = "".join(LISTS[kind].format(n=n, d=n % 8 + 1) for n in range(number % 6 + 2))
    head = f"---\ntitle: Incident {number}\ndate: 2026-02-20\nstatus: published\n---\n\n# Incident {number}\n\n"
    middle = f"## Summary\n\n{STORY * 4}## Timeline\n\n{TIMELINE}\n## Root cause\n\n{STORY * 5}"
    text = f"{head}{middle}## Action items\n\n{TABLE_HEAD if kind == 'table' else ''}{items}\n## Lessons\n\n{STORY * 2}"
    return text.encode()


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The fastest of several goes."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def bare(texts: list[str]) -> int:
    return sum(1 for text in texts for _ in pyromark.events_with_range(text, options=OPTIONS))


HOSTILE: dict[str, Callable[[int], str]] = {
    "deep nesting": lambda n: "## Action items\n\n" + "".join("  " * min(k, 90) + "- x\n" for k in range(n // 100)),
    "quotes in quotes": lambda n: "## Action items\n\n" + ">" * (n // 20) + " x\n",
    "one long line": lambda n: "## Action items\n\n- [ ] " + "word, by @a (2026-04-03) " * (n // 25) + "\n",
    "a long table": lambda n: "## Action items\n\n| Action | Owner |\n|---|---|\n" + "| Do x | Bo |\n" * (n // 14),
    "unclosed brackets": lambda n: "## Action items\n\n- [ ] " + "[(" * (n // 2) + "\n",
    "unclosed emphasis": lambda n: "## Action items\n\n- [ ] " + "**a ~~b _c " * (n // 11) + "\n",
    "many items": lambda n: "## Action items\n\n" + "- [ ] Do x, owner: @a\n" * (n // 22),
    "many sections": lambda n: "## Action items\n\n- a b c\n\n" * (n // 26),
}
SIZE = 2_500_000


def main() -> None:
    documents = [document(number) for number in range(POSTMORTEMS)]
    texts = [data.decode() for data in documents]
    items = sum(len(parse(data, "a.md").items) for data in documents)
    ours = seconds(lambda: [parse(data, "a.md") for data in documents], 3)
    theirs = seconds(lambda: bare(texts), 3)
    size = sum(map(len, documents)) / 1e6
    print(f"{POSTMORTEMS} postmortems, {size:.1f} MB, {items} items: {ours:.2f} s, {size / ours:.1f} MB/s")
    print(f"pyromark's bare events: {theirs:.2f} s: {ours / theirs:.1f} times (aim: 3)")
    print("hostile input: seconds for half and for all of 5 MB; 2.0 times is linear")
    for name, make in HOSTILE.items():
        half, whole = make(SIZE).encode(), make(2 * SIZE).encode()
        try:
            short, long = (seconds(partial(parse, data, "a.md"), 1) for data in (half, whole))
        except DocumentError as error:
            print(f"  {name:<18} refused: {error}")
            continue
        print(f"  {name:<18} {short:6.2f} s {long:6.2f} s  {long / short:4.1f} times", flush=True)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
