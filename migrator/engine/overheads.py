"""What a load asks beside its items: the load goes by these figures, and the forecast counts with them."""

from collections.abc import Sequence

from migrator.core.model import ItemKind
from migrator.core.records import Verb

CARD_RENEWALS = 3
"""How often the card of a load is renewed in the time after which it counts as dead."""
CARD_PAUSES = 90
"""Which part of that time a load waits at least until its card counts as standing."""
WITH_CARD: Sequence[tuple[ItemKind, Verb]] = (("case", "create"), ("run", "create"), ("result", "create"))
"""What takes a card: without any of these nothing can come about twice."""
CHECK_OTHERS_EVERY = 50
"""Creates of cases between two searches for cases that somebody else has made."""
