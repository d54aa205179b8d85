"""From Workiva's rows to our entities; pure."""
