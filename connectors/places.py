"""Templates in settings, such as that of the address of an item."""

from string import Formatter


def checked_places(value: str, places: tuple[str, ...]) -> str:
    """Return a template of a setting; ``ValueError`` when it holds other places than these, or in another form."""
    *others, last = [f"{{{place}}}" for place in places]
    message = f"may hold only {', '.join(others)} and {last}, as they are"
    try:
        parts = list(Formatter().parse(value))
    except ValueError as error:
        raise ValueError(message) from error
    for _, place, spec, conversion in parts:
        if place is not None and (place not in places or spec or conversion):
            raise ValueError(message)
    return value
