"""Texts as people have them at the source, each with the lines that they have to see in QA Sphere, by kind of fault."""

from typing import NamedTuple


class TextCase(NamedTuple):
    """``lines``: what is seen; ``notes``: the codes of what it costs."""

    text: str
    lines: list[str]
    notes: tuple[str, ...] = ()


_TITLE = "Check that the <title> of the page is 'Home' and the footer is shown"
ELEMENTS_IN_PROSE = [
    TextCase(_TITLE, [_TITLE]),
    *(
        TextCase(text, [text])
        for name in ("style", "head", "template", "object", "iframe", "script", "label", "tr")
        if (text := _TITLE.replace("title", name))
    ),
    TextCase("The <body> holds no <table>, no <b> and no <a>", ["The <body> holds no <table>, no <b> and no <a>"]),
    TextCase("<p>The <form> is sent.</p><p>Then</p>", ["The <form> is sent.", "Then"]),
    TextCase("Enter <script>alert(1)</script><br>and save<br>", ["Enter <script>alert(1)</script>", "and save"]),
]
PLACEHOLDERS = [
    TextCase(
        "<p>Dear <customer name>, your order <order no> leaves on <day of dispatch>.</p>",
        ["Dear <customer name>, your order <order no> leaves on <day of dispatch>."],
    ),
    TextCase("<p>Open http://h/dists/<release>/main as <user></p>", ["Open http://h/dists/<release>/main as <user>"]),
    TextCase("<p>List<String> press <Enter></p>", ["List<String> press <Enter>"]),
    TextCase(
        "<p>@@user@@ logs in with &lt;&lt;password&gt;&gt; or <<user>></p>",
        ["@@user@@ logs in with <<password>> or <<user>>"],
    ),
    TextCase("<ul><li>Run <tool> -o <file></li><li><none></li></ul>", ["Run <tool> -o <file>", "<none>"]),
    TextCase("<b>Mail</b> to <ada@acme.test>, see <https://h.test>", ["Mail to <ada@acme.test>, see <https://h.test>"]),
    TextCase("<div>Use <![CDATA[ x ]]> and <?php ?> or <!-- so</div>", ["Use <![CDATA[ x ]]> and <?php ?> or <!-- so"]),
]
# each is seen as it is typed, alone and in a paragraph
MENTIONS = [
    TextCase(around.format(mention), [mention], notes)
    for mention in (
        "Press <Ins>", "Press <A> then <B>", "Enter: <Center>", "Enter <td>", "<Del>", "Press <B> <I> <U> in turn",
        "Toolbar: <B><I><U>", "<m:ss> is shown", "<w:10>, <v:1.0>, <o:id>", 'Check <label for="email"> is there',
        'Check <meta name="robots" content="x"> is there', 'Find <form action="/login"> in it',
        'Check <input type="hidden" name="csrf"> exists', "Is <button disabled> grey?", "Choose <option selected> now",
        'Check <div class="x"> is there', "List<S> of Set<U> and Map<I> x", "Closing tag is </label>",
        "Closing tag is </b>", 'Embed <iframe src="https://x.test"> in the page', 'Set <title lang="en"> and save',
        "The <div hidden> is not shown", "It is between <b> and </b>", 'Use <script src="a.js"> in it', "<p> is a tag",
    )
    for around, notes in (("{}", ()), ("<p>{}</p>", ()))
    if not (mention.startswith("<p>") and around != "{}")
]  # fmt: skip
TAGS = [
    TextCase("Enter:\n<small>\n<big>", ["Enter:", "<small>", "<big>"]),
    TextCase("<ul><li><Small></li><li><Big></li></ul>", ["<Small>", "<Big>"]),
    TextCase("<p>Wrap it in <b></p><p>Then go on</p>", ["Wrap it in <b>", "Then go on"]),
    TextCase("Verify that <br/> is not shown", ["Verify that <br/> is not shown"]),
    TextCase("<b\nstyle='mso-x:y'>Bold words</b> and more", ["Bold words and more"]),
    TextCase("<span lang=EN-US\nstyle='font-weight:bold'>Click OK</span>", ["Click OK"]),
    TextCase(
        "<p>Response:</p><address><street>A</street><code>12</code></address>",
        ["Response:", "<address><street>A</street><code>12</code></address>"],
    ),
    TextCase("<tr><td>Qty</td><td>12</td></tr>", ["Qty | 12"], ("table_flattened",)),
    TextCase("<div>Is <div hidden> shown?</div>", ["Is <div hidden> shown?"]),
    TextCase("<b>Is <b> bold?</b>", ["Is <b> bold?"]),
    TextCase("<table><tr><td>Press <td></td><td>b</td></tr></table>", [" Press <td>  |  b"], ("table_flattened",)),
    TextCase("<td>Press <Del> <td></td>", ["Press <Del> <td>"], ("table_flattened",)),
    TextCase("<td>1</td><td>2</td>", ["1 | 2"], ("table_flattened",)),
    TextCase(
        "<p><select><option>one</option><option selected>two</option></select></p>",
        [" ( ) one (x) two"],
        ("formatting_lost",) * 2,
    ),
    TextCase(
        "<p><select><optgroup label='Tea'><option>one</optgroup></select></p>", [" Tea ( ) one"], ("formatting_lost",)
    ),
    TextCase("<p><input placeholder='Your name'></p>", ["[Your name]"], ("formatting_lost",)),
    TextCase("<p>a</p><!--[if the password is X-->", ["a"], ("hidden_text",)),
]
CODE = [
    TextCase(
        "Send:\n<order><id>5</id><title>Tea</title><label>x</label></order>\nand expect 200",
        ["Send:", "<order><id>5</id><title>Tea</title><label>x</label></order>", "and expect 200"],
    ),
    TextCase('Send\n{\n  "a": [\n    1\n  ]\n}', ["Send", "{", '  "a": [', "    1", "  ]", "}"]),
    TextCase("a:\n  b: 1\n  c:\n\t- 2", ["a:", "  b: 1", "  c:", "\t- 2"]),
    TextCase('Send\n{\n  "a": <b>1</b>\n}', ["Send", "{", '  "a": 1', "}"]),
    TextCase("Scenario: x\n  Given y\n  When z", ["Scenario: x", "  Given y", "  When z"]),
    TextCase("<table><tr><td><pre>a\n  b</pre></td></tr></table>", [" a", "  b"], ("table_flattened",)),
    TextCase("<p>Send</p><pre>{\n  1\n}</pre>", ["Send", "{", "  1", "}"]),
    TextCase("<p style='white-space: pre-wrap'>if x:\n    y</p>", ["if x:", "    y"]),
]
LOOKS = [
    TextCase(
        '<b style="font-weight:normal;" id="docs-internal-guid-0a"><span style="font-weight:400">Open the page. </span>'
        '<span style="font-weight:700">Do not log in.</span></b>',
        ["Open the page. Do not log in."],
    ),
    TextCase("<p>10<sup>6</sup> H<sub>2</sub>O</p>", ["10^6 H_2O"], ("formatting_lost",) * 2),
    TextCase(
        "<p><s>Do this</s> <span style='text-decoration: line-through'>and that</span></p>",
        ["~~Do this~~ ~~and that~~"],
        ("formatting_lost",) * 2,
    ),
    TextCase(
        '<font face="Wingdings">\xfc</font> done <span style="font-family:Wingdings">\xe0</span> next',
        ["✓ done → next"],
        ("formatting_lost",) * 2,
    ),
    TextCase(
        "<p><input type=checkbox checked> a <input type=checkbox> b</p>", ["[x] a [ ] b"], ("formatting_lost",) * 2
    ),
    TextCase("<p>Seen<span style='display:none'> not seen</span></p>", ["Seen"], ("hidden_text",)),
    TextCase("<style>p.Mso {margin:0}</style><p>Seen</p>", ["Seen"], ("markup_of_editors",)),
]
CHECKED = [
    TextCase('<ul class="tox-checklist"><li class="tox-checklist--checked">a</li><li>b</li></ul>', ["[x] a", "[ ] b"]),
    TextCase('<ul><li aria-checked="true">a</li><li aria-checked="false">b</li></ul>', ["[x] a", "[ ] b"]),
    TextCase('<ul><li class="checked">a</li><li class="unchecked">b</li></ul>', ["[x] a", "[ ] b"]),
    TextCase("<p>10<span style='vertical-align: 5pt'>6</span></p>", ["10^6"], ("formatting_lost",)),
    TextCase("<p>Seen<span style='visibility:hidden'> not</span></p>", ["Seen"], ("hidden_text",)),
    TextCase('<p><font face="Wingdings 2">P</font> done</p>', ["✓ done"], ("formatting_lost",)),
]
NUMBERS = [
    TextCase(
        "<ol style='list-style-type:lower-greek'><li>x</li></ol>",
        ["\N{GREEK SMALL LETTER ALPHA}. x"],
        ("list_numbers",),
    ),
    TextCase("<ol><div><li value=3>x</li></div></ol>", ["3. x"], ("list_numbers",)),
    TextCase("<ol><li style='list-style-type:none'>x</li><li>y</li></ol>", ["# x", "# y"]),
    TextCase(
        '<ol><li>a</li><li>b</li></ol><p>x</p><ol start="3"><li>c</li><li>d</li></ol>',
        ["# a", "# b", "x", "3. c", "4. d"],
        ("list_numbers",),
    ),
    TextCase("<ol type=a><li>x</li><li>y</li></ol>", ["a. x", "b. y"], ("list_numbers",)),
    TextCase("<ol reversed><li>x</li><li>y</li></ol>", ["2. x", "1. y"], ("list_numbers",)),
    TextCase("<ol><li>x</li><li value=7>y</li><li>z</li></ol>", ["1. x", "7. y", "8. z"], ("list_numbers",)),
]
BREAKS = [
    *(
        TextCase(f"Open page{sign}Click OK{sign}Wait", ["Open page", "Click OK", "Wait"])
        for sign in "\x0b\x0c\x85\u2028\u2029\r"
    ),
    TextCase("<p>Open page\x0bClick OK\u2028Wait</p>", ["Open page", "Click OK", "Wait"]),
    TextCase("<b>Open</b> page\r\nWait", ["Open page", "Wait"]),
    TextCase("1. Open\n2. Click\n<ul><li>a</li></ul>\n3. Close", ["1. Open", "2. Click", "a", " 3. Close"]),
    TextCase("<b>Open</b>\r\n\r\nClick<hr>Close\r\nWait", ["Open", "Click", "Close", "Wait"]),
    TextCase("Open:<br>\nClick", ["Open:", " Click"]),
    TextCase("<b>Open</b>\x0b<i>Click</i>", ["Open", "Click"]),
]
CELLS = [
    TextCase(
        "Name\tRole\tAge\nAda\t\t36\nBob\tAdmin\t",
        ["Name | Role | Age", "Ada |  | 36", "Bob | Admin |"],
        ("table_flattened",),
    ),
    TextCase("\tMay\tJune\nAda\t1\t2", [" | May | June", "Ada | 1 | 2"], ("table_flattened",)),
    TextCase(
        "Name\tAge\tX\n<b>Ada</b>\t\t36\nBob\t<i>1</i>\t",
        ["Name | Age | X", "Ada |  | 36", "Bob | 1"],
        ("table_flattened",),
    ),
    TextCase("x:\n\ty\t<b>z</b>\tq", ["x:", "    y    z    q"]),
    TextCase("1.\tOpen\n2.\tClick", ["1. Open", "2. Click"]),
    TextCase("a)\t<b>Open</b>\nb)\tClick\n•\tWait", ["a)\tOpen", "b)\tClick", "•\tWait"]),
    TextCase("Click \t<em>Note: this</em>", ["Click \tNote: this"]),
    TextCase("User\tada", ["User | ada"], ("table_flattened",)),
    TextCase("<table><tr><td>Ada</td><td></td><td>36</td></tr></table>", [" Ada  |    |  36"], ("table_flattened",)),
]
ADDRESSES = [
    TextCase('<p><a href="https:page.html">a</a></p>', ["a (https:page.html)"], ("link_unusable",)),
    TextCase(
        r'<a href="file:///\\srv01\qa\specs\login.docx">spec</a>',
        [r"spec (file:///\\srv01\qa\specs\login.docx)"],
        ("link_unusable",),
    ),
    TextCase(
        '<a href="ftp://ftp.acme.test/a.zip">build</a>', ["build (ftp://ftp.acme.test/a.zip)"], ("link_unusable",)
    ),
    TextCase(r'<a href="C:\specs\a.doc">x</a>', [r"x (C:\specs\a.doc)"], ("link_unusable",)),
    TextCase(
        '<a href="results#add">x</a> <a href="/img/a.png">y</a>',
        ["x (results#add) y (/img/a.png)"],
        ("link_unusable",) * 2,
    ),
    TextCase('<a href="tel:+491">call</a>', ["call (tel:+491)"], ("link_unusable",)),
    TextCase('<p>a <a href="https://h.test/x"></a></p>', ["a https://h.test/x"]),
]
ABOUT_TAGS = [
    TextCase("It starts with <div> and ends with </div>.", ["It starts with <div> and ends with </div>."]),
    TextCase("<p>Remove <b> before it and </b> behind it</p>", ["Remove <b> before it and </b> behind it"]),
    TextCase("Allowed: <b></b>, <i></i>", ["Allowed: <b></b>, <i></i>"]),
    TextCase("<p>Enter <b onclick='go()'>x</b></p>", ["Enter <b onclick='go()'>x</b>"]),
    TextCase("Is <html><body>OK</body></html> it?", ["Is <html><body>OK</body></html> it?"]),
    TextCase("Use <br> or <br/> here", ["Use <br> or <br/> here"]),
    TextCase("Enter <b>bold</b> here", ["Enter bold here"], ("markup_assumed",)),
    TextCase("<p>Wrap it with <b></b> or <i></i></p>", ["Wrap it with <b></b> or <i></i>"]),
    TextCase(
        '<data><section name="a"><p>5</p></section></data>', ['<data><section name="a"><p>5</p></section></data>']
    ),
    TextCase("<section id='a'><p>5</p></section>", ["5"], ("markup_unseen",)),
    TextCase("<div>1. Open\n2. Click</div>", ["1. Open", "2. Click"]),
    TextCase("<p>See /x?a=1&copy=2 &amp; <b>y</b></p>", ["See /x?a=1&copy=2 & y"]),
]
KINDS = {
    "elements in prose": ELEMENTS_IN_PROSE, "placeholders": PLACEHOLDERS, "mentions": MENTIONS, "tags": TAGS,
    "code": CODE, "looks": LOOKS, "checked": CHECKED, "numbers": NUMBERS, "breaks": BREAKS,
    "cells": CELLS, "addresses": ADDRESSES, "about tags": ABOUT_TAGS,
}  # fmt: skip
