"""The Prefect server that stays: its client, and its errors in words of ours. Needs the extra ``prefect``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from prefect import get_client

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError


@asynccontextmanager
async def prefect_server() -> AsyncIterator[Any]:
    """Yield a client of the server that ``PREFECT_API_URL`` names.

    Raises ``TemporaryError`` when it does not answer, also to what is called inside the block.
    """
    try:
        async with get_client() as client:
            yield client
    except httpx.TransportError as error:
        raise TemporaryError(
            "the Prefect server does not answer",
            code=ErrorCode.SERVICE_UNREACHABLE,
            cause=f"{type(error).__name__}: {error}",
            next_step="see whether it runs, and whether PREFECT_API_URL is its address, with /api at the end",
        ) from None
