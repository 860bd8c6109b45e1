"""What the options say and what follows from them: which client with which key, and how to speak."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from .streams import Output, draws, is_terminal

if TYPE_CHECKING:
    from ..client import Pixola
    from ..settings import OnRequest
    from .catalogs import Catalogs
    from .progress import Activity
    from .tables import Column


class Session:
    """The shared options of one run, and what commands do with them."""

    def __init__(self, output: Output | None = None) -> None:
        self.output = output or Output()
        self.base_url: str | None = None
        self.api_key: str | None = None
        self.api_key_file: str | None = None
        self.database: str | None = None
        self.sandbox = False
        self.json = False
        self.jsonl = False
        self.quiet = False
        self.words: Sequence[str] = ()  # the command line
        self.destination = "."  # of pictures, for the command that goes on
        self.open_batches: list[str] = []  # paid for and not yet saved: what an interruption has to name
        self._file_key: str | None = None

    # -- clients -----------------------------------------------------------------------------------------------------

    @contextmanager
    def client(
        self, activity: "Activity | None" = None, *, on_request: "OnRequest | None" = None
    ) -> "Iterator[Pixola]":
        """A client for these options; without a key it still reads the open lists."""
        from ..client import Pixola

        on_retry = activity.retrying if activity else None
        if self.sandbox:
            made = Pixola.sandbox(on_retry=on_retry, on_request=on_request)
        else:
            made = Pixola(
                self.key(), self.base_url, database_url=self.database, on_retry=on_retry, on_request=on_request
            )
        with made as px:
            yield px

    @contextmanager
    def activity(self, text: str) -> "Iterator[Activity]":
        """Something that may take a while; shown on a terminal."""
        from .progress import Activity

        with Activity(text, shown=self.draws) as activity:
            self.output.before_result = activity.pause
            yield activity

    @contextmanager
    def asking(self, text: str = "asking the service") -> "Iterator[Pixola]":
        """A client, and on a terminal a line that says what it is waiting for."""
        with self.activity(text) as activity, self.client(activity) as px:
            yield px

    def key(self) -> str | None:
        """The API key: of the options, the environment, or what `pixola login` has kept for this service."""
        from .credentials import stored_key

        return self.given_key() or os.environ.get("PIXOLA_API_KEY") or stored_key(self.service)

    def key_place(self) -> str | None:
        """The option or variable that the API key is from; None for the key of `pixola login`, or none."""
        if self._file_key is not None:
            return "--api-key-file" if self.api_key_file is not None else "--api-key"
        return "PIXOLA_API_KEY" if os.environ.get("PIXOLA_API_KEY") and not self.sandbox else None

    def given_key(self) -> str | None:
        """The API key of the options."""
        if self.api_key is not None:
            self.say(
                "pixola: a key on the command line can be seen by all users of this machine; --api-key-file hides it"
            )
            self.api_key, self._file_key = None, self.api_key
        if self._file_key is None and self.api_key_file is not None:
            from .credentials import read_key

            self._file_key = read_key(self.api_key_file)
        return self._file_key

    @property
    def service(self) -> str:
        """The base URL that applies."""
        from .._defaults import DEFAULT_BASE_URL

        return (self.base_url or os.environ.get("PIXOLA_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")

    @property
    def database_url(self) -> str | None:
        """The database that machines share: of the options, else of the environment; None for a sandbox."""
        return None if self.sandbox else self.database or os.environ.get("PIXOLA_DATABASE_URL") or None

    def require_key(self) -> None:
        """Refuse to start what cannot work without a key."""
        if not self.sandbox and self.key() is None:
            from ..errors import ConfigurationError

            raise ConfigurationError("no API key", setting="api_key")

    def catalogs(self, *, refresh: bool = False) -> "Catalogs":
        """The three catalogs, from the state folder while they are new enough."""
        from .catalogs import Catalogs

        return Catalogs(None if self.sandbox else self.service, refresh=refresh)

    def next(self, *words: str) -> str | None:
        """The command to go on with, with the options that it needs; None for a sandbox that ends with us."""
        if self.sandbox:
            return None
        if self.base_url:
            words = ("--base-url", self.base_url, *words)
        if self.database and "@" not in self.database:  # else it may hold a password
            words = ("--database", self.database, *words)
        if self.api_key_file and self.api_key_file != "-":
            words = ("--api-key-file", self.api_key_file, *words)
        return command_line(words)

    # -- output ------------------------------------------------------------------------------------------------------

    @property
    def draws(self) -> bool:
        """Whether there is a terminal to draw progress on."""
        return not self.quiet and is_terminal(sys.stderr)

    def document(self, document: Any) -> None:
        """A JSON document on stdout."""
        import json

        # ASCII alone: every stdout can show it
        self.output.result(json.dumps(document, indent=None if self.jsonl else 2, default=str))

    def result(self, document: Any, lines: Iterable[str], *, text: str | None = None) -> None:
        """The result on stdout: a document with --json, else `text` for people, else the lines."""
        if self.json or self.jsonl:
            self.document(document)
        elif text is not None and not self.quiet:
            self.output.result(text)
        else:
            from .._display import printable

            lines = [printable(line, 4000) for line in lines]
            if lines:
                self.output.result("\n".join(lines))

    def listing(
        self,
        documents: Sequence[Any],
        columns: "Sequence[Column]",
        *,
        ids: Iterable[str],
        nothing: str = "nothing found",
    ) -> None:
        """A list: a JSON array, a document a line, ids alone, a table on a terminal, or fields parted by tabs.

        `nothing` is what is said of an empty list.
        """
        if self.jsonl:
            for each in documents:
                self.document(each)
        elif self.json:
            self.document(list(documents))
        elif self.quiet:
            self.result(None, ids)
        elif documents:
            from .tables import table, without_room

            drawn = draws(sys.stdout)
            self.output.result(table(documents, columns, drawn=drawn))
            if drawn and (titles := without_room(documents, columns)):
                self.say(f"  no room for {', '.join(titles)}; --json has all")
        else:
            self.say(f"pixola: {nothing}")

    def say(self, text: str) -> None:
        """A message for people, on stderr; silent with --quiet."""
        if not self.quiet:
            self.output.message(text)

    def confirm(self, question: str) -> bool:
        """Ask on the terminal; False without one."""
        return is_terminal(sys.stdin) and is_terminal(sys.stderr) and click.confirm(question, err=True)


def session() -> Session:
    """The session of the command that is running."""
    context = click.get_current_context()
    return context.find_object(Session) or Session()


def command_line(words: Iterable[str]) -> str:
    """`pixola` with these arguments, quoted for the shell of the platform."""
    if sys.platform == "win32":
        import subprocess

        return subprocess.list2cmdline(["pixola", *words])
    import shlex

    return shlex.join(["pixola", *words])
