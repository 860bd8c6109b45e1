"""Steering the sandbox, in the process and over HTTP."""

from typing import Any

import httpx
import pytest

from pixola_ext import __version__
from tests.support.sandboxes import KEY, Opened, Reached


def admin(box: Reached, method: str, name: str, document: Any = None, **kwargs: Any) -> httpx.Response:
    """An admin call, without a key."""
    headers = {"authorization": "", **kwargs.pop("headers", {})}
    return box.http.request(method, f"{box.sandbox.origin}/_sandbox/{name}", json=document, headers=headers, **kwargs)


def test_health(box: Reached) -> None:
    """It says that it is there, which version, and what time it has."""
    assert admin(box, "GET", "health").json() == {"status": "ok", "version": __version__, "time": 1_772_366_400.0}


def test_reset_forgets_everything(box: Reached) -> None:
    """And takes new options."""
    box.submit()
    admin(box, "POST", "faults", {"fault": "reset"})
    state = admin(box, "POST", "reset", {"credits": 7, "seed": 3}).json()
    assert (state["batches"], state["faults"], state["requestCount"]) == ([], [], 0)
    assert box.get("/credits").json()["balance"] == 7
    assert box.get("/batches").json()["batches"] == []


def test_state_shows_everything(opened: Opened) -> None:
    """Batches, credits, limits, requests; and no key."""
    box = opened(latency=1.0, rate_limits=True)
    box.submit("a cat")
    answer = admin(box, "GET", "state")
    assert KEY not in answer.text
    state = answer.json()
    assert [(batch["prompt"], batch["status"], len(batch["images"])) for batch in state["batches"]] == [
        ("a cat", "processing", 1)
    ]
    (account,) = state["accounts"]
    assert (account["balance"], account["reserved"], account["batches"]) == (1000, 12, 1)
    assert (account["minute"], account["day"]) == ({"used": 1, "limit": 30}, {"used": 1, "limit": 1000})
    assert [(entry["method"], entry["path"]) for entry in state["requests"]] == [("POST", "/api/v1/generate")]


def test_state_can_be_changed(box: Reached) -> None:
    """Latency, limits and the life of URLs, from now on."""
    options = {"latency": 1.0, "rate_limits": True, "url_lifetime": 5.0}
    state = admin(box, "PATCH", "state", options).json()
    assert state["options"].items() >= options.items()
    assert box.get(f"/batches/{box.submit()}").json()["status"] == "processing"


def test_the_clock_is_moved(opened: Opened) -> None:
    """Frozen, advanced, made faster."""
    box = opened(latency=1.0)
    batch_id = box.submit()
    assert admin(box, "POST", "clock", {"frozen": True}).json()["frozen"] is True
    box.time.elapsed += 1000
    assert box.get(f"/batches/{batch_id}").json()["status"] == "processing"
    admin(box, "POST", "clock", {"advance": 600})
    assert box.get(f"/batches/{batch_id}").json()["status"] == "complete"
    before = admin(box, "POST", "clock", {"frozen": False, "scale": 10}).json()["now"]
    box.time.elapsed += 5
    assert admin(box, "GET", "clock").json() == {"now": before + 50, "frozen": False, "scale": 10}


def test_the_clock_stays_within_what_dates_can_tell(box: Reached) -> None:
    """From 1970 to 9998, however it is moved; every answer has its date."""
    for jump, last in ((-(10**9), 0), (10**9, 253_370_764_800)):
        while (answer := admin(box, "POST", "clock", {"advance": jump})).status_code == 200:
            assert box.get(f"/batches/{box.submit(model='sana-1.6b')}").status_code == 200
        assert answer.json()["error"]["message"] == "advance: leads out of the years 1970 to 9998"
        assert abs(admin(box, "GET", "clock").json()["now"] - last) <= 10**9
    admin(box, "POST", "clock", {"scale": 10**6})
    box.time.elapsed += 10**6
    assert admin(box, "GET", "clock").json()["now"] == 253_370_764_800
    answer = box.get("/images", headers={"x-sandbox-fault": "rate-limited-date"})
    assert answer.headers["retry-after"] == "Fri, 01 Jan 9999 00:00:02 GMT"
    assert box.get(f"/batches/{box.submit(model='sana-1.6b')}").status_code == 200


def test_a_clock_moved_back_changes_nothing_that_was(opened: Opened) -> None:
    """What was charged stays charged, even if no request had read it yet."""
    box = opened(latency=1.0)
    batch_id = box.submit()
    box.time.elapsed += 600
    admin(box, "POST", "clock", {"advance": -600})
    assert box.get(f"/batches/{batch_id}").json()["status"] == "complete"
    assert box.get("/credits").json()["balance"] == 988


def test_keys_are_added(box: Reached) -> None:
    """Named or made up, with credits and a plan of their own; an account starts on the free plan."""
    made = admin(box, "POST", "keys").json()
    named = admin(box, "POST", "keys", {"key": "pxk_named", "credits": 5, "plan": "pro"}).json()
    assert made["key"].startswith("pxk_")
    assert (made["balance"], made["plan"]) == (1000, "free")
    answer = box.get("/credits", headers={"authorization": f"Bearer {named['key']}"})
    assert answer.json() == {"balance": 5, "plan": "pro"}
    listed = admin(box, "GET", "keys")
    assert len(listed.json()["keys"]) == 3
    assert made["key"] not in listed.text


