"""What the options before the command say, and what follows from them: which client, and how to speak."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..client import Pixola


@frozen
class Session:
    """The options before the command."""

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    sandbox: bool = False
    json: bool = False
    quiet: bool = False

    def client(self) -> "Pixola":
        """A client for these options; without a key it still reads the open lists."""
        from ..client import Pixola  # noqa: PLC0415  (`pixola sandbox` has no use for it and starts in half the time)

        if self.sandbox:
            return Pixola.sandbox()
        return Pixola(self.api_key, self.base_url)

    def require_key(self) -> None:
        """Refuse to start what cannot work without a key."""
        from ..settings import NO_KEY, Settings  # noqa: PLC0415  (as above)

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
