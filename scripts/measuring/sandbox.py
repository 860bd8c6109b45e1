"""What the sandbox costs: answers in the process and over HTTP, a large history, pictures."""

import json
import os
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator

import httpx

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.catalog import styles
from pixola_ext.sandbox.painting import render
from pixola_ext.sandbox.records import Submission

from .rows import Row, largest, smallest


def sandbox() -> Iterator[Row]:
    """The rows, after about two minutes."""
    yield Row("sandbox in process: first answer after import", smallest(first_answer_in_process), "ms", 20)
    yield Row("sandbox in process: GET /batches/{id}", largest(answers_in_process), "/s", least=8_000)
    yield Row("sandbox over HTTP: start to first answer", smallest(first_answer_over_http), "s", 0.45)
    yield Row("sandbox over HTTP: GET /batches/{id}, one core", largest(answers_over_http), "/s", least=1_500)
    page, memory = large_world()
    yield Row("100,000 batches: answer with 100 from the middle", page, "ms", 5)
    yield Row("100,000 batches: memory of each, with its image", memory, "bytes", 2_048)
    typical, slowest, style = pictures()
    yield Row("a picture of 1024 x 1024: median of all styles", typical, "ms", 150)
    yield Row(f"a picture of 1024 x 1024: slowest style, {style}", slowest, "ms", 150)
    yield Row(f"a picture of 2048 x 2048: {style}", smallest(lambda: picture(style, side=2048)), "ms", 600)


def first_answer_in_process() -> float:
    """Milliseconds from making a sandbox to its first answer, once everything is imported."""
    code = (
        "import time, httpx, pixola_ext.sandbox.transport\nfrom pixola_ext.sandbox import Sandbox\n"
        "start = time.perf_counter()\nbox = Sandbox()\n"
        "request = httpx.Request('GET', box.base_url + '/credits', headers={'authorization': 'Bearer pxk_sandbox'})\n"
        "assert box.transport.handle_request(request).status_code == 200\nprint((time.perf_counter() - start) * 1000)"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)  # noqa: S603


def answers_in_process() -> float:
    """`GET /batches/{id}` per second of CPU, through the transport."""
    box = Sandbox()
    headers = {"authorization": f"Bearer {box.api_key}"}
    batch_id = _submit(box)
    request = httpx.Request("GET", f"{box.base_url}/batches/{batch_id}", headers=headers)
    count, start = 3000, time.process_time()
    for _ in range(count):
        box.transport.handle_request(request)
    return count / (time.process_time() - start)


def _submit(box: Sandbox) -> str:
    account = box.world.accounts[box.api_key]
    return box.world.submit(account, Submission("a cat", "flux-2", "no-style", "square", "standard")).batch_id


class Server:
    """`pixola sandbox` as a process."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        command = [sys.executable, "-c", "from pixola_ext.cli import main; main()", "--json", "-q", "sandbox"]
        options = ["--port", "0", "--no-rate-limits", "--latency", "0"]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert self.process.stdout is not None  # noqa: S101  (for the type checker)
        ready = json.loads(self.process.stdout.readline())
        self.url = httpx.URL(ready["url"])
        self.headers = {"authorization": f"Bearer {ready['api_key']}"}

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:  # noqa: PTH123  (not a file)
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def first_answer_over_http() -> float:
    """Seconds from starting the command to its first answer."""
    server = Server()
    httpx.get(f"{server.url}/credits", headers=server.headers, trust_env=False).raise_for_status()
    seconds = time.perf_counter() - server.started
    server.close()
    return seconds


def answers_over_http() -> float:
    """`GET /batches/{id}` per second of the server's CPU, over one kept connection."""
    server = Server()
    post = httpx.post(f"{server.url}/generate", json={"prompt": "a"}, headers=server.headers, trust_env=False)
    batch = f"{server.url.path}/batches/{post.json()['batchId']}"
    head = f"GET {batch} HTTP/1.1\r\nHost: {server.url.netloc.decode()}\r\n"
    request = f"{head}Authorization: {server.headers['authorization']}\r\n\r\n".encode()
    with (
        socket.create_connection((server.url.host, server.url.port)) as connection,
        connection.makefile("rb") as stream,
    ):
        count, start = 3000, server.cpu()
        for _ in range(count):
            connection.sendall(request)
            length = 0
            while (line := stream.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            stream.read(length)
        rate = count / (server.cpu() - start)
    server.close()
    return rate


def large_world() -> tuple[float, float]:
    """With 100,000 batches: milliseconds for the slower list page from the middle, and bytes per batch."""
    count = 100_000
    box = Sandbox(credits=10**9, latency=1.0)
    account = box.world.accounts[box.api_key]
    tracemalloc.start()
    for number in range(count):
        wanted = Submission(f"A lighthouse above a calm sea at dusk, {number}", "flux-2", "anime", "square", "hd")
        box.world.submit(account, wanted)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    box.clock.advance(3600)
    box.world.balance(account)  # everything finishes, once
    middle = account.batches[count // 2].cursor
    headers = {"authorization": f"Bearer {box.api_key}"}

    def page(name: str) -> float:
        request = httpx.Request("GET", f"{box.base_url}/{name}?limit=100&cursor={middle}", headers=headers)
        start = time.perf_counter()
        answer = box.transport.handle_request(request)
        seconds = time.perf_counter() - start
        assert len(answer.read()) > 100 * len(name)  # noqa: S101  (a page was there to be measured)
        return seconds * 1000

    return max(smallest(lambda: page("batches")), smallest(lambda: page("images"))), memory / count


def picture(style: str, *, side: int = 1024) -> float:
    """Milliseconds of CPU for a square picture."""
    start = time.process_time()
    render(prompt="A lighthouse above a calm sea at dusk", model="flux-2", style=style, width=side, height=side)
    return (time.process_time() - start) * 1000


def pictures() -> tuple[float, float, str]:
    """Milliseconds for 1024 x 1024 pixels: the median over all styles, and the slowest with its name."""
    figures = sorted((smallest(lambda style=style: picture(style)), style) for style in styles())
    return figures[len(figures) // 2][0], *figures[-1]
