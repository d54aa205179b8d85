"""QA Sphere's public REST API, one method per endpoint (``qasphere-api.md`` §2, §3)."""

from connectors.qasphere.api.base import PREFIX
from connectors.qasphere.api.cases import CaseApi
from connectors.qasphere.api.dictionaries import DictionaryApi
from connectors.qasphere.api.files import FileApi
from connectors.qasphere.api.projects import ProjectApi
from connectors.qasphere.api.results import ResultApi
from connectors.qasphere.api.runs import RunApi, conflicting_id
from connectors.qasphere.api.settings import SettingsApi

__all__ = ["PREFIX", "QASphereApi", "conflicting_id"]


class QASphereApi(ProjectApi, DictionaryApi, CaseApi, RunApi, ResultApi, FileApi, SettingsApi):
    """Typed endpoint methods. Raise what ``Transport.call`` raises; ``TemporaryError`` for answers of another shape.

    Every endpoint answers 401 as ``AuthenticationError`` and other refusals as ``Rejected`` with the status: 400 what
    is wrong with the request, 403 role too low, tenant suspended or (writes) project archived, 404 project or
    addressed object not found, 409 as the method says (§1.4).
    """
