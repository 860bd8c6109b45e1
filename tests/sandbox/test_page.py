"""The page at `/`, as a browser shows it."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from PIL import Image as PillowImage

from pixola_ext.sandbox.messages import Answer, Request
from pixola_ext.sandbox.pictures import Recipe
from pixola_ext.sandbox.server import SandboxServer
from tests.support.sandboxes import Reached

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)

MAGENTA: Final = (255, 0, 255)

Browse = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """Shows a page in a browser that has never been anywhere, for so many milliseconds of its time."""
    if CHROMIUM is None and "CI" not in os.environ:  # where it counts, nothing is skipped
        pytest.skip("Chromium is not installed")

    def show(url: str, *options: str, milliseconds: int = 5000) -> "subprocess.CompletedProcess[str]":
        assert CHROMIUM is not None
        words = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", f"--virtual-time-budget={milliseconds}"]
        return subprocess.run([*words, *options, url], capture_output=True, text=True, timeout=60, check=True)

    return show


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A sandbox whose models take their time and whose limits are on."""
    with SandboxServer(latency=1.0, rate_limits=True, credits=100) as running:
        running.sandbox.clock.freeze()
        yield running


def submit(server: SandboxServer, prompt: str) -> None:
    """A small picture is on its way."""
    headers = {"authorization": f"Bearer {server.api_key}"}
    body = {"prompt": prompt, "shape": "panorama", "style": "pop-art"}
    httpx.post(f"{server.url}/generate", json=body, headers=headers, trust_env=False).raise_for_status()


def complaints(ran: "subprocess.CompletedProcess[str]") -> list[str]:
    """What the browser's console says."""
    return [line for line in ran.stderr.splitlines() if "CONSOLE" in line]


def text_of(document: str) -> str:
    """What can be read, without script and tags."""
    body = re.sub(r"<(script|style)>.*?</\1>", "", document, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def test_pictures_appear_as_they_come(server: SandboxServer, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is opened while a batch is in the making; when it is done its picture is shown without a reload."""
    submit(server, "A fox <b>in the snow</b>")
    asked: list[str] = []
    answer = server.sandbox.answer

    def answer_and_go_on(request: Request) -> Answer:
        asked.append(request.path)
        if asked.count("/_sandbox/state") == 2:
            server.sandbox.clock.advance(600)
        return answer(request)

    monkeypatch.setattr(server.sandbox, "answer", answer_and_go_on)
    ran = browse(server.sandbox.origin, "--dump-dom")
    shown = text_of(ran.stdout)
    assert complaints(ran) == []
    assert asked.count("/") == 1
    assert "A fox &lt;b&gt;in the snow&lt;/b&gt; flux-2 · pop-art · panorama complete 12 credits" in shown
    assert "88 credits left in flight 0" in shown
    assert "POST /generate 200" in shown
    assert "/images/" in {entry.path[:8] for entry in server.sandbox.journal.entries}
    assert server.api_key not in ran.stdout


def test_what_is_under_way_is_shown(server: SandboxServer, browse: Browse) -> None:
    """Credits in flight, limits as bars, rules, and a clock that stands still."""
    submit(server, "a cat")
    server.sandbox.faults.add("html-503", path="*/batches*", times=5)
    ran = browse(server.sandbox.origin, "--dump-dom", milliseconds=1500)
    shown = text_of(ran.stdout)
    assert complaints(ran) == []
    assert "a cat flux-2 · pop-art · panorama processing" in shown
    assert "100 credits left in flight 12 requests this minute 1 / 30 requests today 1 / 1,000" in shown
    assert 'style="width: 12%;"' in ran.stdout
    assert "html-503 * */batches* 0 of 5" in shown
    assert "UTC · frozen" in shown


def test_pictures_are_really_painted(
    server: SandboxServer, browse: Browse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a photograph of the page, a picture that is all magenta is."""
    file = io.BytesIO()
    PillowImage.new("RGB", (300, 100), MAGENTA).save(file, "PNG")
    monkeypatch.setattr(Recipe, "draw", lambda _self: file.getvalue())
    submit(server, "A wall")
    server.sandbox.clock.advance(600)
    browse(server.sandbox.origin, "--window-size=1200,800", f"--screenshot={tmp_path / 'page.png'}")
    with PillowImage.open(tmp_path / "page.png") as page:
        counts = {colour: count for count, colour in page.convert("RGB").getcolors(2**24) or []}
    assert counts.get(MAGENTA, 0) > 20_000


def test_nothing_but_itself_and_its_pictures_is_allowed(box: Reached) -> None:
    """The policy forbids everything else, frames included, and names the script by its hash."""
    answer = box.http.get(box.sandbox.origin + "/", headers={"authorization": ""})
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("'sha256-")
    assert policy["style-src"].startswith("'sha256-")
    assert policy["img-src"] == f"{box.sandbox.pictures.origin} data:"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert set(re.findall(r"(?:src|href)=.(\w+:)?", answer.text)) == {"data:"}
    assert box.http.post(box.sandbox.origin + "/").status_code == 405
