"""Several calls at once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from migrator.core.errors import MigratorError

T = TypeVar("T")


async def side_by_side(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Await all calls at once and keep their order; whoever sends bounds how many are really under way.

    The first error stops the others and is raised as it is, not in a group.
    """
    results: dict[int, T] = {}
    failures: list[MigratorError] = []

    async def one(number: int) -> None:
        try:
            results[number] = await calls[number]()
        except MigratorError as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(len(calls)):
            group.start_soon(one, number)
    if failures:
        raise failures[0]
    return [results[number] for number in range(len(calls))]
