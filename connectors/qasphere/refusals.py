"""Refusals that are about access, not about one item."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.qasphere.wire.base import Body
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, Rejected

T = TypeVar("T")
B = TypeVar("B", bound=Body)


def sendable(model: type[B], document: dict[str, Any]) -> B:
    """Return what is to be sent; ``Rejected`` with 400 where it breaks a documented limit, as by the server itself: it
    is the trouble of one item."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        words = f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        message = "QA Sphere does not take this; nothing was sent"
        raise Rejected(message, cause=words, status=400, body=words) from error


async def writing(call: Awaitable[T]) -> T:
    """Await a write; a refusal that is about access stops everything, not one item."""
    try:
        return await call
    except Rejected as error:
        if error.status == 403:
            raise access_error(error) from error
        raise


async def unless_suspended(call: Awaitable[T]) -> T:
    """Await a call; when the whole tenant is suspended (§1.2), that stops everything, whatever was asked for."""
    try:
        return await call
    except Rejected as error:
        if error.status in (402, 403) and "suspend" in error.body.lower():
            raise AuthenticationError(
                "QA Sphere has suspended this tenant",
                code=ErrorCode.TENANT_SUSPENDED,
                cause=error.cause,
                next_step="have its owner settle that with QA Sphere, then run the same command again",
            ) from error
        raise


def access_error(error: Rejected) -> Exception:
    """Return what a refusal means: with 403 the key or the project is wrong, not the item."""
    if error.status != 403:
        return error
    if "archived" in error.body.lower():
        return ConfigError(
            "the project in QA Sphere is archived",
            code=ErrorCode.PROJECT_ARCHIVED,
            cause=error.cause,
            next_step="take it out of the archive in QA Sphere, then run again",
        )
    return AuthenticationError(
        "QA Sphere does not permit this to the owner of the API key",
        code=ErrorCode.PERMISSION,
        cause=f"{error.message}: {error.cause}",
        next_step="make an API key as an admin, set destination.api_key and run again",
    )
