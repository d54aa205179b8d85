"""``check``: is everything in place before a migration?"""
