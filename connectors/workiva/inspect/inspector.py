"""Looking Workiva over before a migration: test forms, counts, and what a run would stumble over."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence

from connectors.workiva.config import WorkivaSettings
from connectors.workiva.convert.entities import form_title
from connectors.workiva.convert.verdicts import Aggregator
from connectors.workiva.inspect.lines import (
    attachments_line,
    empty_line,
    generation_line,
    graph_line,
    limits_line,
    links_line,
    operations_line,
    refused_line,
    scopes_line,
    verdicts_line,
    visible_line,
)
from connectors.workiva.inspect.survey import FormSurvey
from connectors.workiva.inspect.surveyed_form import SurveyedForm
from connectors.workiva.read.graph import GraphReader
from connectors.workiva.read.tree import wanted_forms
from migrator.core.model import AnyEntity
from migrator.core.ports.inspectable import Line, SeenProject

_PROBED = 3


class Inspector:
    """Answers what ``Inspectable`` asks. ``scopes``: what the token of the moment grants."""

    def __init__(
        self,
        survey: FormSurvey,
        graph: GraphReader,
        settings: WorkivaSettings,
        verdicts: Aggregator,
        scopes: Callable[[], Collection[str]],
    ) -> None:
        self._graph = graph
        self._survey = survey
        self._settings = settings
        self._verdicts = verdicts
        self._scopes = scopes

    async def visible_projects(self) -> list[SeenProject]:
        """Return every test form that is listed. No field says whether one is archived (§6)."""
        return [SeenProject(id=form.id, title=form_title(form.row)) for form in await self._survey.forms()]

    async def counts(self, project: str) -> Mapping[str, int]:
        """Return how much of each kind the forms of a project hold, without kinds that were not counted to the end.

        Of several forms those that may not be opened do not count; a single one raises ``AuthenticationError``.
        """
        wanted = wanted_forms(project)
        forms = await self._survey.open_forms(wanted)
        is_single = wanted is not None and len(wanted) == 1
        if is_single and forms and forms[0].refusal:
            raise forms[0].refusal
        found = {} if is_single else {"forms": len(forms)}
        shown = [form for form in forms if form.refusal is None]
        if all(form.opened for form in forms):
            found["phases"] = sum(len(form.phases) for form in shown)
            found["matrices"] = sum(len(form.matrices) for form in shown)
            if not any(form.unread for form in shown):
                found["samples"] = sum(form.samples for form in shown)
        return found

    async def sample(self, project: str) -> list[AnyEntity]:
        """Return some samples of the project's forms as cases, each with its result."""
        forms = await self._survey.open_forms(wanted_forms(project))
        return [entity for form in forms for pair in form.kept for entity in pair]

    async def preflight(self, projects: Sequence[str]) -> AsyncIterator[Line]:
        """Yield what is known without a call, then what the lists show."""
        yield generation_line(self._settings.api_version)
        listed = await self._survey.forms()
        yield scopes_line(self._scopes())
        yield links_line(self._settings)
        choices = {project: wanted_forms(project) for project in projects}
        named = {form.id for form in listed if any(ids is None or form.id in ids for ids in choices.values())}
        yield visible_line([form for form in listed if form.id not in named], len(listed), self._settings.skip)
        for project, ids in choices.items():
            yield limits_line(project, await self._survey.open_forms(ids))
        taken = [form for form in listed if form.id in named]
        for line in self._stumbling_blocks(taken):
            yield line
        if self._settings.graph:
            yield graph_line([(form.id, *await self._graph.form(form.id)) for form in taken[:_PROBED]], len(taken))

    def _stumbling_blocks(self, forms: Sequence[SurveyedForm]) -> list[Line]:
        lines = [
            refused_line([form for form in forms if form.refusal], self._settings.skip),
            empty_line([form for form in forms if form.opened and not form.refusal and not form.phases]),
            verdicts_line(forms, self._verdicts),
            attachments_line(forms),
            operations_line(forms, self._settings),
        ]
        return [line for line in lines if line]
