"""Test cases: entity → draft. What QA Sphere has no field for stands in the precondition, readable."""

from pydantic import ValidationError

from mappings.columns import ColumnReader
from mappings.fields import PEOPLE, FieldPlacer
from mappings.files import address_of, lies_elsewhere
from mappings.hooks import HookFailure, Hooks
from mappings.item_writer import ItemWriter, Writers, moment, plain_name
from mappings.linked import LinkedItems, linked_items
from mappings.rules import MappingRules
from mappings.text.plain import plain_to_html
from mappings.text.wording import escaped, fact, foreign, listed
from mappings.vocabulary import cut, host_of, looked_up, single_line
from mappings.web_address import web_address
from migrator.core.drafts import LINK_LIMIT, TAG_LIMIT, TITLE_LIMIT, CaseDraft, FileRef, LinkDraft, Priority, StepDraft
from migrator.core.model import Attachment, Comment, CustomField, RichText, TestCase
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import Around, Mapped, Outcome
from migrator.core.refs import MARKER_LABEL, Ref

INACTIVE_TAG = "inactive"
CRITICAL = "Critical step: the test stops when it fails."
_NOWHERE = "https://unknown.invalid/"


class CaseMapper:
    """Maps the cases of one project."""

    def __init__(self, rules: MappingRules, writers: Writers, hooks: Hooks | None = None) -> None:
        self._rules = rules
        self._writers = writers
        self._hooks = hooks
        self._columns = ColumnReader(rules)

    def map(self, case: TestCase, around: Around, folder: str | None, pages: Ref | None = None) -> Mapped:
        """Return the draft for a case in ``folder`` (a marker); None: its folder is excluded. ``pages``: the folder of
        the cases that list pages."""
        marker = case.ref.marker
        title = case.title.strip() or marker
        if folder is None:
            return Mapped(marker, "case", title, "excluded", reason="its folder is excluded")
        if not case.active and self._rules.inactive == "skip":
            return Mapped(marker, "case", title, "excluded", reason="inactive at the source (mapping.inactive: skip)")
        destination = self._writers.destination
        fields = FieldPlacer(self._rules, destination.custom_fields if destination else ())
        writer = self._writers.of(marker, around, case.address)
        return _CaseDrafter(self._columns.tested(case), around, self._rules, fields, writer).mapped(
            folder, pages, self._hooks
        )


