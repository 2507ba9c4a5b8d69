"""Descriptions to render: what documents may hold, and what an attacker would write into one."""

from __future__ import annotations

from hypothesis import strategies as st

from sync.model import Body

HOSTILE = (
    "{html}<script>alert(1)</script>{html}",
    "{code}rm -rf{code} {panel:title=x}y{panel} {color:red}z{color} {include:PAGE} {jql-table:all}",
    "[~admin] [~accountid:5b10a2844c20165700ede21g] @admin",
    "[click|javascript:alert(1)] [x|file:///etc/passwd] !http://tracker.example/pixel.png! !x.png|onload=alert(1)!",
    "|a|b| ||h|| h1. Title",
    "h1. A heading",
    "bq. a quote",
    "# one * two - three ---- -- --- _a_ *b* -c- +d+ ^e^ ~f~ ??g?? {{h}}",
    "\\\\ \\{ \\[~admin] &#91;~admin] &lbrack; (x) (/) ;) :) :D \\\\server\\share",
    "a\u202egnp.exe \u200b\u0000\x1b[31m \ud800 \ufffe",
    "line\r\n* injected\r\n\r\nh1. heading\u2028{toc}",
    '{"type":"mention","attrs":{"id":"1"}}',
    "OPS-1 snake_case_name follow-up https://example.org/a_b?x=1&y=[2]",
)
WORDS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.text(alphabet="{}[]|*_-+^~!?#@\\:;()&<>hbq123. \n\r\tab", max_size=40),
)
URLS = st.one_of(
    st.sampled_from(
        (
            "",
            "https://example.org/postmortems/1",
            "javascript:alert(1)",
            "JaVaScript:alert(1)",
            " https://example.org/x",
            "https://user:secret@example.org/",
            "//example.org/x",
            "data:text/html,x",
            "https://example.org/a]b|c{d}e\\f!g*h",
            "https://exa\nmple.org",
            "http://[::1",
            "https://例え.jp/ü",
        )
    ),
    st.text(max_size=30),
    st.text(alphabet="{}[]|*!\\^'\"<> a/:#?&=%", max_size=20).map("https://example.org/".__add__),
)
BODIES = st.builds(
    Body,
    text=WORDS,
    postmortem_title=WORDS,
    postmortem_url=URLS,
    section=WORDS,
    owners=st.lists(WORDS, max_size=3).map(tuple),
    due=WORDS,
    priority=WORDS,
    context=st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple),
)
PLAIN = Body(
    text="Add an alert on replica lag",
    postmortem_title="Checkout outage",
    postmortem_url="https://example.org/pm/1",
    section="Action items",
    owners=("Ana Lima",),
    due="3 April 2026",
    context=(("Service", "checkout"),),
)
