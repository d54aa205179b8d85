"""``python -m migrator``, and the script of that name."""

import importlib
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the program; Ctrl-C before it could do anything, such as during its imports, ends it without a word."""
    try:
        importlib.import_module("migrator.cli.main").main()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
