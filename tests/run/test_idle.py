"""A second run over unchanged input writes nothing, whatever the document's bytes look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import World

EXAMPLES = sorted(Path("examples/postmortems").glob("*.md"))
NOTATIONS = {
    "task": "- [ ] Größe prüfen, owner: @ana.l  \n- [ ] Zweite Sache\t\n",
    "bullet": "* Größe prüfen (owner: @ana.l)  \n* Zweite Sache\t\n",
    "number": "1. Größe prüfen - @ana.l\n1. Zweite Sache  \n   mit Fortsetzung\n",
    "nested": "- **Team eins**:\n  - [ ] Größe prüfen\n  - [ ] Zweite Sache\n",
    "table": "| Action | Owner |\n|:--|--:|\n| Größe prüfen | @ana.l |  \n| Zweite Sache |\n",
    "table with columns": "Action | Status | Ticket\n---|---|---\nGröße prüfen | Open |\nZweite Sache | |\n",
    "heading": "### Größe prüfen ###\n\nOwner: Ana Lima\nDue: 2026-04-03\n\n### Zweite Sache\n\nOwner: Bo Ek\n",
    "prose": "Action items: prüfe die Größe owner Ana Lima by 2026-04-03. Add an alert owner Bo Ek by 2026-05-01.\n",
}
HEAD = "---\ndate: 2026-02-20\nstatus: published\n---\n# Ausfall — 障害\n\n## Action items\n\n"
BOM = b"\xef\xbb\xbf"
FORMS = [("\n", b"", True), ("\n", BOM, False), ("\r\n", b"", False), ("\r\n", BOM, True)]
"""Every two of: a line's ending, a mark at the beginning, an end of the last line."""


def snapshot(world: World) -> object:
    files = {p: (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino) for p in world.docs.rglob("*.md")}
    return files, world.tickets()


@pytest.mark.parametrize(("end", "bom", "last"), FORMS)
@pytest.mark.parametrize("text", NOTATIONS.values(), ids=NOTATIONS)
def test_in_every_notation_and_encoding_of_lines(tmp_path: Path, text: str, end: str, bom: bytes, last: bool) -> None:
    whole = (HEAD + text).replace("\n", end)
    world = World(tmp_path)
    world.write("a.md", bom + (whole if last else whole.removesuffix(end)).encode())
    first = world.run()
    assert (first.created, first.failed) == (2, 0), [r.errors for r in world.watcher.reports]
    assert first.written_back == 1
    data = (world.docs / "a.md").read_bytes()
    assert data.startswith(bom + b"---")
    assert data.count(b"\r\n") == (whole.count("\r\n") - (end == "\r\n" and not last))
    assert data.count(b"local:LOCAL-") == 2
    check_idle(world)
    for state in ("done", "wontdo", "open"):
        for key in ("LOCAL-1", "LOCAL-2"):
            world.person(key, state=state)
        assert world.run().written_back == 1
        check_idle(world)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_of_every_example(tmp_path: Path, example: Path) -> None:
    world = World(tmp_path)
    world.write(example.name, example.read_bytes())
    world.run(policy={"max_age_days": None})
    check_idle(world, max_age_days=None)


def check_idle(world: World, **policy: object) -> None:
    before = snapshot(world)
    for journal in ("kept", "lost", "settings changed"):
        if journal == "lost":
            for place in world.state.iterdir():
                place.unlink()
        summary = world.run(policy=policy, fingerprint="g" if journal == "settings changed" else "f")
        assert (summary.created, summary.updated, summary.adopted, summary.written_back) == (0, 0, 0, 0)
        assert (summary.failed, summary.conflicts) == (0, 0)
        assert snapshot(world) == before
