"""Lines → entities. Pure."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from migrator.core.model import AnyEntity, Folder, Person, Result, RichText, Step, TestCase, TestRun
from migrator.core.refs import Ref


class _Line(BaseModel):
    # what a later version of the tool adds must not stop anybody
    model_config = ConfigDict(extra="ignore")


class FolderLine(_Line):
    """``{"kind": "folder", "id": "1", "title": "Cart"}``; ``parent`` is the id of the folder around it."""

    kind: Literal["folder"]
    id: str
    title: str
    parent: str | None = None


class CaseLine(_Line):
    """``{"kind": "case", "id": "7", "title": "Pay", "folder": "1", "steps": [["Press it", "It is paid"]]}``."""

    kind: Literal["case"]
    id: str
    title: str
    folder: str | None = None
    priority: str | None = None
    steps: list[tuple[str, str]] = []


class RunLine(_Line):
    """``{"kind": "run", "id": "3", "title": "Nightly", "ended": "2024-05-01T10:00:00Z"}``."""

    kind: Literal["run"]
    id: str
    title: str
    ended: AwareDatetime | None = None


class ResultLine(_Line):
    """``{"kind": "result", "id": "9", "run": "3", "case": "7", "title": "Pay", "status": "ok"}``."""

    kind: Literal["result"]
    id: str
    run: str
    case: str
    title: str
    status: str
    tester: str | None = None
    comment: str | None = None


Line = Annotated[FolderLine | CaseLine | RunLine | ResultLine, Field(discriminator="kind")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


def entity_of(line: Line, instance: str, position: int) -> AnyEntity:
    """Return the entity that a line stands for. ``position``: of a result in its run, from 0."""

    def ref(kind: str, ident: str) -> Ref:
        return Ref(connector="jsonl", instance=instance, kind=kind, ids=(ident,))

    if isinstance(line, FolderLine):
        parent = ref("folder", line.parent) if line.parent else None
        return Folder(ref=ref("folder", line.id), title=line.title, parent=parent)
    if isinstance(line, CaseLine):
        return TestCase(
            ref=ref("case", line.id),
            title=line.title,
            folder=ref("folder", line.folder) if line.folder else None,
            priority=line.priority,
            steps=tuple(
                Step(action=RichText(value=action), expected=RichText(value=expected))
                for action, expected in line.steps
            ),
        )
    if isinstance(line, RunLine):
        return TestRun(
            ref=ref("run", line.id),
            title=line.title,
            set_title=line.title,
            closed=bool(line.ended),
            ended_at=line.ended,
        )
    return Result(
        ref=ref("result", line.id),
        title=line.title,
        run=ref("run", line.run),
        case=ref("case", line.case),
        position=position,
        status=line.status,
        tester=Person(name=line.tester) if line.tester else None,
        comment=RichText(value=line.comment) if line.comment else None,
    )
