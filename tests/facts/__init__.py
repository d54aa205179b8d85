"""The ledger of facts: what a source's stand-in holds, fact by fact, and where a migration has brought each.

``python -m tests.facts`` prints it. A source is a module that yields its facts, such as ``qacomplete``.
"""
