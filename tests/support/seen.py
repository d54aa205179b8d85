"""What people see of a piece of HTML, read by the standard library's parser."""

from html.parser import HTMLParser

_LINES = frozenset(("p", "br", "li", "h4", "pre", "ul", "ol", "tr", "div"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.bold: list[str] = []
        self.links: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINES:
            self.lines.append("")
        if tag == "li":
            self.lines[-1] += "".join("# " for name, _ in self._open if name == "ol")
        if tag != "br":
            self._open.append((tag, dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in _LINES:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        names = [name for name, _ in self._open]
        first, *others = data.split("\n") if "pre" in names else [data.replace("\n", " ")]
        self.lines[-1] += first
        self.lines += others
        if "b" in names or "strong" in names:
            self.bold.append(data)
        for name, address in self._open:
            if name == "a":
                self.links[data] = address


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def lines_of(html: str) -> list[str]:
    """Return the lines, without empty ones; ``#`` stands for the number of an item in ``ol``."""
    lines = [line.rstrip(" \n\t").replace("\xa0", " ") for line in _read(html).lines]
    return [line for line in lines if line.strip()]


def bold_of(html: str) -> str:
    """Return the words in bold."""
    return "".join(_read(html).bold)


def links_of(html: str) -> dict[str, str]:
    """Return the addresses of links, by their words."""
    return _read(html).links
