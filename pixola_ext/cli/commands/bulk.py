"""`pixola bulk`: many pictures from one input, for the fewest requests, through any interruption."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..._defaults import DEFAULT_TEMPLATE
from .. import exits
from ..options import Body, Decorator, Group, all_of
from ..options import command as declare
from ..places import Folder
from ..requests import ASK_ABOVE, FIELDS_HELP, slug_completion
from ..session import session

if TYPE_CHECKING:
    from ..bulk.run_options import RunOptions

_FOLDER: Final = click.argument("folder", metavar="DIR", type=Folder(file_okay=False, path_type=Path))


@click.group("bulk", cls=Group)
def command() -> None:
    """Generate many pictures from a file, and go on after any interruption.

    FILE is CSV, JSON lines, or text with a prompt a line. Columns are prompt, model, style, shape, quality; n (how
    many times) and name (of the file); all others are carried into the results. Beside the pictures in DIR stand
    metadata.jsonl, results.csv, and pixola-bulk.db, in which every step is recorded before the next. DIR may be the
    URL of a store (s3://bucket/folder), which needs pixola-ext[remote] and the package of its protocol; then the
    ledger is kept on this machine.
    """


def _command(name: str, *, examples: str) -> Decorator:
    def decorate(body: Body) -> Any:
        made = declare(name, examples=examples)(body)
        command.add_command(made)
        return made

    return decorate


_RUN_OPTIONS: Final = all_of(
    click.option(
        "--max-credits",
        type=click.IntRange(1),
        metavar="N",
        help="Never spend more, counting what is under way or in doubt.  [default: that of the run before]",
    ),
    click.option(
        "--concurrency", type=click.IntRange(1), metavar="N", help="Batches under way at most.  [default: 1000]"
    ),
    click.option("--frugal", is_flag=True, default=None, help="Fewest requests of all; pictures come later."),
    click.option(
        "--template",
        metavar="NAME",
        help=f"File name of rows without one, made of {FIELDS_HELP}.  [default: {DEFAULT_TEMPLATE}]",
    ),
    click.option("--no-metadata", is_flag=True, help="Do not write into the files how they came about."),
    click.option(
        "--quiet-period",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="Wait so long before what was not answered, and is in no list, is sent again.  [default: what is safe]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Longest wait for one batch.  [default: 900]",
    ),
    click.option(
        "--lease",
        "lease_seconds",
        type=click.FloatRange(min=1),
        metavar="SECONDS",
        help="How long a process that is silent keeps what it has claimed.  [default: 300]",
    ),
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Run on the Dask cluster of this scheduler, such as tcp://host:8786; local starts one here.",
    ),
    click.option("--lanes", type=click.IntRange(1), metavar="N", help="Workers that submit and fetch.  [default: 2]"),
    click.option(
        "--map",
        metavar="MODULE:FUNCTION",
        help="Call function(picture, row) on the cluster for each picture; it returns columns of the results.",
    ),
    click.option(
        "--map-timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Longest time for one picture in it.  [default: 120]",
    ),
)
_YES: Final = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def _options(*, no_metadata: bool, quiet_period: float | None, **options: Any) -> "RunOptions":
    from ..._pictures.names import Template
    from ..bulk.run_options import RunOptions

    if options["template"] is not None:
        Template.parse(options["template"])
    if options["cluster"] is None:
        for name in ("map", "map_timeout", "lanes"):
            if options[name] is not None:
                raise click.UsageError(f"--{name.replace('_', '-')} needs --cluster; --cluster local runs it here.")
    else:
        from ..bulk.clustered import check_cluster

        check_cluster(options["cluster"], options["map"])
    return RunOptions(metadata=False if no_metadata else None, quiet_seconds=quiet_period, **options)


@_command(
    "run",
    examples="""
    printf 'A fox\\nA hen\\n' | pixola --sandbox bulk run - -m flux-2 -o pictures
    printf 'prompt,n,name\\nA fox,2,fox\\n' > prompts.csv; pixola --sandbox bulk run prompts.csv --dry-run -o pictures
    """,
)
@click.argument("file", metavar="FILE")
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=Folder(path_type=Path),
    metavar="DIR",
    help="Folder for the pictures, the results and the ledger, or the URL of one in a store: s3://bucket/folder.",
)
@click.option(
    "-m", "--model", metavar="SLUG", shell_complete=slug_completion("model"), help="Model of rows that name none."
)
@click.option(
    "-s", "--style", metavar="SLUG", shell_complete=slug_completion("style"), help="Style of rows that name none."
)
@click.option("--shape", metavar="SLUG", shell_complete=slug_completion("shape"), help="Shape of rows that name none.")
@click.option("--quality", type=click.Choice(["standard", "hd"]), help="Quality of rows that name none.")
@click.option("--skip-invalid", is_flag=True, help="Leave out rows that cannot be used, instead of doing nothing.")
@click.option("--dry-run", is_flag=True, help="Check everything, print what it would take, and spend nothing.")
@click.option(
    "-y",
    "--yes",
    is_flag=True,
    help=f"Do not ask before spending more than {ASK_ABOVE} credits.  [env: PIXOLA_ASK_ABOVE sets how many]",
)
@_RUN_OPTIONS
def run(
    file: str,
    folder: Path,
    *,
    skip_invalid: bool,
    dry_run: bool,
    yes: bool,
    model: str | None,
    style: str | None,
    shape: str | None,
    quality: str | None,
    **options: Any,
) -> int:
    """Generate what FILE asks for into DIR; - reads stdin. Run again, it makes what is new and finishes the rest.

    All rows, slugs, the folder and its room are checked before anything is paid, and nothing is paid twice.
    """
    from ..bulk.beginning import begin

    here = session()
    here.require_key()
    defaults = {"model": model, "style": style, "shape": shape, "quality": quality}
    return begin(
        here,
        file,
        folder,
        _options(**options),
        defaults={name: value for name, value in defaults.items() if value},
        skips_invalid=skip_invalid,
        is_dry=dry_run,
        yes=yes,
    )


@_command("resume", examples="pixola bulk resume pictures")
@_FOLDER
@_RUN_OPTIONS
def resume(folder: Path, **options: Any) -> int:
    """Go on with the run in DIR, with the options that it was begun with."""
    from ..bulk.folder import required_ledger
    from ..bulk.running import run_ledger

    here = session()
    here.require_key()
    with required_ledger(here, folder) as ledger:
        return run_ledger(here, ledger, folder, _options(**options))


@_command("status", examples="pixola --json bulk status pictures")
@_FOLDER
def status(folder: Path) -> int:
    """Show how far the run in DIR has come; nothing is sent."""
    from ..bulk.folder import required_ledger
    from ..bulk.reporting import status_document, status_lines

    here = session()
    with required_ledger(here, folder) as ledger:
        document = status_document(here, folder, ledger.totals())
    here.result(document, status_lines(document))
    if document["next"] and not here.json and not here.jsonl:
        here.say(f"  next: {document['next']}")
    return exits.DONE


@_command("retry", examples="pixola bulk retry pictures")
@_FOLDER
@click.option("--code", "codes", metavar="CODE", multiple=True, help="Only those refused for it; may be repeated.")
@_YES
@_RUN_OPTIONS
def retry(folder: Path, codes: tuple[str, ...], *, yes: bool, **options: Any) -> int:
    """Make again what ended without a picture in DIR, and go on; bulk status lists the codes."""
    from ..bulk.deciding import retry_refused
    from ..bulk.folder import required_ledger
    from ..bulk.running import run_ledger

    here = session()
    here.require_key()
    with required_ledger(here, folder) as ledger:
        retry_refused(here, ledger, codes, yes=yes)
        return run_ledger(here, ledger, folder, _options(**options))


@_command("resolve", examples="pixola bulk resolve pictures")
@_FOLDER
@click.argument("number", type=click.IntRange(1), required=False, metavar="[NUMBER]")
@click.argument("batch_id", required=False, metavar="[BATCH]")
@click.option("--not-accepted", is_flag=True, help="It was not accepted, and is to be sent again.")
def resolve(folder: Path, number: int | None, batch_id: str | None, *, not_accepted: bool) -> int:
    """List the requests in DIR that may have been paid for, with batches that may be theirs, or decide about one.

    Request NUMBER became BATCH, or --not-accepted. pixola bulk resume then goes on.
    """
    from ..bulk.deciding import decide, list_undecided
    from ..bulk.folder import required_ledger

    if (number is None) != (batch_id is None and not not_accepted) or (batch_id is not None and not_accepted):
        raise click.UsageError("Name a number with its batch or with --not-accepted, or neither to list them.")
    here = session()
    here.require_key()
    with required_ledger(here, folder) as ledger:
        if number is None:
            return list_undecided(here, ledger, folder)
        return decide(here, ledger, folder, number, batch_id)


@_command("cancel", examples="pixola bulk cancel pictures --yes")
@_FOLDER
@_YES
def cancel(folder: Path, *, yes: bool) -> int:
    """Call off what was not sent yet in DIR; what is under way goes on."""
    from ..bulk.deciding import cancel_waiting
    from ..bulk.folder import required_ledger

    here = session()
    with required_ledger(here, folder) as ledger:
        return cancel_waiting(here, ledger, folder, yes=yes)


@_command(
    "export",
    examples="""
    pixola bulk export pictures
    pixola --jsonl bulk export pictures
    """,
)
@_FOLDER
def export(folder: Path) -> int:
    """Write metadata.jsonl and results.csv into DIR again; with --json or --jsonl, print the metadata instead."""
    from ..bulk.deciding import export_results
    from ..bulk.folder import required_ledger

    here = session()
    with required_ledger(here, folder) as ledger:
        return export_results(here, ledger, folder)
