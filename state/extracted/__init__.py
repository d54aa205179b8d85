"""What was read from the source."""
