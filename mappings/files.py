"""The files that a draft names: attachments, pictures and bytes within texts, each once, under names of their own."""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Collection, Sequence
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from mappings.file_names import safe_name, with_suffix
from mappings.picture_match import matching, of_another_item
from mappings.vocabulary import host_name, scheme_of
from migrator.core.drafts import FileDraft, FromAttachment, FromPicture, FromText
from migrator.core.media import HEAD, is_drawing, is_harmless_drawing, is_page, picture_type
from migrator.core.model import Attachment
from migrator.core.text import symbol

_DATA = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)
_EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/bmp": "bmp", "image/webp": "webp",
    "image/svg+xml": "svg", "text/plain": "txt", "application/pdf": "pdf",
}  # fmt: skip
_STILL = frozenset(("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"))
_DRAWING = "image/svg+xml"
_MARKER_LIMIT = 255
_DIGITS = 12
_ELSEWHERE = re.compile(r"https?://|file:|\\\\", re.IGNORECASE)


class Files:
    """Collects the files of one item, in order."""

    def __init__(
        self,
        owner: str,
        attachments: Sequence[Attachment] = (),
        hosts: Collection[str] = (),
        others: Sequence[Attachment] = (),
        named: Sequence[Attachment] = (),
    ) -> None:
        """Draft the attachments.

        Args:
            owner: the item's marker.
            attachments: of the item.
            hosts: of the source; pictures on other hosts are none of the attachments. Empty: not known.
            others: attachments of another item, which is migrated with them; texts of this one may lead to them.
            named: attachments of whatever items that addresses in the texts may name. One that they do name is a file
                of this item as well, so that it is there whatever becomes of the other.
        """
        self._hosts = hosts
        self.drafts: list[FileDraft] = []
        self.renamed: list[tuple[Attachment, str]] = []
        self._owner = owner
        self._taken: set[str] = set()
        self._attachments = [attachment for attachment in attachments if not lies_elsewhere(attachment)]
        self._others = [attachment for attachment in others if not lies_elsewhere(attachment)]
        self._named = [attachment for attachment in named if not lies_elsewhere(attachment)]
        self._by_marker: dict[str, FileDraft] = {}
        # drafts of files of other items, by the markers that these have there
        self._shared: dict[str, FileDraft] = {}
        self._attach()

    def _attach(self) -> None:
        """Draft the attachments. Of several with one name the oldest id keeps it, whatever order they came in."""
        names = {}
        for attachment in sorted(self._attachments, key=_age):
            ident = attachment.ref.ids[-1]
            names[attachment.ref.marker] = self._own_name(safe_name(attachment.title, ident), ident)
        for attachment in self._attachments:
            marker = attachment.ref.marker
            content = FromAttachment(marker=marker)
            self._add(marker, names[marker], content, attachment.media_type or "")
            if names[marker] != attachment.title:
                self.renamed.append((attachment, names[marker]))

    def of_step(self, number: int) -> list[FileDraft]:
        """Return the attachments of a step, from 1."""
        return [self._by_marker[found.ref.marker] for found in self._attachments if found.step == number]

    def picture(self, address: str) -> FileDraft | None:
        """Return the file that a picture's address means: an attachment of the item, bytes within the address, or
        what the source will answer there; None when it can be nothing of these."""
        if address[:5].lower() == "data:":
            return self.data(address)
        if found := self._file_at(address) or self._share(address, is_link=False):
            return found
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if not address or parts.scheme.lower() not in ("http", "https", ""):
            return None
        digest = _digest(address)
        name = safe_name(unquote(parts.path.rpartition("/")[2]), f"picture-{digest}")
        return self._once(f"img-{digest}", name, FromPicture(address=address), digest)

    def linked(self, address: str) -> FileDraft | None:
        """Return the file that a link leads to: a picture that the texts before have shown, or an attachment that an
        address within the source names, with or without its host; None when it leads elsewhere."""
        return self.known(address) or self._share(address, is_link=True)

    def known(self, address: str) -> FileDraft | None:
        """Return the file that a link leads to, of those that are drafted."""
        if shown := self._by_marker.get(self._marker(f"img-{_digest(address)}")):
            return shown
        names_host = bool(scheme_of(address)) or address.startswith("//")
        if names_host and host_name(address) not in self._hosts:
            return None
        if found := self._file_at(address, is_link=True):
            return found
        other = of_another_item(address, self._named, self._hosts, is_link=True)
        return self._shared.get(other.ref.marker) if other else None

    def _share(self, address: str, *, is_link: bool) -> FileDraft | None:
        """Return the file of another item that an address names. It is known by the address as any picture is, so that
        nothing changes when the source deletes the other item."""
        found = of_another_item(address, self._named, self._hosts, is_link=is_link)
        if found is None:
            return None
        marker, digest = found.ref.marker, _digest(address)
        if marker not in self._shared:
            name = safe_name(found.title, found.ref.ids[-1])
            content = FromPicture(address=address, attachment=marker)
            self._shared[marker] = self._once(f"img-{digest}", name, content, digest, found.media_type or "")
        return self._shared[marker]

    def _file_at(self, address: str, *, is_link: bool = False) -> FileDraft | None:
        """Return the attachment that an address means: one of the item, or by its id one of the others."""
        found = matching(address, self._attachments, self._hosts, self._others, is_link=is_link)
        if len(found) != 1:
            return None
        marker = found[0].ref.marker
        return self._by_marker.get(marker) or FileDraft(
            marker=marker,
            owner=found[0].about.marker,
            name=safe_name(found[0].title, found[0].ref.ids[-1]),
            content=FromAttachment(marker=marker),
            media_type=found[0].media_type or "",
        )

    def data(self, address: str) -> FileDraft | None:
        """Return the file of a ``data:`` address; None when it cannot be read, or its bytes would run something."""
        match = _DATA.fullmatch(address)
        content = _bytes_of(match[2], match[3]) if match else None
        if match is None or content is None:
            return None
        media_type, digest = _type_of(match[1].strip().lower(), content), _digest(address)
        if media_type is None:
            return None
        name = f"picture-{digest}.{_EXTENSIONS.get(media_type, 'bin')}"
        return self._once(f"data-{digest}", name, FromText(base64=b64encode(content).decode()), digest, media_type)

    def text(self, field: str, content: str, title: str) -> FileDraft:
        """Return a web page that holds a text which is too long for its place."""
        name = safe_name(f"{title}.html", field)
        return self._once(
            f"text-{field}", name, FromText(base64=b64encode(content.encode()).decode()), field, "text/html"
        )

    def namesakes(self, address: str) -> list[str]:
        """Return the names of the attachments that a picture's address could mean, when they are several."""
        found = matching(address, self._attachments, self._hosts, self._others)
        return [self._by_marker[attachment.ref.marker].name for attachment in found] if len(found) > 1 else []

    def _once(
        self, what: str, name: str, content: FromPicture | FromText, ident: str, media_type: str = ""
    ) -> FileDraft:
        marker = self._marker(what)
        if marker in self._by_marker:
            return self._by_marker[marker]
        return self._add(marker, self._own_name(name, ident), content, media_type)

    def _marker(self, what: str) -> str:
        return _within_limit(f"{self._owner}#{what}")

    def _add(
        self, marker: str, name: str, content: FromAttachment | FromPicture | FromText, media_type: str
    ) -> FileDraft:
        draft = FileDraft(marker=marker, owner=self._owner, name=name, content=content, media_type=media_type)
        self.drafts.append(draft)
        self._by_marker[marker] = draft
        return draft

    def _own_name(self, name: str, ident: str) -> str:
        if name.casefold() in self._taken:
            name = with_suffix(name, f" [#{ident[-40:]}]")
        self._taken.add(name.casefold())
        return safe_name(name, ident)


