"""Plan: cases, from what their source, the ledger and QA Sphere say of them to their fate."""
