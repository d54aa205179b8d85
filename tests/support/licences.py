"""The libraries that an installation brings, with their licences: ``python -m tests.support.licences`` prints
``docs/dependencies.md``."""

import re
import sys
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "qasphere-migrator"
PERMITTED = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "PSF-2.0", "Public Domain",
    "Unlicense",
}  # fmt: skip
"""With which a program under Apache-2.0 may be used and handed on; MPL-2.0 covers changes to that library only."""
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
_WORDS = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "PSFL": "PSF-2.0",
}
_HEAD = """# Dependencies

What `pip install qasphere-migrator` brings, with the licence that each library names. Versions: `constraints.txt`;
`.ci/audit` asks for known holes in them. Made by `python -m tests.support.licences`; a test compares, and sees that
every licence goes with Apache-2.0.

| Library | Licence | Comes with |
| --- | --- | --- |
"""


def asked_for() -> dict[str, set[str]]:
    """Return every library that is installed with the program, by name, and who asks for it."""
    found: dict[str, set[str]] = {}
    waiting = [PROGRAM]
    while waiting:
        name = waiting.pop()
        for line in distribution(name).requires or ():
            wanted = Requirement(line)
            if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
                continue
            library = canonicalize_name(wanted.name)
            if library not in found:
                waiting.append(library)
            found.setdefault(library, set()).add(name)
    return found


def licence_of(library: str) -> str:
    """Return a library's licence as SPDX has it; of older metadata the classifier, or the word."""
    metadata = distribution(library).metadata
    for expression in metadata.get_all("License-Expression") or ():
        return str(expression)
    named = [
        line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or () if line.startswith("License ::")
    ]
    words = [_CLASSIFIERS.get(name, name) for name in named if name != "OSI Approved"]
    word = "".join(metadata.get_all("License") or ()).strip()
    return " OR ".join(words) or _WORDS.get(word, word.partition("\n")[0])


def is_permitted(licence: str) -> bool:
    """Return whether every part of a licence is: of alternatives, one is enough."""
    parts = [part.strip(" ()") for part in re.split(r" AND ", licence)]
    return all(any(one.strip(" ()") in PERMITTED for one in part.split(" OR ")) for part in parts)


def lines() -> list[str]:
    """Return a line of the table for each library. Which others ask for it depends on Python's version; that is left
    out."""
    asked = sorted(asked_for().items())
    return [
        f"| {library} | {licence_of(library)} | {'us' if PROGRAM in names else 'others'} |" for library, names in asked
    ]


if __name__ == "__main__":
    sys.stdout.write(_HEAD + "\n".join(lines()) + "\n")
