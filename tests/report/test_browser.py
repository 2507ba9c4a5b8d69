"""The page of a report in a real browser, as somebody uses it: choose, search, sort; and no text of a document runs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sync.model import State
from sync.report.facts import Facts, ItemFact, PostmortemFact, WaitingFact
from sync.report.html import page
from sync.report.report import report
from tests.report.browsers import PROGRAM
from tests.report.histories import TODAY

DRIVER = shutil.which("chromedriver")
RUNS = (
    "<script>document.title='it ran'</script>",
    "<img src=x onerror=\"document.title='it ran'\">",
    "'\" autofocus onfocus=\"document.title='it ran'\"",
    "</table><svg onload=\"document.title='it ran'\">",
)


def facts() -> Facts:
    """Three teams, and texts that try to run in every place that a document fills."""
    items, waiting, postmortems = [], [], []
    names = [("payments", "checkout", "SEV-1"), ("search", "index", "sev 2"), ("", "mail \n out", "")]
    for number, (team, service, severity) in enumerate(names):
        words = RUNS[number]
        day = TODAY - timedelta(days=90 + number)
        one = PostmortemFact(f"p{number}", "docs", f"{number}.md", f"Outage {number} {words}", "", day)
        one = replace(one, team=team, service=service, severity=severity)
        postmortems.append(one)
        for place in range(4):
            owners = [("Ana Lima",), ("Bo Ek", "Ana Lima"), (), (words,)][place]
            due = TODAY - timedelta(days=10 * place + number)
            text = f"Watch the Zähler {number}{place} {RUNS[place]}"
            items.append(ItemFact(one, text, place, owners, due, State.OPEN, day, key=f"OPS-{number}{place}"))
        items.append(ItemFact(one, f"Finished {words}", 9, ("Cleo",), None, State.DONE, day, None, key="OPS-9"))
        waiting.append(WaitingFact("conflict", one, 1, f"both changed {words}", f"OPS-{number}", ""))
    hostile = PostmortemFact("p9", "docs", "9.md", RUNS[3], "javascript:document.title='it ran'", TODAY)
    hostile = replace(hostile, team=RUNS[0], service=RUNS[1], severity=RUNS[2])
    items.append(
        ItemFact(hostile, RUNS[1], 1, (RUNS[0],), TODAY, State.OPEN, TODAY, url="javascript:alert(1)", key="x")
    )
    return Facts((*postmortems, hostile), tuple(items), tuple(waiting))


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    if not (PROGRAM and DRIVER):
        pytest.skip("no chromium, or no chromedriver, is installed")
    options = ChromeOptions()
    options.binary_location = PROGRAM
    with tempfile.TemporaryDirectory(prefix="postmortem-sync-browser-", ignore_cleanup_errors=True) as profile:
        for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"):
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = Chrome(options, ChromeService(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


@pytest.fixture
def shown(browser: Chrome, tmp_path: Path) -> Chrome:
    place = tmp_path / "report.html"
    place.write_text(page(report(facts(), TODAY)), encoding="utf-8")
    browser.get(place.as_uri())
    return browser


def seen(browser: Chrome, caption: str) -> tuple[str, list[list[str]]]:
    """The caption of a table and the cells of its rows, as far as they are seen."""
    words, rows = browser.execute_script(
        """
        const tables = [...document.querySelectorAll("table")];
        const table = tables.find(one => one.caption.innerText.startsWith(arguments[0]));
        const rows = [...table.tBodies[0].rows].filter(row => row.offsetParent !== null);
        return [table.caption.innerText, rows.map(row => [...row.cells].map(cell => cell.innerText))];
        """,
        caption,
    )
    return words, rows


def column(browser: Chrome, caption: str, number: int) -> list[str]:
    return [row[number] for row in seen(browser, caption)[1]]


def choose(browser: Chrome, kind: str, words: str) -> None:
    Select(browser.find_element(By.ID, kind)).select_by_visible_text(words)


def test_rows_are_chosen_by_team_service_severity_and_owner(shown: Chrome) -> None:
    assert len(column(shown, "Items", 0)) == 16
    choose(shown, "team", "payments")
    assert set(column(shown, "Items", 6)) == {"payments"}
    assert len(column(shown, "Items", 0)) == 5
    assert column(shown, "Waiting", 2) == ["OPS-0"]
    assert "5 of these 16 fit" in seen(shown, "Items")[0]
    choose(shown, "owner", "Ana Lima")
    assert [words[17:19] for words in column(shown, "Items", 0)] == ["01", "00"]
    assert column(shown, "Waiting", 2) == []
    shown.find_element(By.ID, "all").click()
    assert len(column(shown, "Items", 0)) == 16
    choose(shown, "owner", "nobody")
    assert {words[17:19] for words in column(shown, "Overdue", 2)} == {"02", "12", "22"}
    choose(shown, "owner", "all")
    choose(shown, "service", "mail out")
    choose(shown, "severity", "not stated")
    assert set(column(shown, "Items", 6)) == {"not stated"}
    choose(shown, "severity", "SEV-1")
    assert column(shown, "Items", 0) == []
    assert "0 of " in shown.find_element(By.ID, "shown").text


def test_rows_are_searched_by_every_word(shown: Chrome) -> None:
    search = shown.find_element(By.ID, "search")
    search.send_keys("ZÄHLER ops-1")
    assert {words[17] for words in column(shown, "Items", 0)} == {"1"}
    assert len(column(shown, "Items", 0)) == 4
    search.send_keys(" <script>")
    assert [words[17:19] for words in column(shown, "Items", 0)] == ["10"]
    search.clear()
    search.send_keys("nothing-has-this")
    assert column(shown, "Items", 0) == []


def test_a_sorted_table_keeps_what_was_chosen(shown: Chrome) -> None:
    choose(shown, "team", "search")
    late = shown.find_element(By.XPATH, "//table[starts-with(caption, 'Overdue')]//button[.='Days late']")
    late.click()
    days = [int(words) for words in column(shown, "Overdue", 0)]
    assert days == sorted(days, reverse=True)
    assert len(days) == 4
    late.click()
    assert [int(words) for words in column(shown, "Overdue", 0)] == days[::-1]


def test_no_text_of_a_document_runs(shown: Chrome) -> None:
    for kind in ("team", "service", "severity", "owner"):
        for one in RUNS:
            options = [one.text for one in Select(shown.find_element(By.ID, kind)).options]
            if one in options:
                choose(shown, kind, one)
        choose(shown, kind, "all")
    shown.find_element(By.ID, "search").send_keys(RUNS[1])
    for link in shown.find_elements(By.CSS_SELECTOR, "main a"):
        assert not (link.get_attribute("href") or "").startswith("javascript:")
    assert shown.title.startswith("Follow-through")
    assert len(shown.find_elements(By.TAG_NAME, "script")) == 1
    assert shown.find_elements(By.CSS_SELECTOR, "main img, main svg[onload], [onfocus]") == []
    assert shown.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_everything_can_be_read_without_the_script(shown: Chrome, tmp_path: Path) -> None:
    text = page(report(facts(), TODAY))
    place = tmp_path / "without.html"
    place.write_text(text[: text.rindex("<script>")] + "</body></html>", encoding="utf-8")
    shown.get(place.as_uri())
    assert len(column(shown, "Items", 0)) == 16
    assert not shown.find_element(By.ID, "filters").is_displayed()
