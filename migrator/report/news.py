"""What a reader with ten seconds has to know, the worst first; and what to do about what went wrong."""

from collections.abc import Mapping

from migrator.core.plural import plural
from migrator.report.rate import duration
from migrator.report.values import Cost, Measured, News, Tone
from state.acceptances import LeftPage

WORTH_SAYING = 10.0
"""Seconds of reading the source from which on they are named."""
Counts = Mapping[str, Mapping[str, int]]
"""Kind → fate or action → number of items."""

_WORST: tuple[tuple[str, Tone, str], ...] = (
    ("failed", "bad", "failed"),
    ("unknown", "bad", "in doubt: the answer to a write was lost"),
    ("conflict", "bad", "in conflict: nothing is sent for them"),
    ("blocked", "warn", "blocked by something they need"),
    ("gone", "warn", "deleted in QA Sphere: not made again"),
)
_NEXT = {
    "failed": "mend the item or the rule that the reason names, then `migrator retry`.",
    "unknown": "run the same command again; it looks twice whether the write took effect before anything is sent.",
    "conflict": "open the item below to see both sides, resolve it in QA Sphere or at the source, then `migrator run`.",
    "blocked": "mend what it needs, then `migrator retry`.",
    "gone": "nothing, if it was deleted on purpose; otherwise restore it in QA Sphere.",
}
LEFT_BEHIND = {
    "upload": "files lie in QA Sphere twice, because the answer to their upload was lost; nothing refers to the copies",
    "operation": "downloads were begun at the source and not taken; they end there by themselves",
    "receipt": "receipts may hang at the source or not; `migrator writeback` finds out",
}
"""What lost answers and killed processes leave, by ``Leftover.what``."""


def next_step(fate: str) -> str:
    """Return what to do about an item with this fate."""
    return _NEXT.get(fate, "`migrator status --failed` says more.")


def plan_news(items: Counts, actions: Counts, *, losing: int, unmapped: int) -> tuple[News, ...]:
    """Return the news of a plan. ``losing``: notes; ``unmapped``: values and fields without a rule."""
    news = _troubles(items)
    if remap := counted(_of(actions, "remap")):
        news.append(
            News("warn", f"{remap} would be mapped otherwise by today's rules: sent only with --remap", "remap")
        )
    if standing := _of(actions, "stands"):
        news.append(News("warn", standing_words(counted(standing), sum(standing.values())), "unchanged"))
    news += _losses(losing, unmapped)
    writes = [f"{verb} {counted(_of(actions, verb))}" for verb in ("create", "update") if _of(actions, verb)]
    nothing = News("plain" if news else "good", "Nothing to write.")
    news.append(News("plain", f"Will {' and '.join(writes)}.", "pending") if writes else nothing)
    return tuple(news)


def standing_words(things: str, count: int) -> str:
    """Return in words what cannot be changed, and would look otherwise; ``things``: e.g. ``2 results``."""
    stand = plural(count, "stands as it was", "stand as they were")
    return f"{things} {stand} sent, and would look otherwise by today's rules; they cannot be changed"


def counted_streams(counts: Mapping[str, int]) -> str:
    """Return e.g. ``1 user, 2 test sets`` of what lists hold, by their names; empty when they hold nothing."""
    named = {name.replace("_", " "): count for name, count in counts.items() if count}
    return ", ".join(f"{count} {name.removesuffix('s') if count == 1 else name}" for name, count in named.items())


def forecast_words(cost: Cost) -> str:
    """Return in words what writing will take, and what limits it."""
    source = sum(cost.source_requests.values())
    asked = f", {source} to the source" if source else ""
    reading = ""
    if cost.reading_seconds >= WORTH_SAYING:
        reading = f" ({duration(cost.seconds + cost.reading_seconds)} with reading the source)"
    requests = f"{cost.requests} {plural(cost.requests, 'request')}"
    return f"{requests} to QA Sphere{asked}, about {duration(cost.seconds)}{reading}; bottleneck: {cost.bottleneck}"


def measured_beside(cost: Cost, measured: Measured) -> str:
    """Return in words what applying a plan took beside what was forecast."""
    source = sum(cost.source_requests.values())
    known = measured.source_requests is not None and (source or measured.source_requests)
    asked = f", {measured.source_requests} to the source ({source})" if known else ""
    waited = f"; held up most by: {measured.held_up}" if measured.held_up else ""
    read = cost.reading_seconds
    before = f"; reading the source before took {duration(read)}" if read >= WORTH_SAYING else ""
    asked = f"{measured.requests} {plural(measured.requests, 'request')} to QA Sphere ({cost.requests}){asked}"
    times = f"applying took {duration(measured.seconds)} (forecast: {duration(cost.seconds)})"
    return f"{times}, {asked}{waited}{before}"


def run_news(
    items: Counts,
    *,
    losing: int,
    unmapped: int,
    imbalance: Mapping[str, str],
    left_behind: Mapping[str, int],
    verified: LeftPage | None,
) -> tuple[News, ...]:
    """Return the news of a run.

    Args:
        imbalance: project → what does not add up.
        left_behind: what → how many.
        verified: the acceptance report since which nothing was written.
    """
    news = [News("bad", f"The books of project {name} do not balance: {text}") for name, text in imbalance.items()]
    news += _troubles(items)
    if waiting := counted(_of(items, "pending")):
        news.append(News("warn", f"{waiting} not migrated yet", "pending"))
    news += _losses(losing, unmapped)
    news += [
        News("plain", f"Up to {count} {LEFT_BEHIND[what]}", anchor="left-behind") for what, count in left_behind.items()
    ]
    there = [
        News("good", f"{counted(_of(items, fate))} {fate}", fate)
        for fate in ("migrated", "updated", "adopted", "unchanged")
        if _of(items, fate)
    ]
    if not imbalance:
        there.append(News("good", "The books balance: every extracted item has exactly one fate."))
    if verified:
        there.append(News("plain", f"Verified since the last write; {verified.name} says: {verified.verdict}"))
    elif there:
        there.append(News("plain", "Not verified since the last write: migrator verify leaves the acceptance report."))
    return (*news, *there)


def counted(by_kind: Mapping[str, int]) -> str:
    """Return e.g. ``1 project, 64 cases``."""
    return ", ".join(f"{count:,} {plural(count, kind)}" for kind, count in by_kind.items())


def _of(counts: Counts, name: str) -> dict[str, int]:
    return {kind: found[name] for kind, found in counts.items() if found.get(name)}


def _troubles(items: Counts) -> list[News]:
    return [
        News(tone, f"{counted(_of(items, fate))} {words}", fate) for fate, tone, words in _WORST if _of(items, fate)
    ]


def _losses(losing: int, unmapped: int) -> list[News]:
    news = []
    if losing:
        news.append(
            News(
                "warn",
                f"{losing:,} {plural(losing, 'note')}: something is lost or changes its shape, named below",
                anchor="h-losses",
            )
        )
    if unmapped:
        news.append(
            News(
                "warn",
                f"{unmapped:,} {plural(unmapped, 'value or field', 'values or fields')} that no rule knows",
                anchor="h-unmapped",
            )
        )
    return news
