"""Lists and their children: pages, changes, and what hangs on single items."""
