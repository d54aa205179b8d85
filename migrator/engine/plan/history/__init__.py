"""Plan: milestones, runs and results."""
