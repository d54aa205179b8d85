"""QAComplete's JSON as it is."""
