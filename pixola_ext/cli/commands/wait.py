"""`pixola wait`: what was submitted becomes pictures."""

import click

from ..options import command as declare
from ..requests import TIMEOUT_OPTION, destination_options
from ..session import session


@declare(
    "wait",
    examples="""
    pixola wait bt_EXAMPLE
    pixola wait bt_EXAMPLE --output pictures --timeout 60
    """,
)
@click.argument("ids", metavar="BATCH...", nargs=-1, required=True)
@destination_options("no download")
@TIMEOUT_OPTION
@click.pass_context
def command(
    ctx: click.Context,
    ids: tuple[str, ...],
    output: str,
    template: str | None,
    timeout: float | None,
    *,
    no_metadata: bool,
    force: bool,
) -> int:
    """Wait until every BATCH is finished and print the ids of its images; with --output, download them, too."""
    from ...models import Batch
    from ..destination import Destination
    from ..durations import expected
    from ..making import Outcome, save, tell, wait_for_all

    here = session()
    here.require_key()
    here.destination = output
    is_saving = ctx.get_parameter_source("output") is not click.core.ParameterSource.DEFAULT
    destination = Destination(output, template=template, metadata=not no_metadata, force=force)
    if is_saving:
        destination.check(len(ids))
    outcomes = [Outcome(number, batch=Batch(batch_id)) for number, batch_id in enumerate(dict.fromkeys(ids))]
    here.open_batches += [each.batch.batch_id for each in outcomes if each.batch]
    with here.activity("waiting") as activity, here.client(activity) as px:
        for outcome in outcomes:
            activity.begins(outcome.number, ids[outcome.number], expected(None))
        keep = (lambda each: save(here, px, each, destination)) if is_saving else (lambda _each: None)
        wait_for_all(here, px, outcomes, activity, timeout, keep)
    if is_saving:
        return tell(here, outcomes, [str(path) for each in outcomes for path in each.paths.values()])
    done = [each.batch for each in outcomes if each.batch and each.failure is None]
    return tell(here, outcomes, [image.image_id for batch in done for image in batch.completed])
