"""The elements of Confluence's storage format, and what each of them is to a reader."""

from __future__ import annotations

from collections.abc import Mapping
from html.entities import name2codepoint

THROUGH = frozenset(
    (
        *("div", "section", "article", "header", "footer", "main", "aside", "center", "details", "dl", "figure"),
        *("ac:layout", "ac:layout-section", "ac:layout-cell"),
        *("ac:adf-extension", "ac:adf-node", "ac:adf-content", "tbody", "tfoot", "ac:task-body"),
    )
)
"""What only holds blocks: the blocks are read as if it were not there."""

SKIPPED = frozenset(
    (
        *("script", "style", "svg", "figcaption", "caption", "ac:caption", "ac:default-parameter", "ac:parameter"),
        *("ac:placeholder", "ac:task-id", "ac:task-uuid", "ac:adf-attribute", "ac:adf-fallback"),
        *("ri:user", "ri:page", "ri:blog-post", "ri:attachment", "ri:url", "ri:space", "ri:shortcut"),
        "ri:content-entity",
    )
)
"""What is not read: identifiers, settings, hints of a template, and the fallback that repeats what is above it."""

COVERS: Mapping[str, str] = {
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("em", "i"), "em"),
    **dict.fromkeys(("s", "del", "strike"), "strike"),
}
"""Emphasis and strikes, by the kind of their token."""

INLINE = frozenset(
    (
        *("span", "u", "ins", "sub", "sup", "small", "big", "font", "tt", "kbd", "samp", "var", "q", "cite"),
        *("abbr", "acronym", "dfn", "bdo", "label", "mark", "ac:inline-comment-marker"),
    )
)
"""What stands within running text and says nothing by itself."""

ROLES: Mapping[str, str] = {
    **dict.fromkeys(THROUGH, "through"),
    **dict.fromkeys(SKIPPED, "hidden"),
    **dict.fromkeys(COVERS, "cover"),
    **dict.fromkeys(INLINE, "inline"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("p", "dt", "dd", "summary", "address"), "paragraph"),
    **dict.fromkeys(("ul", "ol", "ac:task-list"), "list"),
    **dict.fromkeys(("li", "ac:task"), "item"),
    **dict.fromkeys(("td", "th"), "cell"),
    **dict.fromkeys(("ac:structured-macro", "ac:macro"), "macro"),
    **dict.fromkeys(("ac:image", "img"), "image"),
    **dict.fromkeys(("pre", "ac:plain-text-body"), "raw"),
    "table": "table",
    "thead": "thead",
    "colgroup": "colgroup",
    "tr": "row",
    "blockquote": "quote",
    "br": "break",
    "hr": "rule",
    "code": "code",
    "a": "anchor",
    "time": "time",
    "ac:link": "link",
    "ac:emoticon": "emoticon",
    "ac:task-status": "status",
    "ac:rich-text-body": "body",
}
"""What an element is; one that is not here is read through without a word on it."""

OUTSIDE_LINKS = frozenset(
    (
        *("through", "paragraph", "heading", "list", "item", "table", "thead", "colgroup", "row", "cell", "quote"),
        *("rule", "raw", "body", "anchor", "link"),
    )
)
"""What is no more than a part of its words within a link."""

TICKETS = frozenset(("jira", "jiraissues"))
"""Macros that show a ticket."""

_EMOTICONS = {"tick": "✅", "cross": "❌", "warning": "⚠", "question": "?"}


def emoticon(attributes: Mapping[str, str]) -> str:
    """The character or the short code that an emoticon stands for."""
    fallback = attributes.get("ac:emoji-fallback", "")
    name = attributes.get("ac:name", "")
    return fallback[:40] or _EMOTICONS.get(name, "") or attributes.get("ac:emoji-shortname", "")[:40]


def account(attributes: Mapping[str, str]) -> str:
    """The id of the user that `ri:user` names, on Cloud or on Data Center."""
    for name in ("ri:account-id", "ri:userkey", "ri:username"):
        if attributes.get(name):
            return attributes[name]
    return ""


def title(attributes: Mapping[str, str]) -> str:
    """What a link without words of its own shows of what it leads to."""
    for name in ("ri:content-title", "ri:filename", "ri:parameter", "ri:space-key", "ri:value"):
        if attributes.get(name):
            return attributes[name]
    return ""


WRAPPER = b"page"
_OF_XML = frozenset(("lt", "gt", "amp", "quot", "apos"))
PROLOGUE = (
    f"<!DOCTYPE {WRAPPER.decode()} ["
    + "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in _OF_XML)
    + f"]><{WRAPPER.decode()}>"
).encode()
"""What stands in front of a body to make it a whole XML document that knows the entities of HTML. One line."""
