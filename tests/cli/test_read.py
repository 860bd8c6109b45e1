"""Catalogs with their cache, histories with their filters, credits, and any call."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixola_ext import Pixola
from pixola_ext.cli import exits
from pixola_ext.cli.catalogs import LIFETIME, Catalogs
from tests.support.command import Ran, Served
from tests.support.wire import Heard, Wire, error, reply

Inside = Callable[..., Ran]
MODELS = {
    "models": [{"slug": slug, "pricing": {"standard": price, "hd": 2 * price}} for slug, price in (("a", 90), ("b", 2))]
}


def settings(service: Wire) -> dict[str, str]:
    """The environment for a scripted service."""
    return {"PIXOLA_BASE_URL": service.url, "PIXOLA_API_KEY": "pxk_abcdefgh"}


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        (("models", "--search", "photorealism detail"), {"flux-2"}),
        (("models", "--tag", "FAST", "--search", "mood"), {"photon-flash-1"}),
        (("styles", "--category", "painting", "--search", "paper grain"), {"watercolor"}),
        (("shapes", "--search", "16:9"), {"landscape-wide"}),
        (("models", "--search", "nothing of that kind"), set()),
    ],
)
def test_catalogs_are_searched(inside: Inside, words: tuple[str, ...], slugs: set[str]) -> None:
    """All words, in any letter case."""
    assert set(inside("--sandbox", "-q", *words).out.split()) == slugs


def test_models_are_sorted_by_price_and_age(inside: Inside) -> None:
    """Cheapest and newest first."""
    prices = [each["pricing"]["standard"] for each in inside("--sandbox", "--json", "models", "--sort", "price").json()]
    dates = [each["released"] for each in inside("--sandbox", "--json", "models", "--sort", "released").json()]
    assert prices == sorted(prices)
    assert dates == sorted(dates, reverse=True)


def test_a_catalog_is_asked_for_once_a_day(inside: Inside, service: Wire) -> None:
    """And again with --refresh; another service has a list of its own."""
    service.script = lambda _heard: reply(MODELS)
    for words, requests in ((("models",), 1), (("models", "b"), 1), (("models", "--refresh"), 2), (("models",), 2)):
        assert inside(*words, **settings(service)).code == exits.DONE
        assert len(service.heard) == requests
    assert inside("models", PIXOLA_BASE_URL=f"{service.url}/other").code == exits.DONE
    assert len(service.heard) == 3


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"at": 1e99, "entries": []}', '{"at": "x"}', '{"at": 0, "entries": [3]}']
)
def test_a_damaged_cache_is_as_none(inside: Inside, content: str, tmp_path: Path) -> None:
    """Nothing is read from it, and nothing breaks."""
    catalogs = Catalogs("https://pixola.test", clock=lambda: 100.0)
    with Pixola.sandbox() as px:
        assert len(catalogs.entries("shape", px)) == len(catalogs.cached("shape") or [])
    assert Catalogs("https://pixola.test", clock=lambda: 100.0 + LIFETIME).cached("shape") is None
    path = catalogs._path("shape")
    assert path is not None
    path.write_text(content)
    assert catalogs.cached("shape") is None


def test_an_unknown_slug_is_found_before_paying(inside: Inside, service: Wire) -> None:
    """The list is renewed once, for the model may be new; then nothing is sent."""
    service.script = lambda _heard: reply(MODELS)
    ran = inside("generate", "a fox", "-m", "c", **settings(service))
    assert (ran.code, [heard.method for heard in service.heard]) == (exits.USAGE, ["GET"])
    assert "there is no 'c'" in ran.err


def test_a_catalog_that_cannot_be_read_stops_no_generation(inside: Inside, service: Wire) -> None:
    """The service judges the slug itself."""
    service.script = lambda heard: (
        error(404, "x") if heard.target.endswith("/models") else error(409, "content_flagged")
    )
    ran = inside("generate", "a fox", "-m", "c", **settings(service))
    assert ran.code == exits.MODERATION


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("-m", "a", "--max-credits", "89"), exits.CREDITS, "would cost 90 credits, and --max-credits allows 89"),
        (("-m", "b", "-m", "a", "-n", "2", "--max-credits", "183"), exits.CREDITS, "would cost 184 credits"),
        (("-m", "a", "--hd"), exits.CREDITS, "would cost 180 credits, more than 100"),
        (("-n", "11"), exits.CREDITS, "would cost an unknown number of credits for more than 10 requests"),
        (("--max-credits", "9"), exits.USAGE, "--max-credits needs --model"),
        (("--hd", "--quality", "standard"), exits.USAGE, "contradict"),
    ],
)
def test_spending_has_bounds(inside: Inside, service: Wire, words: tuple[str, ...], code: int, message: str) -> None:
    """Without a terminal nobody can be asked: it is refused, and nothing is paid."""
    service.script = lambda _heard: reply(MODELS)
    ran = inside("generate", "a fox", *words, **settings(service))
    assert (ran.code, [heard.method for heard in service.heard if heard.method == "POST"]) == (code, [])
    assert message in ran.err


def test_what_is_refused_names_the_command_that_is_not(inside: Inside, service: Wire) -> None:
    """The same with --yes; and PIXOLA_ASK_ABOVE moves the threshold."""
    service.script = lambda heard: reply(MODELS) if heard.method == "GET" else error(409, "content_flagged")
    words = ("generate", "a fox", "-m", "a", "--hd")
    assert "next: pixola generate 'a fox' -m a --hd --yes" in inside(*words, **settings(service)).err
    assert inside(*words, "--yes").code == exits.MODERATION
    assert inside(*words, PIXOLA_ASK_ABOVE="180").code == exits.MODERATION
    assert inside(*words, PIXOLA_ASK_ABOVE="many").code == exits.USAGE


def test_the_prompt_is_read_from_stdin(inside: Inside) -> None:
    """For `-`; its surrounding blanks are none of it."""
    ran = inside("--sandbox", "--json", "generate", "-", "--dry-run", stdin=b"a fox\nin the snow\n")
    assert ran.json() == {"requests": [{"prompt": "a fox\nin the snow"}], "credits": None}
    for stdin in (b"", b" \n", b"\xff"):
        assert inside("--sandbox", "generate", "-", stdin=stdin).code == exits.USAGE


def test_histories_are_filtered(inside: Inside, served: Served) -> None:
    """By what the service cannot filter by; the limit counts what fits."""
    env = served.settings
    for model in ("flux-2", "sana-1.6b", "flux-2"):
        assert inside("generate", "a fox", "-m", model, **env).code == exits.DONE
    assert len(inside("-q", "images", "--model", "flux-2").out.split()) == 2
    assert len(inside("-q", "images", "--model", "flux-2", "--limit", "1").out.split()) == 1
    assert inside("-q", "images", "--favorites").out == ""
    assert len(inside("-q", "batches", "--status", "complete", "--quality", "standard").out.split()) == 3
    assert inside("-q", "batches", "--until", "2020-01-01").out == ""
    assert inside("batches", "--since", "yesterday or so").code == exits.USAGE
    batch = inside("-q", "batches", "--limit", "1").out.strip()
    assert inside("-q", "batches", batch).out == inside("-q", "images", "--batch", batch).out


def test_credits_tell_balance_requests_and_what_was_spent(inside: Inside) -> None:
    """Of the account and of the key."""
    ran = inside("--sandbox", "--json", "credits")
    assert ran.json() == {"balance": 1000, "plan": "free", "requests": None, "spent_today": 0, "spent_today_here": 0}


def test_credits_spent_from_here_are_those_of_this_machine(inside: Inside, served: Served, tmp_path: Path) -> None:
    """Two machines with one key: each counts its own batches, and both those of the account."""

    def spent(machine: str) -> tuple[int, int]:
        found = inside("--json", "credits", PIXOLA_STATE_DIR=str(tmp_path / machine), **served.settings).json()
        return found["spent_today_here"], found["spent_today"]

    before = spent("a")[1]
    for machine, model in (("a", "sana-1.6b"), ("b", "flux-2")):
        made = inside("submit", "a fox", "-m", model, PIXOLA_STATE_DIR=str(tmp_path / machine), **served.settings)
        assert made.code == exits.DONE
    assert [spent("a"), spent("b")] == [(2, before + 14), (12, before + 14)]


def test_a_word_that_no_entry_has_is_refused_with_those_there_are(inside: Inside) -> None:
    """Tags of models and categories of styles."""
    ran = inside("--sandbox", "models", "--tag", "rapid")
    assert (ran.code, "there is no 'rapid'; there are balanced, budget, fast" in ran.err) == (exits.USAGE, True)
    assert inside("--sandbox", "styles", "--category", "Sculptures").code == exits.USAGE


@pytest.mark.parametrize(("word", "found"), [("today", True), ("Yesterday", True), ("2999-01-01", False)])
def test_days_are_named(inside: Inside, served: Served, word: str, found: bool) -> None:
    """`today` and `yesterday`, beside dates; in UTC."""
    assert inside("-q", "submit", "a fox", **served.settings).code == exits.DONE
    assert bool(inside("-q", "images", "--since", word).out) == found


def test_requests_left_are_counted(inside: Inside, service: Wire) -> None:
    """For all programs on the machine."""
    service.script = lambda _heard: reply({"balance": 7, "plan": None})
    ran = inside("--json", "credits", "--no-spent", **settings(service)).json()
    assert ran["requests"]["minute_left"] == ran["requests"]["minute_limit"] - 1
    assert inside("-q", "credits", "--no-spent").out == "7\n"


def test_any_call_is_made(inside: Inside, service: Wire) -> None:
    """With its parameters and its body; the answer is printed by the API's own names."""
    answer: dict[str, Any] = {"batches": [], "nextCursor": None, "hasMore": False, "new": 1}

    def script(heard: Heard) -> bytes:
        return reply(answer if heard.method == "GET" else {"batchId": "bt_1"})

    service.script = script
    env = settings(service)
    assert inside("call", "list-batches", "--param", "limit=5", **env).json()["new"] == 1
    assert service.heard[-1].target == "/api/v1/batches?limit=5"
    body = json.dumps({"prompt": "a fox", "seed": 3})
    assert inside("call", "create_generation", "--json", "-", stdin=body.encode()).json()["batchId"] == "bt_1"
    assert service.heard[-1].json() == {"prompt": "a fox", "seed": 3}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("list_batches", "-p", "limit=many"), "limit must be a whole number"),
        (("list_batches", "-p", "size=1"), "has no size; there are cursor, limit"),
        (("list_batches", "-p", "limit"), "NAME=VALUE"),
        (("list_batches", "--json", "{}"), "takes no body"),
        (("get_batch",), "needs batch_id"),
        (("get_batch", "-p", "batch_id=.."), "cannot stand in a path"),
        (("create_generation",), "needs a body"),
        (("create_generation", "--json", "{"), "not JSON"),
        (("create_generation", "--json", "[]"), "not a body"),
        (("create_generation", "--json", "@nothing"), "cannot read"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused(
    inside: Inside, service: Wire, words: tuple[str, ...], reason: str
) -> None:
    """Before anything is sent, with what would fit."""
    ran = inside("call", *words, **settings(service))
    assert (ran.code, service.connections) == (exits.USAGE, 0)
    assert reason in ran.json()["error"]["message"]
