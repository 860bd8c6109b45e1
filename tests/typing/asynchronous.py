"""A program on `AsyncPixola` as its users write it; type-checked by `make check`, never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any, assert_type

import httpx
import PIL.Image
import pixola_client.models
from pixola_client.api.batches import get_batch
from pixola_client.api.models import list_models

from pixola_ext import (
    AsyncPixola,
    Batch,
    BatchSummary,
    Budget,
    Credits,
    GenerationRequest,
    Image,
    Model,
    Outcome,
    Page,
    PendingSubmission,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    Shape,
    Style,
    SubmissionUnknownError,
)
from pixola_ext.sandbox import Sandbox


async def tell(event: RequestEvent) -> None:
    """A listener may be a coroutine function."""
    await asyncio.sleep(0)
    assert_type(event.path, str)


async def tell_response(event: ResponseEvent) -> None:
    """The same for outcomes."""
    await asyncio.sleep(0)
    assert_type(event.status, int | None)


def tell_retry(event: RetryEvent) -> None:
    """Or a plain one."""
    assert_type(event.attempt, int)


async def clients() -> None:
    """Every way to make a client gives the class it is called on."""
    assert_type(AsyncPixola("pxk_1", wait_timeout=60, wait_for_quota=True), AsyncPixola)
    assert_type(AsyncPixola(http_client=httpx.AsyncClient(), on_request=tell, on_retry=tell_retry), AsyncPixola)
    assert_type(AsyncPixola(on_response=tell_response), AsyncPixola)
    assert_type(AsyncPixola.sandbox(Sandbox()), AsyncPixola)
    async with AsyncPixola() as px:
        assert_type(px, AsyncPixola)
        assert_type(px.with_options(max_retries=1), AsyncPixola)
        assert_type(px.budget, Budget | None)


class Studio(AsyncPixola):
    """A subclass keeps its own type."""


async def subclasses() -> None:
    """`async with`, `sandbox` and `with_options` give the subclass."""
    async with Studio.sandbox() as studio:
        assert_type(studio.with_options(timeout=5.0), Studio)


async def catalogs(px: AsyncPixola) -> None:
    """Each call is awaited once."""
    models: list[Model] = await px.models.list()
    assert_type(models[0].name, str | None)
    assert_type((await px.models.list())[0], Model)
    assert_type(await px.models.get("flux-2"), Model)
    assert_type((await px.styles.list())[0], Style)
    assert_type(await px.shapes.get("square"), Shape)
    assert_type(await px.credits(), Credits)


async def pictures(px: AsyncPixola) -> None:
    """From a prompt to files; several at once."""
    assert_type(await px.submit("a fox", model="flux-2"), Batch)
    assert_type(await px.submit(GenerationRequest("a fox", quality="hd"), extra={"seed": 7}), Batch)
    assert_type(await px.call(get_batch.operation("bt_1")), pixola_client.models.Batch)
    assert_type(await px.call(list_models.operation()), pixola_client.models.ModelList)
    assert_type(await px.request("GET", "/models", params={"page": 2}, json=None), Any)
    assert_type(await px.wait("bt_1", timeout=60, on_update=progress), Batch)
    batch = await px.generate("a fox", on_update=lambda batch: print(batch.status))
    assert_type(batch, Batch)
    assert_type(await px.save(batch, "pictures"), list[Path])
    assert_type(await px.open(batch.images[0]), PIL.Image.Image)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(px.generate("a fox"))
    assert_type(task.result(), Batch)
    assert_type(await asyncio.gather(px.generate("a fox"), px.credits()), tuple[Batch, Credits])


async def progress(batch: Batch) -> None:
    """A listener of updates may be a coroutine function."""
    await asyncio.sleep(0)
    print(batch.status)


async def histories(px: AsyncPixola) -> None:
    """Items or pages, with `async for`."""
    async for summary in px.batches.list(limit=10):
        assert_type(summary, BatchSummary)
    async for page in px.images.list(since="2026-01-01").pages():
        assert_type(page, Page[Image])
    assert_type([image async for image in px.images.list()], list[Image])
    items: AsyncIterable[Image] = px.images.list()
    pages: AsyncIterator[Page[BatchSummary]] = px.batches.list().pages()
    print(items, pages)
    assert_type(await px.batches.get("bt_1"), Batch)
    assert_type(await px.images.get("im_1"), Image)


async def in_doubt(px: AsyncPixola) -> Batch:
    """A submission whose answer was lost."""
    try:
        return await px.submit("a fox")
    except SubmissionUnknownError as error:
        assert_type(await px.pending(), list[PendingSubmission])
        return await px.reconcile((await px.pending())[0]) if error.baseline is None else await px.reconcile(error)


async def many(px: AsyncPixola, prompts: AsyncIterable[str]) -> None:
    """Outcomes of what comes by itself."""
    async for outcome in px.generate_many(prompts, concurrency=10):
        assert_type(outcome, Outcome)
        assert_type(outcome.batch, Batch | None)
