"""`pixola rerun`: what made a picture makes another one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import command as declare
from ..requests import SPENDING_OPTIONS, TIMEOUT_OPTION, destination_options, model_options
from ..session import Session, session

if TYPE_CHECKING:
    from ..._pictures.metadata import Provenance


@declare(
    "rerun",
    examples="""
    pixola --sandbox generate "A fox in the snow" -m flux-2 -o fox.png
    pixola --sandbox rerun fox.png --hd -o fox-hd.png
    pixola --sandbox rerun fox.png -m sana-1.6b --dry-run
    """,
)
@click.argument("image_file")
@click.option("--prompt", metavar="TEXT", help="Another prompt.")
@model_options(from_file=True)
@SPENDING_OPTIONS
@destination_options()
@click.option("--no-wait", is_flag=True, help="Submit only, and print the batches; pixola wait goes on.")
@TIMEOUT_OPTION
def command(image_file: str, prompt: str | None, models: tuple[str, ...], **options: Any) -> int:
    """Generate again what made IMAGE_FILE, with what the options change.

    Prompt, model, style, shape and quality are read from the file, where pixola generate has written them, or from
    the file of that name with .json at its end. Of a picture that was fetched later, the service tells prompt and
    model by the id in the file; style and shape it does not tell.
    """
    from ..._pictures.reading import provenance_of
    from .generate import generate

    here = session()
    here.require_key()
    try:
        found = provenance_of(Path(image_file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{image_file} cannot be read ({reason}).") from error
    if found is None or not (prompt or found.prompt):
        found = _asked(here, image_file, found)
    known = {name: getattr(found, name) for name in ("style", "shape")}
    options |= {name: options[name] or value for name, value in known.items()}
    if not options["hd"] and options["quality"] is None:
        options["quality"] = found.quality
    if not models and found.model:
        models = (found.model,)
    return generate(here, prompt or found.prompt or "", models, **options)


def _asked(here: Session, image_file: str, found: "Provenance | None") -> "Provenance":
    """What the service tells of the image with the id in the file."""
    from ..._pictures.metadata import Provenance
    from ..refusal import RefusedError

    if found is None or found.image_id is None:
        raise RefusedError(f"{image_file} does not tell how it was made", code="no_metadata")
    with here.asking() as px:
        image = px.images.get(found.image_id)
    if not image.prompt:
        raise RefusedError(f"neither {image_file} nor the service tells its prompt", code="no_metadata")
    here.say("pixola: prompt and model are the service's; style and shape are not known")
    return Provenance(prompt=image.prompt, model=found.model or image.model)
