"""The tables of ``docs/text.md``, made by mapping each example: run this module to print the document anew."""

from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText

_HEAD = """# Texts

What becomes of a text on its way to QA Sphere, which keeps few elements: paragraphs, line breaks, bold, italic,
underlined, lists, links, a heading, code. Everything else that carries meaning stands in plain characters, and a
[note](notes.md) says so. Every text is checked on its outcome: words, pictures, addresses and list numbers that neither
the result nor a note holds become the note `content_missing`.

A text is HTML only where an editor proves it: by closing tags, attributes or several kinds of elements. In
any text, what is no HTML element (`<customer name>`, `<Enter>`) is words, and so is an element that a sentence mentions
(`the <title> of the page`), and a tag whose other half is nowhere (`press <Del>`), unless HTML needs none. The end of a
line is seen where no element such as a paragraph or a list stands around it, unless a program wrapped the lines, and
within one before items that somebody numbered, or where every line begins a sentence and no editor is sure.

Words are also both tags of a pair that a sentence names (`starts with <div> and ends with </div>`), tags in quotes of
their own, an `<a>` without an address, a page within a sentence, and elements with attributes that no editor writes
(`onclick`, `v-if`, `(click)`). An editor has written a text if it has all its words in elements, or entities and no
sign that an editor would have escaped; one is sure where looks in attributes come to blocks around all words, for a
person may type one `<span style='color: red'>` into a sentence. In any other text, empty elements, whole pages and
indented pieces of a source are words as well, and the tags that are read as formatting nevertheless are named in the
note `markup_assumed`.

Entities are signs where an editor wrote them. In a text that quotes XML, or tells how something is escaped (`<script>`
beside `&lt;script&gt;`), and beside a typed `<` or `&` in a text without tags, all entities are words. Where else an
editor would have escaped what stands beside them in the same paragraph, and in any other text without tags, they are
read as signs, and the note `markup_assumed` names them.

Names of office programs (`<m:e>`, `<v:f>`) are markup with attributes of theirs, in a formula, a drawing or settings,
and `<o:p>` at the end of a paragraph; otherwise they are words. So are elements where no editor lays them if the
sentence goes on behind (`<p>The page has <div>one</div> element</p>`). Elsewhere a block in a paragraph, a cell in a
cell or an item in no list is named in `markup_unseen`.

Sources may have all their words in elements, too. Where nothing else tells of an editor, an empty element in a sentence
is words (`wrap it with <b></b>`), and so is XML in a record of its own (`<data>…</data>`). All other tags that show
nothing (`<section>`, `<label>`, an empty `<b></b>`, a page in front of a sentence) are named in the note
`markup_unseen`; in texts of which an editor is sure, only those that editors do not leave behind. Such as editors and
pages have around words that stay (`<span class=…>`, `<small>`, `<p id=…>`, `<body>`, and any tag with an attribute of
which nothing is left), a line across (`<hr>`) and empty
formatting are named in `markup_of_editors`, and where an editor is sure, tags that stand in a sentence like a word and
show nothing (`Type <span style='font-size: 20px'>x</span>`). Colours and highlights are named with their words in one
note per text, `colour_lost`: not black, dark grey and the blue of links, nor a ground of white or light grey. At last
all tags without attributes are counted, by other means than those that map: one that is no word of the result, no
element of it and in no note is named in `markup_unseen`, too. Only `p`, `div`, `span`, `font`, `a`, `br` and the parts
of tables and definitions need no trace of their own.
Nothing typed goes unseen.

The suite generates 150 to 300 texts for each promise of this page; with `MORE_EXAMPLES=20` it generates thousands.
The tables are made by the program itself: `python -m tests.support.text_table > docs/text.md`.
"""
_NONE = "\N{EN DASH}"
_BOXES = '<input type="checkbox" checked> a <input type="checkbox"> b'
_TABLE = "<table><tr><td>Tea</td><td>4</td></tr></table>"
SECTIONS: dict[str, list[str]] = {
    "Typed text": [
        "one\ntwo\n\nthree",
        "a < b and <customer name>",
        "Check the <title> of the page",
        "<order><id>5</id></order>",
        "Press <Del> or <B>",
        "takes <m:ss>",
        "Send <m:e>5</m:e>",
        "It starts with <div> and ends with </div>.",
        'Write "<b>" and "</b>"',
        "Use <br> or <br/> for a line break",
        "Allowed: <b></b>, <i></i>",
        "Enter <b onclick='go()'>x</b>",
        "Is <html><body>OK</body></html> the answer?",
        "Source:\n<div id='a'>\n  <b>x</b>\n</div>",
        "Enter <b>bold</b> here",
        "Type <span style='color: red'>this</span> here",
        "3 &lt; 4",
        "Use &quot; or &eacute;",
        "R&D caf&eacute;",
        "Is & escaped as &amp;?",
        "<order><name>Tea &amp; Milk</name></order>",
        "<p>Dear <user>, Tea &amp; Milk</p><p>A &amp; B</p>",
        'It answers {"html": "<p>Hi</p>"}',
        "Open\x0bClick\u2028Wait",
        '{\n  "a": 1\n}',
        "Do this\n  and that",
        "Open\nClick\n<ul><li>a</li></ul>",
        "<div>1. Open\n2. Click</div>",
        "<div>Name\tAge\nAda\t36</div>",
        '{\n  "a": <b>1</b>\n}',
        "Name\tAge\nAda\t36",
    ],
    "HTML of an editor": [
        "<p>Dear <user>, see <b>this</b></p>",
        "<div>one<br>two</div>",
        "<h1>Title</h1><p>text</p>",
        "<ul><li>a</li></ul><ol><li>b</li></ol>",
        "<p>Press <Ins></p>",
        "<p>The page has <div>one</div> element</p>",
        "<p>The page has <div>one</div></p>",
        "<p>a</p><hr><p>b</p>",
        "<p>Check <label for='x'> and </b></p>",
        "<p><span style='color: red'>cut off",
        "<tr><td>Tea</td><td>4</td></tr>",
        "<select><option>a</option><option selected>b</option></select>",
        "<p>Enter <script>alert(1)</script></p>",
        "<p>a <!-- b --> c</p>",
        "<style>p {margin: 0}</style><p>a</p>",
        "<p>a<script src='x.js'></script></p>",
        "<p>a <math xmlns='m'><mfrac><mn>1</mn><mn>2</mn></mfrac></math></p>",
        "<p>a<span style='display: none'>b</span></p>",
        "<p><my-app class='x'>a</my-app></p>",
        "<p><abbr title='World Health Organization'>WHO</abbr></p>",
        "<p><i class='icon' title='passed'></i> a</p>",
        "<p>Wrap it with <b></b> or <i></i></p>",
        "<p>Wrap it&nbsp;with <b></b> or <i></i></p>",
        "<data><section name='a'><p>5</p></section></data>",
        "<section id='a'><p>5</p></section>",
        "<!DOCTYPE html><html><body><p>a</p></body></html>",
        "<p>Find <span class='error'>this</span> now</p>",
        "<div><p>a</p><p></p><span></span></div>",
    ],
    "Looks": [
        "<span style='font-weight: 700'>a</span>",
        "<b style='font-weight: normal'>a</b>",
        "<span style='font-style: italic'>a</span>",
        "<p>a<span style='display: block'>b</span><a href='https://h.test/x' style='display: block'>c</a></p>",
        "<p><span style='display: table-cell'>a</span><span style='display: table-cell'>b</span></p>",
        "<p>a <span style='color: red'>b</span> <mark>c</mark></p>",
        "<p>a <span style='font-size: 20px'>b</span> c</p>",
        "<ins>a</ins>",
        "<tt>a</tt>",
        "<s>a</s>",
        "<span style='text-decoration: line-through'>a b</span>",
        "10<sup>6</sup>, H<sub>2</sub>O, x<sup>n + 1</sup>",
        "<p><q>a</q></p>",
        "<font face='Wingdings'>\xfc</font>",
        "<p style='white-space: pre'>a\n  b</p>",
        "<pre>a\n  b</pre>",
        f"<p>{_BOXES}</p>",
    ],
    "Lists, tables, links, pictures": [
        '<ol start="3"><li>c</li></ol>',
        '<ol type="a"><li>x</li></ol>',
        "<ol><li type='a'>x</li></ol>",
        "<ol><li>a</li><li class='ql-indent-1'>x</li><li>b</li></ol>",
        "<ol reversed><li>x</li><li>y</li></ol>",
        "<ul style='list-style-type: decimal'><li>x</li></ul>",
        '<li data-checked="true">a</li><li data-checked="false">b</li>',
        _TABLE,
        "<table><tr><td rowspan=2>Admin</td><td>Users</td></tr><tr><td>Logs</td></tr></table>",
        '<a href="https://h.test/x">a</a>',
        '<a href="//h.test/x">a</a>',
        '<a href="spec.html">a</a>',
        '<a href="file:///c:/a.doc">a</a>',
        '<a href="javascript:go()">a</a>',
        '<img src="https://h.test/a.png" alt="cart">',
        '<img src="img/a.png">',
    ],
}


