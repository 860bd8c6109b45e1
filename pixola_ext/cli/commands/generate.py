"""`pixola generate`: submit, wait, download."""

from typing import Any

import click

from .. import exits
from ..options import command as declare
from ..requests import SPENDING_OPTIONS, TIMEOUT_OPTION, destination_options, model_options, prompt_of
from ..session import Session, session


@declare(
    "generate",
    examples="""
    pixola --sandbox generate "A fox in the snow" -m flux-2 --shape landscape-wide -o pictures
    pixola --sandbox generate "A fox in the snow" -m flux-2 -m sana-1.6b -n 2 --max-credits 100 -o pictures
    echo "A fox in the snow" | pixola --sandbox generate - -o - > fox.png
    pixola --sandbox --json generate "A fox in the snow" --dry-run
    """,
)
@click.argument("prompt", nargs=-1, required=True)
@model_options()
@SPENDING_OPTIONS
@destination_options()
@click.option("--no-wait", is_flag=True, help="Submit only, and print the batches; pixola wait goes on.")
@TIMEOUT_OPTION
def command(prompt: tuple[str, ...], models: tuple[str, ...], **options: Any) -> int:
    """Turn PROMPT into pictures on disk and print their paths; - reads the prompt from stdin.

    The destination and all slugs are checked before anything is paid, and nothing is paid twice.
    """
    here = session()
    here.require_key()
    return generate(here, prompt_of(prompt), models, **options)


def generate(
    here: Session,
    prompt: str,
    models: tuple[str, ...],
    *,
    output: str,
    template: str | None,
    no_metadata: bool,
    force: bool,
    no_wait: bool,
    dry_run: bool,
    timeout: float | None,
    max_credits: int | None,
    yes: bool,
    copies: int,
    **options: Any,
) -> int:
    """Everything from the checks to the files."""
    from ..destination import Destination
    from ..making import save, submit_all, tell, wait_for_all
    from ..requests import Spending, check_slugs, price_of, requests_of

    if output == "-" and (here.json or here.jsonl):
        raise click.UsageError("stdout takes the picture or the document, not both.")
    requests = requests_of(prompt, models, copies, **options)
    here.destination = output if output != "-" else "."
    destination = Destination(output, template=template, metadata=not no_metadata, force=force)
    if not no_wait:
        destination.check(len(requests))
    with here.activity("checking") as activity, here.client(activity) as px:
        check_slugs(here, px, requests)
        price = price_of(here, px, requests)
        if dry_run:
            activity.pause()
            return _priced(here, requests, price)
        activity.pause()
        Spending(max_credits, yes=yes).check(here, len(requests), price)
        activity.__enter__()
        outcomes = submit_all(here, px, requests, activity)
        if not no_wait:
            wait_for_all(here, px, outcomes, activity, timeout, lambda each: save(here, px, each, destination))
    if no_wait:
        if here.sandbox:
            here.say("pixola: this sandbox ends with the command, and its batches with it; pixola sandbox runs on")
        return tell(here, outcomes, [each.batch.batch_id for each in outcomes if each.batch])
    return tell(here, outcomes, [str(path) for each in outcomes for path in each.paths.values()])


def _priced(here: Session, requests: Any, price: int | None) -> int:
    document = {"requests": [each.to_dict() for each in requests], "credits": price}
    cost = "an unknown number of credits, for the service chooses the model" if price is None else f"{price} credits"
    here.result(document, [f"{len(requests)} request{'s' * (len(requests) > 1)} for {cost}; nothing was sent"])
    return exits.DONE
