"""Read-only questions that ``status`` and reports ask of a workspace."""
