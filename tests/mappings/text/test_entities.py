"""Entities are signs where an editor wrote them, and words where a person did: who wrote a text is known from how it
was made here, and nothing that the program takes for evidence is asked."""

import html
import re
from collections import Counter
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from tests.support.properties import examples

_ENTITIES = ("&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", "&eacute;", "&lt;user&gt;", "Tea")
_TYPED = (
    "<order><name>{}</name></order>", "<x:id>{}</x:id>", "<user> {}", "a < b {}", "R&D {}", "File -> Save {}",
    '{{"html":"<p>Hi</p>", "n":"{}"}} & so', "<script> is {}", "<b>{}</b> <name>", "<data>{}</data> a && b",
    "if (a<5) {}", "<code>{}</code> x > y", "\n<ul>\n  <li>{}</li>\n</ul> <name>",
)  # fmt: skip
_MEANT = ("<user>", "a < b", "R&D", "File -> Save", "&lt;", "<script>", '"q"', "é", "<b>literal</b>", "Tea", "the page")
_TOKEN = re.compile(r"<[A-Za-z][^<>]*>|&(?:[a-z]+|#\d+);")


class Words(HTMLParser):
    """What people read, without blanks."""

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(written)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += "".join(data.split())


@given(st.lists(st.tuples(st.sampled_from(_TYPED), st.sampled_from(_ENTITIES)), min_size=1, max_size=5), st.data())
@settings(deadline=None, max_examples=examples(200))
def test_every_tag_and_entity_that_a_person_types_is_seen_or_named(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = data.draw(st.sampled_from([" ", " the "])).join(piece.format(entity) for piece, entity in pairs)
    result = to_html(RichText(value=text))
    seen = Words(result.html).text
    noted: Counter[str] = Counter()
    for loss in result.losses:
        for token, times in re.findall(rf"({_TOKEN.pattern})(?: \(x(\d+)\))?", loss.original):
            noted[token] += int(times or 1)
    for token, count in Counter(_TOKEN.findall(text)).items():
        assert seen.count("".join(token.split())) + noted[token] >= count, (token, result)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["<p>{}</p>", "<div>{}</div>", "<ul><li>{}</li></ul>"]),
            st.lists(st.tuples(st.sampled_from(["{}", "<b>{}</b>", "<i>{}</i>"]), st.sampled_from(_MEANT)), min_size=1),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(deadline=None, max_examples=examples(200))
def test_what_an_editor_escaped_is_read_and_needs_no_note(blocks: list[tuple[str, list[tuple[str, str]]]]) -> None:
    lines = [
        block.format("&nbsp;".join(look.format(html.escape(word, quote=False)) for look, word in parts))
        for block, parts in blocks
    ]
    result = to_html(RichText(value="".join(lines)))
    meant = "".join(word for _, parts in blocks for _, word in parts)
    assert Words(result.html).text == "".join(meant.split())
    assert result.losses == []
