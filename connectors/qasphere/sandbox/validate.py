"""The server's validation of a case body (§3.4, §3.5): everything wrong is 400, things that are not there 404."""

from collections.abc import Callable
from typing import Any

from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.store import Project, Store
from connectors.qasphere.sandbox.switches import Switches

PRIORITIES = ("low", "medium", "high")
_KNOWN = {
    "title", "type", "folderId", "priority", "pos", "precondition", "comment", "steps", "tags", "requirements", "links",
    "files", "customFields", "isDraft", "parameterValues", "filledTCaseTitleSuffixParams",
}  # fmt: skip


class Refused(Exception):
    """The request is refused with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad(message: str) -> Refused:
    """Return a 400."""
    return Refused(400, message)


class CaseBody:
    """Reads a create or update body; what it returns is what is stored."""

    def __init__(self, store: Store, project: Project, switches: Switches) -> None:
        self._store = store
        self._project = project
        self._switches = switches
        self._readers: dict[str, Callable[[Any], Any]] = {
            "title": lambda value: text(value, "title", 1, 511),
            "priority": self._priority,
            "precondition": self._precondition,
            "comment": self._html,
            "steps": self._steps,
            "tags": self._tags,
            "requirements": self._requirements,
            "links": links_of,
            "files": self._files,
            "customFields": self._custom_fields,
            "isDraft": self._boolean,
        }

    def read(self, body: Any, *, creating: bool) -> dict[str, Any]:
        """Return field → value to store, for the fields that are there."""
        if not isinstance(body, dict):
            raise bad("body must be a JSON object")
        unknown = set(body) - _KNOWN
        if unknown and self._switches.unknown_fields == "reject":
            raise bad(f"unknown field {min(unknown)}")
        if body.get("parameterValues") and body.get("type", "standalone") == "standalone":
            raise bad("parameterValues are only allowed for templates")
        if creating:
            self._required(body)
        values = {name: read(body[name]) for name, read in self._readers.items() if body.get(name) is not None}
        if "precondition" in values:
            values["sharedPrecondition"] = body["precondition"].get("sharedPreconditionId")
        return values

    def _required(self, body: dict[str, Any]) -> None:
        for name in ("title", "type", "folderId", "priority"):
            if body.get(name) is None:
                raise bad(f"{name} is required")
        if body["type"] not in ("standalone", "template"):
            raise bad("type must be standalone or template")
        given = body.get("customFields") or {}
        for field in self._store.fields_of(self._project):
            value = given.get(field.system_name, {}) if isinstance(given, dict) else {}
            if field.required and field.default is None and not (isinstance(value, dict) and value.get("value")):
                raise bad(f"custom field {field.system_name} is required")

    def _priority(self, value: Any) -> str:
        if value not in PRIORITIES:
            raise bad("priority must be one of low, medium, high")
        return str(value)

    def _boolean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise bad("isDraft must be a boolean")
        return value

    def _html(self, value: Any) -> str:
        if not isinstance(value, str):
            raise bad("text must be a string")
        return sanitise(value, self._switches.html)

    def _precondition(self, value: Any) -> str:
        if not isinstance(value, dict) or ("text" in value) == ("sharedPreconditionId" in value):
            raise bad("precondition needs either text or sharedPreconditionId")
        if "sharedPreconditionId" not in value:
            return self._html(value["text"])
        shared = self._project.shared_preconditions.get(value["sharedPreconditionId"])
        if shared is None:
            raise Refused(404, "shared precondition not found")
        return shared.text

    def _steps(self, value: Any) -> list[dict[str, Any]]:
        steps = []
        for step in listed(value, "steps"):
            if "sharedStepId" in step:
                steps.append(self._shared_step(step["sharedStepId"]))
                continue
            if "description" not in step and "expected" not in step:
                raise bad("a step needs description, expected or sharedStepId")
            description = self._html(step.get("description") or "")
            expected = self._html(step.get("expected") or "")
            steps.append({"description": description, "expected": expected, "type": "standalone", "version": 1})
        return self._store.numbered(steps)

    def _shared_step(self, ident: Any) -> dict[str, Any]:
        shared = self._project.shared_steps.get(ident)
        if shared is None:
            raise Refused(404, "shared step not found")
        shown = {"type": "shared", "title": shared.title, "version": shared.version, "subSteps": shared.sub_steps}
        return shown | {"sharedStepId": shared.id}

    def _tags(self, value: Any) -> list[str]:
        if not isinstance(value, list):
            raise bad("tags must be a list")
        least = 1 if self._switches.empty_tag == "reject" else 0
        return list(dict.fromkeys(text(tag, "tag", least, 255) for tag in value))

    def _requirements(self, value: Any) -> list[dict[str, Any]]:
        pairs = [
            (text(row.get("text"), "requirement text", 1, 255), text(row.get("url") or "", "requirement url", 0, 255))
            for row in listed(value, "requirements")
        ]
        if len(set(pairs)) != len(pairs):
            raise Refused(409, "the same requirement is given twice")
        known = self._project.requirements
        return [known.get(pair) or {"id": self._store.ids.next(), "text": pair[0], "url": pair[1]} for pair in pairs]

    def _files(self, value: Any) -> list[dict[str, Any]]:
        files = listed(value, "files")
        for row in files:
            if row.get("id") not in self._store.files:
                raise bad("unknown file id")
        if self._switches.files_in_tcase == "ignore":
            return []
        return [{key: row[key] for key in ("id", "fileName", "mimeType", "size", "url") if key in row} for row in files]

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
            content = field.default or "" if given.get("isDefault") else given.get("value", "")
            content = text(content, f"custom field {name}", 0, 100_000 if field.type == "richtext" else 255)
            if field.type == "dropdown" and content and content not in field.options:
                raise bad(f"{content} is not an option of custom field {name}")
            read[name] = {"value": content, "isDefault": bool(given.get("isDefault"))}
        return read


def text(value: Any, what: str, least: int, most: int) -> str:
    """Return the text; 400 when it is none or its length is out of bounds."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise bad(f"{what} must be a text of {least} to {most} characters")
    return value


def links_of(value: Any) -> list[dict[str, str]]:
    """Return links of text and address; 400 for anything else."""
    links = []
    for row in listed(value, "links"):
        url = text(row.get("url"), "link url", 1, 255)
        if not url.lower().startswith(("http://", "https://")):
            raise bad("link url must be a URL")
        links.append({"text": text(row.get("text"), "link text", 1, 255), "url": url})
    return links


def listed(value: Any, what: str) -> list[dict[str, Any]]:
    """Return a list of objects; 400 for anything else."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad(f"{what} must be a list of objects")
    return value
