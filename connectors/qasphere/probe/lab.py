"""Where the questions are asked: a throw-away project, and the answers so far."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import JsonValue

from connectors.qasphere.probe.asker import Answer, Asker, Stuck, Trouble
from connectors.qasphere.probe.catalogue import QUESTIONS
from migrator.core.probe import ProbeAnswer, Verdict

_TRIES = 3


class Lab:
    """Keeps the answers.

    Args:
        stamp: makes names of this probe unlike those of earlier ones.
        marker_field: the custom text field to be searched by; None when the project has none.
        required: values that every case needs.
    """

    def __init__(
        self, asker: Asker, code: str, stamp: str, *, marker_field: str | None, required: Mapping[str, str]
    ) -> None:
        self.ask = asker
        self.path = f"/project/{code}"
        self.stamp = stamp
        self.marker_field = marker_field
        self.required = {name: {"value": value, "isDefault": False} for name, value in required.items()}
        self.folder = 0
        self.answers: dict[str, ProbeAnswer] = {}

    def found(self, key: str, found: JsonValue, text: str = "") -> None:
        """Record what the server did."""
        self._record(key, "as_assumed" if found == QUESTIONS[key].expected else "differs", found, text)

    def status(self, key: str, answer: Answer) -> None:
        """Record the status of an answer, with the server's words."""
        self.found(key, answer.status, answer.message)

    def skipped(self, key: str, why: str) -> None:
        """Record why something was not asked."""
        self._record(key, "not_asked", None, why)

    def _record(self, key: str, verdict: Verdict, found: JsonValue, text: str) -> None:
        question = QUESTIONS[key]
        self.answers[key] = ProbeAnswer(
            question=question.text,
            assumption=question.assumption,
            expected=question.expected,
            found=found,
            verdict=verdict,
            text=text,
            matters=question.matters,
        )

    @contextmanager
    def asking(self, *keys: str) -> Iterator[None]:
        """Ask questions that need the same things; those that have no answer when something is missing say why."""
        try:
            yield
        except Stuck as stuck:
            for key in keys:
                if key not in self.answers:
                    self.skipped(key, str(stuck))

    async def prepared(self, what: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make something that questions need. What fails is made again: of two nobody minds the first."""
        for _ in range(_TRIES - 1):
            try:
                return needed(what, await make())
            except Trouble:
                continue
        return needed(what, await make())

    def case_body(self, title: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body of a plain case in the probe's folder."""
        plain = {"title": f"{title} {self.stamp}", "type": "standalone", "folderId": self.folder, "priority": "low"}
        more = dict(more or {})
        fields = self.required | more.pop("customFields", {})
        return plain | more | ({"customFields": fields} if fields else {})

    async def create_case(self, title: str, more: Mapping[str, Any] | None = None) -> Answer:
        """Create a case in the probe's folder."""
        return await self.ask.post(f"{self.path}/tcase", self.case_body(title, more))

    async def case(self, ident: object) -> Answer:
        """Read back a case that was created."""
        return needed("a case could not be read back", await self.ask.get(f"{self.path}/tcase/{ident}"))


def needed(what: str, answer: Answer) -> Answer:
    """Return the answer to a request that must succeed; ``Stuck`` when it was refused."""
    if not answer.is_good:
        raise Stuck(f"{what}: {answer.status} {answer.message}")
    return answer
