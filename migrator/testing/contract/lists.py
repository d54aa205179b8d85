"""What every source promises about its lists: where one is empty once, items of the others name what stands in it."""

from pathlib import Path

from migrator.core.ports.source import Source, SourcePage
from migrator.testing.sources import SourceFactory, pages_of
from state.workspace import open_workspace

_NAMED_BY_NOTHING = {"samples"}
"""Lists whose items are told of by themselves only: a sample's result and files come with it."""


async def test_an_empty_list_is_found_by_what_the_others_name(
    source: Source, factory: SourceFactory, tmp_path: Path
) -> None:
    read = {stream: await pages_of(source, stream, factory.project) for stream in source.abilities.streams}
    lists = source.abilities.lists
    assert set(lists.values()) <= set(read)
    for hidden in set(lists.values()) - _NAMED_BY_NOTHING:
        with open_workspace(tmp_path / hidden) as workspace:
            store = workspace.store
            current = store.rounds.begin(factory.project)
            for stream, pages in read.items():
                for page in [SourcePage((), None, 0)] if stream == hidden else [page for _, page in pages]:
                    store.archive.store_page(current, stream, page)
                store.archive.finish_stream(current, stream)
            named = {lists.get(kind) for kind in store.lists.naming(current)}
            assert (hidden in store.lists.empty(current), hidden in named) == (True, True), hidden


async def test_what_stands_in_a_list_is_of_the_kind_that_it_lists(source: Source, factory: SourceFactory) -> None:
    for stream in source.abilities.streams:
        pages = await pages_of(source, stream, factory.project)
        kinds = {record.entity.ref.kind for _, page in pages for record in page.records}
        assert {source.abilities.lists.get(kind, stream) for kind in kinds} <= {stream}
