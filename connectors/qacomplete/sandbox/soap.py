"""The stand-in's SOAP service: log-in, lists and bytes of attachments (§7.2)."""

import base64
from collections.abc import AsyncIterator, Callable
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web
from defusedxml import ElementTree

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.file_handlers import LOGIN_PAGE
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.switches import Switches
from migrator.standin.app import ROUTE

_SPACE = "http://www.pragmaticsw.com/"
_APP_CODES = ("agSP", "agSPEnt")
_USER = "77"
_DEPARTMENT = "1"
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>'
)
_FOOT = "</soap:Body></soap:Envelope>"


class _Fault(Exception):
    """The call is refused; ``actor`` names the vendor's exception."""

    def __init__(self, actor: str, text: str) -> None:
        super().__init__(text)
        self.actor = actor
        self.text = text


class SoapHandlers:
    """One endpoint, an operation per request. ``access``: user → the projects that it sees, None for all."""

    def __init__(self, data: SeedData, switches: Switches, password: str, access: dict[str, set[int] | None]) -> None:
        self._data = data
        self._switches = switches
        self._password = password
        self._access = access
        self._calls = 0
        self._operations: dict[str, Callable[[Element], web.Response]] = {
            "GetLoginInfo": self._login,
            "Attachments_GetAttachmentsList": self._list,
            "Attachments_GetAttachment": self._content,
        }

    async def call(self, request: web.Request) -> web.Response:
        """Answer the operation that the header names."""
        action = request.headers.get("SOAPAction", "").strip('"').removeprefix(_SPACE)
        request[ROUTE] = f"/psws.asmx {action}"
        try:
            body = ElementTree.fromstring(await request.read()).find(f".//{{{_SPACE}}}{action}")
        except ElementTree.ParseError:
            body = None
        try:
            if body is None or action not in self._operations:
                raise _Fault("psWS.FormatException", f"Server did not recognize the action {action}")
            if any(not (element.text or "").strip() and not len(element) for element in body.iter()):
                raise _Fault("psWS.FormatException", "Input string was not in a correct format")
            return self._operations[action](body)
        except _Fault as fault:
            return _answer(
                f"<soap:Fault><faultcode>soap:Server</faultcode><faultstring>{escape(fault.actor)}</faultstring>"
                f"<faultactor>{escape(fault.actor)}</faultactor><detail><Description Text={quoteattr(fault.text)} />"
                "</detail></soap:Fault>",
                status=500,
            )

    def _login(self, body: Element) -> web.Response:
        told = (_value(body, "AppCode"), _value(body, "Email"), _value(body, "Password"))
        if told[0] not in _APP_CODES or told[1] not in self._access or told[2] != self._password:
            raise _Fault("psWS.AuthenticationException", "Invalid login")
        self._calls = 0
        return _answer(
            f'<GetLoginInfoResponse xmlns="{_SPACE}"><GetLoginInfoResult><UserId>{_USER}</UserId>'
            f"<AppCode>{told[0]}</AppCode><ProjId>0</ProjId><DeptId>{_DEPARTMENT}</DeptId><Projects />"
            "</GetLoginInfoResult></GetLoginInfoResponse>"
        )

    def _list(self, body: Element) -> web.Response:
        project, code = self._authenticated(body), _value(body, "EntityCode")
        wanted = (project, code.lower(), int(_value(body, "FKId") or 0))
        rows = "".join(
            f"<Attachment><AttachmentId>{file.id}</AttachmentId><FKId>{file.item_id}</FKId>"
            f"<EntityCode>{file.code}</EntityCode><AttachmentTypeCode>File</AttachmentTypeCode><Seq>{number}</Seq>"
            f"<FileName>{escape(file.name)}</FileName><FileNameZipped>{file.id}.zip</FileNameZipped>"
            f"<Title>{escape(file.title or file.name)}</Title></Attachment>"
            for number, file in enumerate(sorted(self._data.files, key=lambda file: file.id), start=1)
            if (file.project_id, file.code.lower(), file.item_id) == wanted
        )
        name = "Attachments_GetAttachmentsList"
        return _answer(f'<{name}Response xmlns="{_SPACE}"><{name}Result>{rows}</{name}Result></{name}Response>')

    def _content(self, body: Element) -> web.Response:
        project, wanted = self._authenticated(body), _value(body, "AttachmentId")
        file = next((f for f in self._data.files if str(f.id) == wanted and f.project_id == project), None)
        if file is None:
            raise _Fault("psWS.ArgumentException", f"Attachment {wanted} was not found")
        if file.trouble in ("fault", "refused"):
            raise _Fault("psWS.Exception", f"Could not open {file.name}")
        if file.trouble == "login_page":
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if file.trouble == "no_bytes":
            return _answer(f'<Attachments_GetAttachmentResponse xmlns="{_SPACE}" />')
        return web.Response(body=_streamed(file), headers={"Content-Type": "text/xml; charset=utf-8"})

    def _authenticated(self, body: Element) -> int:
        self._calls += 1
        forgotten = self._switches.soap_forgets is not None and self._calls > self._switches.soap_forgets
        told = (_value(body, "AppCode"), _value(body, "UserId"), _value(body, "DeptId"), _value(body, "PassCode"))
        if forgotten or told[0] not in _APP_CODES or told[1:] != (_USER, _DEPARTMENT, self._password):
            raise _Fault("psWS.AuthenticationException", "The authentication data are not valid")
        project = int(_value(body, "ProjId") or 0)
        if self._data.project(project) is None:
            raise _Fault("psWS.SecurityException", "Access is denied")
        return project


def _value(body: Element, name: str) -> str:
    found = body.find(f".//{{{_SPACE}}}{name}")
    return (found.text or "").strip() if found is not None else ""


def _answer(inner: str, status: int = 200) -> web.Response:
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    return web.Response(text=_HEAD + inner + _FOOT, status=status, headers=headers)


async def _streamed(file: File) -> AsyncIterator[bytes]:
    """Yield the answer piece by piece; a cut one ends early, with or without the connection."""
    name = "Attachments_GetAttachment"
    yield f'{_HEAD}<{name}Response xmlns="{_SPACE}"><{name}Result>'.encode()
    for chunk in file.chunks():
        coded: Any = base64.b64encode(chunk)
        if file.trouble == "cut":
            yield coded[: len(coded) // 2]
            return
        yield b"!" + coded[1:] if file.trouble == "not_base64" else coded
    yield f"</{name}Result></{name}Response>{_FOOT}".encode()
