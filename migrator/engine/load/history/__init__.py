"""Load: milestones, runs and results."""
