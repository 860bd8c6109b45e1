"""What was paid for is found again: wait, download, pending, reconcile, and what an interruption says."""

import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGINT
from types import SimpleNamespace
from typing import Any

import pytest

from pixola_ext import Pixola, SubmissionUnknownError
from pixola_ext.cli import exits
from tests.support.command import PIXOLA, Ran, Served, environment
from tests.support.pictures import PNG
from tests.support.wire import Heard, Wire, error, reply

Inside = Callable[..., Ran]
KEY = "pxk_abcdefgh"
NOTHING = reply({"batches": [], "nextCursor": None, "hasMore": False})


def settings(service: Wire) -> dict[str, str]:
    """The environment for a scripted service."""
    return {"PIXOLA_BASE_URL": service.url, "PIXOLA_API_KEY": KEY}


def plays(service: Wire, *, lost: bool = False, status: str = "complete", pictures: bool = True) -> list[Any]:
    """A service with one batch `bt_1` of image `im_1`, whose acceptance may be lost; gives what it was paid for."""
    accepted: list[Any] = []
    image = {"imageId": "im_1", "batchId": "bt_1", "url": f"{service.origin}/1.png", "model": "m", "status": status}

    def script(heard: Heard) -> bytes | None:
        if heard.method == "POST":
            accepted.append(heard.json())
            return None if lost else reply({"batchId": "bt_1"})
        path = heard.target.removeprefix("/api/v1").partition("?")[0]
        now = datetime.now(UTC).isoformat()
        summary = {"batchId": "bt_1", "status": status, "quality": "standard", "createdAt": now, "imageCount": 1}
        listed = [{**summary, "prompt": each["prompt"]} for each in accepted]
        answers: dict[str, Any] = {
            "/batches": {"batches": listed, "nextCursor": None, "hasMore": False},
            "/batches/bt_1": {"batchId": "bt_1", "status": status, "images": [image]},
            "/images/im_1": image,
            "/images": {"images": [image], "nextCursor": None, "hasMore": False},
        }
        if path == "/1.png" and pictures:
            return reply(PNG, content_type="image/png")
        return reply(answers[path]) if path in answers else error(404, "not_found")

    service.script = script
    return accepted


def test_submit_prints_the_batch_and_wait_goes_on(inside: Inside, served: Served, tmp_path: Path) -> None:
    """With --output the pictures are saved, without it their ids are printed."""
    submitted = inside("submit", "a fox", "-n", "2", **served.settings)
    batches = submitted.out.split()
    assert (submitted.code, len(batches)) == (exits.DONE, 2)
    assert [each[:3] for each in inside("wait", *batches).out.split()] == ["im_", "im_"]
    saved = inside("wait", *batches, "-o", "out")
    assert (saved.code, all((tmp_path / path).is_file() for path in saved.out.split())) == (exits.DONE, True)


@pytest.mark.parametrize("words", [("bt_1",), ("im_1",), ("--batch", "bt_1"), ("--all",), ("--all", "--limit", "1")])
def test_download_takes_batches_images_and_all(inside: Inside, service: Wire, words: tuple[str, ...]) -> None:
    """And prints the paths."""
    plays(service)
    ran = inside("download", *words, "--template", "{image_id}", **settings(service))
    assert (ran.code, ran.out, ran.err) == (exits.DONE, "im_1.png\n", "")


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (("--model", "m"), "im_1.png\nim_2.png\n"),
        (("--favorites",), "im_2.png\n"),
        (("--model", "m", "--limit", "1", "--since", "yesterday"), "im_1.png\n"),
        (("--model", "n", "--favorites"), ""),
    ],
)
def test_all_is_narrowed_as_images_are(inside: Inside, service: Wire, words: tuple[str, ...], paths: str) -> None:
    """By model, favourites and time; the limit counts what fits."""
    plays(service)
    hidden = service.script
    now = datetime.now(UTC).isoformat()
    images = [
        {
            "imageId": f"im_{number}",
            "url": f"{service.origin}/1.png",
            "model": model,
            "status": "complete",
            "createdAt": now,
            "isFavorite": number == 2,
        }
        for number, model in enumerate(("n", "m", "m"))
    ]
    page = reply({"images": images, "nextCursor": None, "hasMore": False})
    service.script = lambda heard: page if heard.target.startswith("/api/v1/images") else hidden(heard)
    ran = inside("download", "--all", *words, "--template", "{image_id}", **settings(service))
    assert (ran.code, ran.out, ran.err) == (exits.DONE, paths, "" if paths else "pixola: nothing found\n")


def test_download_reads_ids_from_stdin(inside: Inside, service: Wire) -> None:
    """None of them is a download of nothing, and one that is not there is named."""
    plays(service)
    ran = inside("download", "-", "--template", "{image_id}", stdin=b"im_1\nim_2\n", **settings(service))
    assert (ran.code, ran.out, "im_2" in ran.err) == (exits.PARTLY, "im_1.png\n", True)
    assert inside("download", "-").code == exits.DONE


