"""Any answer at all is read within the deadline and within 200 MB: codings, framings and shapes of JSON.

The client runs in a process of its own, whose memory is measured.
"""

import gzip
import json
import subprocess
import sys
import textwrap
import zlib

import pytest

from pixola_ext._io.exchange import LARGEST_ANSWER
from tests.support.measuring import unmeasured
from tests.support.wire import reply

MEGABYTES = 200
DEADLINE = 1.0  # seconds
GRACE = 1.0  # seconds of processor time beyond it

_FULL = LARGEST_ANSWER - 100


def filled(piece, begin=b"[", end=b"0]"):
    """As large an answer as is read at all."""
    return reply(begin + piece * (_FULL // len(piece)) + end)


def unique_keys():
    """An object of as many members as fit."""
    members = (b'"%x":0,' % number for number in range(_FULL // 9))
    return reply(b"{" + b"".join(members)[: _FULL - 20].rpartition(b",")[0] + b"}")


def for_ever(head, piece):
    """Sends `piece` until nobody listens."""

    def play(connection):
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return lambda: play


HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = zlib.compress(bytes(2**28), 9)
GZIP_BOMB = gzip.compress(bytes(2**27), 9)
NULLS = b"null," * 100_000

ANSWERS = {
    "gzip": lambda: reply(GZIP_BOMB, content_encoding="gzip"),
    "x-gzip": lambda: reply(GZIP_BOMB, content_encoding="x-gzip"),
    "gzip, gzip": lambda: reply(gzip.compress(GZIP_BOMB), content_encoding="gzip, gzip"),
    "gzip, gzip, gzip": lambda: reply(gzip.compress(gzip.compress(GZIP_BOMB)), content_encoding="gzip, gzip, gzip"),
    "deflate": lambda: reply(BOMB, content_encoding="deflate"),
    "br": lambda: reply(b"\x5b\xff\xff\x8f" * 99, content_encoding="br"),
    "zstd": lambda: reply(b"\x28\xb5\x2f\xfd" * 99, content_encoding="zstd"),
    "not gzip": lambda: reply(b"x" * 99, content_encoding="gzip"),
    "half of it": lambda: reply(gzip.compress(b'{"a": 1}' * 99)[:40], content_encoding="gzip"),
    "100 for ever": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "103 for ever": for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 100),
    "headers for ever": for_ever(HEAD, b"x: y\r\n" * 1000),
    "one header for ever": for_ever(HEAD + b"x: ", b"y" * 1000),
    "a status line for ever": for_ever(b"HTTP/1.1 200 ", b"O" * 1000),
    "a body for ever": for_ever(HEAD + b"\r\n", b" " * 2**16),
    "chunks for ever": for_ever(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 2**16 + b"\r\n"),
    "small chunks for ever": for_ever(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"2\r\n[]\r\n" * 1000),
    "a chunk size for ever": for_ever(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"0" * 1000),
    "trailers for ever": for_ever(HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n" * 1000),
    "silence": lambda: lambda connection: connection.recv(1),
    "lists": lambda: filled(b"[],"),
    "objects": lambda: filled(b"{},"),
    "objects of one": lambda: filled(b'{"a":0},'),
    "objects of objects": lambda: filled(b'{"a":{"a":{}}},'),
    "numbers": lambda: filled(b"1,"),
    "fractions": lambda: filled(b".5,".replace(b".", b"0.")),
    "texts": lambda: filled(b'"ab",'),
    "members": unique_keys,
    "depth": lambda: filled(b"[", end=b"]"),
    "depth of objects": lambda: filled(b'{"a":', end=b"0"),
    "a long text": lambda: filled(b"a", begin=b'["', end=b'"]'),
    "a long text of wide characters": lambda: filled("🎨".encode(), begin=b'["', end=b'"]'),
    "a long text of escapes": lambda: filled(b"\\ud83c\\udfa8", begin=b'["', end=b'"]'),
    "backslashes": lambda: filled(b"\\\\", begin=b'["', end=b'"]'),
    "an open text": lambda: filled(b'\\"', begin=b'["', end=b""),
    "commas in a text": lambda: filled(b",", begin=b'["', end=b'"]'),
    "a long number": lambda: filled(b"9"),
    "blanks": lambda: filled(b" "),
    "utf-16": lambda: reply(("[" + "[]," * 500_000 + "0]").encode("utf-16")),
    "utf-32": lambda: reply(("[" + "[]," * 250_000 + "0]").encode("utf-32")),
    "images": lambda: filled(b'{"imageId":"i"},', begin=b'{"images":[', end=b"0]}"),
    "few enough images": lambda: reply(b'{"images":[' + b'{"imageId":"i"},' * 99_000 + b"0]}"),
    "few enough members": lambda: reply(json.dumps({f"k{number}": [] for number in range(90_000)}).encode()),
}

PROGRAM = """
    import asyncio, json, pathlib, re, sys, time
    from pixola_ext import AsyncPixola, Pixola, PixolaError
    KIND, URL, DEADLINE, *NAMES = sys.argv[1:]
    options = {"budget": False, "max_retries": 0, "timeout": float(DEADLINE)}
    if KIND == "sync":
        px = Pixola("pxk_test_0123456789", URL, **options)
        get, run = px.batches.get, lambda result: result
    else:
        px, runner = AsyncPixola("pxk_test_0123456789", URL, **options), asyncio.Runner()
        get, run = px.batches.get, runner.run
    for name in NAMES:
        wall, work = time.monotonic(), time.process_time()
        try:
            run(get(name))
            outcome = "a value"
        except PixolaError as error:
            outcome = type(error).__name__
        except BaseException as error:
            outcome = repr(error)
        wall, work = time.monotonic() - wall, time.process_time() - work
        # Not `ru_maxrss`, which a process inherits from the one that started it.
        memory = int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
        print(json.dumps([name, outcome, wall, work, memory]), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_any_answer_is_read_within_its_deadline_and_200_mb(service, kind):
    """And becomes a value or an error of ours."""
    names = dict(zip((f"bt_{number}" for number in range(len(ANSWERS))), ANSWERS, strict=True))
    service.script = lambda heard: ANSWERS[names[heard.target.rsplit("/", 1)[1]]]()
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), kind, service.url, str(DEADLINE), *names]
    with unmeasured():  # coverage takes as long again for each line that is read
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(ANSWERS)
    for name, outcome, wall, work, memory in found:
        what = (names[name], outcome, wall, work, memory)
        assert outcome.isidentifier() or outcome == "a value", what
        assert memory < MEGABYTES, what
        assert work < DEADLINE + GRACE, what
        assert wall < 20 * DEADLINE, what  # no test fails because a machine is busy
