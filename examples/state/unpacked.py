"""An SQL function for ``sqlite-utils --functions`` and, as a plugin, for Datasette: what is stored compressed, as JSON.

``sqlite-utils query migration.db "SELECT marker, unpacked(body) AS body FROM entity" --functions unpacked.py``
``datasette migration.db --plugins-dir .``
"""

import sqlite3

import zstandard


def unpacked(blob: bytes | None) -> str | None:
    """Return the JSON in a packed column: ``entity.body``, ``entity.raw``, ``operation.draft``, ``ledger.draft``,
    ``plan.document``. None where there is nothing."""
    if not blob:
        return None
    return (blob if blob.startswith(b"{") else zstandard.decompress(blob)).decode()


try:
    from datasette import hookimpl
except ImportError:  # without Datasette it is a plain function
    pass
else:

    @hookimpl
    def prepare_connection(conn: sqlite3.Connection) -> None:
        """Give a connection of Datasette the function."""
        conn.create_function("unpacked", 1, unpacked, deterministic=True)
