"""Bulk runs: what is asked for, how far each item has come, and what is written about it. No requests here."""
