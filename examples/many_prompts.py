"""Many prompts for the fewest requests; run it again after a crash, and it goes on where it was.

Needs `pixola-ext[bulk]` for the ledger; without `ledger=` the run is kept in memory only.
"""

import asyncio
import os
from contextlib import aclosing

from pixola_ext import AsyncPixola

SUBJECTS = ["a lighthouse", "a fox in the snow", "a city at night", "a garden in spring"]


async def main() -> None:
    """Print each picture as it comes."""
    requests = [{"prompt": f"{subject}, woodcut", "style": "woodcut"} for subject in SUBJECTS]
    px = AsyncPixola() if os.environ.get("PIXOLA_API_KEY") else AsyncPixola.sandbox()
    async with px, aclosing(px.generate_many(requests, dest="pictures", ledger="pictures")) as outcomes:
        async for outcome in outcomes:
            print(outcome.number, outcome.error or ", ".join(map(str, outcome.paths)))


asyncio.run(main())
