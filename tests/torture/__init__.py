"""Kill and fault runs: whole migrations that are ended or disturbed on purpose, and what is left afterwards."""
