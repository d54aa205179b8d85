"""SmartBear QAComplete: a source (``qacomplete-api.md``)."""
