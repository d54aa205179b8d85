"""QA Sphere: the destination (``qasphere-api.md``)."""
