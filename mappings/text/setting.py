"""What a text stands in, and what it loses on the way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from mappings.files import Files
from migrator.core.notes import NoteCode


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text stands in.

    Args:
        files: takes up the pictures of the text, None when they stay addresses.
        cases: address of a test case at the source → its marker.
        hosts: of the source, in lower case.
        images, tables: they survive in QA Sphere.
    """

    files: Files | None = None
    cases: Mapping[str, str] = field(default_factory=dict)
    hosts: Collection[str] = ()
    images: bool = False
    tables: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the text lost or that changed its shape; becomes a note of the item."""

    code: NoteCode
    original: str
    message: str
