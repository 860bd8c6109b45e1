"""Write docs/cli.md and docs/schemas/ from the commands themselves.

    python scripts/command_reference.py

`tests/cli/test_reference.py` holds both to the commands, and runs every example.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from pixola_ext.cli import exits
from pixola_ext.cli.options import lines_of
from pixola_ext.cli.root import COMMANDS, SECTIONS, root
from pixola_ext.cli.schemas import schema_of

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "docs" / "cli.md"
SCHEMAS: Final = ROOT / "docs" / "schemas"

_HEAD: Final = """\
# The command

Made by `scripts/command_reference.py` from the commands themselves; changes are made there.

`pip install 'pixola-ext[cli]'` brings `pixola`; the extra `sandbox` lets `pixola --sandbox` and `pixola sandbox` work
without account and cost, and `keyring` keeps the key of `pixola login` in the keyring of the system.

## Output

stdout holds the result and nothing else; messages and progress go to stderr, progress only to a terminal.

| Option | stdout |
|---|---|
| none, on a terminal | a table that fits, or the paths of pictures |
| none, in a pipe | the same, fields parted by tabs and without titles |
| `--json` | one document; of an error, too |
| `--jsonl` | lists: a document a line |
| `-q` | ids or paths alone, one a line |

An error is `{"error": {"code", "message", "exit_code", "batch_id", "next"}}`, where `next` is the command that goes on,
or null. `pixola schema COMMAND` prints the JSON Schema of a command's document; they are also in [schemas](schemas).
Members may be added to documents; none goes or changes its type. Text that stdout cannot show is escaped, and the exit
code is then 1. `NO_COLOR` and `FORCE_COLOR` are obeyed.

## Exit codes

"""

_CODES: Final = (
    (exits.DONE, "done"),
    (exits.ERROR, "another error"),
    (exits.USAGE, "usage: what was asked for cannot be; nothing was paid"),
    (exits.KEY, "the API key is missing or not accepted"),
    (exits.MODERATION, "moderation refused prompt or picture"),
    (exits.CREDITS, "too few credits, or more than was allowed"),
    (exits.LIMITS, "the limits of the key are reached"),
    (exits.PARTLY, "partly done; what is there was saved and printed"),
    (exits.UNKNOWN, "a submission may have been paid for; `next` looks for it"),
    (exits.TIMED_OUT, "the wait timed out; `next` goes on"),
    (exits.INTERRUPTED, "interrupted; `next` goes on"),
)


def reference() -> str:
    """The whole document."""
    context = click.Context(root, info_name="pixola")
    parts = [_HEAD, "| Code | Meaning |\n|---|---|\n"]
    parts += [f"| {code} | {meaning} |\n" for code, meaning in _CODES]
    parts.append("\n## Options of all commands\n\nBefore the command or behind it.\n\n")
    parts.append(_options(root, context, hidden=False))
    for title, commands in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        parts += [_command(path, command) for path, command in commands_of(commands)]
    return "".join(parts)


def commands_of(names: Iterable[str]) -> Iterator[tuple[str, click.Command]]:
    """The commands of these names, each followed by those that it has of its own, by their whole names."""
    for name in names:
        command = root.get_command(click.Context(root), name)
        if command is None:
            raise LookupError(name)
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {each}", own) for each, own in command.commands.items())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"pixola {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    text = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    examples = "\n".join(lines_of(command.epilog or ""))
    parts = [f"\n### {name}\n\n`pixola {name} {usage}`\n\n{text}\n"]
    parts += [f"\n```sh\n{examples}\n```\n"] if examples else []
    options = _options(command, context, hidden=True)
    return "".join([*parts, f"\n{options}" if options else ""])


def _options(command: click.Command, context: click.Context, *, hidden: bool) -> str:
    """A table of the options; without those that all commands share if those are `hidden`."""
    rows = []
    for each in command.get_params(context):
        if isinstance(each, click.Option) and not (hidden and each.hidden) and "--help" not in each.opts:
            record = each.get_help_record(context)
            if record is not None:
                rows.append(
                    f"| `{record[0]}` | {' '.join(record[1].split())} |\n".replace("[standard|hd]", "standard, hd")
                )
    return "".join(["| Option | Meaning |\n|---|---|\n", *rows]) if rows else ""


def schemas() -> dict[str, Any]:
    """The published schemas by the names of their files."""
    names = [name for name, _ in commands_of(COMMANDS)]
    return {f"{name.replace(' ', '-')}.json": schema for name in names if (schema := schema_of(name)) is not None}


def main() -> None:
    """Write all of it."""
    DOCUMENT.write_text(reference(), encoding="utf-8")
    SCHEMAS.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (SCHEMAS / name).write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
