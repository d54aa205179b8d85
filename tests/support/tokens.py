"""A small QAComplete in which every text of every kind holds a token that stands nowhere else."""

from dataclasses import dataclass, field, fields, is_dataclass
from itertools import count
from typing import Any

from connectors.qacomplete.sandbox import (
    Configuration,
    Defect,
    Folder,
    Link,
    Note,
    Project,
    Release,
    Requirement,
    SeedData,
    SetItem,
    Step,
    Test,
    TestSet,
    User,
)

NOBODY = 999
"""A user that the source does not list, so that the name in the item is what counts."""
# what is no free text: codes that the source itself reads, and dates, which have tokens of another kind
_FIXED = {"code", "linked_code", "date_created", "date_updated", "date_closed", "start", "finish"}


@dataclass
class Tokens:
    """``at_home``: where the token was put, for kinds that have a place in QA Sphere; ``others``: for those that stay
    in the archive, at least in part."""

    at_home: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def new(self, where: str, *, home: bool) -> str:
        """Return a token and remember it."""
        token = f"tok{next(self._numbers):04d}en"
        (self.at_home if home else self.others)[token] = where
        return token

    def filled(self, item: Any, *, home: tuple[str, ...] | None) -> Any:
        """Put a token into every text of an object. ``home``: the fields that have a place; None: all."""
        name = type(item).__name__
        for one in fields(item):
            value = getattr(item, one.name)
            here = home is None or one.name in home
            if one.name == "custom_fields":
                item.custom_fields = [
                    ("Custom1", self.new(f"{name}.custom field name", home=here), self.new(f"{name}.value", home=here)),
                    ("Custom2", "Notes", f"<p>{self.new(f'{name}.rich value', home=here)}</p>"),
                ]
            elif isinstance(value, list) and value and is_dataclass(value[0]):
                setattr(item, one.name, [self.filled(part, home=home) for part in value])
            elif ("str" in str(one.type)) and one.name not in _FIXED and not isinstance(value, (list, dict)):
                setattr(item, one.name, self.new(f"{name}.{one.name}", home=here))
        return item


def tokenised() -> tuple[SeedData, Tokens]:
    """Return the data and its tokens."""
    tokens = Tokens()
    in_case = ("title", "status")
    test = Test(1, 12, "", folder_id=7, steps=[Step(71, 1, "", ""), Step(72, 2, "", "", critical=True)], version=48151)
    test.owner_user_id, test.date_created, test.date_updated = NOBODY, "2011-01-02T03:04:05.0", "2012-02-03T04:05:06.0"
    unlisted = Test(2, 12, "", folder_id=8, owner_user_id=NOBODY, active=False)
    data = SeedData(
        projects=[tokens.filled(Project(12, ""), home=None)],
        users=[tokens.filled(User(1, "", "", ""), home=("first_name", "last_name"))],
        folders=[
            tokens.filled(Folder(7, 12, ""), home=None),
            tokens.filled(Folder(9, 12, "", parent_id=7, active=False), home=None),
        ],
        tests=[tokens.filled(test, home=None), tokens.filled(unlisted, home=None)],
        releases=[tokens.filled(Release(301, 12, ""), home=())],
        configurations=[tokens.filled(Configuration(401, 12, ""), home=())],
        requirements=[
            tokens.filled(Requirement(501, 12, ""), home=("title",)),
            tokens.filled(Requirement(502, 12, ""), home=()),
        ],
        defects=[tokens.filled(Defect(601, 12, ""), home=in_case), tokens.filled(Defect(602, 12, ""), home=())],
        test_sets=[tokens.filled(TestSet(701, 12, ""), home=in_case), tokens.filled(TestSet(702, 12, ""), home=())],
        notes=[
            tokens.filled(Note(801, 12, "Tests", 1, "", user_id=NOBODY), home=None),
            tokens.filled(Note(802, 12, "Bugs", 601, "", user_id=NOBODY), home=()),
            tokens.filled(Note(803, 12, "Releases", 301, "", user_id=NOBODY), home=()),
        ],
        links=[
            Link(901, 12, "FunctionalSpecs", 501, "Tests", 1),
            Link(902, 12, "Bugs", 601, "Tests", 1),
            Link(903, 12, "TestSets", 701, "Tests", 2),
        ],
    )
    # what the server does not give: a configuration has no status (§6.11)
    del tokens.others[str(data.configurations[0].status)]
    # the server's copy of the folder's name
    del tokens.at_home[str(test.folder_name)]
    test.folder_name = data.folders[0].title
    data.test_sets[0].items = [SetItem(1, 1, 1)]
    tokens.at_home |= {"2011-01-02 03:04:05": "Test.date_created", "2012-02-03 04:05:06": "Test.date_updated"}
    tokens.at_home |= {"48151": "Test.version", "2020-04-01 10:00:00": "Note.date_created"}
    return data, tokens
