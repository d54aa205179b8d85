"""The server's validation of a case body (§3.4, §3.5): everything wrong is 400, things that are not there 404."""

from collections.abc import Callable
from typing import Any

from connectors.qasphere.sandbox.readers import (
    LONGEST_HTML,
    Refused,
    address,
    bad,
    boolean,
    integer,
    links,
    named,
    objects,
    one_of,
    text,
    texts,
)
from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.store import CustomField, Project, Store
from connectors.qasphere.sandbox.store_cases import Case
from connectors.qasphere.sandbox.switches import Switches
from connectors.qasphere.sandbox.templates import filled_title

PRIORITIES = ("low", "medium", "high")
_KNOWN = {
    "title", "type", "folderId", "priority", "pos", "precondition", "comment", "steps", "tags", "requirements", "links",
    "files", "customFields", "isDraft", "parameterValues", "filledTCaseTitleSuffixParams",
}  # fmt: skip
_NULLABLE = {"steps", "tags", "requirements", "links", "files", "parameterValues"}
_LONGEST_TITLE = 511
_DATA_PER_STEP = 20


class CaseBody:
    """Reads a create or update body; what it returns is what is stored. ``case``: the one to be changed."""

    def __init__(self, store: Store, project: Project, switches: Switches, case: Case | None = None) -> None:
        self._store = store
        self._project = project
        self._switches = switches
        self._case = case
        self._readers: dict[str, Callable[[Any], Any]] = {
            "title": lambda value: named(value, "title", _LONGEST_TITLE),
            "priority": lambda value: one_of(value, "priority", PRIORITIES),
            "precondition": self._precondition,
            "comment": self._html,
            "steps": self._steps,
            "tags": self._tags,
            "requirements": self._requirements,
            "links": links,
            "files": self._files,
            "customFields": self._custom_fields,
            "isDraft": lambda value: boolean(value, "isDraft"),
            "parameterValues": self._parameter_values,
            "filledTCaseTitleSuffixParams": lambda value: texts(
                value, "filledTCaseTitleSuffixParams", lambda name: named(name, "parameter name", 255)
            ),
        }

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return field → value to store, for the fields that are there."""
        unknown = set(body) - _KNOWN
        if unknown and self._switches.unknown_fields == "reject":
            raise bad(f"unknown field {min(unknown)}")
        values = {
            name: read(body[name])
            for name, read in self._readers.items()
            if name in body and not (body[name] is None and name in _NULLABLE)
        }
        if "precondition" in values:
            values["sharedPrecondition"] = body["precondition"].get("sharedPreconditionId")
        self._check_template(body, values)
        return values

    def read_new(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the same of a create, with ``type``, ``folderId`` and ``pos``."""
        for name in ("title", "type", "folderId", "priority"):
            if body.get(name) is None:
                raise bad(f"{name} is required")
        place = {
            "type": one_of(body["type"], "type", ("standalone", "template")),
            "folderId": integer(body["folderId"], "folderId"),
            "pos": None if body.get("pos") is None else integer(body["pos"], "pos", 0),
        }
        values = self.read(body)
        for field in self._store.fields_of(self._project):
            given = values.get("customFields", {}).get(field.system_name, {}).get("value")
            if field.required and field.default is None and not given:
                raise bad(f"custom field {field.system_name} is required")
        return values | place

    def _check_template(self, body: dict[str, Any], values: dict[str, Any]) -> None:
        """Only templates have parameters (A-23), and what is filled in must fit."""
        kind = self._case.type if self._case else body.get("type", "standalone")
        suffix = values.get("filledTCaseTitleSuffixParams", self._case.suffix_params if self._case else [])
        if kind != "template":
            if values.get("parameterValues") or values.get("filledTCaseTitleSuffixParams"):
                raise bad("parameterValues are only allowed for templates")
            return
        title = values.get("title", self._case.title if self._case else "")
        filled = [self._project.by_id[ident].values for ident in self._case.filled] if self._case else []
        rows = [row["values"] for row in values["parameterValues"]] if "parameterValues" in values else filled
        for row in rows:
            text(filled_title(title, row, suffix), "title of a filled test case", 1, _LONGEST_TITLE)

    def _html(self, value: Any) -> str:
        return sanitise(text(value, "text", 0, LONGEST_HTML), self._switches.html)

    def _precondition(self, value: Any) -> str:
        if not isinstance(value, dict) or ("text" in value) == ("sharedPreconditionId" in value):
            raise bad("precondition needs either text or sharedPreconditionId")
        if "sharedPreconditionId" not in value:
            return self._html(value["text"])
        ident = integer(value["sharedPreconditionId"], "sharedPreconditionId")
        shared = self._project.shared_preconditions.get(ident)
        if shared is None:
            raise Refused(404, "shared precondition not found")
        return shared.text

    def _steps(self, value: Any) -> list[dict[str, Any]]:
        return self._store.numbered([self._step(row) for row in objects(value, "steps")])

    def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        if "sharedStepId" in step:
            return self._shared_step(integer(step["sharedStepId"], "sharedStepId"))
        if "description" not in step and "expected" not in step:
            raise bad("a step needs description, expected or sharedStepId")
        texts = {name: self._html(step.get(name, "")) for name in ("description", "expected")}
        data = objects(step.get("data", []), "data")
        if len(data) > _DATA_PER_STEP:
            raise bad(f"data must hold at most {_DATA_PER_STEP} entries")
        read = texts | {"type": "standalone", "version": 1}
        return read | ({"data": [self._datum(row) for row in data]} if data else {})

    def _datum(self, row: dict[str, Any]) -> dict[str, Any]:
        kind = one_of(row.get("type"), "type of data", ("text", "link", "file"))
        read: dict[str, Any] = {"type": kind}
        if "label" in row:
            read["label"] = text(row["label"], "label", 0, 255)
        if kind == "link":
            return read | {"url": address(row.get("url"), "url of data", LONGEST_HTML)}
        if kind == "file":
            file = row.get("file")
            if not isinstance(file, dict) or not {"fileName", "mimeType", "size"} <= set(file):
                raise bad("file of data needs id, fileName, mimeType and size")
            return read | {"file": self._file(file)}
        if "format" in row:
            read["format"] = text(row["format"], "format", 1, 64)
        return read | {"text": text(row.get("text"), "text of data", 0, LONGEST_HTML)}

    def _shared_step(self, ident: int) -> dict[str, Any]:
        shared = self._project.shared_steps.get(ident)
        if shared is None:
            raise Refused(404, "shared step not found")
        shown = {"type": "shared", "title": shared.title, "version": shared.version, "subSteps": shared.sub_steps}
        return shown | {"sharedStepId": shared.id}

    def _tags(self, value: Any) -> list[str]:
        def read(tag: Any) -> str:
            return named(tag, "tag", 255) if self._switches.empty_tag == "reject" else text(tag, "tag", 0, 255)

        return list(dict.fromkeys(texts(value, "tags", read)))

    def _requirements(self, value: Any) -> list[dict[str, Any]]:
        pairs = [
            (named(row.get("text"), "requirement text", 255), _requirement_url(row.get("url")))
            for row in objects(value, "requirements")
        ]
        if len(set(pairs)) != len(pairs):  # a change knows no 409
            raise Refused(409 if self._case is None else 400, "the same requirement is given twice")
        known = self._project.requirements
        return [known.get(pair) or {"id": self._store.ids.next(), "text": pair[0], "url": pair[1]} for pair in pairs]

    def _files(self, value: Any) -> list[dict[str, Any]]:
        files = [self._file(row) for row in objects(value, "files")]
        return [] if self._switches.files_in_tcase == "ignore" else files

    def _file(self, row: dict[str, Any]) -> dict[str, Any]:
        """Read a file by its id; what is declared of it is believed, what is not comes from the upload (A-21)."""
        stored = self._store.files.get(text(row.get("id"), "file id", 1, 64))
        if stored is None:
            raise bad("unknown file id")
        known = {"id": stored.id, "fileName": stored.name, "mimeType": stored.mime_type, "size": stored.size}
        declared: dict[str, Any] = {
            name: text(row[name], name, 0 if name.endswith("rl") else 1, LONGEST_HTML)
            for name in ("fileName", "mimeType", "url", "stableUrl")
            if name in row
        }
        if "size" in row:
            declared["size"] = integer(row["size"], "size", 0)
        return known | declared

    def _custom_fields(self, value: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(value, dict):
            raise bad("customFields must be an object")
        fields = {field.system_name: field for field in self._store.fields_of(self._project)}
        read = {}
        for name, given in value.items():
            field = fields.get(name)
            if field is None:
                raise bad(f"custom field {name} does not exist or is not enabled")
            if not isinstance(given, dict):
                raise bad(f"custom field {name} must be an object")
            read[name] = self._field_value(field, given)
        return read

    def _field_value(self, field: CustomField, given: dict[str, Any]) -> dict[str, Any]:
        """Read a value, or the default where it is asked for (A-22)."""
        name = f"custom field {field.system_name}"
        is_default = boolean(given.get("isDefault", False), f"isDefault of {name}")
        if is_default == ("value" in given):
            raise bad(f"{name} needs either a value or isDefault")
        if is_default:
            if field.default is None:
                raise bad(f"{name} has no default")
            return {"value": field.default, "isDefault": True}
        content = text(given["value"], name, 0, LONGEST_HTML if field.type == "richtext" else 255)
        if field.type == "richtext":
            content = self._html(content)
        allowed = {"dropdown": field.options, "checkbox": ("true", "false")}.get(field.type)
        if allowed is not None and content and content not in allowed:
            raise bad(f"{content} is not an option of {name}")
        return {"value": content, "isDefault": False}

    def _parameter_values(self, value: Any) -> list[dict[str, Any]]:
        """Read what a template is filled with; only a change names cases that are filled already (§3.5)."""
        read = []
        for row in objects(value, "parameterValues"):
            values = row.get("values")
            if not isinstance(values, dict):
                raise bad("values of parameterValues must be an object")
            words = {named(key, "parameter", 255): text(word, "value", 0, LONGEST_HTML) for key, word in values.items()}
            entry: dict[str, Any] = {"values": words}
            if self._case is not None and "tcaseId" in row:
                entry["tcaseId"] = text(row["tcaseId"], "tcaseId", 1, 64)
            read.append(entry)
        idents = [row["tcaseId"] for row in read if "tcaseId" in row]
        if len(set(idents)) != len(idents) or not set(idents) <= set(self._case.filled if self._case else []):
            raise bad("tcaseId of parameterValues must name test cases of this template, once each")
        return read


def _requirement_url(value: Any) -> str:
    return "" if value == "" else address(value, "requirement url", schemes=("http", "https"))
