"""Lists and their children, page by page."""
