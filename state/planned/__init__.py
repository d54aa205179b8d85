"""What a plan compares with, and what it decides."""
