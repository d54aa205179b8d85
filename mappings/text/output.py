"""HTML that is written from front to back: blocks begin with the first thing in them that can be seen, and looks (bold,
links, …) begin and end around words, within one block."""

from dataclasses import dataclass, field

from migrator.core.text import BLOCKS


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A look as it is written around words. ``name``: which look; each one that begins is another, so that two
    neighbours stay two."""

    name: str
    begin: str
    end: str


BREAK = "<br>"
Looks = tuple[Shown, ...]


@dataclass(slots=True)
class _Block:
    name: str
    is_open: bool = False
    blanks: list[str] = field(default_factory=list)


class Output:
    """Collects the pieces. ``seen``: counts what can be seen with its looks."""

    def __init__(self) -> None:
        self.seen = 0
        self._out: list[str] = []
        self._blocks: list[_Block] = []
        self._looks: list[Shown] = []
        # whether words would begin a line; whether they have to
        self._is_fresh = True
        self._is_parted = False

    def html(self) -> str:
        """Return what was written."""
        self._meet(())
        return "".join(self._out)

    def words(self, html: str, looks: Looks) -> None:
        """Write something that can be seen, with its looks."""
        self._begin_blocks()
        self._meet(looks)
        if self._is_parted and html != BREAK:
            self._out.append(BREAK)
        self._is_parted, self._is_fresh = False, html == BREAK
        for look in looks[len(self._looks) :]:
            self._out.append(look.begin)
            self._looks.append(look)
        self._out.append(html)
        self.seen += html != BREAK

    def sign(self, html: str, looks: Looks) -> None:
        """Write something that can be seen and has no look, such as a line break: no look begins for it. Words behind
        it need no line of their own."""
        self._begin_blocks()
        self._is_parted, self._is_fresh = False, True
        self._meet(looks)
        self._out.append(html)

    def blanks(self, html: str, looks: Looks) -> None:
        """Write blanks; before the first words of a block they wait for those."""
        if self._blocks and not self._blocks[-1].is_open:
            self._blocks[-1].blanks.append(html)
        else:
            self._meet(looks)
            self._out.append(html)

    def part(self) -> None:
        """Let the next words stand in another line than those before, if no block begins or ends between."""
        self._is_parted = not self._is_fresh

    def begin(self, name: str, *, at_once: bool = False) -> None:
        """Begin a block. ``at_once``: it stays even if nothing can be seen in it."""
        self._meet(())
        self._blocks.append(_Block(name))
        if at_once:
            self._begin_blocks()

    def end(self) -> None:
        """End the last block; one that never began keeps apart what is around it."""
        block = self._blocks.pop()
        if block.is_open:
            self._meet(())
            self._out.append(f"</{block.name}>")
            self._is_parted, self._is_fresh = False, True
        elif block.name in BLOCKS or block.blanks:
            self._blank()
            self.part()

    def _blank(self) -> None:
        target = self._blocks[-1].blanks if self._blocks and not self._blocks[-1].is_open else self._out
        if not (target and target[-1].endswith(" ")):
            target.append(" ")

    def _begin_blocks(self) -> None:
        if not self._blocks or self._blocks[-1].is_open:
            return
        self._meet(())
        first = next(number for number, block in enumerate(self._blocks) if not block.is_open)
        for block in self._blocks[first:]:
            block.is_open = True
            self._out += [f"<{block.name}>", *block.blanks]
        self._is_parted, self._is_fresh = False, True

    def _meet(self, looks: Looks) -> None:
        """End the looks that do not go on."""
        common = 0
        for mine, theirs in zip(self._looks, looks, strict=False):
            if mine is not theirs:
                break
            common += 1
        self._out += [look.end for look in reversed(self._looks[common:])]
        del self._looks[common:]
