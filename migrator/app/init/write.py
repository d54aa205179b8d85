"""``init``: writes a commented config, with projects and mapping proposed from both sides where they can be asked."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, SecretStr

from connectors import SourceConnector, SourceSettings, load_settings, load_source
from connectors.qasphere.open import open_api
from mappings.rules import MappingRules
from migrator.app.init.survey import Survey, proposed_projects, proposed_rules, survey_destination, survey_source
from migrator.app.init.text import Proposal, blocks_of, config_text, set_in_block, target_text
from migrator.app.runtime.interrupt import unwrapped
from migrator.config import Config, json_schema, parse_config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import ignored
from migrator.core.ports.inspectable import Inspectable
from migrator.report.news import counted

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_API_KEY = "QASPHERE_API_KEY"
SCHEMA_FILE = "migrator.schema.json"
"""Lies beside a config, so that an editor can complete its keys without any network."""
_EXAMPLE_URL = "https://acme.eu1.qasphere.com"
_EXAMPLE_NAME = "acme"
_PLACES = ("timezone", "region")


class Initialised(BaseModel):
    """The contract of ``init --json``.

    Args:
        inspected: both sides were asked; otherwise ``missing`` names what was needed for that.
        projects: source ids, as proposed.
        lines: what to read in the file.
    """

    path: str
    inspected: bool
    missing: list[str]
    projects: list[str]
    lines: list[str]


async def init(
    path: Path,
    *,
    connector: str,
    destination_url: str | None,
    source: Mapping[str, str],
    environment: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = ignored,
) -> Initialised:
    """Write a new config to ``path`` and say what it holds. ``source``: keys of the source block and their values;
    ``tell`` takes what is asked next.

    Secrets are never written: the file names environment variables. Raises ``ConfigError`` when the file exists, or
    a value does not fit, and what both sides raise when they are asked.
    """
    _refuse_existing(path)
    known = load_settings(connector)
    name = _name(destination_url)
    blocks = blocks_of(known.example.read_text(encoding="utf-8"))
    given = {"instance": name if destination_url else _EXAMPLE_NAME} | dict(source)
    block, filled = _source_block(known.model, blocks["source"], given, environment)
    missing = [variable for variable in [*_VARIABLE.findall(block), _API_KEY] if not filled.get(variable)]
    if destination_url is None:
        missing.append("--destination-url")
    proposal = Proposal(name, destination_url or _EXAMPLE_URL, _defaults(known), known.unused)
    if "projects" in blocks:
        proposal = replace(proposal, example=blocks["projects"].partition("\n")[2].rstrip("\n"))
    # checked before anything is asked, and with whatever is missing
    stand_ins = dict.fromkeys(missing, "missing") | dict(filled)
    config = _parsed(config_text(block, proposal), path, stand_ins)
    found: Survey | None = None
    if not missing:
        found = await _surveyed(load_source(connector), config, tell)
        block = _left_out(block, found)
        for key, value in found.settings.items():
            block = set_in_block(block, key, value)
        proposal = replace(
            proposal,
            projects=proposed_projects(found),
            rules=proposed_rules(found, config.mapping),
            advice=" Proposed from what both sides hold: read every line before you plan.",
        )
    text = config_text(block, proposal)
    config = _parsed(text, path, stand_ins)
    _write(path, text)
    schema = path.with_name(SCHEMA_FILE)
    if not schema.exists():
        _write(schema, json.dumps(json_schema(), indent=2) + "\n")
    return Initialised(
        path=str(path),
        inspected=found is not None,
        missing=missing,
        projects=[project.source for project in config.projects],
        lines=_remarks(found, proposal) if found else [],
    )


def _source_block(
    settings: type[BaseModel], block: str, given: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[str, Mapping[str, str]]:
    """Return the source block with what is given, and the environment with the secrets among it."""
    filled = dict(environment)
    for key, value in given.items():
        field = settings.model_fields.get(key)
        if field is not None and field.annotation is SecretStr:
            line = re.search(rf"^  {re.escape(key)}:[^\n]*", block, re.MULTILINE)
            for variable in _VARIABLE.findall(line[0] if line else ""):
                filled[variable] = value
        else:
            block = set_in_block(block, key, value)
    if "base_url" in given:
        for key in _of_the_example(block):
            block = block if key in given else set_in_block(block, key, None)
    return block, filled


def _of_the_example(block: str) -> list[str]:
    """Return the keys whose values belong to the example's server: place, zone, other addresses, what goes with one.

    Another server must not inherit them: credentials would travel to the example's.
    """
    keys = re.findall(r"^  (\w+):", block, re.MULTILINE)
    services = [key.removesuffix("_url") for key in keys if key.endswith("_url") and key != "base_url"]
    return [key for key in keys if key in _PLACES or any(key.startswith(f"{service}_") for service in services)]


def _parsed(text: str, path: Path, environment: Mapping[str, str]) -> Config:
    try:
        return parse_config(yaml.safe_load(text), path, environment)
    except ConfigError as error:
        raise ConfigError(
            "what was given makes no config yet; nothing was written",
            code=error.code,
            cause=error.cause,
            next_step="give what it names as `--source KEY=VALUE`, such as --source timezone=Europe/Berlin",
        ) from error


async def _surveyed(connector: SourceConnector, config: Config, tell: Callable[[str], None]) -> Survey:
    found = Survey()
    with unwrapped():
        async with connector.open(config.source, config.http) as source:
            tell(f"asking {config.connector} which projects there are")
            await source.check()
            if isinstance(source, Inspectable):
                await survey_source(source, found, tell)
        tell("asking QA Sphere which projects and fields it has")
        async with open_api(config.destination, config.http, read_only=True) as api:
            await survey_destination(api, config.destination.marker_field, found)
    return found


def _defaults(settings: SourceSettings) -> MappingRules:
    return MappingRules.model_validate(yaml.safe_load(settings.defaults.read_text(encoding="utf-8")))


def _left_out(block: str, found: Survey) -> str:
    """Return the source block that leaves out what may not be opened, where all the rest goes into one project."""
    if not found.grouping or not found.refused:
        return block
    return set_in_block(block, found.grouping.left_out_by, [project.id for project in found.refused])


def _remarks(found: Survey, proposal: Proposal) -> list[str]:
    refused = {project.id for project in found.refused}
    left_out = [project.title for project in proposal.projects if not project.taken and project.source not in refused]
    undecided = [
        f"mapping.{table}: “{rule.value}” → {target_text(rule.target)} ({rule.remark})"
        for table, rules in (proposal.rules or {}).items()
        for rule in rules
        if rule.target
    ]
    projects, cases = counted({"project": len(found.projects)}), counted({"case": found.cases})
    remarks = [f"{projects} visible, {cases} examined"]
    if not proposal.projects:
        remarks.append("no project of the source could be proposed; name them yourself")
    if left_out:
        remarks.append(f"left out, because they hold no cases: {', '.join(left_out)}")
    if found.refused:
        names = ", ".join(f"{project.title} ({project.id})" for project in found.refused)
        remarks.append(f"left out, because this account may not open them: {names}")
    if not found.fields_known:
        remarks.append(
            "QA Sphere has no project yet, so its custom fields could not be asked: see there whether it has a text"
            " field `source_id` for all projects, and make it if not"
        )
    elif not found.has_marker_field:
        remarks.append("QA Sphere has no custom text field `source_id` yet: an admin should make it first")
    return remarks + undecided


def _name(destination_url: str | None) -> str:
    """Return the company's name in the address, for the workspace and for markers."""
    host = urlsplit(destination_url or _EXAMPLE_URL).hostname or ""
    label = host.partition(".")[0]
    return label if re.fullmatch(r"[a-z][a-z0-9-]{0,40}", label) else "my"


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise ConfigError(
            f"{path} exists already",
            code=ErrorCode.FILE_UNUSABLE,
            cause="init never overwrites a config",
            next_step="name another file: `migrator --config other.yaml init`",
        )


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}", code=ErrorCode.FILE_UNUSABLE, cause=str(error), next_step="name another file"
        ) from error


def settings_of(pairs: Sequence[str]) -> dict[str, str]:
    """Read ``KEY=VALUE`` pairs; ``ConfigError`` for anything else."""
    found = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.strip():
            raise ConfigError(
                f"--source takes KEY=VALUE, not “{pair}”", next_step="e.g. --source timezone=Europe/Berlin"
            )
        found[key.strip().removeprefix("source.")] = value
    return found
