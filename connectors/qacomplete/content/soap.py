"""Attachments through QAComplete's SOAP service, the documented way to their bytes (``qacomplete-api.md`` §7.2)."""

from pathlib import Path
from typing import Any

import anyio
from pydantic import SecretStr

from connectors.qacomplete.content.soap_messages import NAMESPACE, Fault, Node, Values, envelope
from connectors.qacomplete.content.soap_reader import Missing, answer_reader, content_reader
from connectors.qacomplete.convert.files import FileAddress
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AnswerSpoilt, AuthenticationError, ConfigError, ContentTrouble, Rejected
from migrator.core.ports.source import Content
from migrator.http.answers import Reader
from migrator.http.transport import Transport

_GET = "Attachments_GetAttachment"
_LIST = "Attachments_GetAttachmentsList"
_LOGIN = "GetLoginInfo"
_LISTS_KEPT = 200


class SoapAuth:
    """The password travels in the message; there is no header."""

    def __init__(self, password: SecretStr) -> None:
        self._password = password

    def headers(self) -> dict[str, str]:
        """Return none."""
        return {}

    def secrets(self) -> tuple[str, ...]:
        """Return the password."""
        return (self._password.get_secret_value(),)


class SoapContent:
    """``attachments: soap``. ``transport`` leads to the service's address; ``app_code`` as §7.2 knows it."""

    def __init__(self, transport: Transport, username: str, password: SecretStr, app_code: str) -> None:
        self._transport = transport
        self._username = username
        self._password = password
        self._app_code = app_code
        self._account: dict[str, str] | None = None
        self._logging_in = anyio.Lock()
        self._lists: dict[tuple[str, str, int], list[Node]] = {}

    async def fetch(self, place: FileAddress, target: Path, max_bytes: int) -> Content:
        """Download the file; its id is looked up by its name where the list had none."""
        ident = place.file_id or await self._find(place)
        reader = content_reader(f"{_GET}Result", target, place.name, max_bytes)
        # base64 needs four bytes for three
        answer = await self._call(_GET, place, {"AttachmentId": str(ident)}, reader, file_bytes=max_bytes * 4 // 3)
        if isinstance(answer, Content):
            return answer
        cause = "its answer holds no bytes" if isinstance(answer, Missing) else "it answered something else"
        raise ContentTrouble(f"QAComplete has no bytes of {place.name}", "missing", cause=cause)

    async def check(self) -> str:
        """Log in; ``AuthenticationError`` or ``ConfigError`` when that fails."""
        await self._logged_in()
        return "their bytes come from the SOAP service, which takes the log-in"

    async def _find(self, place: FileAddress) -> int:
        key = (place.project, place.code, place.item)
        if key not in self._lists:
            values = {"EntityCode": place.code, "FKId": str(place.item)}
            root = await self._call(_LIST, place, values, answer_reader())
            if len(self._lists) >= _LISTS_KEPT:
                self._lists.clear()
            self._lists[key] = root.all("Attachment")
        same = [node for node in self._lists[key] if node.value("FileName") == place.name]
        idents = [node.value("AttachmentId") for node in same]
        if place.occurrence < len(idents) and idents[place.occurrence].isdigit():
            return int(idents[place.occurrence])
        raise ContentTrouble(
            f"QAComplete has no bytes of {place.name}", "missing", cause="its SOAP service does not list the file"
        )

    # --- calls --------------------------------------------------------------------------------------------------------

    async def _call(
        self, operation: str, place: FileAddress, values: Values, reader: Reader, file_bytes: int = 0
    ) -> Any:
        """Call an operation as the user; log in first, and once more when the server has forgotten that."""
        account = await self._logged_in()
        answer = await self._send(operation, {**self._data(account, place), **values}, reader, file_bytes)
        if isinstance(answer, Fault) and answer.is_about_login:
            account = await self._logged_in(instead_of=account)
            answer = await self._send(operation, {**self._data(account, place), **values}, reader, file_bytes)
            if isinstance(answer, Fault) and answer.is_about_login:
                raise _refused(answer)
        if isinstance(answer, Fault):
            raise ContentTrouble(f"QAComplete refuses {place.name}", "refused", cause=answer.text)
        return answer

    def _data(self, account: dict[str, str], place: FileAddress) -> dict[str, str | Values]:
        secret = {"PassCode": self._password.get_secret_value()}
        return {"AuthenticationData": {**account, "ProjId": place.project, **secret}}

    async def _logged_in(self, instead_of: dict[str, str] | None = None) -> dict[str, str]:
        """Return application, department and user id. ``instead_of``: what the server takes no more."""
        async with self._logging_in:
            if self._account is None or self._account is instead_of:
                self._account = await self._login()
            return self._account

    async def _login(self) -> dict[str, str]:
        values = {"AppCode": self._app_code, "Email": self._username, "Password": self._password.get_secret_value()}
        try:
            answer = await self._send(_LOGIN, values, answer_reader(), 0)
        except (Rejected, AnswerSpoilt) as error:
            raise ConfigError(
                f"there is no QAComplete SOAP service at {self._transport.base_url}",
                code=ErrorCode.WRONG_SERVICE,
                cause=error.cause,
                next_step="check source.soap_url; or set source.attachments to rest, folder or none",
            ) from error
        if isinstance(answer, Fault):
            raise _refused(answer)
        user, department = answer.value("UserId"), answer.value("DeptId")
        if not user:
            raise _refused(Fault("it names no user", is_about_login=True))
        return {"AppCode": answer.value("AppCode") or self._app_code, "DeptId": department, "UserId": user}

    async def _send(self, operation: str, values: Values, reader: Reader, file_bytes: int) -> Any:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}{operation}"',
            "Accept": "text/xml",
        }
        return await self._transport.exchange(
            "", envelope(operation, values), headers=headers, reader=reader, file_bytes=file_bytes
        )


def _refused(fault: Fault) -> AuthenticationError:
    return AuthenticationError(
        "QAComplete's SOAP service refused user name or password",
        cause=fault.text,
        next_step="check source.username, source.password and source.soap_app_code (agSP, or agSPEnt on-premises);"
        " or set source.attachments to rest, folder or none",
    )
