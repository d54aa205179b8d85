"""Characters that XML forbids and that .NET writes all the same, such as ``&#x1F;``; pure.

They are hidden from the parser as characters of a private area and put back in what it reads, so that a file's name is
the same by SOAP as by REST.
"""

import re

_REFERENCE = re.compile(rb"&#(?:[xX]0{0,24}([0-9a-fA-F]{1,8})|0{0,24}([0-9]{1,10}));")
_RAW = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# U+FFFE and U+FFFF as UTF-8 has them; in other encodings three signs that stand together in no language
_RAW_NONE = re.compile(rb"\xef\xbf[\xbe\xbf]")
_BEGUN = (b"\xef\xbf", b"\xef")
_REPLACED = b"&#xFFFD;"
_LONGEST_REFERENCE = 38
_CONTROLS = 0x20
_HIDDEN = 0x10FF00
_BACK = {_HIDDEN + code: code for code in range(_CONTROLS)}


class Hider:
    """Hides forbidden characters in the bytes of one document, piece by piece. Text of two bytes a character passes as
    it is."""

    def __init__(self) -> None:
        self._rest = b""
        self._passes: bool | None = None

    def hide(self, data: bytes, *, last: bool = False) -> bytes:
        """Return the next bytes to parse; what may be the beginning of one to hide is kept for the next time."""
        if self._passes is None:
            self._passes = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        if self._passes:
            return data
        data = self._rest + data
        start = data.rfind(b"&", max(0, len(data) - _LONGEST_REFERENCE))
        cut = len(data) if last or start < 0 or b";" in data[start:] else start
        if not last and cut == len(data):
            cut -= next((len(end) for end in _BEGUN if data.endswith(end)), 0)
        data, self._rest = data[:cut], data[cut:]
        if b"&#" in data:
            data = _REFERENCE.sub(_of_reference, data)
        data = _RAW_NONE.sub(_REPLACED, data)
        return _RAW.sub(lambda found: _hidden(found.group()[0]), data)


def shown(text: str) -> str:
    """Return a text that the parser has read with its characters put back."""
    return text.translate(_BACK) if any(character >= chr(_HIDDEN) for character in text) else text


def _hidden(code: int) -> bytes:
    return b"&#x%X;" % (_HIDDEN + code)


def _of_reference(found: re.Match[bytes]) -> bytes:
    code = int(found[1], 16) if found[1] else int(found[2])
    if code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
        return found.group()
    return _hidden(code) if code < _CONTROLS else _REPLACED
