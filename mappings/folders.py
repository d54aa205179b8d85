"""Folders: the source's tree → paths that QA Sphere takes, with names that stay unique whatever order they come in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.rules import ProjectRules
from mappings.text.plain import plain_to_html
from mappings.vocabulary import cut, single_line
from migrator.core.drafts import FOLDER_LIMIT, FolderDraft
from migrator.core.model import Folder
from migrator.core.nearest import nearest_paths
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import FolderPlan, Mapped
from migrator.core.refs import Ref

UNNAMED = "(unnamed)"
NO_FOLDER = "(no folder)"
_SLASH = "\u2215"
"""A division slash: looks like the one that separates folders in QA Sphere."""


@dataclass(slots=True)
class _Node:
    """A folder on its way: its cleaned name, its parent's marker, and what that cost."""

    marker: str
    ident: str
    title: str
    name: str
    parent: str | None
    comment: str = ""
    made: bool = False
    notes: list[Note] = field(default_factory=list)


def plan_folders(
    project: Ref, rules: ProjectRules, folders: Sequence[Folder], used: Mapping[str, str | None]
) -> FolderPlan:
    """Return the tree to be. ``used``: folder markers that cases name, with the folder's name if the case knows it."""
    nodes = {folder.ref.marker: _node(folder) for folder in folders}
    _add_unlisted(nodes, used)
    _mend_parents(nodes)
    # the folder made for cases without one keeps its name
    _make_unique(nodes, reserved={(None, NO_FOLDER)} if "" in used and not rules.root else set())
    return _Tree(project, rules, nodes, "" in used).plan()


def _node(folder: Folder) -> _Node:
    marker = folder.ref.marker
    parent = folder.parent.marker if folder.parent else None
    node = _Node(marker, folder.ref.ids[-1], folder.title, "", parent, plain_to_html(folder.comment))
    node.name = _clean_name(node, folder.title)
    if not folder.active:
        _note(node, NoteCode.FOLDER_INACTIVE, folder.title, "inactive at the source; QA Sphere has no such folders")
    return node


def _clean_name(node: _Node, title: str) -> str:
    name = single_line(title).replace("/", _SLASH)
    if not name:
        _note(node, NoteCode.FOLDER_RENAMED, title, f"an empty name became {UNNAMED}")
        return UNNAMED
    if name != title:
        _note(node, NoteCode.FOLDER_RENAMED, title, f"QA Sphere cannot hold this name; it became {name[:80]!r}")
    if len(name) > FOLDER_LIMIT:
        suffix = f" [#{node.ident}]"
        name = cut(name, FOLDER_LIMIT - len(suffix)) + suffix
        _note(node, NoteCode.FOLDER_CUT, title, f"cut to {FOLDER_LIMIT} characters")
    return name


def _note(node: _Node, code: NoteCode, original: str, message: str) -> None:
    node.notes.append(Note(code=code, marker=node.marker, field="name", original=original, message=message))


def _add_unlisted(nodes: dict[str, _Node], used: Mapping[str, str | None]) -> None:
    """Make the folders that only cases know of, such as private ones (qacomplete-api.md §6.4)."""
    for marker in sorted(used):
        if not marker or marker in nodes:
            continue
        ident = marker.rsplit("/", 1)[-1]
        title = used[marker] or f"Folder {ident}"
        node = _Node(marker, ident, title, "", None, made=True)
        node.name = _clean_name(node, title)
        _note(node, NoteCode.FOLDER_ORPHAN, title, "the source does not list this folder, but cases lie in it")
        nodes[marker] = node


def _mend_parents(nodes: dict[str, _Node]) -> None:
    """Bring folders to the top whose parent is not listed or lies below themselves."""
    for node in nodes.values():
        if node.parent is not None and node.parent not in nodes:
            _note(node, NoteCode.FOLDER_ORPHAN, node.parent, "its parent is not listed; it went to the top")
            node.parent = None
    safe: set[str] = set()
    for start in sorted(nodes, key=lambda marker: _by_ident(nodes[marker])):
        trail: list[str] = []
        marker: str | None = start
        while marker is not None and marker not in safe and marker not in trail:
            trail.append(marker)
            marker = nodes[marker].parent
        if marker is not None and marker in trail:
            # of a ring the folder with the lowest id goes to the top
            first = min(trail[trail.index(marker) :], key=lambda one: _by_ident(nodes[one]))
            _note(nodes[first], NoteCode.FOLDER_CYCLE, nodes[first].parent or "", "it lay within itself")
            nodes[first].parent = None
        safe.update(trail)


