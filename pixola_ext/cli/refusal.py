"""The error with which a command refuses or ends, beside those of the library."""

import click

from . import exits


class RefusedError(click.ClickException):
    """Why a command has not done what was asked. `code` is a word for programs, `next` the command that goes on."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        exit_code: int = exits.ERROR,
        batch_id: str | None = None,
        next: str | None = None,  # noqa: A002  (what the document calls it)
    ) -> None:
        super().__init__(message)
        self.code = code
        self.exit_code = exit_code  # type: ignore[misc]  # click has one for each class
        self.batch_id = batch_id
        self.next = next
