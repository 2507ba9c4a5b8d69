"""Descriptions for Jira Data Center: no text of a document acts as markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings

from adapters.jira import wiki
from adapters.jira.text import plain
from tests.adapters.jira.bodies import BODIES, HOSTILE, PLAIN, WORDS

ENTITY = re.compile(r"&#(\d+);")
LINK = re.compile(r"\[([^\[\]|]*)\|(https?://[^\s\[\]|{}\\!*]+)\]$")
ENTRY = re.compile(r"\* \*([^*]+):\* (.+)$")


def shown(markup: str) -> str:
    return ENTITY.sub(lambda match: chr(int(match[1])), markup)


def assert_inert(markup: str) -> None:
    """What is left outside of entities has no character that begins markup."""
    bare = ENTITY.sub("\N{REPLACEMENT CHARACTER}", markup)
    assert not re.search(r"[{}\[\]|*^~\\&<>`]", bare), markup
    # Nothing is inserted, deleted, emphasised or listed: such signs stand within words alone.
    assert not re.search(r"(?<![^\W_])[-_+#@]|[-_+#@](?![^\W_])", bare), markup
    # No image, no citation, no smiley, no icon.
    assert not re.search(r"!\S|\?\?|[:;]\S", bare), markup
    assert not re.search(r"\((y|n|i|/|x|!|\+|-|\?|on|off|\*[rgby]?|flag|flagoff)\)", bare), markup
    assert not re.search(r":(?=\S)", bare), markup
    assert not re.match(r"(h[1-6]|bq)\.", bare), markup
    assert "\n" not in markup
    assert "\r" not in markup


@given(WORDS)
@settings(max_examples=300)
def test_any_text_is_shown_as_it_is_and_starts_no_markup(text: str) -> None:
    markup = wiki.escape(text)
    assert_inert(markup)
    assert shown(markup) == plain(text)


@given(BODIES)
@settings(max_examples=150)
def test_a_description_holds_only_the_markup_of_its_template(body: Any) -> None:
    for line in wiki.render(body).split("\n"):
        entry = ENTRY.match(line)
        if line.startswith("_") and line.endswith("_"):
            assert_inert(line[1:-1])
        elif entry:
            assert_inert(entry[1])
            link = LINK.match(entry[2])
            assert_inert(link[1] if link else entry[2])
        else:
            assert_inert(line)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_meant_to_break_out_stays_text(text: str) -> None:
    assert_inert(wiki.escape(text))


def test_common_words_stay_legible_for_those_who_edit() -> None:
    text = "Follow-up: rename max_connections (again?), see v2.1/docs; ask ana@example.org. Really! (Not only C.)"
    assert wiki.escape(text) == text
    assert wiki.escape("Done (x) (on)") == "Done &#40;x) &#40;on)"


def test_the_postmortem_is_linked_and_line_endings_do_not_count() -> None:
    markup = wiki.render(PLAIN)
    assert "* *Postmortem:* [Checkout outage|https://example.org/pm/1]" in markup
    assert wiki.digest(markup.replace("\n", "\r\n")) == wiki.digest(markup)
    assert wiki.digest(markup + " more") != wiki.digest(markup)
