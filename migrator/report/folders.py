"""The folder tree of a report, with the number of items in each branch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migrator.report.values import FolderNode

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class FolderTree:
    """The folders of a report.

    Args:
        roots: the tops.
        ids: marker of a folder → id of its node.
        parents: the same for the one above.
    """

    roots: tuple[FolderNode, ...]
    ids: Mapping[str, int]
    parents: Mapping[str, int]


@dataclass
class _Branch:
    name: str
    path: tuple[str, ...]
    counts: dict[str, int] = field(default_factory=dict)
    children: "dict[str, _Branch]" = field(default_factory=dict)
    id: int = -1


def folder_tree(folders: Iterable[tuple[str, tuple[str, ...], Mapping[str, int]]]) -> FolderTree:
    """Build the tree from marker, path and counts of every folder; a path begins with whatever shall be on top."""
    top = _Branch("", ())
    places: dict[str, tuple[_Branch, _Branch]] = {}
    for marker, path, counts in folders:
        branch = above = top
        # what lies deeper than a page can show is one
        deepest = (" / ".join(path[_DEEPEST - 1 :]),) if len(path) > _DEEPEST else path[_DEEPEST - 1 :]
        for name in (*path[: _DEEPEST - 1], *deepest):
            above = branch
            branch = above.children.setdefault(name, _Branch(name, (*above.path, name)))
        for fate, count in counts.items():
            branch.counts[fate] = branch.counts.get(fate, 0) + count
        places[marker] = (branch, above)
    roots, _ = _nodes(top, 0)
    return FolderTree(
        roots,
        {marker: branch.id for marker, (branch, _) in places.items()},
        {marker: above.id for marker, (_, above) in places.items() if above is not top},
    )


def _nodes(above: _Branch, first: int) -> tuple[tuple[FolderNode, ...], int]:
    """Return the nodes below a branch, numbered from ``first``, and the next free number."""
    found = []
    free = first
    for branch in above.children.values():
        branch.id = free
        children, free = _nodes(branch, free + 1)
        total = sum(branch.counts.values()) + sum(child.total for child in children)
        found.append(
            FolderNode(branch.id, free - 1, branch.name, " / ".join(branch.path), branch.counts, total, children)
        )
    return tuple(found), free
