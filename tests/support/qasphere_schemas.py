"""The schemas of the contract beside the models of the client."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from connectors.qasphere.wire import bodies, case_bodies, cases, queries, runs, settings
from connectors.qasphere.wire.base import Page
from tests.support.rig import ROOT

CONTRACT = ROOT.parent / "shared" / "reference" / "qasphere.openapi.yaml"

MODELS: Mapping[str, type[BaseModel]] = {
    "Message": cases.Message,
    "HqidCreatedResponse": runs.TextId,
    "StringIdResponse": runs.TextId,
    "IntegerIdResponse": runs.IntegerId,
    "IntegerIdsResponse": runs.IntegerIds,
    "CountResponse": cases.Count,
    "PageEnvelope": Page,
    "ProjectLink": cases.Link,
    "Project": cases.Project,
    "ProjectCreateRequest": case_bodies.NewProject,
    "Folder": cases.Folder,
    "FolderPage": Page,
    "FolderUpsert": case_bodies.FolderUpsert,
    "FolderBulkUpsertRequest": case_bodies.FolderUpserts,
    "FolderBulkUpsertResponse": cases.FolderIds,
    "TextLink": case_bodies.NewLink,
    "RequirementInput": case_bodies.NewRequirement,
    "RequirementRef": cases.Requirement,
    "FileRef": cases.StoredFile,
    "FileRefInput": case_bodies.FileRef,
    "PreconditionTextInput": case_bodies.NewPrecondition,
    "PreconditionSharedInput": case_bodies.NewPrecondition,
    "Precondition": cases.Precondition,
    "SharedPrecondition": cases.SharedPrecondition,
    "StepDataText": case_bodies.NewStepData,
    "StepDataLink": case_bodies.NewStepData,
    "StepDataFile": case_bodies.NewStepData,
    "StepInput": case_bodies.NewStep,
    "Step": cases.Step,
    "SharedStep": cases.SharedStep,
    "Tag": cases.Tag,
    "RequirementIntegrationLink": cases.RequirementLink,
    "Requirement": cases.Requirement,
    "CustomFieldOption": cases.Option,
    "CustomField": cases.CustomField,
    "CustomFieldValueInput": case_bodies.NewFieldValue,
    "CustomFieldValue": cases.FieldValue,
    "ParameterValueInput": case_bodies.Parameters,
    "ParameterValueUpdate": case_bodies.Parameters,
    "ParameterValue": cases.ParameterValue,
    "TestCaseContentInput": case_bodies.CaseChange,
    "TestCaseCreateRequest": case_bodies.NewCase,
    "TestCaseUpdateRequest": case_bodies.CaseChange,
    "TestCaseCreatedResponse": cases.CreatedCase,
    "TestCase": cases.Case,
    "TestCasePage": Page,
    "TestCasesBySequenceRequest": case_bodies.CaseMarkers,
    "TestCaseSkeleton": case_bodies.CaseSkeleton,
    "TestCaseBulkCreateRequest": case_bodies.CaseSkeletons,
    "TestCaseBulkCreateResponse": cases.CreatedCases,
    "Milestone": runs.Milestone,
    "MilestoneCreateRequest": bodies.NewMilestone,
    "QueryPlan": bodies.QueryPlan,
    "RunCreateRequest": bodies.NewRun,
    "RunCloneRequest": bodies.RunCopy,
    "Run": runs.Run,
    "RunListResponse": runs.RunList,
    "RunLogCreateRequest": bodies.RunLog,
    "RunTestCase": runs.RunCase,
    "RunTestCaseDetail": runs.RunCaseWhole,
    "ResultLinkMeta": bodies.ResultLinkMeta,
    "ResultLinkInput": bodies.ResultLink,
    "ResultCreateRequest": bodies.NewResult,
    "ResultBatchItem": bodies.CaseResult,
    "ResultBatchCreateRequest": bodies.ResultBatch,
    "RunResult": runs.Result,
    "TestPlanRunInput": bodies.PlanRun,
    "TestPlanCreateRequest": bodies.NewPlan,
    "UploadedFile": runs.UploadedFile,
    "FileBatchUploadResponse": runs.UploadedFiles,
    "StatusConfig": settings.Status,
    "StatusUpdate": bodies.StatusChange,
    "StatusUpdateRequest": bodies.StatusChanges,
    "User": settings.Account,
    "Me": settings.Me,
    "AuditLogUser": settings.AuditUser,
    "AuditLogEvent": settings.AuditEvent,
    "AuditLogPage": settings.AuditPage,
}
ROWS = "the method returns the rows themselves"
FORM = "a form with files, built by `files.upload` and `files.batch_upload`"
REASONS: Mapping[str, str] = {
    "Error": "its message is the cause of the exception",
    "RunStatusCounts": "a mapping of status to number, `Run.status_counts`",
    "ProjectListResponse": ROWS,
    "SharedStepListResponse": ROWS,
    "TagListResponse": ROWS,
    "RequirementListResponse": ROWS,
    "CustomFieldListResponse": ROWS,
    "MilestoneListResponse": ROWS,
    "RunTestCaseListResponse": ROWS,
    "StatusListResponse": ROWS,
    "UserListResponse": ROWS,
    "MeResponse": ROWS,
    "FileUploadForm": FORM,
    "FileBatchUploadForm": FORM,
}
BESIDE: Mapping[type[BaseModel], set[str]] = {bodies.NewResult: {"links"}, bodies.CaseResult: {"links"}}
"""Arguments of their own, because a link with ``meta.id`` comments on a tracker."""
P = "/project/{project_id}"
QUERIES: Mapping[str, type[BaseModel]] = {
    f"{P}/tcase/folders": queries.FolderQuery,
    f"{P}/tcase": queries.CaseQuery,
    f"{P}/tcase/count": queries.CaseCount,
    f"{P}/tag": queries.TitledQuery,
    f"{P}/requirement": queries.RequirementQuery,
    f"{P}/shared-step": queries.TitledQuery,
    f"{P}/shared-precondition": queries.TitledQuery,
    f"{P}/milestone": queries.MilestoneQuery,
    f"{P}/run": queries.RunQuery,
    f"{P}/run/{{run_id}}/tcase": queries.RunCaseQuery,
    "/audit-logs": queries.AuditQuery,
}


class Counted(NamedTuple):
    """``what``: a schema or an address; ``model``: of the client."""

    what: str
    model: str
    documented: int
    known: int


def aliases(model: type[BaseModel]) -> set[str]:
    """Return the names of a model's properties in JSON."""
    return {field.alias or name for name, field in model.model_fields.items()} | BESIDE.get(model, set())


def documented(contract: dict[str, Any], schema: str) -> set[str]:
    """Return the names of a schema's properties."""
    return _properties(contract["components"]["schemas"], {"$ref": f"#/{schema}"})


def _properties(schemas: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _properties(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    parts = [_properties(schemas, part) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*parts)


def parameters(contract: dict[str, Any]) -> dict[str, set[str]]:
    """Return the names of the query parameters of every address that is read."""
    shared = contract["components"]["parameters"]
    found: dict[str, set[str]] = {}
    for address, operations in contract["paths"].items():
        given = operations.get("get", {}).get("parameters", [])
        whole = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in given]
        names = {one["name"] for one in whole if one["in"] == "query"}
        found[address] = {re.sub("^customFieldFilters$", "customFields", name) for name in names}
    return found


def counted(contract: dict[str, Any]) -> list[Counted]:
    """Return the table of all schemas and addresses that the client has a model for."""
    seen = parameters(contract)
    sides = [(schema, model, documented(contract, schema)) for schema, model in MODELS.items()]
    sides += [(f"GET {address}", model, seen[address]) for address, model in QUERIES.items()]
    return [Counted(what, model.__name__, len(names), len(names & aliases(model))) for what, model, names in sides]
