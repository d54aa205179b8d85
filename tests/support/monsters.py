"""A project of what breaks importers: HTML, Unicode, lengths and names (qacomplete-api.md §9.6)."""

from connectors.qacomplete.sandbox import (
    Defect,
    Folder,
    Link,
    Note,
    Project,
    Requirement,
    SeedData,
    Step,
    Test,
    User,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

PLAIN = {
    "no html": "if a <b and c> d then 5 < 6 && x <none> List<String>",
    "markdown": "**bold** <https://x.example> [link](https://y.example) `code` # head",
}
"""Texts that look like HTML and are none; every character of them is to be seen."""

TEXTS = {
    "word": "<!--[if mso]><xml><o:x/></xml><![endif]--><p class=MsoNormal style='mso-x:y'><b>Log&nbsp;in</b><o:p>",
    "nested tables": "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td><td><ul><li>d</ul></td></tr>",
    "unclosed": "<p>one<b>two<i>three</p><li>four<td>five",
    "deep": "<div><span>" * 1500 + "bottom" + "</span></div>" * 1500,
    "script": "<p>before<script>alert('x')</script><iframe src=//evil.example></iframe>after<img src=x></p>",
    "pixel": f'see <img src="data:image/png;base64,{PIXEL}"> and <img src="/img/cart.png" alt="cart">',
    "entities": "&lt;b&gt; &amp;amp; &#128512; &nbsp;&copy; &bogus; &#0; &#xD800;",
    "control": "ring\x07 bell\x00 null \x0b tab\ttab \ufffe end\u2028line",
    "symbols": '<a href="qmig:file:x">qmig:case:y</a> qm<b></b>ig:file:z <a href="//x.example/?qmig:file:q">w</a>',
    "bidi": "\u202eevil\u202c \u0627\u0644\u0633\u0644\u0629 \u05e2\u05d2\u05dc\u05d4 \u8d2d\u7269 e\u0301 " + FAMILY,
    "one long word": "x" * 70_000,
    "many words": "<p>" + " ".join(f"word{number}" for number in range(12_000)) + "</p>",
    "only a picture": '<img src="https://web.example/shots/1.png">',
    "comment": "<!-- nothing --> <![CDATA[ cdata ]]> <?php echo 1 ?> <!doctype html>",
    **PLAIN,
    "blank": " \t\r\n\xa0 ",
}  # fmt: skip

TITLES = (
    "x" * 600,
    "word " * 200,
    FAMILY * 130,
    "\u202eRight to left \u05e2\u05d2\u05dc\u05d4",
    "Search&amp;notify &lt;b&gt;",
    "tab\tand\nbreak\x07",
    "   ",
    "Source: qacomplete@acme:test:12/1",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    "Same title",
    "Same title",
    "\u00e9\u0301\u0323\u0300" * 120,
)

FOLDERS = ("a/b", "..", " ", "x" * 300, "\u8d2d\u7269\u8f66 " + FAMILY, "CON", "Same", "Same", "tab\tname")


def monsters() -> SeedData:
    """Return them all in project 12."""
    folders = [Folder(70 + number, 12, title) for number, title in enumerate(FOLDERS)]
    folders += [Folder(90, 12, "Below", parent_id=70), Folder(91, 12, "Orphan", parent_id=4711, active=False)]
    places = [folder.id for folder in folders] + [0, 4712]
    tests = [
        Test(100 + number, 12, title, folder_id=places[number % len(places)]) for number, title in enumerate(TITLES)
    ]
    tests += [
        Test(200 + number, 12, f"Text: {name}", folder_id=places[number % len(places)], description=text,
             steps=[Step(2000 + number, 1, text, text)], custom_fields=[("Custom1", "Remarks", text)])
        for number, (name, text) in enumerate(TEXTS.items())
    ]  # fmt: skip
    tests += [_stepped(300, 60), _stepped(301, 1), _stepped(302, 0)]
    tests[0].custom_fields = [
        ("Custom1", "Colon: here", "1"), ("Custom2", "Same", "2"), ("Custom3", "Same", "3"),
        ("Custom4", "x" * 90, "y" * 9_000),
    ]  # fmt: skip
    tests[1].test_type, tests[1].priority, tests[1].active = "t" * 300, "P\u2080", False
    users = [User(1, "Ada", "Berg", "ada@acme.example")]
    data = SeedData(projects=[Project(12, "Mon\u2215sters")], users=users, folders=folders, tests=tests)
    data.requirements = [Requirement(500, 12, "r" * 400), Requirement(501, 12, "Same"), Requirement(502, 12, "Same")]
    data.defects = [Defect(600, 12, "<img src=x onerror=alert(1)>", status="<b>open</b>")]
    data.links = [Link(900 + number, 12, "FunctionalSpecs", 500 + number, "Tests", 100) for number in range(3)]
    data.links.append(Link(910, 12, "Bugs", 600, "Tests", 100))
    data.notes = [Note(800 + number, 12, "Tests", 101, text) for number, text in enumerate(TEXTS.values())]
    return data


def _stepped(ident: int, count: int) -> Test:
    steps = [Step(ident * 100 + number, count - number, f"do {count - number}", None) for number in range(count)]
    return Test(ident, 12, f"{count} steps", folder_id=70, steps=steps)
