"""Something to migrate without having anything: for `migrator demo --source jsonl`."""
