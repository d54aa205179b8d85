"""The ports: what the engine asks of its counterparts, one file each. Protocols, and values that only they use."""
