"""One client alone in a process: it makes as many calls as a line of its input says, and prints their CPU seconds.

python -m measuring.worker CLIENT sync|async ORIGIN
"""

import asyncio
import sys
import time

from measuring.clients import CLIENTS, AsyncCall, Call


def _blocking(call: Call) -> None:
    for line in sys.stdin:
        start = time.process_time()
        for _ in range(int(line)):
            call()
        print(time.process_time() - start, flush=True)


async def _asynchronous(call: AsyncCall) -> None:
    for line in sys.stdin:  # it blocks the loop, on which nothing else runs
        start = time.process_time()
        for _ in range(int(line)):
            await call()
        print(time.process_time() - start, flush=True)


async def _main(name: str, origin: str) -> None:
    await _asynchronous(CLIENTS[name].async_call(origin))


if __name__ == "__main__":
    client, face, url = sys.argv[1:]
    if face == "sync":
        _blocking(CLIENTS[client].call(url))
    else:
        asyncio.run(_main(client, url))
