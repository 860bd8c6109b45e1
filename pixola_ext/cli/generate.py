"""`pixola generate`: submit, wait, download."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from .._flows.submission import suggestions
from .._io.files import check_destination
from .._pictures.names import FIELDS, Template
from ..client import Pixola
from ..errors import BadRequestError, DownloadError, PixolaError
from ..models import Batch, GenerationRequest, Model, Shape, Style
from ..settings import DEFAULT_TEMPLATE
from . import exits
from .session import Session, session

_TEMPLATE_HELP: Final = (
    f"File name in a folder, made of {' '.join(f'{{{field}}}' for field in FIELDS)}.  [default: {DEFAULT_TEMPLATE}]"
)


def _not_empty(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("must not be empty")
    return value


@click.command("generate")
@click.argument("prompt", callback=_not_empty)
@click.option("-m", "--model", metavar="SLUG", help="Model, such as flux-2.  [default: the service's]")
@click.option("-s", "--style", metavar="SLUG", help="Style preset, such as watercolor.  [default: no-style]")
@click.option("--shape", metavar="SLUG", help="Aspect ratio, such as landscape-wide.  [default: square]")
@click.option("--quality", type=click.Choice(["standard", "hd"]), help="HD uses more credits.  [default: standard]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder, or file ending in .png, .jpg, ...; nothing is overwritten.  [default: this folder]",
)
@click.option("--template", default=DEFAULT_TEMPLATE, metavar="NAME", help=_TEMPLATE_HELP)
@click.option("--no-metadata", is_flag=True, help="Do not write into the files how they came about.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Longest wait.  [default: 900]",
)
def command(
    prompt: str,
    model: str | None,
    style: str | None,
    shape: str | None,
    quality: str | None,
    output: Path,
    template: str,
    timeout: float | None,
    *,
    no_metadata: bool,
) -> int:
    """Turn PROMPT into pictures on disk and print their paths."""
    here = session()
    here.require_key()
    options: dict[str, Any] = {"model": model, "style": style, "shape": shape, "quality": quality}
    with here.client() as px:
        Template.parse(template)  # before anything is paid
        check_destination(output)
        with _progress(here) as show:
            batch = _generate(px, prompt, options, timeout, show)
        paths, failed = _saved(px, batch, output, template=template, metadata=not no_metadata)
    here.result(_document(batch, paths), [str(path) for path in paths.values()])
    if failed is not None:
        here.say(
            f"pixola: {failed}\n        px.save(px.batches.get({batch.batch_id!r}), ...) fetches the pictures again"
        )
    if batch.unfinished:
        here.say(f"pixola: {len(batch.unfinished)} of {len(batch.images)} images failed")
    return exits.PARTLY if batch.unfinished or failed else exits.DONE


def _saved(
    px: Pixola, batch: Batch, output: Path, *, template: str, metadata: bool
) -> tuple[dict[str, Path], DownloadError | None]:
    """The files by image id, and the error if some but not all could be saved."""
    failures: Mapping[str, PixolaError] = {}
    failed = None
    try:
        paths: Sequence[Path] = px.save(batch, output, template=template, metadata=metadata)
    except DownloadError as error:
        if not error.saved:
            raise
        failed, failures, paths = error, error.failures, error.saved
    saved = (image.image_id for image in batch.completed if image.image_id not in failures)
    return dict(zip(saved, paths, strict=True)), failed


def _generate(
    px: Pixola,
    prompt: str,
    options: Mapping[str, Any],
    timeout: float | None,
    show: Callable[[Batch], None],
) -> Batch:
    try:
        return px.generate(GenerationRequest(prompt, **options), wait_timeout=timeout, on_update=show)
    except BadRequestError as error:
        error.suggestions = error.suggestions or _suggestions(px, options)
        raise


def _suggestions(px: Pixola, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Slugs near to a misspelt one; the lists are open and cost nothing, and without them the error stands alone."""
    given = {member: slug for member, slug in options.items() if slug is not None}
    lists: dict[str, Callable[[], Sequence[Model | Style | Shape]]] = {
        "model": px.models.list,
        "style": px.styles.list,
        "shape": px.shapes.list,
    }
    try:
        known = {member: frozenset(entry.slug for entry in lists[member]()) for member in given if member in lists}
    except PixolaError:
        return ()
    return suggestions(given, known)


def _document(batch: Batch, saved: Mapping[str, Path]) -> dict[str, Any]:
    return {
        "batch_id": batch.batch_id,
        "status": batch.status,
        "images": [
            {
                "image_id": image.image_id,
                "url": image.url,
                "path": str(saved[image.image_id]) if image.image_id in saved else None,
                "model": image.model,
                "status": image.status,
                "credits_charged": image.credits_charged,
            }
            for image in batch.images
        ],
    }


@contextmanager
def _progress(here: Session) -> Iterator[Callable[[Batch], None]]:
    """Where the batch stands, on a terminal only."""
    if not here.draws:
        yield lambda _batch: None
        return
    from rich.console import Console  # noqa: PLC0415  (slow to import, and only for terminals)

    with Console(stderr=True).status("submitting ...") as status:
        yield lambda batch: status.update(f"{batch.batch_id}: {batch.status} ...")
