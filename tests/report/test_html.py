"""The page of a report: complete in itself, safe, accessible, and looked at in a browser."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sync.journal.open import open_journal
from sync.model import State
from sync.process.files import write_whole
from sync.process.terminal import Terminal
from sync.report.facts import Facts, ItemFact, PostmortemFact, WaitingFact
from sync.report.figures import Report
from sync.report.history import from_journal, past
from sync.report.html import MOST, page, part
from sync.report.markdown import digest
from sync.report.report import report
from sync.report.svg import scale
from sync.report.terminal import show
from tests.report.browsers import PROGRAM, browse, console, picture
from tests.report.histories import TODAY, fill, generate

SCREENS = Path(__file__).parents[2] / "build" / "report"
"""Where the pictures are left, for people to look at."""

STYLE, SCRIPT = part("page.css"), part("page.js")


def colours(block: str) -> dict[str, str]:
    """The colours that a block of the style names."""
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))


LIGHT, DARK = (colours(block) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL))

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "&lt;b&gt; & ]]> --> <!--",
    "\u202eright to left\x1b[31m\x00",
    "@channel closes #1 [x](http://evil.example.com) `code` | cell",
]
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The page as a strict reader sees it: every tag closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def company() -> Report:
    postmortems = generate(500)
    journal = open_journal("sqlite://")
    present = fill(journal, postmortems)
    facts = from_journal(past(journal.history()), journal.every_ticket(), {}, {"docs": present})
    journal.close()
    return report(facts, TODAY)


def hostile() -> Report:
    """Every text of every kind tries something."""
    postmortems, items, waiting = [], [], []
    for number, words in enumerate(HOSTILE):
        url = ["javascript:alert(1)", 'https://x.example/"><script>', "data:text/html,x"][number % 3]
        one = PostmortemFact(
            f"p{number}", "docs", f"{words}.md", words, url, TODAY - timedelta(days=200), words, words, words
        )
        postmortems.append(one)
        item = ItemFact(one, words, 1, (words,), TODAY - timedelta(days=9), State.OPEN, one.day)
        items.append(replace(item, tracker=words, key=words, url=url, slips=(3,)))
        waiting += [WaitingFact(kind, one, 1, words, words, url) for kind in ("conflict", "held", "orphan", "owner")]
    return report(Facts(tuple(postmortems), tuple(items), tuple(waiting), TODAY, "journal", tuple(HOSTILE)), TODAY)


@pytest.fixture(params=["company", "hostile", "empty"])
def shown(request: pytest.FixtureRequest, company: Report) -> Report:
    return {"company": company, "hostile": hostile(), "empty": report(Facts(), TODAY)}[request.param]


def test_nothing_is_loaded_and_nothing_runs_but_our_own(shown: Report) -> None:
    text = page(shown)
    seen = Page(text)
    scripts = [attributes for tag, attributes in seen.tags if tag == "script"]
    assert scripts == [{}]
    assert text.count(SCRIPT) == 1
    names = {name for _, attributes in seen.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "srcset", "style", "action"}
    assert not {tag for tag, _ in seen.tags} & {"img", "iframe", "object", "embed", "link", "base", "form", "image"}
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    for link in seen.all("a"):
        assert re.fullmatch(r"#[a-z]+|https?://[^\s<>\"']+", link["href"]), link
    policy = next(meta for meta in seen.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'; style-src 'sha256-")


def test_every_word_of_a_document_is_shown_and_none_is_markup() -> None:
    seen = Page(page(hostile()))
    reported = "".join(seen.text)
    for words in HOSTILE:
        visible = re.sub(r"[\x00-\x08\x0e-\x1f\u202e]", "\N{REPLACEMENT CHARACTER}", words)
        assert reported.count(visible) >= 8
    assert "\u202e" not in reported


def test_it_can_be_used_without_seeing_it(shown: Report) -> None:
    seen = Page(page(shown))
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert seen.all("html") == [{"lang": "en"}]
    for svg in seen.all("svg"):
        if "aria-hidden" not in svg:
            assert svg["role"] == "img"
            assert set(svg["aria-labelledby"].split()) <= set(ids)
    for link in seen.all("a"):
        if link["href"].startswith("#"):
            assert link["href"][1:] in ids
    assert all(head.get("scope") in ("col", "row") for head in seen.all("th"))
    tags = [tag for tag, _ in seen.tags]
    assert tags.count("caption") == tags.count("table")
    scrolls = [a for a in seen.all("div") if a.get("class", "").startswith("scroll")]
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in scrolls)
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert tags.count("main") == 1


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_it_can_be_read_by_weak_eyes(colours: dict[str, str]) -> None:
    for words in ("text", "muted", "link", "overdue"):
        for ground in ("page", "card"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
    for mark in ("done", "open", "overdue", "wontdo"):
        assert contrast(colours[mark], colours["card"]) >= 3, mark
    assert LIGHT.keys() == DARK.keys()
    assert set(re.findall(r"var\(--(\w+)\)", STYLE)) <= LIGHT.keys()


def test_a_person_is_never_ranked(company: Report) -> None:
    text = page(company)
    owners = text[text.index('<section id="owners"') : text.index('<section id="moved"')]
    assert 'class="sorts"' not in owners
    assert "alphabetical" in owners
    names = re.findall(r'<th scope="row">([^<]+)', owners)
    assert names == [load.owner for load in company.owners]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)', owners)
    assert heads == ["Owner", "Open", "Overdue", "Next due"]


def test_the_number_to_steer_by_is_the_same_in_every_form(company: Report) -> None:
    out = io.StringIO()
    show(Terminal(out=out), company)
    share = company.in_time.rate.share
    assert share
    words = f"{100 * share:.0f}% ({company.in_time.rate.done} of {company.in_time.rate.of})"
    assert f"finished in time: {words}, " in out.getvalue()
    assert f"finished in time: {words}**" in digest(company)
    assert f"<dt>Finished in time</dt><dd>{words.partition(' ')[0]}</dd>" in page(company)
    for form in (out.getvalue(), digest(company), unescape(page(company))):
        assert company.in_time.definition in form


def test_a_long_list_is_cut_and_says_so(company: Report) -> None:
    many = replace(company, overdue=company.overdue * 3)
    assert len(many.overdue) > MOST
    assert f"of which {MOST} are shown" in page(many)


@pytest.mark.parametrize("largest", [0, 1, 5, 6, 7, 31, 99, 100, 1201, 10**6])
def test_an_axis_holds_its_values_in_a_few_even_steps(largest: int) -> None:
    top, step = scale(largest)
    assert top >= largest
    assert top % step == 0
    assert 1 <= top // step <= 6
    assert str(step)[0] in "125"
    assert str(step)[1:] in ("", "0" * (len(str(step)) - 1))


def test_the_digest_mentions_nobody_and_holds_no_markup_of_documents() -> None:
    reported = digest(hostile())
    assert not re.search(r"@\w|(?<!\\)#\w|(?<!\\)<(?!http)|javascript:|\x1b|\u202e", reported)
    assert not re.search(r"\bcloses\b", reported)
    for line in reported.splitlines():
        assert line == "" or line.startswith(("#", "- ")) or line.endswith("."), line


@pytest.fixture(scope="module")
def place(company: Report) -> Path:
    SCREENS.mkdir(parents=True, exist_ok=True)
    place = SCREENS / "report.html"
    write_whole(place, page(company))
    return place


@pytest.mark.skipif(not PROGRAM, reason="no chromium is installed")
class TestBrowser:
    @pytest.mark.parametrize(
        ("name", "flags", "colours", "size"),
        [
            ("light", [], LIGHT, (1280, 1900)),
            ("dark", ["--blink-settings=preferredColorScheme=0"], DARK, (1280, 1900)),
            ("phone", [], LIGHT, (390, 2400)),
        ],
    )
    def test_it_is_shown_without_a_network(
        self, place: Path, name: str, flags: list[str], colours: dict[str, str], size: tuple[int, int]
    ) -> None:
        shot = SCREENS / f"{name}.png"
        window = f"--window-size={size[0]},{size[1]}"
        done = browse(place, f"--screenshot={shot}", window, *flags)
        assert console(done) == []
        width, height, first = picture(shot.read_bytes())
        assert (width, height) == size
        red, green, blue = (int(colours["page"][i : i + 2], 16) for i in (1, 3, 5))
        assert first == {(red, green, blue)}
        assert shot.stat().st_size > 60_000

    def test_its_tables_sort_and_nothing_sticks_out_on_a_phone(self, place: Path, tmp_path: Path) -> None:
        probe = """
        const tables = [...document.querySelectorAll("#attention table")];
        const table = tables.find(one => one.caption.textContent.startsWith("Overdue"));
        const button = table.tHead.rows[0].cells[1].firstChild;
        const column = n => [...table.tBodies[0].rows].map(row => row.cells[n].textContent);
        const wide = document.documentElement.scrollWidth - window.innerWidth;
        const told = {wide, tag: button.tagName, start: column(0)};
        button.click(); told.up = column(1); told.is = button.parentNode.getAttribute("aria-sort");
        button.click(); told.down = column(1);
        table.tHead.rows[0].cells[0].firstChild.click(); told.number = column(0);
        const out = document.createElement("pre"); out.id = "told"; out.textContent = JSON.stringify(told);
        document.body.append(out);
        """
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", place.read_text("utf-8"))
        test = tmp_path / "probe.html"
        test.write_text(text.replace("</body>", f"<script>{probe}</script></body>"), encoding="utf-8")
        done = browse(test, "--dump-dom", "--window-size=390,800")
        found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout)
        assert found, done.stdout[-500:]
        reported = json.loads(found[1])
        assert reported["tag"] == "BUTTON"
        assert reported["is"] == "ascending"
        assert reported["up"] == sorted(reported["up"])
        assert reported["down"] == sorted(reported["up"], reverse=True)
        numbers = [int(words) for words in reported["number"]]
        assert numbers == sorted(numbers, reverse=True)
        assert reported["start"] == reported["number"]
        assert reported["wide"] <= 0

    def test_whatever_would_be_loaded_is_refused_and_seen(self, place: Path, tmp_path: Path) -> None:
        test = tmp_path / "probe.html"
        more = '<img src="https://example.com/x.png" alt=""><script>alert(1)</script></body>'
        test.write_text(place.read_text("utf-8").replace("</body>", more), encoding="utf-8")
        reported = console(browse(test, "--dump-dom"))
        assert len([line for line in reported if "Content Security Policy" in line]) == 2

    def test_hostile_words_run_nothing(self, tmp_path: Path) -> None:
        place = tmp_path / "hostile.html"
        place.write_text(page(hostile()), encoding="utf-8")
        done = browse(place, "--dump-dom")
        assert console(done) == []
        assert done.stdout.count("<script") == 1
