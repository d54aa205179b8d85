"""Verify: QA Sphere is read back and compared with what it was made to hold. Reads only."""
