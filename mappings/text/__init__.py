"""Texts of the source as HTML that QA Sphere keeps."""
