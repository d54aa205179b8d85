"""The bytes of attachments, by each route."""
