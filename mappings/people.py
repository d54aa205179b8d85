"""People as texts: by name or e-mail address, or not at all (``mapping.people``)."""

from collections.abc import Sequence

from mappings.rules import MappingRules
from migrator.core.model import Person, User


class People:
    """Knows the people of a project."""

    def __init__(self, rules: MappingRules, users: Sequence[User]) -> None:
        self._rule = rules.people
        self._users = {user.ref.marker: user for user in users}

    def shown(self, person: Person | None) -> tuple[str, str]:
        """Return how somebody is called, and what that lost (both may be empty)."""
        if person is None or self._rule == "none":
            return "", ""
        user = self._users.get(person.ref.marker) if person.ref else None
        if user is None and not person.name:
            ident = person.ref.ids[-1] if person.ref else ""
            return f"user {ident}", "the source does not list this user"
        name = user.title if user else person.name or ""
        if self._rule == "email":
            if user is not None and user.email:
                return user.email, ""
            return name, "no e-mail address is known; the name stands instead"
        return name, ""
