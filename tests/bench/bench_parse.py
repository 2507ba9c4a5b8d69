"""Reading postmortems against the Markdown parser's bare events, growth on hostile input, and peak memory."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections.abc import Callable

import pyromark

from sync.model import State, Status
from sync.postmortem import apply_edits, parse, write_back

DOCUMENTS = 1000
SEED = 20260320
_OPTIONS = pyromark.Options
_EVENTS = pyromark.Markdown(
    options=_OPTIONS.ENABLE_TABLES | _OPTIONS.ENABLE_STRIKETHROUGH | _OPTIONS.ENABLE_TASKLISTS | _OPTIONS.ENABLE_GFM
)

_VERBS = ("Add", "Replace", "Document", "Automate", "Limit", "Alert on", "Remove", "Test")
_THINGS = (
    "the retry budget",
    "the größte queue",
    "stale `cache` keys",
    "the **pager** route",
    "the runbook of a region",
)
_STORY = (
    "At 10:42 UTC the [gateway](https://status.example.com/i/1) began to answer with *errors*, and nobody was told. ",
    "The cache of another region was rebuilt while `checkout` was busy; the queue grew to **40,000** entries. ",
    "A change of the limits, rolled out on Monday, made each worker wait for a lock that was never released. ",
    "We looked at the database first, since its graphs were the only ones that had moved. ",
)


def document(dice: random.Random) -> bytes:
    """A postmortem as teams write them: a story, a timeline, and two to eight action items in one notation."""

    def story(sentences: int) -> str:
        return "".join(dice.choice(_STORY) for _ in range(sentences))

    lines = [f"# Outage {dice.randrange(1000)}", "", "Date: 2026-02-20", "", "## Summary", "", story(6), ""]
    if dice.random() < 0.5:
        lines = ["---", "title: Outage", "date: 2026-02-20", "status: published", "---", "", *lines]
    lines += ["## Timeline", ""]
    lines += [f"- **{10 + n // 60}:{n % 60:02d}** {story(1)}" for n in range(0, dice.randrange(60, 200), 7)]
    lines += ["", "## Root cause", "", story(8), "", "```", "SELECT 1;", "```", "", story(5), ""]
    lines += ["| Metric | Value |", "|---|---|", *(f"| m{n} | {n} |" for n in range(8)), ""]
    lines += ["## Action items", "", *_items(dice), "", "## Lessons learned", ""]
    lines += [f"- {story(1)}" for _ in range(6)]
    return (dice.choice(("\n", "\n", "\r\n")).join(lines) + "\n").encode()


def _items(dice: random.Random) -> list[str]:
    kind = dice.choice(("task", "bullet", "number", "table", "heading"))
    lines = ["| Action | Owner | Due | Ticket | Status |", "|---|---|---|---|---|"] if kind == "table" else []
    for number in range(dice.randrange(2, 9)):
        words = f"{dice.choice(_VERBS)} {dice.choice(_THINGS)} {number}"
        owner, due = dice.choice(("@ana", "Bo Ek")), f"2026-04-{number + 1:02d}"
        link = f"https://acme.example/browse/OPS-{number + 1}"
        if kind == "table":
            lines.append(f"| {words} | {owner} | {due} | [OPS-{number + 1}]({link}) | Open |")
        elif kind == "heading":
            lines += [f"### {words}", "", f"Owner: {owner}", f"Due: {due}", ""]
        else:
            mark = {"task": "- [ ] ", "bullet": "* ", "number": f"{number + 1}. "}[kind]
            lines.append(f"{mark}{words}, owner: {owner}, due: {due} ([OPS-{number + 1}]({link}))")
    return lines


HEAD = "## Action items\n\n"
HOSTILE: dict[str, tuple[int, Callable[[int], str]]] = {
    "quotes in quotes": (20_000, lambda n: HEAD + ">" * n + " a\n"),
    "lists in lists": (2_000, lambda n: HEAD + "".join("  " * (i % 200) + "- Add a\n" for i in range(n))),
    "a line of words": (2_500_000, lambda n: HEAD + "- " + "ab " * (n // 3) + "\n"),
    "a line without blanks": (2_500_000, lambda n: HEAD + "- " + "a" * n + "\n"),
    "rows of a table": (50_000, lambda n: HEAD + "| Action | Owner |\n|---|---|\n" + "| Add a limit | @ana |\n" * n),
    "unclosed brackets": (100_000, lambda n: HEAD + "- a " + "[" * n + "\n"),
    "unclosed links": (50_000, lambda n: HEAD + "- a " + "[a](" * n + "\n"),
    "unclosed parentheses": (100_000, lambda n: HEAD + "- a " + "(" * n + "\n"),
    "unclosed emphasis": (100_000, lambda n: HEAD + "- a " + "**a *b " * (n // 4) + "\n"),
    "unclosed backticks": (50_000, lambda n: HEAD + "- a " + "".join("`" * (i % 50 + 1) + " " for i in range(n // 25))),
    "suffixes": (20_000, lambda n: HEAD + "- a " + "([OPS-1](https://a.example/browse/OPS-1), open) " * n + "\n"),
    "tickets": (20_000, lambda n: HEAD + "- a " + "#1 OPS-2 " * n + "\n"),
    "dates": (20_000, lambda n: HEAD + "- a by " + "2026-01-01 " * n + "\n"),
    "items": (10_000, lambda n: HEAD + "- [ ] Add a limit @ana 2026-04-03\n" * n),
    "headings": (10_000, lambda n: HEAD + "### Add a limit\n- Owner: Ana\n\n" * n),
}


def seconds(work: Callable[[], object], goes: int) -> float:
    """Of the fastest of several goes, the collector at rest as it would be for one document."""
    found = []
    for _ in range(goes):
        gc.collect()
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def bare_events(texts: list[str]) -> int:
    """What the parser costs before anything is understood."""
    count = 0
    for text in texts:
        for _event, _range in _EVENTS.events_with_range(text):
            count += 1
    return count


def statuses(count: int) -> dict[int, Status]:
    return {n: Status(f"OPS-{n}", f"https://acme.example/browse/OPS-{n}", State.DONE) for n in range(count)}


def mixed() -> None:
    dice = random.Random(SEED)
    documents = [document(dice) for _ in range(DOCUMENTS)]
    texts = [data.decode() for data in documents]
    size = sum(map(len, documents)) / 1e6
    read = [parse(data, "a.md") for data in documents]
    items = sum(len(postmortem.items) for postmortem in read)
    bare = seconds(lambda: bare_events(texts), 5)
    whole = seconds(lambda: [parse(data, "a.md") for data in documents], 5)
    back = seconds(lambda: [apply_edits(p.data, write_back(p, statuses(len(p.items)))) for p in read], 5)
    print(f"{DOCUMENTS} postmortems, {size:.1f} MB, {items} items: bare events {bare * 1000:.0f} ms")
    print(f"parse {whole * 1000:.0f} ms: {whole / bare:.2f} times (aim: 3)   write-back {back / bare:.2f} times")


def growth() -> None:
    print("hostile input           n            2n           ratio (2 is linear)   of bare events")
    for name, (size, make) in HOSTILE.items():
        took = []
        for count in (size, 2 * size):
            data = make(count).encode()
            took.append(seconds(lambda data=data: parse(data, "a.md"), 3))  # type: ignore[misc]
        text = make(2 * size)
        bare = seconds(lambda text=text: bare_events([text]), 3)  # type: ignore[misc]
        one, two = took
        print(
            f"{name:22s} {one * 1000:7.1f} ms   {two * 1000:7.1f} ms    {two / one:7.2f} {two / max(bare, 1e-6):22.1f}",
            flush=True,
        )


_PEAK = """
from tests.bench.bench_parse import HOSTILE
from sync.postmortem import parse
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
size, make = HOSTILE[{name!r}]
data = make({times} * size).encode()
before = peak()
parse(data, "a.md")
print(f"{{len(data) / 1e6:.1f}} {{peak() - before:.0f}}")
"""


def memory() -> None:
    """Each in a process of its own, since a process never gives its peak back."""
    for name in ("a line of words", "a line without blanks", "rows of a table", "unclosed links", "items"):
        code = _PEAK.format(name=name, times=2)
        output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        size, peak = output.split()
        print(f"peak memory of {name}, {size} MB: {peak} MB above the start")


def main() -> None:
    mixed()
    growth()
    memory()


if __name__ == "__main__":
    main()
