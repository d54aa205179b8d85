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
    )
)  # fmt: skip

KNOWN = EDITOR | _OTHER
"""All elements that a text can hold; the names of the others are words."""

OFFICE = ("o:", "v:", "w:", "m:", "st1:")
"""Prefixes of elements that office programs write."""

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
"""Elements that hold nothing, so that nothing closes them."""

UNCLOSED = frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option"))
"""Elements that the next one closes."""

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


def is_element(name: str, attributes: str = "") -> bool:
    """Return whether a tag can be markup. ``attributes``: as written; an unknown element that has a class or a style
    comes from a web page."""
    return name in KNOWN or name.startswith(OFFICE) or "class=" in attributes or "style=" in attributes
