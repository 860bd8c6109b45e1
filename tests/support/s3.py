"""An S3 server on loopback (moto's), in a process of its own, and a proxy before it that holds uploads up."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import uuid4

import attrs
from upath import UPath

SECRET: Final = "test-secret"

# It ends when its stdin does, also when this process is killed.
_SERVER: Final = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@attrs.frozen
class Bucket:
    """A bucket of its own for each test; `settings` are the environment for its clients."""

    port: int
    name: str

    @property
    def url(self) -> str:
        """The URL of the bucket."""
        return f"s3://{self.name}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment that leads clients to the server."""
        return settings(self.port)

    def path(self, key: str = "", port: int | None = None, **options: Any) -> UPath:
        """An object of the bucket, reached by the port of a proxy if one is given."""
        return UPath(
            f"{self.url}/{key}",
            key="test",
            secret=SECRET,
            endpoint_url=f"http://127.0.0.1:{port or self.port}",
            use_listings_cache=False,
            **options,
        )

    def objects(self) -> dict[str, bytes]:
        """All objects, by their names in the bucket."""
        root = self.path()
        root.fs.invalidate_cache()
        return {found.removeprefix(f"{self.name}/"): root.fs.cat_file(found) for found in root.fs.find(self.name)}

    def uploads(self) -> list[str]:
        """The keys of multipart uploads that were begun and neither finished nor aborted."""
        found = self.path().fs.call_s3("list_multipart_uploads", Bucket=self.name)
        return [each["Key"] for each in found.get("Uploads", [])]


def settings(port: int) -> dict[str, str]:
    """The environment that leads clients of S3 to a port."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "*",
    }


@contextmanager
def server(**environ: str) -> Iterator[int]:
    """The server, until the end of the block; gives its port."""
    words, pipe = [sys.executable, "-c", _SERVER], subprocess.PIPE
    with subprocess.Popen(words, env=os.environ | environ, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def bucket(port: int) -> Bucket:
    """A new bucket."""
    made = Bucket(port, f"test-{uuid4()}")
    made.path().fs.mkdir(made.name)
    return made


class Gate:
    """A proxy that passes everything on, but half of an upload of a picture while it is closed.

    `held` is set when one is, `left` when its client has hung up, so that it can make no object any more.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.is_closed = True
        self.held, self.left = threading.Event(), threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End all connections."""
        for each in [self._listener, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                store = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, store]
                for source, target, may_hold in ((client, store, True), (store, client, False)):
                    threading.Thread(target=self._pass, args=(source, target, may_hold), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, may_hold: bool) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                first = data.partition(b"\r\n")[0]
                if may_hold and self.is_closed and first.startswith(b"PUT ") and b".png" in first:
                    target.sendall(data)  # the head, and what has come of the picture
                    self.held.set()
                    while source.recv(2**16):
                        pass
                    self.left.set()
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def gate(port: int) -> Iterator[Gate]:
    """A closed gate before the server."""
    made = Gate(port)
    try:
        yield made
    finally:
        made.close()
