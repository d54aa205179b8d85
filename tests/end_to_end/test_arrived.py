"""A case whose link leads to something that arrives later, and that changes at the source at the same time."""

from pathlib import Path

from migrator.core.model import AnyEntity, RichText
from tests.support.drafts import ref
from tests.support.history import case, folder
from tests.support.history_rig import history_rig

ADDRESS = "https://acme.example/tests/2"
LINK = RichText(value=f'<p>See <a href="{ADDRESS}">the other one</a></p>', markup="html")


def project(title: str) -> list[AnyEntity]:
    return [
        folder(), folder(8),
        case(1, title=title, description=LINK),
        case(2, folder=ref("folder", "12", "8"), address=ADDRESS),
    ]  # fmt: skip


async def test_what_the_plan_sends_is_not_replaced_by_what_was_wished_before(tmp_path: Path) -> None:
    async with history_rig(tmp_path, project("Case 1")) as rig:
        rig.project = {"exclude": ["Folder 8"]}
        await rig.run()
        (made,) = rig.shop.cases
        assert ADDRESS in made.precondition
        rig.project = {}
        rig.source.entities = project("Another title")
        status = await rig.run()
        assert status.items["case"] == {"updated": 1, "migrated": 1}
        made = next(case for case in rig.shop.cases if case.seq == made.seq)
        assert made.title == "Another title"
        assert ADDRESS not in made.precondition
        assert (await rig.run()).items["case"] == {"unchanged": 2}
