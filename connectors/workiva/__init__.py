"""Workiva test forms: a source (``workiva-api.md``)."""
