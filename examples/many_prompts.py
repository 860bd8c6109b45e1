"""Many prompts at the same time: submitted one after the other, waited for together.

However many waits there are, they share their requests, so this stays far below the limit of 30 a minute.
"""

import asyncio
import os

from pixola_ext import AsyncPixola, Batch, GenerationError

SUBJECTS = ["a lighthouse", "a fox in the snow", "a city at night", "a garden in spring"]


async def made(px: AsyncPixola, batch: Batch) -> str:
    """One line about what became of a batch."""
    try:
        finished = await px.wait(batch)
    except GenerationError as error:
        return str(error)
    paths = await px.save(finished, "pictures")
    return ", ".join(str(path) for path in paths)


async def main() -> None:
    """Submit all, then wait for all."""
    async with AsyncPixola() if os.environ.get("PIXOLA_API_KEY") else AsyncPixola.sandbox() as px:
        batches = [await px.submit(f"{subject}, woodcut", style="woodcut") for subject in SUBJECTS]
        for line in await asyncio.gather(*[made(px, batch) for batch in batches]):
            print(line)


asyncio.run(main())
