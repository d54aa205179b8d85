"""Exit codes of commands that ended as they should and found something; those of errors are in ``core/errors.py``."""

EXIT_ITEMS_FAILED = 3
EXIT_DIFFERENT = 6