class _CaseDrafter:
    """Drafts one case."""

    def __init__(
        self, case: TestCase, around: Around, rules: MappingRules, fields: FieldPlacer, writer: ItemWriter
    ) -> None:
        self._case = case
        self._around = around
        self._rules = rules
        self._fields = fields
        self._writer = writer
        self._marker = case.ref.marker
        self._tags: list[str] = []
        self._folded: list[str] = []

    def mapped(self, folder: str, pages: Ref | None, hooks: Hooks | None) -> Mapped:
        """Return the case in ``folder`` as rules and hooks want it."""
        title, leftover = self._title()
        linked = linked_items(
            self._around.linked, urls=self._rules.requirements.urls, paged=self._rules.pages.make, pages=pages
        )
        try:
            draft = self._draft(folder, title, leftover, linked)
            answer = hooks.case(self._case, draft) if hooks else draft
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            return self._without_draft(title, "rejected", f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        except HookFailure as error:
            self._writer.note(NoteCode.HOOK_FAILED, "", "", str(error))
            return self._without_draft(title, "rejected", str(error))
        if isinstance(answer, str):
            return self._without_draft(title, "excluded", answer)
        if trouble := self._fields.trouble(answer.custom_fields):
            return self._without_draft(title, "rejected", trouble)
        listed = {file.marker for file in answer.files}
        return Mapped(
            self._marker,
            "case",
            answer.title,
            "draft",
            answer,
            notes=tuple(self._writer.notes),
            files=tuple(file for file in self._writer.files.drafts if file.marker in listed),
            folded=tuple(self._folded),
        )

    def _without_draft(self, title: str, outcome: Outcome, reason: str) -> Mapped:
        return Mapped(self._marker, "case", title, outcome, reason=reason, notes=tuple(self._writer.notes))

    def _draft(self, folder: str, title: str, leftover: str, linked: LinkedItems) -> CaseDraft:
        for note in linked.notes:
            self._writer.note(*note)
        elsewhere = {plain_name(name) for name in (*self._rules.tags, *self._rules.custom_fields)}
        facts = self._writer.facts_of(self._case, elsewhere)
        custom_fields = self._custom_fields(facts)
        return CaseDraft(
            marker=self._marker,
            folder=folder,
            title=title,
            priority=self._priority(),
            precondition=self._precondition(leftover, facts, linked),
            steps=self._steps(),
            tags=self._all_tags(),
            links=(self._link(),),
            requirements=tuple(linked.requirements.values()),
            custom_fields=custom_fields,
            files=tuple(FileRef(marker=file.marker, name=file.name) for file in self._writer.files.drafts),
            is_draft=not self._case.active and self._rules.inactive == "draft",
        )

    # --- fields of the draft ------------------------------------------------------------------------------------------

    def _title(self) -> tuple[str, str]:
        """Return the title, and the whole of it when it had to be cut."""
        original = self._case.title
        title = single_line(original)
        note = self._writer.note
        if not title:
            title = f"(untitled) #{self._case.ref.ids[-1]}"
            note(NoteCode.TITLE_EMPTY, "title", original, f"became {title}")
        elif title != original:
            note(NoteCode.TITLE_CLEANED, "title", original, "blanks and control characters became single spaces")
        if len(title) <= TITLE_LIMIT:
            return title, ""
        note(NoteCode.TITLE_CUT, "title", original, f"cut to {TITLE_LIMIT}; the whole stands in the precondition")
        return cut(title, TITLE_LIMIT), title

    def _priority(self) -> Priority:
        fallback = self._rules.fallback.priority
        value = (self._case.priority or "").strip()
        if not value:
            self._writer.note(NoteCode.PRIORITY_MISSING, "priority", "", f"became {fallback}")
            return fallback
        found = looked_up(value, self._rules.priority)
        if found is None:
            message = f"became {fallback}; see mapping.priority"
            self._writer.note(NoteCode.PRIORITY_UNMAPPED, "priority", value, message)
        return found or fallback

    def _precondition(self, whole_title: str, facts: list[str], linked: LinkedItems) -> str:
        parts = [("title", plain_to_html(whole_title))] if whole_title else []
        if self._case.description:
            parts.append(("description", self._writer.html(self._case.description, "description")))
        if facts:
            parts.append(("details", listed("Source details", facts)))
        parts += [(name.lower(), section) for name, section in linked.sections]
        files = self._writer.file_lines(self._around.attachments)
        if told := [link + said for link, said in files.items() if said]:
            parts.append(("files", listed("Files", told)))
        elsewhere = [self._elsewhere(file) for file in self._around.attachments if lies_elsewhere(file)]
        if elsewhere:
            parts.append(("files elsewhere", listed("Files elsewhere", elsewhere)))
        self._folded += linked.folded
        if lines := [line for comment in sorted(self._around.comments, key=_when) if (line := self._comment(comment))]:
            parts.append(("notes", f"<h4>Notes</h4>{''.join(lines)}"))
        return self._writer.fitting_together(parts)

    def _comment(self, comment: Comment) -> str:
        """Return what somebody wrote about the case, under date and name; empty without a text."""
        field = f"notes.{comment.ref.ids[-1]}"
        text = self._writer.html(comment.text, field)
        if not text:
            return ""
        head = ", ".join(filter(None, (moment(comment.created_at), self._writer.person(comment.author, field))))
        self._folded.append(comment.ref.marker)
        return f"<p><strong>{escaped(single_line(head) or 'Undated')}:</strong></p>{text}"

    def _elsewhere(self, attachment: Attachment) -> str:
        self._folded.append(attachment.ref.marker)
        address = single_line(attachment.title)
        if target := web_address(address):
            return f'<a href="{foreign(target)}">{escaped(address)}</a>{self._writer.said_of(attachment)}'
        return escaped(address) + self._writer.said_of(attachment)

    def _steps(self) -> tuple[StepDraft, ...]:
        steps = []
        for number, step in enumerate(self._case.steps, start=1):
            action, expected = (
                self._writer.fitting(self._writer.html(text, f"steps.{number}.{name}"), f"steps.{number}.{name}")
                for name, text in (("action", step.action), ("expected", step.expected))
            )
            files = [
                f'<a href="{address_of(file)}">{escaped(file.name)}</a>' for file in self._writer.files.of_step(number)
            ]
            if not action and not expected and not files:
                self._writer.note(NoteCode.STEP_EMPTY, f"steps.{number}", "", "a step without any text was left out")
                continue
            if step.critical:
                action += f"<p><em>{CRITICAL}</em></p>"
                message = "stands as a sentence in the step"
                self._writer.note(NoteCode.STEP_CRITICAL, f"steps.{number}", "critical", message)
            if files:
                action += f"<p>Files: {', '.join(files)}</p>"
            steps.append(StepDraft(description=action, expected=expected))
        return tuple(steps)

    def _custom_fields(self, facts: list[str]) -> dict[str, str]:
        placed: dict[str, str] = {}
        for field in (*self._ruled_attributes(), *self._case.custom_fields):
            place = self._fields.place(field)
            for code, message in place.notes:
                self._writer.note(code, field.name, field.value.value, message)
            as_text = place.as_text
            if place.system_name in placed:
                as_text = True
                message = f"another field has filled {place.system_name}; stands in the precondition"
                self._writer.note(NoteCode.FIELD_TWICE, field.name, field.value.value, message)
            elif place.system_name:
                placed[place.system_name] = place.value
            elif place.tag:
                self._tags.append(place.tag)
            if place.is_dropped:
                continue
            html = self._writer.html(field.value, field.name)
            if not as_text and "<a " in html:
                as_text = True
                message = "links need rich text; the value stands in the precondition as well"
                self._writer.note(NoteCode.FIELD_FLATTENED, field.name, field.value.value, message)
            if as_text:
                facts.append(fact(single_line(field.name), html))
        return placed

    def _ruled_attributes(self) -> list[CustomField]:
        """Return the built-in fields that a rule places like custom ones."""
        rules = {plain_name(name): name for name in self._rules.custom_fields}
        values = {rule: value for name, value in self._case.attributes.items() if (rule := rules.get(plain_name(name)))}
        taken = {plain_name(field.name) for field in self._case.custom_fields} | {plain_name(rule) for rule in values}
        values |= {rule: self._every_case_has(rule) for name, rule in rules.items() if name not in taken}
        return [
            CustomField(name=rule, value=RichText(value=value, markup="plain"))
            for rule, value in values.items()
            if value
        ]

    def _values_of(self, name: str) -> list[str]:
        """Return the plain values of a built-in field, one on each line, or the one of a custom field, by its name."""
        value = looked_up(plain_name(name), {plain_name(key): text for key, text in self._case.attributes.items()})
        if value is not None:
            return value.split("\n")
        fields = {plain_name(field.name): field.value.value for field in self._case.custom_fields}
        return [looked_up(plain_name(name), fields) or self._every_case_has(name)]

    def _every_case_has(self, name: str) -> str:
        """Return the value of a field that cases of every source have; empty when none of them has the name."""
        wanted = plain_name(name)
        if wanted in PEOPLE:
            return self._writer.person(getattr(self._case, wanted), wanted)
        values = {"status": self._case.state, "version": self._case.version, "priority": self._case.priority}
        return values.get(wanted) or ""

    def _all_tags(self) -> tuple[str, ...]:
        """Return the tags: by rule, from custom fields, and for inactive cases; cut, none twice."""
        values = [value for name in self._rules.tags for value in self._values_of(name)]
        if not self._case.active and self._rules.inactive == "tag":
            self._writer.note(NoteCode.CASE_INACTIVE, "active", "false", f"became the tag {INACTIVE_TAG}")
            values.append(INACTIVE_TAG)
        found: list[str] = []
        for value in (*values, *self._tags, self._rules.tag_all):
            tag = single_line(value)
            if len(tag) > TAG_LIMIT:
                self._writer.note(NoteCode.TAG_CUT, "tags", value, f"cut to {TAG_LIMIT} characters")
                tag = cut(tag, TAG_LIMIT)
            if tag:
                found.append(tag)
        return tuple(dict.fromkeys(found))

    def _link(self) -> LinkDraft:
        written = self._case.address or ""
        address = web_address(written)
        if written and not address:
            message = "it is no web address; the link leads nowhere"
            self._writer.note(NoteCode.LINK_UNUSABLE, "address", written, message)
        if len(address) > LINK_LIMIT:
            message = f"over {LINK_LIMIT} characters; the host is linked"
            self._writer.note(NoteCode.ADDRESS_TOO_LONG, "address", address, message)
            address = host_of(address)
        if not 0 < len(address) <= LINK_LIMIT:
            address = _NOWHERE
        return LinkDraft(text=MARKER_LABEL + self._marker, url=address)


def _when(comment: Comment) -> tuple[bool, float]:
    """Undated ones come last, in the order of extraction."""
    return comment.created_at is None, comment.created_at.timestamp() if comment.created_at else 0.0
