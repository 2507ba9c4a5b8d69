"""The page of a file: its address, whatever the prefix ends in, and whether anything is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.source import FilesSource
from tests.simulators.jira_wire import Answer, Asked, Wire


class Pages(Wire):
    """A host with one page."""

    def handle(self, asked: Asked) -> Answer:
        there = asked.path == "/blob/main/check out.md"
        kind = {"Content-Type": "text/html"}
        return Answer(200, b"<html>a page</html>", kind) if there else Answer(404, b"<html>nothing</html>", kind)


@pytest.mark.parametrize(
    ("prefix", "page"),
    [
        ("https://example.com/blob/main", "https://example.com/blob/main/check%20out.md"),
        ("https://example.com/blob/main/", "https://example.com/blob/main/check%20out.md"),
        ("https://example.com/page?path=", "https://example.com/page?path=check%20out.md"),
        ("", ""),
    ],
)
def test_a_prefix_and_a_path_make_an_address(tmp_path: Path, prefix: str, page: str) -> None:
    source = FilesSource("docs", tmp_path, url=prefix)
    assert source.url("check out.md") == page
    if page and "?" not in page:
        assert source.path_of(page) == "check out.md"


@pytest.mark.parametrize(
    ("folder", "well", "detail"),
    [("/blob/main", True, "answers 200"), ("/blob/master", False, "answers 404"), ("/", False, "answers 404")],
)
def test_the_doctor_tries_one_link(tmp_path: Path, folder: str, well: bool, detail: str) -> None:
    (tmp_path / "check out.md").write_text("# Outage\n", encoding="utf-8")
    host = Pages()
    with host.serving() as base:
        (finding,) = [one for one in FilesSource("docs", tmp_path, url=base + folder).check() if one.what == "links"]
    assert finding.well == well
    assert detail in finding.detail
    assert len(host.log) == 1


def test_a_host_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Outage\n", encoding="utf-8")
    findings = FilesSource("docs", tmp_path, url="http://127.0.0.1:9/").check()
    assert [(one.well, "cannot be reached" in one.detail) for one in findings if one.what == "links"] == [(True, True)]


def test_without_a_prefix_no_link_is_tried(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Outage\n", encoding="utf-8")
    assert "links" not in [finding.what for finding in FilesSource("docs", tmp_path).check()]
