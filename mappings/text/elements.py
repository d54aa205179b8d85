"""Names of HTML elements, by how much they prove that a text was written by an editor."""

FLOWING = frozenset(
    (
        "b", "big", "blockquote", "center", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5",
        "h6", "i", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strike", "strong", "sub", "sup", "tbody",
        "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
    )
)  # fmt: skip
"""Elements that are markup even where nothing closes them, unless they are mentioned in a sentence."""

EDITOR = FLOWING | {"a", "article", "br", "caption", "code", "col", "colgroup", "hr", "img", "section", "table"}
"""Elements that prove that an editor wrote a text."""

_OTHER = frozenset(
    (
        "abbr", "acronym", "address", "area", "aside", "audio", "base", "bdi", "bdo", "body", "button", "canvas",
        "cite", "data", "datalist", "details", "dfn", "dialog", "embed", "fieldset", "figcaption", "figure", "footer",
        "form", "head", "header", "html", "iframe", "input", "kbd", "label", "legend", "link", "main", "map", "mark",
        "math", "menu", "meta", "meter", "nav", "noscript", "object", "optgroup", "option", "output", "param",
        "picture", "progress", "q", "rp", "rt", "ruby", "samp", "script", "select", "source", "style", "summary",
        "svg", "template", "textarea", "time", "title", "track", "var", "video", "wbr", "xml",
        "google-sheets-html-origin",
    )
)  # fmt: skip

KNOWN = EDITOR | _OTHER
"""All elements that a text can hold; the names of the others are words."""

_OF_OFFICE = {
    "o": "p idmap lock shapedefaults shapelayout signatureline smarttagtype wrapblock",
    "v": "arc background curve f fill formulas group h handles image imagedata line oval path polyline rect roundrect "
    "shadow shape shapetype stroke textbox textpath",
    "w": "anchorlock sdt sdtcontent sdtpr worddocument wrap",
    "m": "acc accpr argpr bar barpr box borderbox brkbin brkbinsub chr ctrlpr d defjc deg den dispdef dpr e f fname "
    "fpr func funcpr interlim intlim limlow limlowpr limupp limuppr lim lmargin mathfont mathpr mr nary narylim narypr "
    "num omath omathpara omathparapr r rad radpr rmargin rpr scr smallfrac ssub ssubpr ssubsup ssubsuppr ssup ssuppr "
    "sty sub sup t wrapindent",
    "st1": "address city country-region date metricconverter personname place placename placetype postalcode state "
    "street time",
}
OFFICE = frozenset(f"{prefix}:{name}" for prefix, names in _OF_OFFICE.items() for name in names.split())
"""Elements that office programs write."""

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
"""Elements that hold nothing, so that nothing closes them."""

_IN_TABLES = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th"))
UNCLOSED = {
    "p": frozenset[str](), "li": frozenset(("ul", "ol", "menu")), "dt": frozenset(("dl",)), "dd": frozenset(("dl",)),
    "option": frozenset(("select", "optgroup", "datalist")),
    **dict.fromkeys(("tr", "td", "th", "tbody", "thead", "tfoot"), _IN_TABLES),
}  # fmt: skip
"""Elements that the next one closes, and those that they stand in."""

RAW = frozenset(("head", "iframe", "noscript", "object", "script", "style", "template", "title"))
"""Elements whose content is no text of the document, or a text for programs."""

ISLANDS = frozenset(("svg", "math", "xml"))
"""Elements whose content has names of its own."""

FLAGS = frozenset(
    (
        "allowfullscreen", "async", "autofocus", "autoplay", "checked", "compact", "controls", "defer", "disabled",
        "hidden", "loop", "multiple", "muted", "noshade", "nowrap", "open", "readonly", "required", "reversed",
        "selected",
    )
)  # fmt: skip
"""Attributes that need no value."""


# parsers drop them from a text
_OF_MATHJAX = "mjx-"
_OF_PAGES = ("class=", "style=", "aria-hidden=")
_OF_FRAMES = frozenset(("frame", "frameset"))


def is_element(name: str, attributes: str = "") -> bool:
    """Return whether a tag can be markup. ``attributes``: as written; an unknown element comes from a web page if it
    has a class or a style, or is passed over when it is read aloud."""
    if name in KNOWN or name in OFFICE or name.startswith(_OF_MATHJAX):
        return True
    return name not in _OF_FRAMES and any(name in attributes for name in _OF_PAGES)
