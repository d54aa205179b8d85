"""Every action of the client with everything that it can be told, by name as ``migrator api`` does it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from connectors.qasphere.sandbox import build
from migrator.app.api import Action, all_actions, call
from migrator.client import Parameters, Query, Rejected
from migrator.standin.options import StandInOptions
from tests.support.qasphere import HOOKS, Scene, scene_in

ACTIONS = all_actions()
LINK = {"text": "Source", "url": "https://source.example.com/7"}
FILE = {"id": "$file", "fileName": "a.txt", "mimeType": "text/plain", "size": 7, "url": "https://x.example.com/a"}
FILTER = {"search": "o", "tags": [1], "tagsFilterOp": "and", "priorities": ["high"]}
FIELDS = {"customFields": {"source_id": ["C1", "C2"]}}
CASES: dict[str, Any] = FILTER | {
    "folders": [1], "draft": False, "types": ["standalone"], "templateTCaseIds": ["x"], "requirementIds": ["x"],
    "preconditionIds": [1], "stepIds": [1], "authorIds": [1], "createdAfter": "2026-01-01T00:00:00Z",
    "createdBefore": "2099-01-01T00:00:00Z",
}  # fmt: skip
PAGE = {"offset": 0, "limit": 5, "page": 1, "sortOrder": "asc"}
TITLED = {"sortField": "title", "sortOrder": "asc", "include": ["tcaseCount"]}
PLAN = {"tcaseIds": ["$case"], "folderIds": [1], "tagIds": [1], "priorities": ["high"]}
STEP = {"description": "<p>Open</p>", "expected": "<p>Open</p>"}
DATA = [
    {"type": "text", "label": "Query", "text": "select 1", "format": "sql"},
    {"type": "link", "label": "Page", "url": "https://x.example.com/"},
    {"type": "file", "file": FILE | {"stableUrl": "/api/file/a"}},
]
CONTENT: dict[str, Any] = {
    "title": "Whole", "priority": "high", "isDraft": False, "precondition": {"text": "<p>Logged in</p>"},
    "steps": [STEP | {"data": DATA}, {"sharedStepId": "$step"}], "tags": ["a"],
    "requirements": [{"text": "REQ", "url": "https://x.example.com/r"}], "links": [LINK], "files": [FILE],
    "customFields": {"source_id": {"value": "C1", "isDefault": False}},
}  # fmt: skip
SHARED = {"precondition": {"sharedPreconditionId": "$precondition"}}
TEMPLATE = {"title": "On ${browser}", "filledTCaseTitleSuffixParams": ["browser"]}
NOBODY = {"configurationId": "nowhere", "assignmentId": 1, "links": ["https://x.example.com/"]}
DOCUMENTS: Mapping[str, list[dict[str, Any]]] = {
    "audit_logs.list": [{"after": 0, "count": 10}],
    "folders.list": [PAGE | {"sortField": "title", "search": "a"}],
    "folders.bulk_create": [{"folders": [{"path": ["A", "B"], "comment": "<p>words</p>"}]}],
    "milestones.list": [{"archived": False}],
    "milestones.create": [{"title": "1.0"}],
    "projects.create": [
        {
            "code": "NEW", "title": "New", "links": [LINK], "overviewTitle": "O", "overviewDescription": "<p>D</p>",
            "skipDefaultFolder": True, "skipDefaultConfigurations": True, "skipDefaultAIRules": True,
        }
    ],
    "requirements.list": [TITLED | {"sortField": "text"}],
    "results.create": [{"status": "passed", "comment": "<p>ok</p>", "timeTaken": 1000}],
    "results.batch_create": [{"items": [{"tcaseId": "$case", "status": "failed", "comment": "", "timeTaken": 0}]}],
    "runs.list": [{"closed": False, "milestoneIds": [1], "configurationIds": ["x"], "limit": 5}],
    "runs.create": [
        {
            "title": "R", "type": "static", "description": "d", "milestoneId": 1, "queryPlans": [PLAN],
            "integrationLink": "https://x.example.com/", **NOBODY,
        }
    ],
    "runs.clone": [
        {
            "runId": 1, "title": "C", "description": "d", "milestoneId": 1,
            "integrationLink": "https://x.example.com/", **NOBODY,
        }
    ],
    "runs.test_cases.list": [FILTER | FIELDS | {"sortField": "seq", "sortOrder": "asc", "include": ["folder"]}],
    "runs.logs.create": [{"comment": "<p>Moved</p>"}],
    "settings.update_statuses": [
        {"statuses": [{"id": "custom1", "name": "Retest", "color": "orange", "isActive": True}]}
    ],
    "shared_preconditions.list": [TITLED],
    "shared_steps.list": [TITLED],
    "tags.list": [TITLED],
    "test_cases.list": [CASES | FIELDS | PAGE | {"sortField": "seq", "include": ["steps", "path"]}],
    "test_cases.count": [CASES | FIELDS | {"recursive": True}],
    "test_cases.by_marker": [{"seqIds": ["SHOP-001"], "offset": 0, "limit": 5, "page": 1}],
    "test_cases.create": [
        CONTENT | {"folderId": 1, "type": "standalone", "pos": 0},
        CONTENT | SHARED | {"folderId": 1, "type": "standalone", "comment": "<p>old</p>"},
        TEMPLATE | {"folderId": 1, "priority": "low", "type": "template",
                    "parameterValues": [{"values": {"browser": "Firefox"}}]},
    ],
    "test_cases.bulk_create": [{"folderPath": ["A"], "tcases": [{"title": "S", "tags": ["ci"]}]}],
    "test_cases.update": [
        CONTENT | {"comment": "<p>old</p>"},
        SHARED,
        TEMPLATE | {"parameterValues": [{"tcaseId": "$case", "values": {"browser": "Chrome"}}]},
    ],
    "test_plans.create": [
        {
            "title": "P", "description": "<p>d</p>", "milestoneId": 1, "integrationLink": "https://x.example.com/",
            "runs": [
                {
                    "title": "R", "description": "d", "type": "static", "configurationId": "nowhere",
                    "assignmentId": 1, "queryPlans": [PLAN],
                }
            ],
        }
    ],
}  # fmt: skip
"""Action → documents which together say everything."""
RESULT_LINK = {"integrationId": "i", "url": "https://x.example.com/", "text": "BUG-1", "meta": {"id": "1"}}
BESIDE: Mapping[str, dict[str, Any]] = {
    "results.create": {"links": [RESULT_LINK]},
    "results.batch_create": {"links": {"0": [RESULT_LINK]}},
}
NOT_THERE: Mapping[tuple[str, type[BaseModel]], set[str]] = {("test_cases.create", Parameters): {"tcaseId"}}
"""What only a change takes: there is no filled case yet."""
WITHOUT_DOCUMENT = {name for name, action in ACTIONS.items() if action.model is None}


def test_every_action_has_its_documents() -> None:
    assert ACTIONS.keys() - WITHOUT_DOCUMENT == DOCUMENTS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_say_everything(name: str) -> None:
    """At every depth, for every model that a body consists of."""
    model = ACTIONS[name].model
    assert model is not None
    said: dict[type[BaseModel], set[str]] = {}
    for document in DOCUMENTS[name]:
        _collect(model, document, said)
    for inner, names in said.items():
        known = {field.alias or key for key, field in inner.model_fields.items()}
        assert names == known - NOT_THERE.get((name, inner), set()), inner.__name__


def _collect(model: type[BaseModel], document: dict[str, Any], said: dict[type[BaseModel], set[str]]) -> None:
    said.setdefault(model, set()).update(document)
    for key, field in model.model_fields.items():
        for inner in _models(field.annotation):
            for part in _parts(document.get(field.alias or key), mapped="Mapping" in str(field.annotation)):
                _collect(inner, part, said)


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in getattr(kind, "__args__", ()):
        yield from _models(part)


def _parts(value: Any, *, mapped: bool) -> list[dict[str, Any]]:
    if mapped and isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_everything_that_is_said_is_sent(name: str, tmp_path: Path) -> None:
    """What the stand-in then thinks of it is another matter: it knows no configuration, and no tracker."""
    stand_in = build(StandInOptions(profile="strict"))
    stand_in.store.add_custom_field("source_id", "Source ID")
    sent: list[tuple[list[tuple[str, str]], Any]] = []

    @web.middleware
    async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        sent.append((list(request.query.items()), json.loads(body) if body.startswith(b"{") else None))
        return await handler(request)

    stand_in.app.middlewares.insert(0, record)
    async with scene_in(stand_in, tmp_path) as made:
        uploaded = await made.api.upload_file(made.file(), HOOKS)
        known = {
            "$file": uploaded.id,
            "$case": made.case_ids[0],
            "$step": next(iter(made.project.shared_steps)),
            "$precondition": next(iter(made.project.shared_preconditions)),
        }
        for document in DOCUMENTS[name]:
            wanted = _filled(document, known)
            sent.clear()
            await _called(made, ACTIONS[name], wanted, BESIDE.get(name, {}))
            assert len(sent) == 1
            query, body = sent[0]
            if issubclass(ACTIONS[name].model or Query, Query):
                assert sorted(query) == sorted(_params(wanted))
            else:
                assert body == _with_links(wanted, BESIDE.get(name, {}).get("links"))


async def _called(made: Scene, action: Action, document: dict[str, Any], beside: dict[str, Any]) -> None:
    places = {"project": "SHOP", "run": made.run_id, "case": made.case_ids[0]}
    flags = {word.name: document[word.key] for word in action.flags if word.key in document}
    said: dict[str, Any] = {word.name: places[word.name] for word in action.places}
    if action.takes_body:
        body: str | None = json.dumps(document)
    else:
        body = None
        said |= {
            word.name: json.dumps(flags[word.name]) if word.how == "json" else flags[word.name]
            for word in action.flags
            if word.name in flags
        }
    said |= {name: json.dumps(value) for name, value in beside.items()}
    client: Any = made.api.client
    try:
        await call(client, action, said, body=body)
    except Rejected as refusal:
        assert refusal.status in (400, 403, 404, 409)  # noqa: PT017 - it may also be taken


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, known) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, known) for part in value]
    return known.get(value, value) if isinstance(value, str) else value


def _params(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        if name == "customFields":
            yield from ((f"cf_{field}", text) for field, texts in value.items() for text in texts)
            continue
        for part in value if isinstance(value, list) else [value]:
            yield name, str(part).lower() if isinstance(part, bool) else str(part)


def _with_links(document: dict[str, Any], links: Any) -> dict[str, Any]:
    if links is None:
        return document
    if "items" in document:
        return {"items": [item | {"links": links["0"]} for item in document["items"]]}
    return document | {"links": links}


PLACES: Mapping[str, dict[str, Any]] = {
    "custom_fields.list": {"project": "SHOP"},
    "files.upload": {"file": "$path"},
    "files.batch_upload": {"files": ["$path", "$path"]},
    "files.download": {"file": "$file", "target": "$target", "max_bytes": 1000, "pages": "taken"},
    "projects.list": {},
    "projects.get": {"project": "SHOP"},
    "runs.close": {"project": "SHOP", "run": "1"},
    "runs.test_cases.get": {"project": "SHOP", "run": "1", "case": "1"},
    "settings.list_statuses": {},
    "shared_preconditions.get": {"project": "SHOP", "shared_precondition": "$precondition"},
    "shared_steps.get": {"project": "SHOP", "shared_step": "$step"},
    "test_cases.get": {"project": "SHOP", "case": "SHOP"},
    "users.list": {},
    "users.me": {},
}
"""What the other actions are told, as words."""


def test_every_other_action_has_its_words() -> None:
    assert PLACES.keys() == WITHOUT_DOCUMENT
    for name, words in PLACES.items():
        assert words.keys() == {word.name for word in (*ACTIONS[name].places, *ACTIONS[name].beside)}


@pytest.mark.parametrize("name", PLACES)
async def test_every_other_action_answers(name: str, tmp_path: Path) -> None:
    stand_in = build(StandInOptions(profile="strict"))
    async with scene_in(stand_in, tmp_path) as made:
        uploaded = await made.api.upload_file(made.file(), HOOKS)
        known = {
            "$file": uploaded.id,
            "$path": str(tmp_path / "a.txt"),
            "$target": str(tmp_path / "back"),
            "$step": str(next(iter(made.project.shared_steps))),
            "$precondition": str(next(iter(made.project.shared_preconditions))),
        }
        words = _filled(PLACES[name], known) | ({"case": made.case_ids[0]} if name == "test_cases.get" else {})
        client: Any = made.api.client
        answer = await call(client, ACTIONS[name], words, body=None)
    assert json.dumps(answer)
    assert isinstance(answer, dict | list)
