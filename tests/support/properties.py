"""How many examples a property gets that migrates for each of them: few in the suite, more in ``make torture``."""

import os


def examples(number: int) -> int:
    """Return the number of examples; the environment's ``MORE_EXAMPLES`` multiplies it."""
    return number * int(os.environ.get("MORE_EXAMPLES", "1"))
