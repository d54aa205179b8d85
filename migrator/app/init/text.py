"""The text of a new config: the commented template, filled with what is known. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from mappings.rules import MappingRules
from mappings.vocabulary import single_line

_TEMPLATE = Path(__file__).with_name("config_template.yaml")
_COMMENT_AT = 35
_ONE_LINE = 1_000_000
_EXAMPLE_PROJECT = """\
  - source: "12"                   # id of the project at the source
    destination: SHOP              # project code in QA Sphere, 2-5 letters or digits
    title: Web shop
    create: true                   # create the project when it does not exist
    include: []                    # folder paths to take, such as "Checkout/Payment"; all when empty
    exclude: []                    # folder paths to leave out
    root: []                       # folder prefix in QA Sphere, such as ["From QAComplete"]
    only: {}                       # a slice: ids, tags, owners, changed_since; the rest is pending
    allow_existing: false          # load into a project that holds cases that are not ours
    deleted_there: []              # cases that were deleted in QA Sphere on purpose, such as SHOP-017"""
_TABLES = {
    "priority": "source value → low | medium | high; adds to the built-in table",
    "status": "source value → passed | failed | blocked | skipped | open | custom1..4",
    "columns": "Workiva: column → tester | executed_at | comment | {verdict: {word: status}}, for all test forms",
    "custom_fields": 'source field → system name in QA Sphere, or "tag", "text", "drop"',
}


@dataclass(frozen=True, slots=True)
class ProposedProject:
    """An entry of ``projects``.

    Args:
        remark: what was seen of it.
        parts: lines about what goes into it.
        taken: False means it is written as a comment.
    """

    source: str
    destination: str
    title: str
    remark: str
    taken: bool = True
    parts: Sequence[str] = ()


Target = str | Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """A row of a table of ``mapping``. ``target`` empty: the built-in table has it, so it is only mentioned.
    ``is_open``: nothing speaks for this target, so it is written as a comment, for somebody to decide."""

    value: str
    target: Target
    remark: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What stands in the config beside the source. Empty tables are written as such.

    Args:
        name: of the company.
        defaults: of the connector, for what is not proposed.
        unused: keys of ``mapping`` that are not written.
        example: the entries of ``projects`` where none is proposed.
    """

    name: str
    destination_url: str
    defaults: MappingRules
    unused: Sequence[str] = ()
    projects: Sequence[ProposedProject] = ()
    rules: Mapping[str, Sequence[ProposedRule]] | None = None
    example: str = _EXAMPLE_PROJECT
    advice: str = " Set the environment variables, delete what you do not need."


def blocks_of(example: str) -> dict[str, str]:
    """Return the top-level blocks of a connector's example with their comments: key → text."""
    found = re.finditer(r"^(\w+):.*?(?=^\S|\Z)", example, re.MULTILINE | re.DOTALL)
    return {block[1]: block[0] for block in found}


def config_text(source: str, proposal: Proposal) -> str:
    """Return the config. ``source``: the block ``source:`` of the connector, with comments."""
    rules = proposal.rules or {}
    parts = {
        "advice": proposal.advice,
        "name": proposal.name,
        "source": source.rstrip("\n"),
        "destination_url": scalar(proposal.destination_url),
        "tags": _commented(f"  tags: {_listed(proposal.defaults.tags)}", "source fields that become tags"),
        "urls": _switch(proposal.defaults.requirements.urls),
        "make": _switch(proposal.defaults.pages.make),
        "projects": "\n".join(_project(project) for project in proposal.projects) or proposal.example,
    } | {table: _table(table, rules.get(table, ()), words) for table, words in _TABLES.items()}
    text = _TEMPLATE.read_text(encoding="utf-8")
    head, mapping, rest = re.split(r"(?=^mapping:)|(?<=\n)(?=^sync:)", text, flags=re.MULTILINE)
    for key in proposal.unused:
        mapping = re.sub(rf"^  {key}:[^\n]*\n(?:    [^\n]*\n)*|^@@{key}@@\n", "", mapping, flags=re.MULTILINE)
    return re.sub(r"@@(\w+)@@", lambda found: parts[found[1]], head + mapping + rest)


