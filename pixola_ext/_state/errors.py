"""The errors of state that cannot be kept; without SQLite, which not every process needs."""


class StoreError(Exception):
    """The store cannot be used."""


class RefusedError(StoreError):
    """The store can never be used as it is set up: its address, its rights or its version are wrong."""


class UnreachableError(StoreError):
    """The database does not answer.

    `was_reached` tells whether it has answered this process before; with `may_pass` it has been silent for so short a
    time that the same transaction is to be tried again.
    """

    def __init__(self, message: str, *, was_reached: bool, may_pass: bool) -> None:
        super().__init__(message)
        self.was_reached = was_reached
        self.may_pass = may_pass
