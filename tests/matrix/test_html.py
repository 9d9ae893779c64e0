"""HTML and trees are two forms of the same words, and neither lets the other in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.matrix.html import from_html, to_html
from bridge.core.content import Body, Code, Link, Node, Style, Styled, plain
from tests.support.effort import examples

_words = st.text(alphabet="ab é<>&\"'\n👍🏽`", max_size=20)
_nodes = st.recursive(
    _words | st.builds(Code, _words, st.booleans()),
    lambda inner: (
        st.builds(Styled, st.sampled_from(Style), st.tuples(inner))
        | st.builds(Link, st.just("https://example.org/?a=1&b=2"), st.tuples(inner, inner))
    ),
    max_leaves=6,
)
_bodies = st.lists(_nodes, max_size=5).map(tuple)


@settings(deadline=None, max_examples=examples(200))
@given(body=_bodies)
def test_words_survive_both_ways(body: Body) -> None:
    # Blocks stand on lines of their own, and white space runs together, as everywhere in HTML.
    again = plain(from_html(to_html(body)))
    assert "".join(again.split()) == "".join(plain(body).split())


@pytest.mark.parametrize("style", Style)
def test_styles_survive_both_ways(style: Style) -> None:
    body = ("a ", Styled(style, ("b ", Link("https://x.example/", ("c",)))), " d")
    again = from_html(to_html(body))
    # A quotation is a block and stands on lines of its own.
    assert [_trimmed(node) for node in again] == [_trimmed(node) for node in body]


def _trimmed(node: Node) -> Node:
    return node.strip() if isinstance(node, str) else node


@pytest.mark.parametrize(
    ("html", "body"),
    [
        ("<p>een</p>\n<p>twee</p>", ("een\n\ntwee",)),
        ("een<br/>twee<br>drie", ("een\ntwee\ndrie",)),
        ("een   \n  twee", ("een twee",)),
        ("<ol start=3><li>a</li><li>b<ul><li>c</li></ul></li></ol>", ("1. a\n2. b\n• c",)),
        ("<h1>Kop</h1>tekst", (Styled(Style.BOLD, ("Kop",)), "\n\ntekst")),
        ("<blockquote><p>x</p></blockquote>y", (Styled(Style.QUOTE, ("x",)), "\n\ny")),
        ("<script>alert(1)</script>x", ("alert(1)x",)),
        ("<b>niet <i>dicht", (Styled(Style.BOLD, ("niet ", Styled(Style.ITALIC, ("dicht",)))),)),
        ("</b>los</p>", ("los",)),
        ("<a href='javascript:x'>klik</a>", ("klik",)),
        ("<a href='https://matrix.to/#/@a:b'>Anna</a>", ("Anna",)),
        ("<img src='mxc://x/y' alt='😀'> hoi", ("😀 hoi",)),
        ("&lt;b&gt;&amp;&nbsp;x", ("<b>&\xa0x",)),
        ("<mx-reply><blockquote>oud<br>x</blockquote></mx-reply>nieuw", ("nieuw",)),
        ("<span data-mx-color='#f00'>rood</span>", ("rood",)),
        ("<pre><code class='language-py'>a\n  b\n</code></pre>", (Code("a\n  b", True, "py"),)),
        ("", ()),
    ],
)
def test_what_clients_write_is_understood(html: str, body: Body) -> None:
    assert from_html(html) == body


@pytest.mark.parametrize(
    "html", ["<b>" * 50_000 + "x", "<p>" * 50_000, "<" * 50_000, "<li>" * 9999]
)
def test_nothing_exhausts_the_stack(html: str) -> None:
    from_html(html)


@settings(deadline=None)
@given(st.text(alphabet="<>/abip re\"'=&;\n", max_size=60))
def test_any_text_at_all_can_be_read(html: str) -> None:
    from_html(html)


def test_nothing_written_becomes_a_tag() -> None:
    words = "<b onclick='x'>&amp;</b>"
    assert to_html((words,)) == "&lt;b onclick=&#x27;x&#x27;&gt;&amp;amp;&lt;/b&gt;"
    assert plain(from_html(to_html((words,)))) == words
    assert to_html((Link("javascript:x", ("klik",)),)) == "klik"
    assert '"' not in to_html((Link('https://x/"onclick="y', ("k",)),)).split("href=")[1][1:-7]
