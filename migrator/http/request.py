"""What a call sends, the same in every attempt. Plain values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from migrator.core.ports.destination import Hooks
from migrator.http.answers import Reader
from migrator.http.multipart import Body

Params = Mapping[str, str] | Sequence[tuple[str, str]]
JSON = "application/json"
_FILE_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Request:
    """What every attempt of one call sends, and how its answer is read.

    Args:
        path: below the base URL, or a whole address.
        trusted: hosts that may get the credentials too.
        anonymous: nobody does.
        file_bytes: what travels beside JSON.
    """

    method: str
    path: str
    reader: Reader
    params: Params | None = None
    body: bytes | None = None
    content_type: str = JSON
    form: Body | None = None
    hooks: Hooks | None = None
    follows: bool = False
    trusted: Collection[str] = ()
    anonymous: bool = False
    file_bytes: int = 0
    extra: Mapping[str, str] | None = None

    def headers(self) -> dict[str, str]:
        """Return what the request itself says of its body, without credentials."""
        if self.form:
            return {"Content-Type": self.form.content_type, "Content-Length": str(self.form.size)}
        if self.follows:
            return _FILE_HEADERS
        own = {} if self.body is None else {"Content-Type": self.content_type}
        return {**own, **(self.extra or {})}

    def size(self) -> int:
        """Return how many bytes the body has."""
        return self.form.size if self.form else len(self.body or b"")

    def address(self, base_url: str) -> str:
        """Return the whole address."""
        return self.path if self.path.startswith(_WEB) else base_url + self.path

    def shown(self) -> str:
        """Return the path for messages, without what follows the question mark of a whole address: a signature there
        is as good as a password."""
        if not self.path.startswith(_WEB):
            return self.path
        return urlsplit(self.path)._replace(query="", fragment="").geturl()
