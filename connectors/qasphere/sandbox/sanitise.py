"""The server's sanitiser, like a Go token-stream sanitiser (§1.8, A-08): another library than the client's."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

_FEW = set("p br b strong i em u s sub sup code pre blockquote h1 h2 h3 h4 h5 h6 ul ol li hr a span div".split())  # noqa: SIM905 - a list of words
_MORE = set("table thead tbody tr th td img".split())  # noqa: SIM905 - a list of words
_VOID = {"br", "hr", "img"}
_DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "embed", "noscript", "title"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "title", "width", "height"}}
_SCHEMES = {"http", "https", "mailto", ""}


def sanitise(html: str, allowed: str) -> str:
    """Return what the server stores. ``allowed``: ``few`` drops tables and images and keeps their text."""
    cleaner = _Cleaner(_FEW if allowed == "few" else _FEW | _MORE)
    cleaner.feed(html)
    cleaner.close()
    return "".join(cleaner.out)


class _Cleaner(HTMLParser):
    def __init__(self, tags: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._tags = tags
        self._dropping = 0
        self.out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping += 1
        elif tag in self._tags and not self._dropping:
            self.out.append(f"<{tag}{_attributes(tag, attrs)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._tags and not self._dropping:
            self.out.append(f"<{tag}{_attributes(tag, attrs)}{'/' if tag in _VOID else ''}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping = max(0, self._dropping - 1)
        elif tag in self._tags and tag not in _VOID and not self._dropping:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.out.append(escaped(data))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    kept = [(name, value or "") for name, value in attrs if name in _ATTRIBUTES.get(tag, set())]
    kept = [(name, value) for name, value in kept if name not in ("href", "src") or _is_harmless(value)]
    return "".join(f' {name}="{escaped(value)}"' for name, value in kept)


def _is_harmless(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def escaped(text: str) -> str:
    """Return a text as the server writes it into HTML."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text
