"""Names of files: whatever the source calls them, a name that every system can store, and no path."""

import re

from mappings.vocabulary import cut, without_control
from migrator.core.drafts import FILE_NAME_LIMIT

_UNSAFE = re.compile(r'[/\\:*?"<>|]')
_NO_WORD = re.compile(r"[^\w-]")
_BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
# characters that turn the reading direction make exe.png out of gnp.exe
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
_LONGEST_EXTENSION = 16


def safe_name(name: str, ident: str) -> str:
    """Return a name of 1-255 characters without separators, control characters or reserved words.

    ``ident`` names the file when nothing of its name is left.
    """
    text = _TURNING.sub("", without_control(_BREAKS.sub(" ", name)))
    text = _UNSAFE.sub("_", text).strip().rstrip(". ")
    if not text.strip("._ "):
        text = f"file-{_NO_WORD.sub('_', ident)}"
    if text.partition(".")[0].strip().casefold() in _RESERVED:
        text = f"_{text}"
    return with_suffix(text, "")


def with_suffix(name: str, suffix: str) -> str:
    """Return the name with ``suffix`` before its extension, cut to the limit."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    end = f"{suffix}{dot}{extension}"
    return cut(stem, FILE_NAME_LIMIT - len(end)) + end
