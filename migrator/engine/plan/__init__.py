"""Plan: every item of a round gets its fate, and every write an operation. Reads only."""
