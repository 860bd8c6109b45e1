"""No API key in what the sandbox keeps of requests or shows of its state."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext.sandbox.limits import RateLimits
from pixola_ext.sandbox.records import Account, key_id
from pixola_ext.sandbox.redaction import redacted
from tests.support.sandboxes import KEY, Opened, Reached

LIVE: Final = "pxk_of_the_live_service"
LONGER: Final = f"{KEY}_longer"  # begins with another key


def shown(box: Reached) -> str:
    """Everything that the sandbox keeps of requests, and that the page and the admin calls show."""
    headers = {"authorization": ""}
    calls = [f"{box.sandbox.origin}/_sandbox/{name}" for name in ("state", "requests", "faults", "keys")]
    answers = [box.http.get(call, headers=headers).text for call in calls]
    return "\n".join([repr(box.sandbox.journal.entries), repr(box.sandbox.options), *answers])


PLACES: Final[dict[str, Any]] = {
    "path": lambda box, key: box.get(f"/batches/{key}"),
    "unknown path": lambda box, key: box.get(f"/{key}/x"),
    "end of a long path": lambda box, key: box.get(f"/{'a' * 170}/{key}"),
    "query": lambda box, key: box.get(f"/images?batchId={key}"),
    "header": lambda box, key: box.get("/images", headers={"x-key": key, "x-sandbox-fault": key}),
    "method": lambda box, key: box.http.request(key, box.sandbox.base_url),
    "prompt": lambda box, key: box.post({"prompt": f"a cat {key}"}),
    "end of a long prompt": lambda box, key: box.post({"prompt": f"{'a' * 190} {key}"}),
    "model": lambda box, key: box.post({"prompt": "a cat", "model": key}),
    "picture": lambda box, key: box.http.get(f"{box.sandbox.pictures_origin}/images/{key}.png?signature={key}"),
    "rule": lambda box, key: box.sandbox.faults.add("reset", path=f"*/{key}", times=0),
    "plan": lambda box, key: box.sandbox.world.add_account("pxk_other", plan=key),
    "percent-encoded": lambda box, key: box.get(f"/batches/%70xk%5F{key[4:]}"),
    "percent-encoded twice": lambda box, key: box.get(f"/batches/%2570xk_{key[4:]}"),
    "percent-encoded in the middle": lambda box, key: box.get(f"/batches/{key[:8]}%{ord(key[8]):02X}{key[9:]}"),
}


@pytest.mark.parametrize("key", [KEY, LONGER, LIVE])
@pytest.mark.parametrize("place", PLACES)
def test_a_key_in_an_odd_place_is_not_kept(opened: Opened, place: str, key: str) -> None:
    """Wherever a client or a person puts it: a key of this sandbox, or one of the live service by mistake."""
    box = opened(more_keys=[LONGER])
    PLACES[place](box, key)
    text = shown(box)
    assert key[:12] not in text.replace("%5F", "_")
    assert key[8:] not in text


def test_a_known_key_is_shown_by_its_public_name(box: Reached) -> None:
    """So that the journal still says which one it was."""
    box.get(f"/batches/{KEY}")
    (entry,) = box.sandbox.journal.entries
    assert entry.path == f"/api/v1/batches/{key_id(KEY)}"
    box.get(f"/batches/{LIVE}")
    assert box.sandbox.journal.entries[-1].path == "/api/v1/batches/pxk_***"


@given(st.text(), st.text())
def test_any_text_loses_its_keys_and_nothing_else(before: str, after: str) -> None:
    """A text without a key stays as it is, percent signs included."""
    accounts = {KEY: Account(KEY, key_id(KEY), "free", 0, RateLimits())}
    assert KEY not in redacted(f"{before}{KEY}{after}", accounts)
    if "pxk_" not in before and "%" not in before:
        assert redacted(before, accounts) == before
