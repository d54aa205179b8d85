"""Load: what is planned is sent, exactly once each, and what was lost on the way is looked up."""
