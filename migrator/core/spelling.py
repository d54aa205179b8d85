"""How a text may be spelled by whoever repeats it: escaped for JSON, HTML and addresses, once or several times over,
and in base64, alone or in the middle of something. Every repetition in a pattern is bounded: no text takes long."""

import base64
import re
from collections.abc import Iterator
from functools import cached_property
from html.entities import codepoint2name

_RUN = re.compile("[A-Za-z0-9]+")
_SHORTEST_CORE = 3
_SHORTEST_INSIDE = 8
"""So many letters of base64 are no chance when they stand inside of something."""
_BACKSLASH = r"(?:\\|%(?:25){0,4}5c)"
_ESCAPE = rf"{_BACKSLASH}{{1,8}}u"
_AND = rf"(?:&|{_ESCAPE}0026|%(?:25){{0,4}}26)(?:amp(?:;|%(?:25){{0,4}}3b)){{0,4}}"
_HASH = r"(?:#|%(?:25){0,4}23)"
_END = r"(?:;|%(?:25){0,4}3b)"
_CODE = re.compile(
    rf"%(?:25){{0,4}}(?!25)([0-9a-f]{{2}})|{_ESCAPE}([0-9a-f]{{4}})"
    rf"|{_AND}{_HASH}(?:x0{{0,6}}([0-9a-f]{{2,5}})|0{{0,6}}([0-9]{{2,6}})){_END}",
    re.IGNORECASE,
)
_SIGNS = ("%", "\\", "&")
"""Each code begins with one of them; looking for these alone is far quicker, and most texts have none."""
_CODES = re.compile(rb"[%\\&](?:25){0,4}(?:amp;){0,4}(?:[3-7][0-9a-fA-F]|\\{0,7}u00[2-7][0-9a-fA-F]|#[xX0-9])")
_PASSES = 3
_SHORT = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_APOSTROPHE = ord("'")
_PADDING = r"(?:=|%(?:25){0,4}3d|\\{1,8}u003d|&#61;){0,2}"


class Spelling:
    """One text to be found in all its escapes. ``before``, ``behind``: patterns of what is hidden with it."""

    def __init__(self, text: str, *, before: str = "", behind: str = "") -> None:
        self.text = text
        self._before, self._behind = before, behind
        run = max(_RUN.findall(text), key=len, default="")
        # letters and digits stay as they are in nearly every spelling; too few say nothing, and are always looked for
        self.core = run if len(run) >= _SHORTEST_CORE else ""
        self.core_bytes = self.core.encode()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, made when it is needed: signed addresses are many, and hardly ever repeated."""
        letters = "".join(_letters(found[0]) for found in re.finditer(r"\\+|[^\\]", self.text, re.DOTALL))
        return re.compile(f"(?i:{self._before})" * bool(self._before) + letters + f"(?i:{self._behind})")


def spellings_of(secret: str, shortest: int) -> Iterator[Spelling]:
    """Yield what a secret becomes: itself, as whoever takes one code page for another reads it, and base64 of these."""
    texts, data = {secret}, {secret.encode(errors="surrogatepass")}
    if not secret.isascii():
        data |= {secret.encode(name, "replace") for name in ("utf-8", "latin-1", "ascii")}
        wrong = {text for each in data for text in (each.decode("latin-1"), each.decode("utf-8", "replace"))}
        # a text of question marks is nobody's secret any more
        texts |= {text for text in wrong if len(text.replace("?", "").replace("\ufffd", "")) >= shortest}
        data = {each for each in data if len(each.replace(b"?", b"")) >= shortest}
    yield from (Spelling(text) for text in texts)
    for each in data:
        yield from _in_base64(each)


def _in_base64(data: bytes) -> Iterator[Spelling]:
    """Yield base64 of the data at each of the three places at which it may begin in something longer."""
    for skipped in range(3):
        coded = base64.b64encode(bytes(skipped) + data).decode()
        sure = coded[(8 * skipped + 5) // 6 : 8 * (skipped + len(data)) // 6]
        if skipped and len(sure) < _SHORTEST_INSIDE:
            continue
        for text in {sure, sure.translate(str.maketrans("+/", "-_"))}:
            yield Spelling(text, before="[A-Z0-9+/_-]{0,2}" if skipped else "", behind=f"[A-Z0-9+/_-]*+{_PADDING}")


def _letters(run: str) -> str:
    """Return a pattern of one character, or of a run of backslashes, which escapes make longer."""
    if run[0] == "\\":
        return rf"(?:(?i:{_BACKSLASH}){{{len(run)},{8 * len(run)}}}|(?:{_coded(run[0])}){{{len(run)}}})"
    plain = re.escape(run) + (f"|{_SHORT[run]}" if run in _SHORT else "") + (r"|\+" if run == " " else "")
    return rf"(?:(?i:{_BACKSLASH}){{0,8}}(?:{_coded(run)}|{plain}))"


def _coded(letter: str) -> str:
    code = ord(letter)
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    escapes = "".join(f"{_ESCAPE}{units[place : place + 4]}" for place in range(0, len(units), 4))
    percents = {_percents(letter.encode(errors="surrogatepass"))}
    if code <= 0xFF:
        percents.add(_percents(letter.encode("latin-1")))
    name = "apos" if code == _APOSTROPHE else codepoint2name.get(code)
    names = f"|{name}" if name else ""
    entity = rf"{_AND}(?:{_HASH}x0{{0,6}}{code:x}|{_HASH}0{{0,6}}{code}{names}){_END}"
    return f"(?i:{'|'.join([escapes, *percents, entity])})"


def _percents(data: bytes) -> str:
    return "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in data)


def decoded(text: str) -> str:
    """Return a text with the codes of its ASCII characters resolved, some several times; only to be searched."""
    for _ in range(_PASSES):
        if not any(sign in text for sign in _SIGNS) or not _CODE.search(text):
            break
        text = _CODE.sub(_character, text)
    return text


def _character(found: re.Match[str]) -> str:
    percent, unit, number, decimal = found.groups()
    code = int(decimal) if decimal else int(percent or unit or number, 16)
    return chr(code) if code < 0x80 else "\ufffd"


def holds_codes(body: bytes | bytearray) -> bool:
    """Whether letters or digits of a body may be written as codes."""
    return _CODES.search(body) is not None
