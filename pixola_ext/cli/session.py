"""What the options before the command say, and what follows from them: which client, and how to speak."""

import json
import sys
from typing import Any

import click
from attrs import field, frozen

from ..client import Pixola
from ..errors import ConfigurationError
from ..settings import NO_KEY, Settings


@frozen
class Session:
    """The options before the command."""

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    sandbox: bool = False
    json: bool = False
    quiet: bool = False

    def client(self) -> Pixola:
        """A client for these options; without a key it still reads the open lists."""
        if self.sandbox:
            return Pixola.sandbox()
        return Pixola(self.api_key, self.base_url)

    def require_key(self) -> None:
        """Refuse to start what cannot work without a key."""
        if not self.sandbox and Settings.resolve(self.api_key, self.base_url).api_key is None:
            raise ConfigurationError(f"{NO_KEY}: pixola --sandbox ...", setting="api_key")

    def result(self, document: Any, lines: list[str]) -> None:
        """The result on stdout: one JSON document with --json, else the lines."""
        click.echo(json.dumps(document, indent=2) if self.json else "\n".join(lines))

    def say(self, text: str) -> None:
        """A message for people, on stderr; silent with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    @property
    def draws(self) -> bool:
        """Whether there is a terminal to draw progress on."""
        return not self.quiet and sys.stderr.isatty()


def session() -> Session:
    """The session of the command that is running."""
    found = click.get_current_context().find_object(Session)
    return found or Session()
