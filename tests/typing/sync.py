"""A program on `Pixola` as its users write it; type-checked by `make check`, never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, assert_type

import httpx
import PIL.Image
import pixola_client.models
from pixola_client.api.batches import get_batch
from pixola_client.api.models import list_models

import pixola_ext
from pixola_ext import (
    Allowance,
    Batch,
    BatchSummary,
    Budget,
    BulkEvent,
    Credits,
    EventKind,
    GenerationRequest,
    Image,
    Model,
    Outcome,
    Page,
    PendingSubmission,
    Pixola,
    PixolaError,
    Pricing,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    Shape,
    Style,
    Submission,
    SubmissionUnknownError,
)
from pixola_ext.sandbox import Sandbox


def tell(event: RequestEvent) -> None:
    """A listener is given named members, and may unpack them."""
    method, path, attempt = event
    assert_type(method, str)
    assert_type(path, str)
    assert_type(attempt, int)
    assert_type(event.attempt, int)


def tell_response(event: ResponseEvent) -> None:
    """A status of None means that no answer came."""
    assert_type(event.status, int | None)
    assert_type(event.duration, float)
    assert_type(event[:3], tuple[str, str, int])


def tell_retry(event: RetryEvent) -> None:
    """The error of a repeated request is one of the tree."""
    assert_type(event.delay, float)
    assert_type(event.error, PixolaError)


def clients() -> None:
    """Every way to make a client gives the class it is called on."""
    assert_type(Pixola(), Pixola)
    assert_type(
        Pixola("pxk_1", "https://www.pixola.ai/api/v1", timeout=10, max_retries=0, app_info="my-app/1.2"), Pixola
    )
    assert_type(
        Pixola(
            http_client=httpx.Client(), on_request=tell, on_response=tell_response, on_retry=tell_retry, budget=False
        ),
        Pixola,
    )
    assert_type(Pixola.sandbox(), Pixola)
    assert_type(Pixola.sandbox(Sandbox(seed=7)), Pixola)
    assert_type(Pixola().with_options(wait_timeout=60.0, wait_for_quota=True), Pixola)
    with Pixola() as px:
        assert_type(px, Pixola)
    assert_type(pixola_ext.__version__, str)
    assert_type(pixola_ext.spec(), dict[str, Any])


class Studio(Pixola):
    """A subclass keeps its own type."""

    def poster(self, prompt: str) -> Batch:
        """A method of its own."""
        return self.generate(prompt, shape="portrait-tall")


def subclasses() -> None:
    """`with`, `sandbox` and `with_options` give the subclass."""
    with Studio.sandbox() as studio:
        assert_type(studio.with_options(timeout=5.0), Studio)
        assert_type(studio.poster("a fox"), Batch)


def catalogs(px: Pixola) -> None:
    """Lists are lists, entries have their own members."""
    models: list[Model] = px.models.list()
    assert_type(px.models.list()[0], Model)
    assert_type(px.models.get("flux-2"), Model)
    assert_type([model.slug for model in models], list[str])
    assert_type(models[0].tags, tuple[str, ...])
    assert_type(models[0].pricing, Pricing | None)
    pricing = models[0].pricing
    if pricing is not None:
        assert_type(pricing.hd, int | None)
    assert_type(px.styles.list()[0], Style)
    assert_type(px.styles.get("anime").category, str | None)
    assert_type(px.shapes.list()[0], Shape)
    assert_type(px.shapes.get("square").width, int | None)


def account(px: Pixola) -> None:
    """What is left."""
    assert_type(px.credits(), Credits)
    assert_type(px.credits().balance, int)
    budget = px.budget
    assert_type(budget, Budget | None)
    if budget is not None:
        assert_type(budget.minute, Allowance)
        assert_type(budget.day.left, int)
        assert_type(budget.day.frees_at, datetime | None)


def pictures(px: Pixola, folder: str | os.PathLike[str]) -> None:
    """From a prompt to files."""
    submitted = px.submit("a fox", model="flux-2", style=None, quality="hd")
    assert_type(px.submit(GenerationRequest("a fox", quality="hd"), extra={"seed": 7}), Batch)
    assert_type(px.call(get_batch.operation("bt_1")), pixola_client.models.Batch)
    assert_type(px.call(list_models.operation()), pixola_client.models.ModelList)
    assert_type(px.request("GET", "/models", params={"page": 2}, json=None), Any)
    assert_type(submitted, Batch)
    assert_type(px.wait(submitted, timeout=60), Batch)
    assert_type(px.wait("bt_1", on_update=lambda batch: print(batch.status)), Batch)
    batch = px.generate("a fox", shape="square", wait_timeout=60.0, on_update=progress)
    assert_type(batch.images, tuple[Image, ...])
    assert_type(batch.completed, tuple[Image, ...])
    assert_type(batch.is_terminal, bool)
    assert_type(batch.submission, Submission | None)
    assert_type(batch.extra["seed"], Any)
    assert_type(px.save(batch, folder), list[Path])
    assert_type(px.save(batch.images[0], Path("fox.png"), template="{slug}", metadata=False), list[Path])
    assert_type(px.open(batch.images[0]), PIL.Image.Image)


def progress(batch: Batch) -> None:
    """A listener of updates."""
    assert_type(batch.status, str)


def histories(px: Pixola) -> None:
    """Items or pages; points in time in three forms."""
    for summary in px.batches.list(limit=10, since="2026-01-01", until=date(2026, 2, 1)):
        assert_type(summary, BatchSummary)
        assert_type(summary.created_at, datetime | None)
    for page in px.images.list(batch_id="bt_1", since=datetime.now(UTC), cursor=7).pages():
        assert_type(page, Page[Image])
        assert_type(page.items, tuple[Image, ...])
        assert_type(page.next_cursor, int | None)
    items: Iterable[Image] = px.images.list()
    pages: Iterator[Page[BatchSummary]] = px.batches.list().pages()
    print(items, pages)
    assert_type(px.batches.get("bt_1"), Batch)
    assert_type(px.images.get("im_1"), Image)


def in_doubt(px: Pixola) -> Batch:
    """A submission whose answer was lost."""
    try:
        return px.submit("a fox")
    except SubmissionUnknownError as error:
        assert_type(px.pending(), list[PendingSubmission])
        for pending in px.pending():
            assert_type(pending.submission, Submission | None)
            assert_type(px.reconcile(pending), Batch)
        return px.reconcile(error)


def note(event: BulkEvent) -> None:
    """A listener of bulk runs."""
    kind: EventKind = event.kind
    assert_type(event.batch_id, str | None)
    print(kind, event.number)


def many(px: Pixola) -> None:
    """Outcomes of prompts, rows and requests."""
    rows: list[str | GenerationRequest | dict[str, Any]] = ["a fox", {"prompt": "a fox"}, GenerationRequest("a fox")]
    for outcome in px.generate_many(rows, max_credits=10, dest="pictures", ledger="pictures", on_event=note):
        assert_type(outcome, Outcome)
        assert_type(outcome.error, PixolaError | None)
        assert_type(outcome.paths, tuple[Path, ...])
