"""What ``check`` says about a Workiva workspace: one line from what was seen of its test forms each. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from connectors.workiva.config import Generation, WorkivaSettings
from connectors.workiva.convert.entities import form_title
from connectors.workiva.convert.graph import control_ids
from connectors.workiva.convert.verdicts import Aggregator
from connectors.workiva.inspect.surveyed_form import SurveyedForm
from connectors.workiva.read.graph import FormGraph, Gap
from connectors.workiva.wire import WireNamed
from migrator.core.drafts import FOLDER_LIMIT, RUN_TITLE_LIMIT, TITLE_LIMIT
from migrator.core.plural import number
from migrator.core.ports.inspectable import Line

_NAMED = 10
_SKIPPABLE = 20
_WORDS = 12
_READS, _WRITES = "graph:read", "graph:write"
_FORMS = "source test forms"


def generation_line(generation: Generation) -> Line:
    """Say which generation of the API is in use (§1)."""
    subject = "source API"
    if generation == "2022-01-01":
        text = "generation 2022-01-01, which Workiva has deprecated and ends on 2029-01-31"
        return Line(subject=subject, state="warning", text=text, next_step='set source.api_version: "2026-01-01"')
    return Line(subject=subject, state="ok", text=f"generation {generation}")


def scopes_line(scopes: Collection[str]) -> Line:
    """Say what the API grant permits (§2); a token without the scope for reading was refused before."""
    subject = "source permissions"
    if not scopes:
        return Line(
            subject=subject, state="ok", text="Workiva does not say which scopes the API grant has; it may read"
        )
    beside = "and" if _WRITES in scopes else "but not"
    text = f"the API grant has the scope {_READS}, {beside} {_WRITES}, which only `migrator writeback` needs"
    return Line(subject=subject, state="ok", text=text)


def links_line(settings: WorkivaSettings) -> Line:
    """Say where links to the source lead."""
    how = "for the page of a form, copy its address from the browser into source.item_url, with {form} for its id"
    what = (
        "lead to addresses of the API, which no browser can open" if settings.links_to_api else "open Workiva's web app"
    )
    return Line(subject="source links", state="ok", text=f"links in QA Sphere {what}; {how}")


def visible_line(others: Sequence[SurveyedForm], total: int, skipped: Collection[str]) -> Line:
    """Say how many test forms there are, and which of them no project takes."""
    if not total:
        step = "give the API grant's user access to the test forms; correct source.skip if it names all of them"
        return Line(subject=_FORMS, state="warning", text="none is visible", next_step=step)
    text = f"{total} visible{f', without {len(skipped)} in source.skip' if skipped else ''}"
    if others:
        text += f"; not named in the config: {_listed(others)}"
    return Line(subject=_FORMS, state="ok", text=f"{text}; whether archived ones are among them, Workiva does not say")


def refused_line(forms: Sequence[SurveyedForm], skipped: Sequence[str]) -> Line | None:
    """Name the test forms that may not be opened: a run would end at the first."""
    if not forms:
        return None
    ids = [f'"{ident}"' for ident in (*skipped, *(form.id for form in forms[:_SKIPPABLE]))]
    more = f", … and {len(forms) - _SKIPPABLE} more" if len(forms) > _SKIPPABLE else ""
    return Line(
        subject=_FORMS,
        state="problem",
        text=f"the API grant's user may not open {len(forms)} of those to migrate: {_listed(forms)}",
        next_step=f"give the user access; or leave them out with source.skip: [{', '.join(ids)}{more}]",
        is_permission=True,
    )


def empty_line(forms: Sequence[SurveyedForm]) -> Line | None:
    """Name the test forms without phases."""
    if not forms:
        return None
    text = f"{len(forms)} without phases, of which only the folder is made: {_listed(forms)}"
    return Line(subject=_FORMS, state="ok", text=text)


def limits_line(project: str, forms: Sequence[SurveyedForm]) -> Line:
    """Say what exceeds QA Sphere's limits, and how much was examined."""
    names = [_name(row) for form in forms for row in (form.row, *form.phases.values(), *form.matrices.values())]
    runs = [f"{form_title(form.row)} \u2013 {_name(row)}" for form in forms for row in form.phases.values()]
    counted = {
        ("case title", f"over {TITLE_LIMIT} characters"): sum(form.long_titles for form in forms),
        ("folder name", f"over {FOLDER_LIMIT} characters"): sum(len(name) > FOLDER_LIMIT for name in names),
        ("folder name", "with a “/”"): sum("/" in name for name in names),
        ("run title", f"over {RUN_TITLE_LIMIT} characters"): sum(len(title) > RUN_TITLE_LIMIT for title in runs),
    }
    found = [f"{number(count, thing)} {words}" for (thing, words), count in counted.items() if count]
    over = f"{', '.join(found)}: cut or renamed, with a note each" if found else "nothing exceeds QA Sphere's limits"
    opened = sum(form.opened and form.refusal is None for form in forms)
    samples = number(sum(form.looked_at for form in forms), "sample")
    extent = f"{opened} of {number(len(forms), 'test form')} and {samples} examined"
    return Line(subject=f"source project {project} limits", state="ok", text=f"{over}; {extent}")


