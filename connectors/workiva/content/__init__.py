"""The bytes of attachments: operations, downloads, uploads."""
