"""Pure functions from canonical entities to drafts and notes."""
