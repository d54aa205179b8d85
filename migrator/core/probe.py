"""What was found out about one QA Sphere by trying, where its documents leave open what it does."""

from typing import Literal

from pydantic import Field, JsonValue

from migrator.core.base import Frozen

Verdict = Literal["as_assumed", "differs", "not_asked"]


class ProbeAnswer(Frozen):
    """One question. ``assumption``: its number in the register of ``qasphere-api.md`` §6, where it has one.

    Args:
        expected: what this program assumes.
        found: what the server did, None when it was not asked.
        text: how that was seen, or why it was not asked.
        matters: what a different answer changes.
    """

    question: str
    assumption: str = ""
    expected: JsonValue
    found: JsonValue = None
    verdict: Verdict
    text: str = ""
    matters: str = ""


class ProbeResult(Frozen):
    """All answers by their key. Keys, once given, keep their meaning; ``version`` changes when one does not.

    Args:
        asked_at: ISO 8601 with zone.
        project: the code of the throw-away project.
    """

    version: Literal[1] = 1
    asked_at: str
    base_url: str
    project: str
    answers: dict[str, ProbeAnswer] = Field(default_factory=dict)

    @property
    def keeps_tables(self) -> bool:
        """Whether a table was seen to come back as a table."""
        return self._found("html.tables") is True

    @property
    def keeps_images(self) -> bool:
        """Whether an inline picture of an uploaded file was seen to come back."""
        return self._found("html.images") is True

    def _found(self, key: str) -> JsonValue:
        answer = self.answers.get(key)
        return answer.found if answer else None