def verdicts_line(forms: Sequence[SurveyedForm], verdicts: Aggregator) -> Line | None:
    """Say what result columns there are and what their cells hold."""
    columns, words = _total(forms, lambda form: form.columns), _total(forms, lambda form: form.verdicts)
    if not columns:
        return None
    text = f"{number(len(columns), 'result column')} in the samples examined; their cells hold {_counted(words)}"
    if unknown := Counter({word: count for word, count in words.items() if not verdicts.knows(word)}):
        text += f"; no built-in list knows {_counted(unknown)}, see mapping.status and source.verdicts"
    return Line(subject="source verdicts", state="ok", text=text)


def attachments_line(forms: Sequence[SurveyedForm]) -> Line:
    """Say what is known of attachments: how many, not how large (§6), and which of them cannot be had (§5)."""
    subject = "source attachments"
    count = sum(form.attachments for form in forms)
    text = (
        f"at least {count} on what was examined; Workiva tells no sizes, so what is over 50 MiB shows only when it is"
        " downloaded (`migrator plan --fetch`)"
    )
    if own := sum(form.own for form in forms):
        holders = [form for form in forms if form.own]
        text += f"; {own} more hang on test forms themselves and cannot be downloaded: {_listed(holders)}"
        step = "download these by hand; their names are reported"
        return Line(subject=subject, state="warning", text=text, next_step=step)
    return Line(subject=subject, state="ok", text=text)


def graph_line(asked: Sequence[tuple[str, FormGraph | None, Sequence[Gap]]], total: int) -> Line:
    """Say what the graph knows of the first test forms (§11), what it does not give, and what asking for all costs."""
    subject = "source graph"
    missing = [f"{gap.what} of {form} ({gap.status or 'not asked for'})" for form, _, gaps in asked for gap in gaps]
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        return Line(
            subject=subject,
            state="warning",
            text=f"of {len(asked)} test forms asked for, the graph does not give: {', '.join(missing[:_NAMED])}{more};"
            " such controls, risks and people will be missing, with a note each",
            next_step="give the grant's user the right to read these records (the role Data Admin has it), or set"
            " source.graph: false",
        )
    if found := [(form, graph) for form, graph, _ in asked if graph]:
        form, graph = found[0]
        ids = control_ids(graph) or "no control; source.control_type names how controls are called"
        costs = number(total, "form costs", "forms cost")
        text = f"test forms are in the graph: {form} tests {ids}; {costs} a call each, and one for each related"
        return Line(subject=subject, state="ok", text=f"{text} record")
    text = "no record of the test forms asked for, so there are no requirements, and after three nobody is asked"
    return Line(subject=subject, state="ok", text=f"{text}; its user may need the role Data Admin")


def operations_line(forms: Sequence[SurveyedForm], settings: WorkivaSettings) -> Line:
    """Say how long the downloads take at least: each is asked about once or more (§7, §8)."""
    count = sum(form.attachments for form in forms) + (len(forms) if settings.export_forms else 0)
    rate = settings.polls_per_second
    text = (
        f"downloads are asked about at most {number(rate, 'time')} a second, all together (source.polls_per_second);"
        f" those seen take at least {count / rate:.0f} s"
    )
    return Line(subject="source operations", state="ok", text=text)


def _listed(forms: Sequence[SurveyedForm]) -> str:
    names = [f"{form.id} ({form_title(form.row)})" for form in forms[:_NAMED]]
    return ", ".join(names) + (f" and {len(forms) - _NAMED} more" if len(forms) > _NAMED else "")


def _counted(words: "Counter[str]") -> str:
    if not words:
        return "nothing"
    shown = ", ".join(f"“{word[:40]}” ({count})" for word, count in words.most_common(_WORDS))
    return shown + (f" and {len(words) - _WORDS} other texts" if len(words) > _WORDS else "")


def _total(forms: Iterable[SurveyedForm], of: Callable[[SurveyedForm], "Counter[str]"]) -> "Counter[str]":
    found: Counter[str] = Counter()
    for form in forms:
        found.update(of(form))
    return found


def _name(row: dict[str, object]) -> str:
    return WireNamed.model_validate(row).name
