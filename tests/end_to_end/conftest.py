"""Whole migrations over HTTP between the two stand-ins."""
