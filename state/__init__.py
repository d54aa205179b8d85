"""The workspace: one SQLite file with everything extracted, planned, sent and learnt, and the lock that guards it."""
