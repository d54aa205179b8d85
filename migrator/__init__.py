"""Moves test-management history into QA Sphere: exactly once, resumable, verified."""

__version__ = "0.1.0"
