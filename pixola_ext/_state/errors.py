"""The error of state that cannot be kept; without SQLite, which not every process needs."""


class StoreError(Exception):
    """The store cannot be used."""
