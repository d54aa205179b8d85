"""What is written to QA Sphere, and what is there."""