def lies_elsewhere(attachment: Attachment) -> bool:
    """Whether an attachment is only an address or a path on a file server (qacomplete-api.md §7.1): no bytes."""
    return _ELSEWHERE.match(attachment.title.strip()) is not None


def address_of(file: FileDraft) -> str:
    """Return the symbolic address of a file."""
    return symbol("file", file.marker)


def is_picture(file: FileDraft) -> bool:
    """Return whether a file can be shown as a picture: bytes within a text only if they are one that runs nothing."""
    return not isinstance(file.content, FromText) or file.media_type in _STILL


def _age(attachment: Attachment) -> tuple[int, str]:
    return len(attachment.ref.ids[-1]), attachment.ref.ids[-1]


def _bytes_of(parameters: str, content: str) -> bytes | None:
    if ";base64" not in parameters.lower():
        return unquote_to_bytes(content)
    text = "".join(unquote(content).split()).rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=None, validate=True)
    except (NoBase64, ValueError):
        return None


def _type_of(claimed: str, content: bytes) -> str | None:
    """Return the type of bytes within a text, empty for an unknown one, and None for what a text must not make a file
    of: a page, a drawing that may run something, or a picture that is none."""
    head = content[:HEAD]
    if claimed in _STILL:
        found = picture_type(head)
        return found if found in _STILL else None
    if claimed == _DRAWING or is_drawing(head):
        return _DRAWING if is_harmless_drawing(content) else None
    if is_page(head) or claimed.endswith(("html", "xml")):
        return None
    return claimed if claimed in _EXTENSIONS else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _within_limit(marker: str) -> str:
    if len(marker) <= _MARKER_LIMIT:
        return marker
    short = hashlib.sha256(marker.encode()).hexdigest()[:16]
    return f"{marker[: _MARKER_LIMIT - len(short) - 1]}~{short}"
