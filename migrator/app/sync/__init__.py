"""``sync``: rounds that bring over what has changed."""
