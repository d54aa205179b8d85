"""The settings of one migration."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, SerializeAsAny, field_validator

from connectors.qasphere.config import QASphereSettings
from mappings.rules import MappingRules, ProjectRules
from migrator.core.errors import ConfigError
from migrator.http.settings import HttpSettings


class SyncSettings(BaseModel):
    """What `sync` does about edits on both sides and about deletions at the source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conflicts: Literal["report", "source", "destination"] = "report"
    deletions: Literal["report", "tag"] = "report"
    max_deletions: int = Field(default=50, ge=0, description="how many items may leave the source between two rounds")
    max_deleted_share: float = Field(
        default=0.2, ge=0, le=1, description="which share of a project may leave the source between two rounds"
    )


class NotifySettings(BaseModel):
    """Whom `sync` tells about its rounds. ``only``: what is worth a message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(description="takes a POST with a JSON body; a secret, as the addresses of most chats are")
    only: tuple[Literal["changes", "failures"], ...] = Field(default=("changes", "failures"), min_length=1)


class Config(BaseModel):
    """Everything one migration needs to know. ``source`` is the connector's own settings model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workspace: Path
    source: SerializeAsAny[BaseModel]
    destination: QASphereSettings
    projects: tuple[ProjectRules, ...] = Field(min_length=1)
    mapping: MappingRules = MappingRules()
    sync: SyncSettings = SyncSettings()
    notify: NotifySettings | None = None
    http: HttpSettings = HttpSettings()
    keep_files: bool = Field(default=False, description="keep a copy of every attachment in the workspace")
    spool_mib: int = Field(default=2048, ge=64, description="disk space for attachments on their way, in MiB")

    @field_validator("projects")
    @classmethod
    def _one_destination_each(cls, projects: tuple[ProjectRules, ...]) -> tuple[ProjectRules, ...]:
        for attribute in ("source", "destination"):
            names = [str(getattr(project, attribute)) for project in projects]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{attribute} {', '.join(twice)} is named by more than one project")
        return projects

    @property
    def connector(self) -> str:
        """The name of the source connector."""
        return str(getattr(self.source, "connector"))  # noqa: B009 - every connector's settings have it

    @property
    def instance(self) -> str:
        """The name of the source's instance, as markers carry it."""
        return str(getattr(self.source, "instance"))  # noqa: B009 - every connector's settings have it

    def limited_to(self, codes: Sequence[str]) -> "Config":
        """Return the config with the projects of these codes in QA Sphere, all of them for none.

        Raises ``ConfigError`` for a code that no project has.
        """
        known = {project.destination.upper(): project for project in self.projects}
        if unknown := [code for code in codes if code.upper() not in known]:
            raise ConfigError(
                f"no project of the config goes to {', '.join(unknown)}",
                next_step=f"--project takes one of: {', '.join(known)}",
            )
        wanted = {code.upper() for code in codes} or known.keys()
        return self.model_copy(update={"projects": tuple(known[code] for code in known if code in wanted)})
