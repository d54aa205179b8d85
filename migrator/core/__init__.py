"""The words everybody shares: entities, drafts, notes, ports, errors and events. Imports nothing of ours."""
