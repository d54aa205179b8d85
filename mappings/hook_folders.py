"""What hooks make of the folder tree: other names, or branches that are left out."""

from collections.abc import Mapping
from dataclasses import replace

from mappings.hooks import HookFailure, Hooks
from migrator.core.drafts import FolderDraft
from migrator.core.model import Folder
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import FolderPlan, Mapped, Outcome

Path = tuple[str, ...]


def with_hooks(plan: FolderPlan, folders: Mapping[str, Folder], hooks: Hooks) -> FolderPlan:
    """Return the plan after the hook was asked for every folder of the source, parents first.

    What lies in a folder that is left out is left out as well; what lies in one whose hook failed is refused.
    """
    tree = _Tree(folders, hooks)
    items = tuple(tree.item(item) for item in plan.items)
    place = {key: None if marker in tree.out or marker in tree.failed else marker for key, marker in plan.place.items()}
    refused = {
        key: f"its folder {marker} could not be mapped"
        for key, marker in plan.place.items()
        if marker is not None and marker in tree.failed
    }
    return replace(plan, items=items, place=place, refused={**plan.refused, **refused})


class _Tree:
    """Walks the tree. ``out``, ``failed``: markers of folders that will not be there."""

    def __init__(self, folders: Mapping[str, Folder], hooks: Hooks) -> None:
        self.out: set[str] = set()
        self.failed: set[str] = set()
        self._folders = folders
        self._hooks = hooks
        # path in the plan → path to be, or the marker of what keeps it from being
        self._paths: dict[Path, Path | str] = {(): ()}
        self._taken: set[Path] = set()

    def item(self, item: Mapped) -> Mapped:
        if not isinstance(item.draft, FolderDraft):
            return item
        path = item.draft.path
        above = self._paths.get(path[:-1], path[:-1])
        if isinstance(above, str):
            return self._below(item, path, above)
        draft = item.draft.model_copy(update={"path": (*above, path[-1])})
        folder = self._folders.get(item.marker)
        try:
            answer = self._hooks.folder(folder, draft) if folder else draft
            if isinstance(answer, FolderDraft) and answer.path in self._taken:
                raise HookFailure(f"another folder has the path {'/'.join(answer.path)}")
        except HookFailure as error:
            return self._lost(item, path, "rejected", str(error))
        if isinstance(answer, str):
            return self._lost(item, path, "excluded", answer)
        self._paths[path] = answer.path
        self._taken.add(answer.path)
        return replace(item, draft=answer)

    def _below(self, item: Mapped, path: Path, above: str) -> Mapped:
        if above in self.failed:
            return self._lost(item, path, "rejected", f"its parent folder {above} could not be mapped")
        return self._lost(item, path, "excluded", "its parent folder is left out")

    def _lost(self, item: Mapped, path: Path, outcome: Outcome, reason: str) -> Mapped:
        self._paths[path] = item.marker
        (self.failed if outcome == "rejected" else self.out).add(item.marker)
        note = Note(code=NoteCode.HOOK_FAILED, marker=item.marker, message=reason)
        notes = (*item.notes, note) if outcome == "rejected" else item.notes
        return replace(item, draft=None, outcome=outcome, reason=reason, notes=notes)
