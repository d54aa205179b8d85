"""Reads a Containerfile, and says what hadolint would say of it, as far as that matters here."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_CONTINUED = re.compile(r"\\\n\s*")
_IMAGE = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?-[\w-]+")
_SECRET = re.compile(r"password|secret|token|api_?key", re.IGNORECASE)
_KNOWN = {
    "FROM", "WORKDIR", "COPY", "RUN", "LABEL", "ENV", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
    "CMD",
}  # fmt: skip


@dataclass(frozen=True)
class Instruction:
    """One instruction of a stage; stages are numbered from 0."""

    stage: int
    word: str
    value: str

    def as_list(self) -> list[str]:
        """The words of the JSON form; ``ValueError`` for another."""
        words: list[str] = json.loads(self.value[self.value.index("[") :])
        return words


def instructions(text: str) -> list[Instruction]:
    """Return the instructions in order."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: list[Instruction] = []
    stage = -1
    for line in _CONTINUED.sub("", "\n".join(lines) + "\n").splitlines():
        if line.strip():
            word, _, value = line.strip().partition(" ")
            stage += word == "FROM"
            found.append(Instruction(stage, word, value.strip()))
    return found


def trouble(found: list[Instruction]) -> Iterator[str]:
    """Yield what is wrong, each in a sentence."""
    last = max(one.stage for one in found)
    stages = [one.value.partition(" AS ")[2] for one in found if one.word == "FROM"]
    for one in found:
        yield from _of_one(one, stages[: one.stage])
    final = [one for one in found if one.stage == last]
    users = [one.value for one in final if one.word == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        yield "it runs as root, or as a user that only the image knows"
    for word in ("HEALTHCHECK", "ENTRYPOINT", "CMD"):
        if [one.word for one in final].count(word) != 1:
            yield f"{word} is there not once"
    after = [one.word for one in final[[one.word for one in final].index("USER") :]] if users else []
    if "RUN" in after:
        yield "something is changed after the user was"


def _of_one(one: Instruction, before: list[str]) -> Iterator[str]:
    if one.word not in _KNOWN:
        yield f"{one.word} is not used here"
    if one.word == "FROM" and not _IMAGE.fullmatch(one.value.partition(" AS ")[0]):
        yield f"the image has no version: {one.value}"
    if one.word == "WORKDIR" and not one.value.startswith("/"):
        yield f"a folder that depends on the one before: {one.value}"
    if one.word in ("ENTRYPOINT", "CMD", "HEALTHCHECK") and "[" not in one.value:
        yield f"{one.word} goes through a shell, which takes no signals"
    if one.word in ("ENV", "LABEL") and _SECRET.search(one.value):
        yield f"a secret: {one.value}"
    if one.word == "COPY" and one.value.startswith("--from=") and one.value[7:].split()[0] not in before:
        yield f"no stage of that name: {one.value}"
    if one.word == "RUN":
        yield from _of_commands(one.value)


def _of_commands(line: str) -> Iterator[str]:
    if re.search(r"\bpip install\b", line) and not {"--no-cache-dir", "--constraint"} <= set(line.split()):
        yield f"libraries without versions, or a cache that stays: {line}"
    if re.search(r"\b(sudo|curl|wget|chmod 777|ssh)\b", line):
        yield f"not to be done in an image: {line}"
    if "apt-get install" in line and ("--no-install-recommends" not in line or "rm -rf /var/lib/apt/lists" not in line):
        yield f"more than is needed, or lists that stay: {line}"
    if ";" in line or " | " in line:
        yield f"a failure that goes unseen: {line}"
