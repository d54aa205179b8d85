"""From QAComplete's JSON to our entities; pure."""
