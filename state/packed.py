"""Drafts and other JSON as they lie in the database: compressed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any

import orjson
import zstandard
from pydantic import Field, TypeAdapter

from migrator.core.drafts import AnyDraft
from migrator.core.errors import WorkspaceDamaged
from migrator.core.model import ENTITY, AnyEntity

_DRAFT: TypeAdapter[AnyDraft] = TypeAdapter(Annotated[AnyDraft, Field(discriminator="kind")])


def packed(text: bytes) -> bytes:
    """Return the compressed bytes."""
    return _compressor().compress(text)


def unpacked(blob: bytes) -> bytes:
    """Return the original bytes; ``WorkspaceDamaged`` when they cannot be had."""
    with _readable():
        return _decompressor().decompress(blob)


def packed_draft(draft: AnyDraft) -> bytes:
    """Return a draft for storing."""
    return packed(orjson.dumps(draft.model_dump(mode="json")))


def draft_json(blob: bytes) -> bytes:
    """Return a stored draft as JSON; those of the first schema are not compressed. Raises like ``unpacked``."""
    return blob if blob.startswith(b"{") else unpacked(blob)


def unpacked_draft(blob: bytes) -> AnyDraft:
    """Return a stored draft. Raises like ``unpacked``."""
    with _readable():
        return _DRAFT.validate_json(draft_json(blob))


def unpacked_entity(blob: bytes) -> AnyEntity:
    """Return a stored entity. Raises like ``unpacked``."""
    with _readable():
        return ENTITY.validate_json(unpacked(blob))


def unpacked_json(blob: bytes) -> Any:
    """Return stored JSON. Raises like ``unpacked``."""
    with _readable():
        return orjson.loads(unpacked(blob))


@contextmanager
def _readable() -> Iterator[None]:
    """Raise ``WorkspaceDamaged`` for bytes that are not what was stored: the pages of the database are sound, and what
    lies in them is not."""
    try:
        yield
    except (zstandard.ZstdError, ValueError) as error:
        raise WorkspaceDamaged(
            "the workspace is damaged: it holds what this program has not written",
            cause=f"{type(error).__name__}: {error}"[:300],
            next_step="restore the workspace folder from a backup, or start with an empty one",
        ) from error


@cache
def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=3)


@cache
def _decompressor() -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor()
