"""Writing to stdout and stderr, whatever they are: missing, closed, full, or in an encoding that lacks characters."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TextIO

ESCAPED: Final = "characters that stdout cannot show were escaped"
MISSING: Final = "there is no stdout"


class Output:
    """The two streams of one run. `problem` tells what became of the result if stdout has not got all of it."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.is_broken = False  # the reader of stdout has left, as `head` does
        self.before_result: Callable[[], None] | None = None  # ends what is drawn on the same terminal

    def result(self, text: str) -> None:
        """Write text and a line end to stdout; what it cannot show is escaped."""
        stream = sys.stdout
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            self.problem = self.problem or ESCAPED
            text = text.encode(encoding, "backslashreplace").decode(encoding)
        self._write(stream, f"{text}\n")

    def data(self, content: bytes) -> None:
        """Write bytes to stdout."""
        buffer = getattr(sys.stdout, "buffer", None)
        try:
            if buffer is None:
                self.problem = MISSING
            else:
                buffer.write(content)
                buffer.flush()
        except BrokenPipeError:
            self.is_broken = True
        except (OSError, ValueError) as error:
            self.problem = _reason(error)

    def message(self, text: str) -> None:
        """Write lines to stderr, without control characters; without a stderr there is nowhere to say so."""
        text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        stream = sys.stderr
        if stream is None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        with suppress(OSError, ValueError):
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            stream.flush()

    def _write(self, stream: TextIO | None, text: str) -> None:
        if self.before_result is not None:
            self.before_result()
        if stream is None:
            self.problem = MISSING
            return
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:
            self.is_broken = True
        except (OSError, ValueError) as error:
            self.problem = _reason(error)

    def close(self) -> None:
        """Leave nothing that Python would try to write at its end, and complain about."""
        for stream in filter(None, (sys.stdout, sys.stderr)):
            try:
                stream.flush()
            except (OSError, ValueError):
                _silence(stream)


def _reason(error: Exception) -> str:
    detail = getattr(error, "strerror", None) or str(error)
    return f"stdout cannot be written ({detail})"


def _silence(stream: TextIO) -> None:
    """Let what the stream still holds go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def draws(stream: TextIO | None) -> bool:
    """Whether tables are for people to look at: on a terminal, or with FORCE_COLOR."""
    return stream is not None and (bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether there is a stream and it is a terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False
