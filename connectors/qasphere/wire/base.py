"""The two kinds of JSON: what is sent is checked to the letter, what comes back may hold more than we know."""

from collections.abc import Iterable
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

ListOrNull = BeforeValidator(lambda value: [] if value is None else value)
TextOrNull = BeforeValidator(lambda value: "" if value is None else value)
Text = Annotated[str, TextOrNull]
"""A text that may be null or missing, which reads as empty."""


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("Input should be a number, and not true or false")
    return value


Number = Annotated[int, BeforeValidator(_no_switch)]
"""A number that is sent. True would be sent as 1; digits are read, since a command line has nothing else."""

T = TypeVar("T")


class Answer(BaseModel):
    """Base of what QA Sphere answers (``qasphere-api.md`` §4): camelCase. What a newer server adds is kept
    (``model_extra``); what a server leaves out is None, empty, and not in ``model_fields_set``."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class Body(BaseModel):
    """Base of what is sent. ``ValidationError`` for a property that does not exist, or a value beyond its limits."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    def document(self) -> dict[str, Any]:
        """Return the JSON; what is None is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Query(Body):
    """Base of what stands behind the question mark."""

    def params(self) -> list[tuple[str, str]]:
        """Return the parameters; several values of one are repeated (§1.9)."""
        return [(name, text) for name, value in self.document().items() for text in _texts(value)]


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, list):
        return [str(part) for part in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


class Page(Answer, Generic[T]):
    """A page of a list (§1.9); ``total``: rows that match. The rest is echoed where paging was asked for."""

    data: Annotated[list[T], ListOrNull]
    total: int = 0
    offset: int | None = None
    limit: int | None = None
    page: int | None = None
