"""The text that people see in a piece of HTML: what is compared, whatever a server does to the markup."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
"""Elements that separate words."""

UNSEEN = frozenset(("script", "style", "template", "head", "title", "noscript"))
"""Elements whose content is not shown."""

TEXT = "-text"


def visible_text(html: str) -> str:
    """Return the visible words of HTML (or of plain text), entities decoded, separated by single spaces."""
    if not html:
        return ""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    body = LexborHTMLParser(html).body
    return " ".join("".join(_pieces(body)).split()) if body else ""


def _pieces(root: LexborNode) -> list[str]:
    """Walk with a list instead of recursion: documents nest deeper than Python may call."""
    pieces: list[str] = []
    waiting: list[LexborNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        name = node.tag
        if name == TEXT:
            pieces.append(node.text_content or "")
        elif name not in UNSEEN:
            children: list[LexborNode | str] = list(node.iter(include_text=True))
            if name in BLOCKS:
                children = [" ", *children, " "]
            waiting.extend(reversed(children))
    return pieces
