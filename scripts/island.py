"""A network namespace of its own for a process, whose connections to this machine can be cut: `Island`.

As a program it is what runs inside: it forwards the ports and starts the command. Needs Linux, and the right to make
network namespaces.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

_HOST: Final = "127.0.0.1"
_PIECE: Final = 2**16
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_Open = Callable[[], Awaitable[_Streams]]
_Forward = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Island:
    """A namespace with `folder` for its sockets: `reached` are ports of this machine that it reaches, `own` its own."""

    def __init__(self, folder: Path, reached: Sequence[int], own: int) -> None:
        self.own = own
        self._folder = folder
        self._reached = list(reached)
        self._loop = asyncio.new_event_loop()
        self._gate = asyncio.Event()
        self._gate.set()
        folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()

    @staticmethod
    def is_possible() -> bool:
        """Whether this process may make network namespaces."""
        try:
            done = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)  # noqa: S607
        except OSError:
            return False
        return done.returncode == 0

    def command(self, words: Sequence[str]) -> list[str]:
        """The words that run a command inside."""
        inside = [sys.executable, __file__, str(self._folder), ",".join(map(str, self._reached)), str(self.own)]
        return ["unshare", "--net", "--", *inside, *words]

    def cut(self) -> None:
        """From now on no byte passes, in either direction; connections stay open, as they do on a dead line."""
        self._loop.call_soon_threadsafe(self._gate.clear)

    def mend(self) -> None:
        """From now on bytes pass again."""
        self._loop.call_soon_threadsafe(self._gate.set)

    async def _serve(self) -> None:
        for port in self._reached:
            away = partial(asyncio.open_connection, _HOST, port)
            await asyncio.start_unix_server(_forwarding(away, self._gate), _socket(self._folder, port))
        inward = partial(asyncio.open_unix_connection, _socket(self._folder, self.own))
        await asyncio.start_server(_forwarding(inward, self._gate), _HOST, self.own)


def _socket(folder: Path, port: int) -> str:
    return str(folder / str(port))


def _forwarding(away: _Open, gate: asyncio.Event) -> _Forward:
    """What a server does with a connection: to forward it to where `away` leads, while the gate is open."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        try:
            other_reader, other_writer = await away()
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, other_writer, gate), _pump(other_reader, writer, gate))

    return forward


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
    try:
        while piece := await reader.read(_PIECE):
            await gate.wait()
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def _inside(folder: Path, reached: Sequence[int], own: int, words: Sequence[str]) -> int:
    """Forward the ports inside of the namespace, and run the command."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607, ASYNC221  (nothing runs yet)
    is_open = asyncio.Event()
    is_open.set()
    for port in reached:
        away = partial(asyncio.open_unix_connection, _socket(folder, port))
        await asyncio.start_server(_forwarding(away, is_open), _HOST, port)
    await asyncio.start_unix_server(
        _forwarding(partial(asyncio.open_connection, _HOST, own), is_open), _socket(folder, own)
    )
    process = await asyncio.create_subprocess_exec(*words)
    return await process.wait()


if __name__ == "__main__":
    _folder, _reached, _own, *_words = sys.argv[1:]
    Path(_socket(Path(_folder), int(_own))).unlink(missing_ok=True)  # of one that was killed
    sys.exit(asyncio.run(_inside(Path(_folder), [int(port) for port in _reached.split(",")], int(_own), _words)))
