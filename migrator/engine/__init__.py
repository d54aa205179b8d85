"""The phases: extract, plan, load, reconcile. Knows no vendor and no SQL."""
