"""The error of this package."""


class UnreadableError(ValueError):
    """An answer is not of the form that its value needs: no object, or an object without its identity."""
