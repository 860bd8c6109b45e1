"""`pixola download`: pictures of batches and images, whenever they were made."""

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ..._display import printable
from .. import exits
from ..history import period_options
from ..options import command as declare
from ..requests import destination_options
from ..session import Session, session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...client import Pixola
    from ...models import Batch, Image
    from ..destination import Destination


@declare(
    "download",
    examples="""
    pixola download bt_EXAMPLE --output pictures
    pixola download im_EXAMPLE --output fox.png
    pixola download --all --since yesterday --model flux-2 --favorites --output pictures
    pixola -q batches --limit 5 | pixola download - --output pictures
    """,
)
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--batch", "batches", metavar="BATCH", multiple=True, help="All pictures of a batch; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="All pictures of the account, newest first.")
@period_options("With --all: ")
@click.option("--model", metavar="SLUG", help="With --all: those of this model.")
@click.option("--favorites", is_flag=True, help="With --all: favourites only.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="With --all: at most so many.")
@destination_options()
def command(
    ids: tuple[str, ...],
    batches: tuple[str, ...],
    since: str | None,
    until: str | None,
    model: str | None,
    limit: int | None,
    output: str,
    template: str | None,
    *,
    everything: bool,
    favorites: bool,
    no_metadata: bool,
    force: bool,
) -> int:
    """Download the pictures with these IDs, of batches or of images, and print the paths; - reads IDs from stdin."""
    from ..destination import Destination

    if bool(ids or batches) == everything:
        raise click.UsageError("Name batches or images, or ask for --all.")
    if not everything and (since or until or model or favorites or limit):
        raise click.UsageError("--since, --until, --model, --favorites and --limit go with --all.")
    here = session()
    here.require_key()
    if ids == ("-",):
        ids = tuple(dict.fromkeys(sys.stdin.read().split() if sys.stdin is not None else ()))
    if output == "-" and (everything or here.json or here.jsonl):
        raise click.UsageError("stdout takes one picture and nothing else.")
    here.destination = output if output != "-" else "."
    destination = Destination(output, template=template, metadata=not no_metadata, force=force)
    destination.check(len(ids) + len(batches) or 1)
    run = _Run(here, destination)

    def fits(image: "Image") -> bool:
        return model in (None, image.model) and (not favorites or bool(image.is_favorite))

    with here.asking("downloading") as px:
        if everything:
            run.save_all(px, islice(filter(fits, px.images.list(since=since, until=until)), limit))
        for wanted in (*ids, *batches):
            run.save(px, wanted, is_batch=wanted in batches)
    return run.told()


class _Run:
    """The downloads of one run: what was saved, and what was not and why."""

    def __init__(self, here: Session, destination: "Destination") -> None:
        self._here = here
        self._destination = destination
        self._images: list[dict[str, Any]] = []
        self._failures: list[Any] = []

    def save_all(self, px: "Pixola", images: "Iterator[Image] | Any") -> None:
        """Save the pictures of a list; those without a URL are none."""
        for image in images:
            if image.url:
                self._try(px, image, (image,))

    def save(self, px: "Pixola", wanted: str, *, is_batch: bool) -> None:
        """Save what an id names: a batch, else an image."""
        from ...errors import NotFoundError, PixolaError

        try:
            try:
                batch = px.batches.get(wanted) if is_batch or not wanted.startswith("im_") else None
            except NotFoundError:
                if is_batch or wanted.startswith("bt_"):
                    raise
                batch = None
            source: Batch | Image = batch if batch is not None else px.images.get(wanted)
        except PixolaError as error:
            self._failed(error, wanted)
            return
        self._try(px, source, (source,) if batch is None else batch.completed)  # type: ignore[arg-type]

    def _try(self, px: "Pixola", source: "Batch | Image", images: "tuple[Image, ...]") -> None:
        from ...errors import DownloadError, PixolaError

        try:
            if not images:
                self._failed(DownloadError("the batch has no pictures", url="", batch_id=source.batch_id))
            elif self._destination.is_stdout:
                self._destination.print(px, images[0], self._here.output)
            else:
                saved = self._destination.save(px, source, images)
                self._images += [
                    {"image_id": image_id, "batch_id": source.batch_id, "path": str(path)}
                    for image_id, path in saved.paths.items()
                ]
                if saved.error is not None:
                    self._failed(saved.error)
        except PixolaError as error:
            self._failed(error)

    def _failed(self, error: Any, wanted: str = "") -> None:
        """Keep what went wrong, by the name that the caller gave if the error names none."""
        from ..failures import failure_of

        failure = failure_of(error, self._here)
        if failure is not None and wanted and failure.batch_id is None and wanted not in failure.message:
            failure.message = f"{failure.message} ({printable(wanted, 200)})"
        self._failures.append(failure)

    def told(self) -> int:
        """The result on stdout, what went wrong on stderr, and the exit code."""
        here, failures = self._here, self._failures
        if failures and not self._images:
            if here.json or here.jsonl:
                here.document({"error": failures[0].document()})
            else:
                here.output.message("\n".join(each.lines() for each in failures))
            return int(failures[0].exit_code)
        if not self._destination.is_stdout:
            document = {"images": self._images, "errors": [each.document() for each in failures]}
            here.result(document, [each["path"] for each in self._images])
            if not self._images:
                here.say("pixola: nothing found")
        for each in failures:
            here.output.message(each.lines())
        return exits.PARTLY if failures else exits.DONE
