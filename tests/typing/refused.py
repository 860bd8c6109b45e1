"""Mistakes that a type checker finds: every `ignore` is needed by mypy and by pyright, else `make check` fails."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

import httpx

from pixola_ext import AsyncPixola, Batch, BatchSummary, Image, Model, Pixola, PixolaError


def settings() -> None:
    """Durations are numbers, options have names, and each client has an `httpx` client of its own kind."""
    Pixola(timeout="10")  # type: ignore[arg-type]
    Pixola("pxk_1", "https://www.pixola.ai/api/v1", httpx.Client())  # type: ignore[call-arg]
    Pixola(time_out=10)  # type: ignore[call-arg]
    Pixola(http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    AsyncPixola(http_client=httpx.Client())  # type: ignore[arg-type]
    Pixola().with_options(api_key="pxk_2")  # type: ignore[call-arg]


def calls(px: Pixola, model: Model, summary: BatchSummary) -> None:
    """Slugs, not entries of a catalog; batches, not their summaries; keyword arguments only."""
    px.generate("a fox", "flux-2")  # type: ignore[call-arg]
    px.generate("a fox", model=model)  # type: ignore[arg-type]
    px.generate("a fox", size="1024x1024")  # type: ignore[call-arg]
    px.wait(summary)  # type: ignore[arg-type]
    px.save("bt_1", "pictures")  # type: ignore[arg-type]
    px.batches.list(limit="10")  # type: ignore[arg-type]
    px.reconcile(PixolaError())  # type: ignore[arg-type]
    with px.generate("a fox"):  # type: ignore[attr-defined]
        pass


def values(batch: Batch, image: Image) -> None:
    """Values are frozen, and what may be absent is None."""
    batch.status = "complete"  # type: ignore[misc]
    image.url.upper()  # type: ignore[union-attr]
    batch.extra["seed"] = 1  # type: ignore[index]
    print(batch.batchId)  # type: ignore[attr-defined]


async def colours(px: Pixola, apx: AsyncPixola) -> None:
    """What is awaited, and what is not."""
    await px.credits()  # type: ignore[misc]
    print(apx.credits().balance)  # type: ignore[attr-defined]
    for _ in apx.images.list():  # type: ignore[attr-defined]
        pass
    with apx:  # type: ignore[attr-defined]
        pass
    async with px:  # type: ignore[attr-defined]
        pass
