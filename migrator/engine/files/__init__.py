"""The bytes of files between the source and QA Sphere: fetched, judged, spooled, archived, read back."""
