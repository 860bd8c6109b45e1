"""The command line: the commands by name, and the one place where errors become exit codes."""

import importlib
import sys
from typing import Final

import click

from .._version import __version__
from . import exits
from .options import Context, check_name, shared_options
from .session import Session
from .streams import Output

SECTIONS: Final = {
    "Make and fetch": {
        "generate": "Turn a prompt into pictures on disk.",
        "submit": "Submit a prompt and print its batch at once.",
        "wait": "Wait until batches are finished.",
        "download": "Download pictures of batches or images.",
        "rerun": "Generate again what made a picture.",
        "pending": "List submissions whose fate is open.",
        "reconcile": "Look for the batches of such submissions.",
        "bulk": "Generate many pictures for the fewest requests.",
    },
    "Read": {
        "models": "List the models, or show one.",
        "styles": "List the style presets, or show one.",
        "shapes": "List the aspect ratios, or show one.",
        "credits": "Show credits, plan and requests left.",
        "batches": "List the batches of the account, or show one.",
        "images": "List the images of the account, or show one.",
        "call": "Make any call of the API.",
    },
    "Account and help": {
        "login": "Keep an API key for this command.",
        "logout": "Forget it.",
        "doctor": "Check settings, key, service and state.",
        "completion": "Complete commands in your shell.",
        "skill": "Print instructions for coding agents.",
        "schema": "Print the JSON schema of a command's output.",
        "sandbox": "Run the whole API on this machine, without account or cost.",
        "spec": "Print the OpenAPI document of the API.",
    },
}
COMMANDS: Final = {name: text for section in SECTIONS.values() for name, text in section.items()}


_LONGEST_NAME: Final = max(map(len, COMMANDS))  # so that the sections have their texts below each other


class Commands(click.Group):
    """The commands by name."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """The names of the commands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f".commands.{cmd_name}", __package__).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; raises `UsageError` that names similar ones."""
        if not args[0].startswith("-"):
            check_name(ctx, args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in --help, without importing any of them."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(_LONGEST_NAME), text) for name, text in commands.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Exit codes: {exits.DONE} done, {exits.ERROR} other error, {exits.USAGE} usage, {exits.KEY} key, "
    f"{exits.MODERATION} moderation, {exits.CREDITS} credits, {exits.LIMITS} limits, {exits.PARTLY} partly done, "
    f"{exits.UNKNOWN} submission unknown, {exits.TIMED_OUT} wait timed out, {exits.INTERRUPTED} interrupted.",
)
@click.version_option(__version__, prog_name="pixola")
@click.pass_context
def root(ctx: click.Context, /) -> None:
    """Generate images with the Pixola API.

    Results go to stdout, everything else to stderr. Options before the command may stand behind it, too.
    """
    ctx.ensure_object(Session)


root.params[:0] = shared_options()


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback for what can be foreseen."""
    words = sys.argv[1:] if arguments is None else arguments
    output = Output()
    session = Session(output)
    session.words = words
    session.json, session.jsonl = "--json" in words, "--jsonl" in words  # errors of usage are documents, too
    try:
        code = _run(words, session)
        if output.problem:
            output.message(f"pixola: {output.problem}")
            code = code or exits.ERROR
        if output.is_broken:
            code = code or exits.ERROR
    finally:
        output.close()
    return code


def _run(words: list[str], session: Session) -> int:
    try:
        outcome = root.main(words, prog_name="pixola", standalone_mode=False, obj=session)
    except (Exception, KeyboardInterrupt) as error:
        from .failures import failed

        code = failed(error, session)
        if code is None:
            raise
        return code
    return outcome if isinstance(outcome, int) else exits.DONE