def _make_unique(nodes: dict[str, _Node], *, reserved: set[tuple[str | None, str]]) -> None:
    """Give equal siblings a suffix from their id; the lowest id keeps the plain name, whoever came first."""
    siblings: dict[tuple[str | None, str], list[_Node]] = {}
    for node in nodes.values():
        siblings.setdefault((node.parent, node.name), []).append(node)
    taken = set(siblings)
    for (parent, name), group in siblings.items():
        for node in sorted(group, key=_by_ident)[0 if (parent, name) in reserved else 1 :]:
            suffix = f" [#{node.ident}]"
            node.name = cut(name, FOLDER_LIMIT - len(suffix)) + suffix
            while (parent, node.name) in taken:
                node.name = cut(node.name, FOLDER_LIMIT - len(suffix)) + suffix
            taken.add((parent, node.name))
            _note(node, NoteCode.FOLDER_COLLISION, node.title, "a sibling has the same name")


def _by_ident(node: _Node) -> tuple[int, int, str]:
    return (0, int(node.ident), "") if node.ident.isdecimal() else (1, 0, node.ident)


class _Tree:
    """Turns mended nodes into drafts, parents first."""

    def __init__(self, project: Ref, rules: ProjectRules, nodes: dict[str, _Node], has_root_cases: bool) -> None:
        self._project = project
        self._rules = rules
        self._nodes = nodes
        self._has_root_cases = has_root_cases
        self._children: dict[str | None, list[_Node]] = {}
        for node in nodes.values():
            self._children.setdefault(node.parent, []).append(node)
        self._items: list[Mapped] = []
        self._place: dict[str, str | None] = {}
        self._include = [tuple(path.split("/")) for path in rules.include]
        self._exclude = [tuple(path.split("/")) for path in rules.exclude]
        self._originals: set[tuple[str, ...]] = set()

    def plan(self) -> FolderPlan:
        for depth in range(1, len(self._rules.root) + 1):
            self._made(f"root{depth}", self._rules.root[:depth], ())
        if self._has_root_cases:
            self._place[""] = self._root_folder()
        waiting: list[tuple[_Node, tuple[str, ...], tuple[str, ...]]]
        waiting = [(node, (), ()) for node in reversed(self._children.get(None, []))]
        while waiting:
            node, path, original = waiting.pop()
            below = (*path, node.name), (*original, *node.title.split("/"))
            self._folder(node, *below)
            self._originals.add(below[1])
            waiting += [(child, *below) for child in reversed(self._children.get(node.marker, []))]
        unmatched = [*self._unmatched("include", self._include), *self._unmatched("exclude", self._exclude)]
        return FolderPlan(tuple(self._items), self._place, unmatched=tuple(unmatched))

    def _unmatched(self, key: str, rules: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Yield the rules that name no folder; a misspelt one would take or leave out nothing without a word."""
        if not rules:
            return  # what is there is costly to list where folders are deep
        there = {original[:depth] for original in self._originals for depth in range(1, len(original) + 1)}
        for rule in rules:
            if rule not in there:
                nearest = nearest_paths("/".join(rule), sorted("/".join(original) for original in there))
                near = ", ".join(f"“{path}”" for path in nearest)
                yield f"{key}: “{'/'.join(rule)}” is none; nearest: {near or 'there are no folders'}"

    def _root_folder(self) -> str | None:
        """Return the folder for cases that lie in none."""
        if self._include:
            return None
        if self._rules.root:
            return self._marker(f"root{len(self._rules.root)}")
        marker = self._marker("nofolder")
        note = Note(
            code=NoteCode.CASE_AT_ROOT, marker=marker, field="folder", message="cases without a folder lie here"
        )
        self._made("nofolder", (NO_FOLDER,), (note,))
        return marker

    def _made(self, ident: str, path: tuple[str, ...], notes: tuple[Note, ...]) -> None:
        marker = self._marker(ident)
        draft = FolderDraft(marker=marker, path=path)
        self._items.append(Mapped(marker, "folder", path[-1], "draft", draft, made=True, notes=notes))

    def _marker(self, ident: str) -> str:
        return self._project.model_copy(update={"kind": "made-folder", "ids": (*self._project.ids, ident)}).marker

    def _folder(self, node: _Node, path: tuple[str, ...], original: tuple[str, ...]) -> None:
        rule = self._excluding_rule(original)
        needed = not rule or any(included[: len(original)] == original for included in self._include)
        self._place[node.marker] = None if rule else node.marker
        if not needed:
            self._items.append(
                Mapped(
                    node.marker, "folder", node.title, "excluded", reason=rule, notes=tuple(node.notes), made=node.made
                )
            )
            return
        draft = FolderDraft(marker=node.marker, path=(*self._rules.root, *path), comment=node.comment)
        self._items.append(
            Mapped(node.marker, "folder", node.title, "draft", draft, notes=tuple(node.notes), made=node.made)
        )

    def _excluding_rule(self, original: tuple[str, ...]) -> str:
        for excluded in self._exclude:
            if original[: len(excluded)] == excluded:
                return f"exclude: {'/'.join(excluded)}"
        if self._include and not any(original[: len(included)] == included for included in self._include):
            return f"not in include: {', '.join(self._rules.include)}"
        return ""
