"""What must be true after a migration, computed from the source stand-in's data by other means than the mapping."""

import re
from collections import Counter
from html.parser import HTMLParser

from connectors.qacomplete.sandbox import SeedData, Test
from connectors.qasphere.sandbox.store import Case, Project

_SEPARATING = {
    "p", "br", "div", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "pre", "blockquote", "hr",
}  # fmt: skip


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.addresses: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if tag == "a" and name == "href" and value]
        if tag in ("script", "style"):
            self._hidden += 1
        self.out.append(" " if tag in _SEPARATING else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden -= 1
        self.out.append(" " if tag in _SEPARATING else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.out.append(data)


def words(html: str | None) -> list[str]:
    """Return the visible words of a text, HTML or not, with the standard library's parser."""
    return _parsed(html).out


def _parsed(html: str | None) -> _Words:
    parser = _Words()
    parser.feed(html or "")
    parser.close()
    parser.out = "".join(parser.out).split()
    return parser


def _without_partner(source: str) -> list[str]:
    """Return the tags of lists of which a text holds only one half, such as a step that ends where its list begins."""
    tags = re.findall(r"</?[uo]l>", source)
    return tags if len(tags) == 1 else []


def same_words(source: str | None, stored: str, *, beginning: bool = False) -> bool:
    """Whether a stored text says what the source says; it may show the address of a link in parentheses behind it."""
    wanted = _parsed(source)
    shown = " ".join(words(stored))
    for address in wanted.addresses:
        shown = shown.replace(f" ({address.strip()})", "")
    for tag in _without_partner(source or ""):
        shown = shown.replace(tag, "")  # shown as it was typed
    found = shown.split()
    return (found[: len(wanted.out)] if beginning else found) == wanted.out


def marker_of(case: Case) -> str:
    return next(link["text"].removeprefix("Source: ") for link in case.links if link["text"].startswith("Source: "))


def path_of(project: Project, folder_id: int) -> tuple[str, ...]:
    folder = project.folders[folder_id]
    above = path_of(project, folder.parent_id) if folder.parent_id else ()
    return (*above, folder.title)


def source_path(data: SeedData, test: Test) -> tuple[str, ...]:
    folders = {folder.id: folder for folder in data.folders}
    path: list[str] = []
    ident = test.folder_id
    while ident:
        path.insert(0, folders[ident].title)
        ident = folders[ident].parent_id
    return tuple(path)


def differences(data: SeedData, source_project: int, project: Project, *, instance: str = "acme") -> list[str]:
    """Return in words everything that is not in QA Sphere as it is at the source."""
    found = Counter(marker_of(case) for case in project.cases)
    cases = {marker_of(case): case for case in project.cases}
    wrong = [f"{marker} stands {count} times" for marker, count in found.items() if count != 1]
    tests = {f"qacomplete@{instance}:test:{source_project}/{test.id}": test for test in data.tests_of(source_project)}
    wrong += [f"{marker} is missing" for marker in tests.keys() - cases.keys()]
    wrong += [f"{marker} is not from the source" for marker in cases.keys() - tests.keys()]
    for marker in tests.keys() & cases.keys():
        wrong += _case_differences(marker, data, tests[marker], project, cases[marker])
    return wrong


def _case_differences(marker: str, data: SeedData, test: Test, project: Project, case: Case) -> list[str]:
    wrong = []
    if case.title != re.sub(r"\s+", " ", test.title).strip():
        wrong.append(f"{marker}: title {case.title!r}")
    if path_of(project, case.folder_id) != source_path(data, test):
        wrong.append(f"{marker}: folder {path_of(project, case.folder_id)}")
    if case.custom_fields.get("source_id", {}).get("value", marker) != marker:
        wrong.append(f"{marker}: custom field {case.custom_fields['source_id']}")
    steps = test.all_steps()
    if len(case.steps) != len(steps):
        wrong.append(f"{marker}: {len(case.steps)} steps instead of {len(steps)}")
    for number, (want, got) in enumerate(zip(steps, case.steps, strict=False), start=1):
        if not same_words(want.step, got["description"]) or not same_words(want.expected_result, got["expected"]):
            wrong.append(f"{marker}: step {number} is {got!r} instead of {want!r}")
    if not same_words(test.description, case.precondition, beginning=True):
        wrong.append(f"{marker}: precondition {case.precondition[:200]!r} instead of {test.description!r}")
    return wrong