def test_the_journal_names_what_happened(box: Reached) -> None:
    """Method, path, status, key id, fault and time; a refused key has no id."""
    box.get("/credits", headers={"X-Sandbox-Fault": "html-502"})
    box.get("/batches?limit=5", headers={"authorization": "Bearer pxk_wrong"})
    first, second = admin(box, "GET", "requests").json()["requests"]
    key_id = first.pop("keyId")
    assert key_id.startswith("key_")
    assert first == {
        "number": 1,
        "time": 1_772_366_400.0,
        "method": "GET",
        "path": "/api/v1/credits",
        "status": 502,
        "fault": "html-502",
    }
    assert (second["status"], second["keyId"], second["fault"]) == (401, None, None)
    with pytest.raises(httpx.TransportError):
        box.get("/credits", headers={"X-Sandbox-Fault": "reset"})
    assert admin(box, "GET", "requests").json()["requests"][2]["status"] is None
    assert admin(box, "DELETE", "requests").json() == {"requests": []}
    box.get("/credits")
    assert [entry["number"] for entry in admin(box, "GET", "requests").json()["requests"]] == [4]


def test_favourites_are_set(box: Reached) -> None:
    """The API only shows them."""
    box.submit()
    image_id = box.get("/images").json()["images"][0]["imageId"]
    admin(box, "POST", "favorites", {"imageId": image_id})
    assert box.get("/images").json()["images"][0]["isFavorite"] is True
    admin(box, "POST", "favorites", {"imageId": image_id, "favorite": False})
    assert box.get("/images").json()["images"][0]["isFavorite"] is False


@pytest.mark.parametrize(
    ("method", "name", "document", "status", "message"),
    [
        ("GET", "nothing", None, 404, "There is no such admin call"),
        ("DELETE", "state", None, 405, "method: use one of GET, PATCH"),
        ("POST", "reset", {"credits": -1}, 400, "credits: must be a whole number"),
        ("POST", "reset", {"seed": True}, 400, "seed: must be a whole number"),
        ("POST", "reset", {"colour": 1}, 400, "colour: is not known"),
        ("POST", "reset", [], 400, "body: must be a JSON object"),
        ("PATCH", "state", {"rate_limits": 1}, 400, "rate_limits: must be true or false"),
        ("POST", "reset", {"credits": 10**400}, 400, "credits: must be a whole number"),
        ("POST", "reset", {"api_key": "pxk_other"}, 400, "api_key: is not known"),
        ("PATCH", "state", {"url_lifetime": 0}, 400, "url_lifetime: must be a number from 0.001"),
        ("PATCH", "state", {"latency": "1"}, 400, "latency: must be a number"),
        ("POST", "clock", {"advance": 10**12}, 400, "advance: must be a number from -1e+09 to 1e+09"),
        ("POST", "clock", {"advance": -(10**9) * 2}, 400, "advance: must be a number"),
        ("POST", "clock", {"scale": 10**9}, 400, "scale: must be a number"),
        ("POST", "clock", {"scale": True}, 400, "scale: must be a number"),
        ("POST", "clock", {"frozen": 1}, 400, "frozen: must be true or false"),
        ("POST", "clock", {"speed": 1}, 400, "speed: is not known; known are advance, frozen, scale"),
        ("POST", "clock", {"scale": -1}, 400, "scale: must be a number"),
        ("POST", "keys", {"key": "abc"}, 400, "key: must start with pxk_"),
        ("POST", "keys", {"key": KEY}, 400, "key: there is such a key already"),
        ("POST", "keys", {"key": 5}, 400, "key: must be a string"),
        ("POST", "keys", {"key": "pxk_a b"}, 400, "key: must start with pxk_ and hold no space"),
        ("POST", "keys", {"key": "pxk_\n"}, 400, "key: must start with pxk_ and hold no space"),
        ("POST", "keys", {"plan": ""}, 400, "plan: must be a string"),
        ("POST", "keys", {"credits": 1.5}, 400, "credits: must be a whole number"),
        ("POST", "favorites", {}, 400, "imageId: must be a string"),
        ("POST", "favorites", {"imageId": "im_0"}, 400, "imageId: there is no such image"),
    ],
)
def test_what_is_malformed_is_named(
    box: Reached, method: str, name: str, document: Any, status: int, message: str
) -> None:
    """In the envelope of the API."""
    answer = admin(box, method, name, document)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].startswith(message)


def test_pages_of_other_origins_are_refused(box: Reached) -> None:
    """A page on the web must not reset the sandbox on the machine of its visitor."""
    headers = {"origin": "https://example.com", "content-type": "text/plain"}
    assert admin(box, "POST", "reset", headers=headers).status_code == 403
    own = {"origin": box.sandbox.origin}
    assert admin(box, "POST", "reset", headers=own).status_code == 200


def test_admin_is_never_under_the_api(box: Reached) -> None:
    """And is not counted as a request."""
    assert box.get("/_sandbox/state").status_code == 404
    assert len(admin(box, "GET", "requests").json()["requests"]) == 1
