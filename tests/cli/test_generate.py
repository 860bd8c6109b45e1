"""`pixola generate`: what it prints, writes and exits with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from pixola_ext.cli import exits
from tests.support.command import Ran, Served, sandbox
from tests.support.pictures import PNG
from tests.support.wire import Heard, Wire, error, reply

Command = Callable[..., Ran]

NOTHING = reply({"batches": [], "nextCursor": None, "hasMore": False})  # the look before the first submission


def test_a_prompt_becomes_a_file_whose_path_is_printed(command: Command, tmp_path: Path) -> None:
    """stdout holds the path and nothing else."""
    ran = command("--sandbox", "generate", "a fox", "--shape", "landscape-wide", "--output", "out")
    assert (ran.code, ran.err) == (exits.DONE, "")
    with PillowImage.open(tmp_path / ran.out.strip()) as picture:
        assert picture.size == (1344, 756)


def test_json_is_one_document(command: Command, tmp_path: Path) -> None:
    """By the contract: batch, status, images with their paths."""
    ran = command("--sandbox", "--json", "generate", "a fox", "--model", "sana-1.6b")
    document = ran.json()
    assert document.keys() == {"batch_id", "status", "images", "batches"}
    (image,) = document["images"]
    assert image.keys() == {"image_id", "batch_id", "url", "path", "model", "status", "credits_charged"}
    assert (document["status"], image["model"], image["credits_charged"]) == ("complete", "sana-1.6b", 2)
    assert (tmp_path / image["path"]).is_file()


def test_it_works_against_the_http_sandbox(command: Command, served: Served, tmp_path: Path) -> None:
    """Environment variables lead there."""
    ran = command("generate", "a fox", "-o", "fox.png", **served.settings)
    assert (ran.code, ran.out) == (exits.DONE, "fox.png\n")
    again = command("generate", "a fox", "-o", "fox.png", **served.settings)
    assert again.out == "fox-2.png\n"


def test_without_a_key_it_says_how_to_get_one(command: Command) -> None:
    """One line: where to create a key, how to set it, and that the sandbox needs none."""
    ran = command("generate", "a fox")
    assert (ran.code, ran.out) == (exits.KEY, "")
    assert ran.err.count("\n") == 1
    for hint in ("https://www.pixola.ai/settings", "PIXOLA_API_KEY", "--sandbox"):
        assert hint in ran.err


def test_an_empty_prompt_is_a_usage_error(command: Command, service: Wire) -> None:
    """Before any request."""
    ran = command("generate", "  ", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert ran.code == exits.USAGE
    assert "must not be empty" in ran.err
    assert service.connections == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [("www.pixola.ai/api/v1", "must start with https://"), ("http://pixola.ai/api/v1", "http would send your API key")],
)
def test_a_base_url_that_cannot_work_is_refused(command: Command, url: str, reason: str) -> None:
    """Saying why."""
    ran = command("--base-url", url, "--api-key", "pxk_1", "generate", "a fox")
    assert ran.code == exits.USAGE
    assert reason in ran.err


def test_a_misspelt_model_is_answered_with_its_neighbours(command: Command) -> None:
    """By the catalog, before anything is sent that could cost."""
    ran = command("--sandbox", "generate", "a fox", "--model", "flux2")
    assert ran.code == exits.USAGE
    assert "model: there is no 'flux2' (did you mean flux-2" in ran.err
    assert "next: pixola --sandbox models" in ran.err


@pytest.mark.parametrize(
    ("prompt", "options", "code"),
    [("gore", [], exits.MODERATION), ("a fox", ["--model", "midjourney-v7", "--quality", "hd"], exits.CREDITS)],
)
def test_refusals_have_exit_codes(command: Command, prompt: str, options: list[str], code: int) -> None:
    """Moderation and credits are told apart."""
    with sandbox("--credits", "30") as poor:
        assert command("generate", prompt, *options, **poor.settings).code == code


@pytest.mark.parametrize(
    ("answer", "code", "submissions"),
    [
        (error(401, "unauthorized"), exits.KEY, 1),
        (error(429, "rate_limited", retry_after="100000"), exits.LIMITS, 0),
        (reply(b"<html>", 502, content_type="text/html"), exits.UNKNOWN, 1),
        (reply({}), exits.UNKNOWN, 1),
        (None, exits.UNKNOWN, 1),
    ],
    ids=["401", "429", "502", "no id", "reset"],
)
def test_answers_have_exit_codes(
    command: Command, service: Wire, answer: bytes | None, code: int, submissions: int
) -> None:
    """A submission whose fate is unknown is told as such, and was sent once."""
    service.plays(answer)
    ran = command("generate", "a fox", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert (ran.code, ran.out) == (code, "")
    assert len([heard for heard in service.heard if heard.method == "POST"]) == submissions


def test_a_wait_that_is_too_long_tells_the_batch(command: Command, service: Wire) -> None:
    """So that one can go on with it."""
    waiting = reply({"batchId": "bt_1", "status": "processing", "images": []})
    service.plays(NOTHING, reply({"batchId": "bt_1"}), waiting)
    ran = command("generate", "a fox", "--timeout", "0.2", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert ran.code == exits.TIMED_OUT
    assert "bt_1" in ran.err


def test_a_partial_batch_is_partly_done(command: Command, service: Wire, tmp_path: Path) -> None:
    """What is there is saved, what failed is told."""
    images = [
        {"imageId": "im_1", "url": f"{service.origin}/1.png", "model": "m", "status": "complete", "creditsCharged": 8},
        {"imageId": "im_2", "url": None, "model": "m", "status": "failed", "creditsCharged": 0},
    ]
    done = reply({"batchId": "bt_1", "status": "complete", "images": images})
    service.plays(NOTHING, reply({"batchId": "bt_1"}), done, reply(PNG, content_type="image/png"))
    ran = command("--json", "generate", "a fox", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert ran.code == exits.PARTLY
    assert [image["path"] is None for image in json.loads(ran.out)["images"]] == [False, True]
    assert "1 of 2 images failed" in ran.err


def test_a_picture_that_cannot_be_saved_is_told_beside_those_that_could(command: Command, service: Wire) -> None:
    """Paths on stdout, what went wrong on stderr."""
    images = [{"imageId": f"im_{n}", "url": f"{service.origin}/{n}.png", "status": "complete"} for n in (1, 2)]

    def script(heard: Heard) -> bytes:
        if heard.method == "POST":
            return reply({"batchId": "bt_1"})
        if heard.target.startswith("/api/v1/batches?"):
            return NOTHING
        if heard.target.startswith("/api/"):
            return reply({"batchId": "bt_1", "status": "complete", "images": images})
        return reply(PNG, content_type="image/png") if heard.target == "/2.png" else error(400, "bad")

    service.script = script
    ran = command("--json", "generate", "a fox", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert ran.code == exits.PARTLY
    assert [image["path"] is None for image in ran.json()["images"]] == [True, False]
    assert "could not save 1 of 2 pictures" in ran.err
    assert "next: pixola download bt_1 --output ." in ran.err


def test_names_and_metadata_can_be_chosen(command: Command, tmp_path: Path) -> None:
    """By a template, and by leaving the metadata out."""
    ran = command("--sandbox", "generate", "a fox", "--template", "{slug} {shape}", "--shape", "square")
    assert ran.out == "a-fox square.png\n"
    plain = command("--sandbox", "generate", "a fox", "--no-metadata", "-o", "plain.png")
    with (
        PillowImage.open(tmp_path / "a-fox square.png") as with_it,
        PillowImage.open(tmp_path / plain.out.strip()) as without,
    ):
        assert (with_it.text["Description"], without.text) == ("a fox", {})


@pytest.mark.parametrize("output", ["/proc/x", "file/pictures", "file/picture.png", "locked/new/folder"])
def test_a_destination_that_cannot_be_written_costs_nothing(
    command: Command, service: Wire, tmp_path: Path, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tested before the submission, and nothing is left of the test."""
    (tmp_path / "file").write_text("")
    (tmp_path / "locked").symlink_to("/proc")
    before = sorted(tmp_path.rglob("*"))
    ran = command("generate", "a fox", "-o", output, PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert (ran.code, ran.out, service.connections) == (exits.USAGE, "", 0)
    assert "nothing was sent" in ran.err
    assert sorted(tmp_path.rglob("*")) == before


def test_what_fails_after_paying_names_the_batch_and_how_to_fetch_it(command: Command, service: Wire) -> None:
    """The pictures are paid: they can still be had."""
    images = [{"imageId": "im_1", "url": f"{service.origin}/1.png", "status": "complete"}]
    done = reply({"batchId": "bt_1", "status": "complete", "images": images})
    service.plays(NOTHING, reply({"batchId": "bt_1"}), done, error(400, "bad"))
    ran = command("generate", "a fox", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert ran.code == exits.ERROR
    assert "batch bt_1" in ran.err
    assert "next: pixola download bt_1 --output ." in ran.err


def test_a_template_that_cannot_work_costs_nothing(command: Command, service: Wire) -> None:
    """It is refused before the submission."""
    ran = command("generate", "a fox", "--template", "{seed}", PIXOLA_BASE_URL=service.url, PIXOLA_API_KEY="pxk_1")
    assert (ran.code, service.connections) == (exits.USAGE, 0)
    assert "no field {seed}; there are date, time" in ran.err


def test_the_key_is_never_printed(command: Command, service: Wire) -> None:
    """Neither in errors nor in results."""
    service.plays(error(401, "unauthorized", "pxk_1 is wrong"))
    ran = command("--api-key", "pxk_secret", "--base-url", service.url, "generate", "a fox")
    assert "pxk_secret" not in ran.out + ran.err


def test_help_names_everything(command: Command) -> None:
    """Commands, options and exit codes, without importing them."""
    ran = command("--help")
    assert ran.code == exits.DONE
    for word in (
        "generate",
        "sandbox",
        "--base-url",
        "--api-key",
        "--json",
        "--quiet",
        "Exit codes",
        "130 interrupted",
    ):
        assert word in " ".join(ran.out.split())
    assert "--quality" in command("generate", "--help").out


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["generate"], ["generate", "a", "--quality", "ultra"], ["--nothing"]]
)
def test_wrong_usage_exits_with_2(command: Command, arguments: list[str]) -> None:
    """And says what was expected."""
    ran = command(*arguments)
    assert ran.code == exits.USAGE
    assert "Usage" in ran.err + ran.out
