"""Addresses of the source's cases in texts, however they are spelled there."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit, urlunsplit

from sqlite_utils import Database

from migrator.core.records import Round
from migrator.core.refs import Ref
from migrator.core.text import attribute_value
from state.rows import rows_in

_ADDRESS = re.compile(r"""(?:https?:|(?<=["'=]))//[^\s"'<>\\]+""", re.IGNORECASE)
_MOST_PARAMETERS = 10
# whole in texts and in JSON, where a quote has a backslash before it
_LEADS = re.compile(r"""\b(?:src|srcset|href)\s*=\s*\\?["']?([^"'<>\\]+)""", re.IGNORECASE)
_IDENT = re.compile(r"(?<![0-9A-Za-z])(?:\d{1,19}|[0-9A-Fa-f]{8}[0-9A-Fa-f-]{8,28})(?![0-9A-Za-z])")
_MOST_IDENTS = 10


def written_in(texts: Iterable[str]) -> dict[str, str]:
    """Return the web addresses in texts: as they are written → without what says nothing about the page."""
    found = {attribute_value(address) for text in texts for address in _ADDRESS.findall(text)}
    return {address: address.partition("#")[0].rstrip("/") for address in found}


def files_named(item: Ref, texts: Iterable[str]) -> list[str]:
    """Return the markers that files of an item's project have whose ids stand in what its texts show and lead to.

    That is where a file is known by project and id, as in QAComplete; whether an address means it is for the mapping.
    """
    addresses = {unquote(attribute_value(address)) for text in texts for address in _LEADS.findall(text)}
    idents = {ident for address in addresses for ident in _IDENT.findall(address)[:_MOST_IDENTS]}
    return [item.model_copy(update={"kind": "file", "ids": (item.ids[0], ident)}).marker for ident in sorted(idents)]


def cases_at(db: Database, current: Round, urls: Sequence[str]) -> Mapping[str, str]:
    """Return address → marker of the round's cases; an address that several share leads to none of them."""
    spellings = {url: list(dict.fromkeys(_spellings(url))) for url in urls}
    statement = (
        "SELECT a.url, min(a.marker), count(*) FROM address a CROSS JOIN entity e ON e.marker = a.marker"
        " WHERE +e.round_id = ? AND a.url IN ({}) GROUP BY a.url"
    )
    wanted = sorted({spelling for few in spellings.values() for spelling in few})
    rows = {url: (marker, count) for url, marker, count in rows_in(db, statement, wanted, current.reading)}
    found = {url: next((rows[one] for one in few if one in rows), ("", 0)) for url, few in spellings.items()}
    return {url: marker for url, (marker, count) in found.items() if count == 1}


def _spellings(url: str) -> Iterator[str]:
    """Yield how the source may list what an address leads to: the closest first."""
    yield url
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    parameters = parts.query.split("&")[:_MOST_PARAMETERS] if parts.query else []
    without = ["&".join(parameters[:at] + parameters[at + 1 :]) for at in range(len(parameters))]
    for query in (parts.query, *without, ""):
        for scheme in (parts.scheme or "https", "http", "https"):
            for host in (parts.netloc.lower(), parts.netloc):
                yield urlunsplit((scheme, host, parts.path.rstrip("/"), query, ""))
