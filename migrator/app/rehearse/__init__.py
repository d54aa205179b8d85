"""``rehearse``: the whole migration against a local QA Sphere."""
