"""QA Sphere's JSON as it is, and what is sent."""
