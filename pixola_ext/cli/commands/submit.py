"""`pixola submit`: pay now, fetch later."""

from typing import Any

import click

from ..options import command as declare
from ..requests import SPENDING_OPTIONS, model_options, prompt_of
from ..session import session


@declare(
    "submit",
    examples="""
    pixola --sandbox submit "A fox in the snow" -m flux-2
    pixola --sandbox -q submit "A fox in the snow" -m flux-2 -n 3
    """,
)
@click.argument("prompt", nargs=-1, required=True)
@model_options()
@SPENDING_OPTIONS
def command(prompt: tuple[str, ...], models: tuple[str, ...], **options: Any) -> int:
    """Submit PROMPT and print the ids of its batches at once; pixola wait goes on. - reads the prompt from stdin."""
    from .generate import generate

    here = session()
    here.require_key()
    later: dict[str, Any] = {"output": ".", "template": None, "no_metadata": False, "force": False, "timeout": None}
    return generate(here, prompt_of(prompt), models, no_wait=True, **later, **options)