def _switch(value: bool) -> str:
    """Return a switch as YAML writes it."""
    return "true" if value else "false"


def set_in_block(block: str, key: str, value: str | Sequence[str] | Mapping[str, str] | None) -> str:
    """Return a YAML block with one of its keys set to a text, a list or a table, its comment kept; None takes the line
    out."""
    pattern = re.compile(rf"^  (?:# )?{re.escape(key)}:[^\n]*\n", re.MULTILINE)
    found = pattern.search(block)
    line = "" if value is None else f"  {key}: {_one_line(value)}\n"
    if found is None:
        return block.rstrip("\n") + "\n" + line
    if line and (comment := re.search(r" # [^\n]*", found[0].removeprefix("  # "))):
        line = _commented(line.rstrip("\n"), comment[0].removeprefix(" # ")) + "\n"
    return block[: found.start()] + line + block[found.end() :]


def scalar(value: str) -> str:
    """Return a text as YAML writes it on one line."""
    style = '"' if single_line(value) != value else None
    text: str = yaml.safe_dump(value, allow_unicode=True, width=_ONE_LINE, default_style=style)
    return text.removesuffix("...\n").rstrip("\n")


def target_text(target: Target) -> str:
    """Return what a value becomes as YAML writes it on one line."""
    return scalar(target) if isinstance(target, str) else _flow({key: dict(value) for key, value in target.items()})


def _one_line(value: str | Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return scalar(value)
    return _flow(dict(value)) if isinstance(value, Mapping) else _listed(value)


def _listed(values: Sequence[str]) -> str:
    return _flow(list(values))


def _flow(value: object) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, width=_ONE_LINE, default_flow_style=True)
    return text.rstrip("\n")


def code_for(ident: str, title: str, taken: Collection[str]) -> str:
    """Return a project code that is still free: of the title's first word, its initials, or the id."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().upper()
    words = re.findall(r"[A-Z0-9]+", plain)
    first, initials = "".join(words[:1])[:5], "".join(word[0] for word in words)[:5]
    digits = re.sub(r"[^A-Z0-9]", "", ident.upper())
    wished = [initials, first] if len(words) > 2 else [first, initials]
    wished += [f"{first[:1] or 'P'}{digits}"[:5]]
    wished += [f"P{number}" for number in range(1, 10_000)]
    return next(code for code in wished if 2 <= len(code) <= 5 and code not in taken)


def _project(project: ProposedProject) -> str:
    rows = [
        _commented(f"  - source: {_quoted(project.source)}", project.remark),
        *(f"    # {single_line(part)}" for part in project.parts),
        f"    destination: {scalar(project.destination)}",
        f"    title: {scalar(project.title)}",
    ]
    return "\n".join(rows if project.taken else [f"  # {row.removeprefix('  ')}" for row in rows])


def _table(name: str, rules: Sequence[ProposedRule], words: str) -> str:
    # a table whose rows wait for somebody to decide is left open for them
    head = f"  {name}:" if any(rule.target for rule in rules) else f"  {name}: {{}}"
    return "\n".join([_commented(head, words), *map(_row, rules)])


def _row(rule: ProposedRule) -> str:
    if not rule.target:
        return _mentioned(rule)
    sign = "# " if rule.is_open else ""
    return _commented(f"    {sign}{scalar(rule.value)}: {target_text(rule.target)}", rule.remark)


def _mentioned(rule: ProposedRule) -> str:
    return f"    # {single_line(f'{rule.value}: {rule.remark}')}"


def _commented(line: str, comment: str) -> str:
    return f"{line:<{_COMMENT_AT - 1}} # {single_line(comment)}" if comment else line


def _quoted(value: str) -> str:
    text = scalar(value)
    return text if text[:1] in "\"'" else f'"{text}"'
