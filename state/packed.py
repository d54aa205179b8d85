"""Drafts and other JSON as they lie in the database: compressed."""

from functools import cache
from typing import Annotated

import orjson
import zstandard
from pydantic import Field, TypeAdapter

from migrator.core.drafts import AnyDraft

_DRAFT: TypeAdapter[AnyDraft] = TypeAdapter(Annotated[AnyDraft, Field(discriminator="kind")])


def packed(text: bytes) -> bytes:
    """Return the compressed bytes."""
    return _compressor().compress(text)


def unpacked(blob: bytes) -> bytes:
    """Return the original bytes."""
    return _decompressor().decompress(blob)


def packed_draft(draft: AnyDraft) -> bytes:
    """Return a draft for storing."""
    return packed(orjson.dumps(draft.model_dump(mode="json")))


def unpacked_draft(blob: bytes) -> AnyDraft:
    """Return a stored draft; those of the first schema are not compressed."""
    return _DRAFT.validate_json(blob if blob.startswith(b"{") else unpacked(blob))


@cache
def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=3)


@cache
def _decompressor() -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor()
