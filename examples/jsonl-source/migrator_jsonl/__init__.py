"""A source for qasphere-migrator: test cases, runs and results in a file of JSON lines."""
