"""Making and changing test cases (§3.4, §3.5), and those that a template fills."""

from typing import Any

from connectors.qasphere.sandbox.readers import Refused
from connectors.qasphere.sandbox.store import Case, Folder, Project, Store, now
from connectors.qasphere.sandbox.templates import filled_html, filled_step, filled_title

_NAMES = {
    "isDraft": "is_draft",
    "comment": "precondition",
    "sharedPrecondition": "shared_precondition",
    "filledTCaseTitleSuffixParams": "suffix_params",
}
_TAKEN_OVER = ("tags", "requirements", "links", "files", "is_draft", "shared_precondition")


class CaseShelf:
    """The cases of a project. ``values``: what ``CaseBody`` has read."""

    def __init__(self, store: Store, project: Project) -> None:
        self._store = store
        self._project = project

    def add(self, folder: Folder, values: dict[str, Any]) -> Case:
        """Put a new case into a folder, at the end or at ``pos`` (A-25), and fill it if it is a template."""
        size = self._project.in_folder[folder.id]
        pos = values.get("pos")
        if pos is not None and pos > size:
            raise Refused(409, "position is already taken")
        case = self._placed(folder, values | {"pos": size if pos is None else pos})
        case.suffix_params = values.get("filledTCaseTitleSuffixParams", [])
        if pos is not None:
            for other in self._project.cases:
                if other.folder_id == folder.id and other.pos >= pos and other is not case:
                    other.pos += 1
        self._fill(case, values.get("parameterValues", []))
        return case

    def change(self, case: Case, values: dict[str, Any]) -> None:
        """Change fields; every change makes a new version and gives steps new ids."""
        for name, value in values.items():
            if name == "customFields":
                self._set_fields(case, value)
            elif name != "parameterValues":
                setattr(case, _NAMES.get(name, name), value)
        case.version += 1
        case.updated_at = now()
        if "steps" not in values:
            case.steps = self._store.numbered([{k: v for k, v in step.items() if k != "id"} for step in case.steps])
        self._store.index_values(self._project, case)
        if case.type == "template":
            filled = [{"tcaseId": ident, "values": self._project.by_id[ident].values} for ident in case.filled]
            self._fill(case, values.get("parameterValues", filled))

    def _placed(self, folder: Folder, values: dict[str, Any]) -> Case:
        fields = values.get("customFields", {})
        for field in self._store.fields_of(self._project):
            if field.default is not None and field.system_name not in fields:
                fields[field.system_name] = {"value": field.default, "isDefault": True}
        self._project.last_seq += 1
        case = Case(
            id=self._store.ids.next(),
            seq=self._project.last_seq,
            folder_id=folder.id,
            pos=values["pos"],
            title=values["title"],
            priority=values["priority"],
            precondition=values.get("precondition", values.get("comment", "")),
            steps=values.get("steps", []),
            tags=values.get("tags", []),
            requirements=values.get("requirements", []),
            links=values.get("links", []),
            files=values.get("files", []),
            custom_fields=fields,
            is_draft=values.get("isDraft", False),
            shared_precondition=values.get("sharedPrecondition"),
            type=values.get("type", "standalone"),
        )
        self._store.add_case(self._project, case)
        return case

    def _set_fields(self, case: Case, fields: dict[str, Any]) -> None:
        for name in fields:
            before = case.custom_fields.get(name, {}).get("value", "")
            found = self._project.by_field[name, before]
            self._project.by_field[name, before] = [other for other in found if other is not case]
        case.custom_fields |= fields

    def _fill(self, template: Case, entries: list[dict[str, Any]]) -> None:
        """Make the filled cases of a template those of the entries: change, add, and delete the others (§3.5)."""
        kept = [self._filled(template, entry) for entry in entries]
        for ident in template.filled:
            if ident not in kept:
                self._store.remove_case(self._project, self._project.by_id[ident])
        template.filled = kept

    def _filled(self, template: Case, entry: dict[str, Any]) -> str:
        known, values = entry.get("tcaseId"), entry["values"]
        steps = [filled_step(step, values) for step in template.steps]
        content = {
            "title": filled_title(template.title, values, template.suffix_params),
            "precondition": filled_html(template.precondition, values),
            "steps": self._store.numbered(steps),
        }
        content |= {name: getattr(template, name) for name in _TAKEN_OVER}
        fields = dict(template.custom_fields)
        if known is None:
            folder = self._project.folders[template.folder_id]
            place = {"pos": self._project.in_folder[folder.id], "type": "filled", "priority": template.priority}
            case = self._placed(folder, content | place | {"customFields": fields})
            case.template_id = template.id
            case.shared_precondition, case.is_draft = template.shared_precondition, template.is_draft
        else:
            case = self._project.by_id[known]
            self.change(case, content | {"customFields": fields})
        case.values = values
        return case.id
