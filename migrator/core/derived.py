"""Lines in the text of a case that follow from the source and change with every edit there, and lines of a result that
are no edit of it.

They are ours, whoever writes around them: a merge looks at the text without them, and renews them.
"""

import re

from migrator.core.text import SCHEME

LABELS = ("Updated", "Version")
"""The facts that a source counts on by itself, as the lines are called in a precondition."""
RECORDED = "Recorded by"
"""The line of a result whose tester or date nobody knows."""
PAGES = "Pages"
"""The line of a run that leads to the cases which list the pages of its set, release and configuration."""
_PAGES = re.compile(rf'<li><strong>{PAGES}:</strong> <a href="{SCHEME}:case:.*?</li>', re.DOTALL)
_LABEL = rf"<(?:strong|b)>\s*(?:{'|'.join(LABELS)}):\s*</(?:strong|b)>"
_LINE = re.compile(rf"<li>\s*(?:<p>\s*)?{_LABEL}[^<]*(?:</p>\s*)?</li>\s*")
_VALUE = re.compile(rf"({_LABEL})([^<]*)")


def without_derived(text: str) -> str:
    """Return HTML without such lines."""
    return _LINE.sub("", text)


def renewed(text: str, source: str) -> str:
    """Return HTML with the values that its derived lines have in another text. A line that somebody has deleted stays
    away; as it is when a line stands in one of the texts twice, because nobody can tell which is ours."""
    values = {_name(match): match[2] for match in _VALUE.finditer(source)}
    for names in ([_name(match) for match in _VALUE.finditer(one)] for one in (text, source)):
        if len(set(names)) < len(names):
            return text
    return _VALUE.sub(lambda match: match[1] + values.get(_name(match), match[2]), text)


def without_facts(text: str, *names: str) -> str:
    """Return HTML without the facts of these names, wherever they are listed."""
    label = rf"<(?:strong|b)>\s*(?:{'|'.join(map(re.escape, names))}):\s*</(?:strong|b)>"
    return re.sub(rf"<li>\s*(?:<p>\s*)?{label}[^<]*(?:</p>\s*)?</li>\s*", "", text)


def pages_line(text: str) -> str:
    """Return the line on pages in the text of a draft; empty without one."""
    found = _PAGES.search(text)
    return found[0] if found else ""


def without_pages(text: str) -> str:
    """Return the text of a draft without that line."""
    return _PAGES.sub("", text).replace("<ul></ul>", "")


def _name(match: re.Match[str]) -> str:
    return next(label for label in LABELS if label in match[1])
