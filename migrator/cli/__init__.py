"""The commands: each parses, calls one function of the composition root, and renders."""
