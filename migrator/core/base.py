"""The base of every value object, and how values become bytes and digests."""

import hashlib
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical_json(value: Any) -> bytes:
    """Return the one JSON spelling of plain data: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Any) -> str:
    """Return the SHA-256 (hex, 64 digits) of plain data in its canonical JSON spelling."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
