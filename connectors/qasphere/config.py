"""The config's ``destination`` block."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.places import checked_service


class QASphereSettings(BaseModel):
    """Where QA Sphere is and how hard it may be used.

    Args:
        requests_per_second: what one API key is allowed (§1.5).
        settle_seconds: how long a create whose answer was lost may still take effect.
        concurrency: calls at the same time; 16 fill the rate up to 0.8 s of latency.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    api_key: SecretStr
    requests_per_second: float = Field(default=20, gt=0)
    marker_field: str = Field(default="source_id", min_length=1, max_length=64)
    settle_seconds: float = Field(default=90, gt=0)
    concurrency: int = Field(default=16, ge=1, le=100)
    auth_scheme: Literal["bearer", "apikey"] = "bearer"

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        return checked_service(value, "destination.api_key")

    @field_validator("api_key")
    @classmethod
    def _not_empty(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("must not be empty")
        return value
