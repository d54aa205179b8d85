"""A few attachments and pictures (§9.6): on every kind of item, with what makes them hard to move."""

import struct
import zlib

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.files import File

PICTURE = "/images/basket.png"


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Return a small picture of one colour with a darker frame."""
    red, green, blue = colour
    frame = bytes((red // 2, green // 2, blue // 2))
    rows = []
    for y in range(height):
        edge = y in (0, height - 1)
        rows.append(b"\0" + (frame * width if edge else frame + bytes(colour) * (width - 2) + frame))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def add_files(data: SeedData) -> None:
    """Add them to the first project: its first five tests, their steps, and the items of ``add_sample``.

    The first test's description shows a picture of the web application, which needs credentials.
    """
    project = data.projects[0].id
    first, second, third, fourth, fifth = data.tests_of(project)[:5]
    step, shot = first.all_steps()[1].id, png(64, 48, (200, 60, 40))
    data.pictures[PICTURE] = png(48, 48, (40, 90, 200))
    first.description = f'{first.description or ""}<p>The basket: <img src="{PICTURE}" alt="a full basket"></p>'
    data.files += [
        File(1, project, "Tests", first.id, "screen.png", comments="<p>as it should be</p>", bytes_=shot),
        # the same bytes once more, and on another test
        File(2, project, "Tests", first.id, "screen (copy).png", bytes_=shot),
        File(3, project, "Tests", second.id, "screen.png", bytes_=shot),
        File(4, project, "TestSteps", step, "order.png", title="What the customer sees", bytes_=png(80, 20, (30, 160, 70))),
        File(5, project, "Tests", second.id, "notes.txt", bytes_="Nur mit Karte zahlen, schöne Grüße!\n".encode(), zipped=True),
        File(6, project, "Tests", third.id, "screen.png", bytes_=png(8, 8, (0, 0, 0))),
        # one name twice
        File(7, project, "Tests", third.id, "screen.png", bytes_=png(8, 8, (255, 255, 255)), date_created="2019-01-01T00:00:00.0000000"),
        File(8, project, "Tests", third.id, "empty.log", bytes_=b""),
        File(9, project, "Tests", fourth.id, "Größe 大 <b>&.txt", bytes_=b"a name with everything\n"),
        File(10, project, "Tests", fourth.id, "https://wiki.acme.example/pay", title="The wiki"),
        File(11, project, "Tests", fourth.id, r"\\server\share\plan.doc", title="On the file server"),
        File(12, project, "Tests", fifth.id, "data.zip", bytes_=next(_archive().chunks())),
        File(13, project, "TestSets", 701, "order-of-tests.csv", bytes_=b"1;Order as a guest\n"),
        File(14, project, "FunctionalSpecs", 501, "agreed.txt", bytes_=b"Agreed.\n"),
        File(15, project, "Bugs", 601, "wrong-sum.png", bytes_=png(16, 16, (250, 200, 0))),
        File(16, project, "Releases", 301, "release-notes.txt", bytes_=b"Spring!\n"),
    ]  # fmt: skip


def _archive() -> File:
    """A ZIP of the customer's own, which must stay one."""
    return File(0, 0, "", 0, "customers.csv", bytes_=b"1;Ada\n", zipped=True)
