"""Load: cases, made and changed."""
