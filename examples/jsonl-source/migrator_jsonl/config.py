"""The config's ``source`` block. Imported whenever a config is read, so it imports nothing that reads the source."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors import SourceSettings


class JsonLinesSettings(BaseModel):
    """Where the file is. ``instance`` names it in every marker; relative paths start at the config's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["jsonl"] = "jsonl"
    instance: str = Field(default="jsonl", pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    path: Path


SETTINGS = SourceSettings(JsonLinesSettings, Path(__file__).with_name("defaults.yaml"), unused=("columns", "pages"))
