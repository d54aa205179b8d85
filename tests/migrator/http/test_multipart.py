"""The heads of parts of a form, whatever a file is called."""

from collections.abc import AsyncGenerator

import anyio

from migrator.http.multipart import FilePart, Multipart


def test_no_control_character_of_a_name_is_sent() -> None:
    part = FilePart('a\x1b[2J\x07\x00b\r\n"c.png', 0, "image/png", _nothing)

    async def body() -> bytes:
        return b"".join([chunk async for chunk in Multipart("file", [part]).chunks()])

    head = anyio.run(body).partition(b"\r\n\r\n")[0]
    assert b'filename="a[2Jb%0D%0A%22c.png"' in head


async def _nothing() -> AsyncGenerator[bytes, None]:
    for chunk in tuple[bytes]():
        yield chunk
