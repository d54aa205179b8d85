"""QA Sphere's public REST API, one method per endpoint (``qasphere-api.md`` §2, §3)."""

from connectors.qasphere.api.base import PREFIX, Caller, actions, groups
from connectors.qasphere.api.cases import TestCases
from connectors.qasphere.api.dictionaries import CustomFields, Requirements, SharedPreconditions, SharedSteps, Tags
from connectors.qasphere.api.files import Files
from connectors.qasphere.api.projects import Folders, Milestones, Projects
from connectors.qasphere.api.results import Results
from connectors.qasphere.api.runs import Runs, TestPlans, conflicting_id
from connectors.qasphere.api.settings import AuditLogs, Settings, Users
from migrator.http.transport import Transport

__all__ = ["PREFIX", "QASphereApi", "actions", "conflicting_id"]


class QASphereApi(Caller):
    """All resources. Methods raise what ``Transport.call`` raises; ``TemporaryError`` for answers of another shape.

    Every endpoint answers 401 as ``AuthenticationError`` and other refusals as ``Rejected`` with the status: 400 what
    is wrong with the request, 403 role too low, tenant suspended or (writes) project archived, 404 project or
    addressed object not found, 409 as the method says (§1.4). A create is sent once: when its answer is lost it raises
    ``OutcomeUnknown``, and whoever calls looks before sending it again.
    """

    audit_logs: AuditLogs
    custom_fields: CustomFields
    files: Files
    folders: Folders
    milestones: Milestones
    projects: Projects
    requirements: Requirements
    results: Results
    runs: Runs
    settings: Settings
    shared_preconditions: SharedPreconditions
    shared_steps: SharedSteps
    tags: Tags
    test_cases: TestCases
    test_plans: TestPlans
    users: Users

    def __init__(self, transport: Transport, *, read_only: bool = False) -> None:
        super().__init__(transport, read_only=read_only)
        for name, kind in groups(QASphereApi).items():
            setattr(self, name, kind(self))
