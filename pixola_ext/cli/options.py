"""The options that every command shares, before its name or behind it, and what click lacks: did-you-mean."""

import shutil
from collections.abc import Callable, Iterable
from typing import Any, Final

import click

from .session import Session

Body = Callable[..., int]
Decorator = Callable[[Body], Body]

_SHARED: Final[tuple[tuple[tuple[str, ...], dict[str, Any]], ...]] = (
    (("--base-url",), {"metavar": "URL", "help": "The API to talk to.  [env: PIXOLA_BASE_URL]"}),
    (
        ("--api-key",),
        {"metavar": "KEY", "help": "Your API key; other users of this machine can see it.  [env: PIXOLA_API_KEY]"},
    ),
    (("--api-key-file",), {"metavar": "FILE", "help": "Read the API key from a file; - is stdin."}),
    (
        ("--database",),
        {
            "metavar": "URL",
            "help": "PostgreSQL that machines share for requests and submissions.  [env: PIXOLA_DATABASE_URL]",
        },
    ),
    (
        ("--sandbox",),
        {"is_flag": True, "help": "Use a new sandbox inside this process: no account, cost or trace."},
    ),
    (("--json",), {"is_flag": True, "help": "Print the result, or the error, as one JSON document."}),
    (("--jsonl",), {"is_flag": True, "help": "Print a list as JSON, one entry a line."}),
    (("-q", "--quiet"), {"is_flag": True, "help": "Print ids or paths alone, one a line, and no messages but errors."}),
)


def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session) or ctx.ensure_object(Session)
    if value is not None and value is not False and parameter.name:
        setattr(session, parameter.name, value)


def shared_options(taken: Iterable[str] = (), *, hidden: bool = False) -> list[click.Parameter]:
    """The options as parameters that write into the session; without those whose name is `taken`."""
    names = set(taken)
    return [
        click.Option(declarations, expose_value=False, callback=_keep, hidden=hidden, default=None, **attributes)
        for declarations, attributes in _SHARED
        if not names.intersection(declarations)
    ]


_LEAST_OF_CLICK: Final = 52  # columns; on a narrower terminal click still writes lines of 50


class _NarrowFormatter(click.HelpFormatter):
    """Help for a narrow terminal: a long term has a line of its own, so that its text has room."""

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


class Context(click.Context):
    """The context of a command, whose help fits any terminal."""

    def make_formatter(self) -> click.HelpFormatter:
        """What writes the help, as wide as the terminal."""
        columns = shutil.get_terminal_size().columns
        return super().make_formatter() if columns >= _LEAST_OF_CLICK else _NarrowFormatter(width=max(columns - 1, 20))


class Command(click.Command):
    """A command that takes the shared options, too, without listing them all in its help."""

    context_class = Context

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += shared_options((name for each in self.params for name in each.opts), hidden=True)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's)
        """The examples of the command as they are written, and where the shared options are listed."""
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write("".join(f"{' ' * formatter.current_indent}{line}\n" for line in lines_of(self.epilog)))
        formatter.write_paragraph()
        hidden = (each for each in self.params if isinstance(each, click.Option) and each.hidden)
        formatter.write_text(f"Also: {' '.join(max(each.opts, key=len) for each in hidden)}; see pixola --help.")


class Group(click.Group):
    """A command that has commands of its own, and takes the shared options, too."""

    context_class = Context

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += shared_options(hidden=True)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """The names of the commands, in the order in which they were declared."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; raises `UsageError` that names similar ones."""
        if not args[0].startswith("-"):
            check_name(ctx, args[0], self.commands)
        return super().resolve_command(ctx, args)


def check_name(ctx: click.Context, name: str, known: Iterable[str]) -> None:
    """Refuse the name of a command that is not known, naming similar ones."""
    names = list(known)
    if name not in names:
        similar = near(name, names)
        hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
        raise click.UsageError(f"No such command {name!r}.{hint}", ctx)


def lines_of(epilog: str) -> list[str]:
    """The examples in an epilog, one command a line."""
    return [line.strip() for line in epilog.strip().splitlines()]


def command(name: str, *, examples: str) -> Callable[[Body], Command]:
    """Declare a command with examples that can be run as they stand."""
    return click.command(name, cls=Command, epilog=examples)


def all_of(*decorators: Decorator) -> Decorator:
    """Several decorators as one, in the order in which help lists them."""

    def decorate(decorated: Body) -> Body:
        for decorator in reversed(decorators):
            decorated = decorator(decorated)
        return decorated

    return decorate


def near(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known words that one may have meant."""
    from difflib import get_close_matches

    names = {each.casefold(): each for each in known}
    return [names[each] for each in get_close_matches(word.casefold(), names, most)]
