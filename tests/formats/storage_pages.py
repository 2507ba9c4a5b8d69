"""Pages in Confluence's storage format, as its editor writes them and as people and other tools do: for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.sampled_from(
    (
        *("Add a limit to the queue", "Check that a &lt; b &amp; c", "rotate the gr&ouml;&szlig;te key", "検索を直す"),
        *(
            "Say &quot;no&quot;",
            "by Friday&nbsp;",
            "the runbook",
            "(both rows)",
            "and\n  more",
            "done",
            "Ana Lima",
            "—",
        ),
        *("We will add an alert.", "Why did it break?", "owner: Bo Ek", "it broke", "P1", "see below:", "&#8212; x"),
    )
)
ALONE = st.sampled_from(
    (
        *("<br />", '<ac:link><ri:user ri:account-id="557058:abc-1" /></ac:link>', '<time datetime="2026-04-03" />'),
        '<ac:link><ri:user ri:userkey="8a7f80" /></ac:link>',
        '<ac:link><ri:page ri:content-title="A page" /><ac:plain-text-link-body><![CDATA[the page]]>'
        "</ac:plain-text-link-body></ac:link>",
        '<ac:link ac:anchor="x"><ac:link-body>there <em>too</em></ac:link-body></ac:link>',
        '<ac:link><ri:attachment ri:filename="a.pdf" /></ac:link>',
        '<a href="https://example.com/?a=b&amp;c=d" data-card-appearance="inline">https://example.com/</a>',
        '<ac:emoticon ac:name="tick" ac:emoji-fallback="✅" />',
        '<ac:image ac:width="20"><ri:attachment ri:filename="a.png" /></ac:image>',
        "<ac:placeholder>Write what must change</ac:placeholder>",
        '<ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">here</ac:parameter></ac:structured-macro>',
        '<ac:structured-macro ac:name="status" ac:macro-id="m"><ac:parameter ac:name="colour">Yellow</ac:parameter>'
        '<ac:parameter ac:name="title">in progress</ac:parameter></ac:structured-macro>',
        *("<code>a &lt; b</code>", "<!-- a note -->", "<![CDATA[never]]>", "&nbsp;", " ", "\n"),
    )
)
AROUND = st.sampled_from(
    (
        *("strong", "em", "u", "s", "sub", "del"),
        *('span style="color: rgb(1,2,3);"', 'span style="text-decoration: line-through;"'),
        *('ac:inline-comment-marker ac:ref="8d6f"', 'ac:inline-comment-marker ac:ref="8d70"'),
    )
)


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag.split()[0]}>"


_PIECES = st.recursive(
    WORDS | ALONE,
    lambda some: st.builds(_element, AROUND, st.lists(some, max_size=3).map(" ".join)),
    max_leaves=5,
)
RUNNING = st.lists(_PIECES, min_size=1, max_size=5).map(" ".join)
PLAIN = st.builds("{} {}".format, WORDS, RUNNING)
_FILLED = (
    st.sampled_from(("", "<p />", "<p><br /></p>", "<br />")) | RUNNING | RUNNING.map(lambda text: f"<p>{text}</p>")
)


def _list(name: str, entries: list[str]) -> str:
    return _element(name, "".join(f"<li>{one}</li>" for one in entries))


def _tasks(entries: list[tuple[str, bool, str]]) -> str:
    made = (
        f"<ac:task>\n<ac:task-id>{number}</ac:task-id>\n<ac:task-status>{'complete' if done else 'incomplete'}"
        f"</ac:task-status>\n<ac:task-body>{text}{nested}</ac:task-body>\n</ac:task>"
        for number, (text, done, nested) in enumerate(entries)
    )
    return _element("ac:task-list", "\n" + "\n".join(made) + "\n")


def _panel(name: str, inner: str) -> str:
    title = '<ac:parameter ac:name="title">Details</ac:parameter>'
    body = f"<ac:rich-text-body>{inner}</ac:rich-text-body>"
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{title}{body}</ac:structured-macro>'


def _layout(inner: str) -> str:
    cell = f"<ac:layout-cell>{inner}</ac:layout-cell><ac:layout-cell><p>Aside</p></ac:layout-cell>"
    return f'<ac:layout><ac:layout-section ac:type="two_equal">{cell}</ac:layout-section></ac:layout>'


_BODIES = PLAIN | PLAIN.map(lambda text: f'<span class="placeholder-inline-tasks">{text}</span>')
_ENTRIES = PLAIN | PLAIN.map(lambda text: f"<p>{text}</p>") | PLAIN.map(lambda text: f"\n  <p>{text}</p>\n")
PARAGRAPHS = PLAIN.map(lambda text: f"<p>{text}</p>")
_LEAF_LISTS = st.builds(
    _list, st.sampled_from(("ul", "ol", 'ol start="3"')), st.lists(_ENTRIES, min_size=1, max_size=2)
)
_LISTS = st.builds(
    _list,
    st.sampled_from(("ul", "ol")),
    st.lists(st.builds("{}{}".format, _ENTRIES, st.just("") | _LEAF_LISTS), min_size=1, max_size=3),
)
TASKS = st.lists(st.tuples(_BODIES, st.booleans(), st.just("") | _LEAF_LISTS), min_size=1, max_size=3).map(_tasks)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of actions, with columns of its own choice, and cells that are merged here and there."""
    titles = ["Action", *draw(st.lists(st.sampled_from(("Owner", "Due", "Status", "Ticket", "Notes")), unique=True))]
    titles = draw(st.permutations(titles))
    paragraphs, merged = draw(st.booleans()), draw(st.booleans())
    cells = "".join(f"<th><p>{one}</p></th>" if paragraphs else f"<th>{one}</th>" for one in titles)
    head = f"<tr>{cells}</tr>"
    rows, taken = [], [0] * len(titles)
    for _ in range(draw(st.integers(1, 3))):
        row, column = [], 0
        while column < len(titles):
            if taken[column]:
                taken[column] -= 1
                column += 1
                continue
            free = next((n for n in range(column, len(titles)) if taken[n]), len(titles)) - column
            wide = draw(st.integers(1, free)) if merged and draw(st.integers(0, 4)) == 0 else 1
            tall = draw(st.integers(1, 2)) if merged and draw(st.integers(0, 4)) == 0 else 1
            spans = (f' colspan="{wide}"' if wide > 1 else "") + (f' rowspan="{tall}"' if tall > 1 else "")
            text = draw(PARAGRAPHS if titles[column] == "Action" else _FILLED)
            row.append(f"<td{spans}>{text}</td>" if text or draw(st.booleans()) else f"<td{spans} />")
            for n in range(column, column + wide):
                taken[n] = tall - 1
            column += wide
        rows.append(f"<tr>{''.join(row)}</tr>")
    columns = draw(st.sampled_from(("", f"<colgroup>{'<col />' * len(titles)}</colgroup>")))
    if draw(st.booleans()):
        return f"<table>{columns}<thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<table data-layout="default">{columns}<tbody>{head}{"".join(rows)}</tbody></table>'


_RAW = "<ac:plain-text-body><![CDATA[- [ ] <b> & ]]></ac:plain-text-body>"
_CODE = f'<ac:structured-macro ac:name="code">{_RAW}</ac:structured-macro>'
_BLOCKS = st.recursive(
    PARAGRAPHS | _LISTS | TASKS | tables() | st.just(_CODE) | PLAIN.map(lambda text: f"<h3>{text}</h3>"),
    lambda some: st.builds(_panel, st.sampled_from(("expand", "panel", "info", "excerpt")), some) | some.map(_layout),
    max_leaves=3,
)
PAGES = st.lists(_BLOCKS, min_size=1, max_size=4).map(
    lambda blocks: f"<p>Before it.</p><h2>Action items</h2>\n{''.join(blocks)}\n<h2>Lessons</h2><p>The end.</p>"
)
