"""Receipts: what ``writeback`` leaves at the source."""
