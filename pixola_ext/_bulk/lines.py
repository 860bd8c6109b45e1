"""The lines of an input, as text: one at a time, of bounded length, and of a file no more than it held at the start."""

import os
from collections.abc import Iterator
from stat import S_ISREG
from typing import IO, Final, NamedTuple

from ..errors import ConfigurationError

LONGEST_LINE: Final = 4 * 1024 * 1024  # bytes: a prompt of the longest kind with every character escaped, and more

_UTF_8_MARK: Final = b"\xef\xbb\xbf"
_OTHER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # of UTF-16 and UTF-32


class Invalid(NamedTuple):
    """What is wrong with an input: line and column from 1, and what was expected there.

    The column is that of a cell in CSV and of a character elsewhere.
    """

    source: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}, column {self.column}: {self.reason}"


class InvalidLineError(ValueError):
    """A line that cannot be used; `column` counts from 1."""

    def __init__(self, column: int, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class Lines(Iterator[str]):
    """Reads the lines of `stream`, whose name for messages is `source`; `line` is the number of the last one.

    Lines end in LF or CR LF, which is left out. A file is read up to the size that it had at the start. If it has grown
    since, and what is read ends within a line, then that line is not usable: nothing says where it will end.
    """

    def __init__(self, stream: IO[bytes], source: str) -> None:
        self.source = source
        self.line = 0
        self._stream = stream
        self._size = _size_of(stream)
        self._left = None if self._size is None else self._size - stream.tell()

    def __next__(self) -> str:
        """The next line; raises `InvalidLineError` for one that is no text, after which the following one is next."""
        raw = self._readline(LONGEST_LINE + 2)
        if not raw:
            raise StopIteration
        self.line += 1
        if self.line == 1:
            raw = self._unmarked(raw)
        if not raw.endswith(b"\n"):
            self._check_end(raw)
        return _text(raw.removesuffix(b"\n").removesuffix(b"\r"))

    def invalid(self, error: InvalidLineError, line: int | None = None) -> Invalid:
        """What is wrong with the last line, or with the row that began at `line`."""
        return Invalid(self.source, line or self.line, error.column, error.reason)

    def _readline(self, most: int) -> bytes:
        try:
            raw = self._stream.readline(most if self._left is None else min(most, self._left))
        except OSError as error:
            raise ConfigurationError(f"{self.source}: cannot be read: {error}", setting="input") from error
        if self._left is not None:
            self._left -= len(raw)
        return raw

    def _check_end(self, raw: bytes) -> None:
        if len(raw) > LONGEST_LINE:
            while (more := self._readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            raise InvalidLineError(1, f"expected at most {LONGEST_LINE:,} bytes in a line")
        grown = _size_of(self._stream)
        if grown is not None and self._size is not None and grown > self._size:
            raise InvalidLineError(1, "expected a whole line: the file is being written to")

    def _unmarked(self, raw: bytes) -> bytes:
        if raw.startswith(_OTHER_MARKS):
            raise ConfigurationError(f"{self.source}: expected UTF-8, and this is UTF-16 or UTF-32", setting="input")
        return raw.removeprefix(_UTF_8_MARK)


def _size_of(stream: IO[bytes]) -> int | None:
    """The size of a regular file; None for all else."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def _text(raw: bytes) -> str:
    if b"\0" in raw:
        raise InvalidLineError(_column(raw[: raw.index(b"\0")]), "expected text, found a NUL byte")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x}"
        raise InvalidLineError(_column(raw[: error.start]), f"expected UTF-8, found {found}") from error


def _column(before: bytes) -> int:
    return len(before.decode(errors="replace")) + 1