def document() -> str:
    """Return the whole document."""
    parts = [_HEAD]
    for title, texts in SECTIONS.items():
        rows = [_row(text) for text in texts]
        parts += [
            f"## {title}",
            "| At the source | In QA Sphere | Note |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n",
        ]
    kept = _code(to_html(RichText(value=_TABLE), Setting(tables=True)).html)
    parts.append(
        "Pictures become files of the item, linked where they stood; where the [probe](probe.md) saw that QA Sphere\n"
        f"keeps pictures or tables, they stay what they are: {kept}.\n\n"
        "What a tester pasted into a result is linked in its comment, and so is the migrated case that it names\n"
        "(from the demo, drawn by `python -m tests.support.walk docs/walk`):\n\n"
        "![A result: its comment with the links to a picture and a case, and the picture](walk/comment.png)\n"
    )
    return "\n".join(parts)


def _row(text: str) -> str:
    result = to_html(RichText(value=text))
    notes = ", ".join(dict.fromkeys(f"`{loss.code.value}`" for loss in result.losses))
    return f"| {_code(text)} | {_code(result.html)} | {notes or _NONE} |"


def _code(text: str) -> str:
    for sign, name in (("\n", "⏎"), ("\t", "⇥"), ("\x0b", "⟨VT⟩"), ("\u2028", "⟨LS⟩"), ("\xa0", "␣"), ("|", "\\|")):
        text = text.replace(sign, name)
    return f"`{text}`"


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201 - the document is what it is for
