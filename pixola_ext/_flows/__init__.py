"""Decisions, written once for both clients: generators that yield effects (`effects.py`) and return a value."""