def test_files_are_overwritten_by_force_alone(inside: Inside, service: Wire, tmp_path: Path) -> None:
    """Else a taken name gets a number."""
    plays(service)
    (tmp_path / "fox.png").write_text("mine")
    assert inside("download", "im_1", "-o", "fox.png", **settings(service)).out == "fox-2.png\n"
    assert (tmp_path / "fox.png").read_text() == "mine"
    forced = inside("download", "im_1", "-o", "fox.png", "--force", "--no-metadata")
    assert (forced.out, (tmp_path / "fox.png").read_bytes()) == ("fox.png\n", PNG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fox-2.png", "fox.png"]


def test_one_picture_that_cannot_be_fetched_stops_no_other(inside: Inside, service: Wire) -> None:
    """Partly done, and the other is told with its reason."""
    plays(service)
    ran = inside("--json", "download", "im_1", "im_2", **settings(service))
    assert ran.code == exits.PARTLY
    assert [each["image_id"] for each in ran.json()["images"]] == ["im_1"]
    assert [each["code"] for each in ran.json()["errors"]] == ["not_found"]


@pytest.mark.parametrize(
    "words", [(), ("bt_1", "--all"), ("bt_1", "--since", "2026-01-01"), ("im_1", "im_2", "-o", "-")]
)
def test_a_download_of_nothing_or_of_two_things_at_once_is_refused(inside: Inside, words: tuple[str, ...]) -> None:
    """Before anything is sent."""
    assert inside("download", *words, PIXOLA_API_KEY=KEY).code == exits.USAGE


def test_a_lost_submission_is_listed_and_found(inside: Inside, service: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """`next` of each step is the command for the following one, to the picture."""
    accepted = plays(service, lost=True)

    hidden = service.script
    service.script = lambda heard: NOTHING if heard.target.startswith("/api/v1/batches?") else hidden(heard)
    with_short_patience(monkeypatch)
    lost = inside("--json", "generate", "a fox", **settings(service))
    failure = lost.json()["error"]
    assert (lost.code, failure["code"], len(accepted)) == (exits.UNKNOWN, "submission_unknown", 1)
    submission = failure["next"].removeprefix("pixola reconcile ")
    assert [each["submission_id"] for each in inside("--json", "pending").json()] == [submission]
    assert inside("-q", "pending").out == f"{submission}\n"
    still = inside("reconcile", submission)
    assert (still.code, f"submission {submission} stays pending" in still.err) == (exits.UNKNOWN, True)
    service.script = hidden
    found = inside("reconcile", submission)
    assert (found.code, found.out, "next: pixola wait bt_1 --output ." in found.err) == (exits.DONE, "bt_1\n", True)
    assert inside("wait", "bt_1", "--output", ".", "--template", "fox").out == "fox.png\n"
    assert (inside("--json", "pending").json(), len(accepted)) == ([], 1)


def with_short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of commands give a call two seconds."""
    made = Pixola.__init__

    def brief(self: Pixola, *arguments: Any, **options: Any) -> None:
        made(self, *arguments, timeout=2.0, **options)

    monkeypatch.setattr(Pixola, "__init__", brief)


def test_reconcile_names_what_is_not_pending(inside: Inside, service: Wire) -> None:
    """And the command that lists what is."""
    ran = inside("reconcile", "0123456789abcdef", **settings(service))
    assert ran.code == exits.ERROR
    assert "next: pixola pending" in ran.err
    assert inside("reconcile").code == exits.USAGE


def test_the_rest_is_not_hidden_when_one_submission_fails(
    inside: Inside, service: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pictures that were paid for are saved, and the error is told beside them."""
    plays(service)
    submit = Pixola.submit
    calls = []

    def second_is_lost(client: Pixola, request: Any) -> Any:
        calls.append(request)
        if len(calls) == 2:
            raise SubmissionUnknownError(
                "it may have been accepted",
                request={"prompt": "a fox"},
                submitted_at=datetime.now(UTC),
                submission_id="ab",
            )
        return submit(client, request)

    monkeypatch.setattr(Pixola, "submit", second_is_lost)
    ran = inside("--json", "generate", "a fox", "-n", "3", **settings(service))
    document = ran.json()
    assert (ran.code, len(calls)) == (exits.UNKNOWN, 2)
    assert (tmp_path / document["images"][0]["path"]).is_file()
    assert [each["error"] and each["error"]["next"] for each in document["batches"]] == [None, "pixola reconcile ab"]
    assert "next: pixola reconcile ab" in ran.err


def test_an_interrupted_wait_says_how_to_go_on(tmp_path: Path, service: Wire) -> None:
    """Ctrl-C: the batch, and the command with the same folder."""
    plays(service, status="processing")
    answer, is_waiting = service.script, threading.Event()

    def script(heard: Heard) -> Any:
        if heard.target.endswith("/batches/bt_1"):
            is_waiting.set()
        return answer(heard)

    service.script = script
    words = [*PIXOLA, "generate", "a fox", "-o", "out"]
    env, pipe = environment(**settings(service)), subprocess.PIPE
    with subprocess.Popen(words, cwd=tmp_path, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        assert is_waiting.wait(60)
        process.send_signal(SIGINT)
        _out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (exits.INTERRUPTED, False)
    assert err.endswith("pixola: interrupted; batch bt_1 will be finished\n  next: pixola wait bt_1 --output out\n")


def test_an_interruption_while_paying_hides_no_batch(
    inside: Inside, service: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were paid before are named, and the submission that is in doubt is looked for first."""
    plays(service)
    submit, calls = Pixola.submit, []

    def interrupted(client: Pixola, request: Any) -> Any:
        calls.append(request)
        if len(calls) == 1:
            return submit(client, request)
        error = KeyboardInterrupt()
        error.submission = SimpleNamespace(submission_id="0123456789abcdef")
        raise error

    monkeypatch.setattr(Pixola, "submit", interrupted)
    ran = inside("--json", "generate", "a fox", "-n", "3", **settings(service))
    error = ran.json()["error"]
    assert (ran.code, error["code"], error["batch_id"]) == (exits.INTERRUPTED, "interrupted", "bt_1")
    assert error["next"] == "pixola reconcile 0123456789abcdef"
    assert "batch bt_1 will be finished" in error["message"]
