"""The fixture `pixola_clock`, with which tests on mocks and recordings need not wait."""

from time import monotonic

import pytest

from pixola_ext import RateLimitedError, WaitTimeoutError
from tests.support.wire import error, reply


def test_waits_and_retries_take_no_time(face, service, pixola_clock):
    """Sleeps are passed over, on either face, and deadlines are met as if they had been slept through."""
    started = monotonic()
    client = face.open("pxk_1", service.url, budget=False, journal=False, clock=pixola_clock)
    service.plays(error(429, "rate_limited", retry_after="60"), reply({"balance": 12}))
    assert client.credits().balance == 12
    service.plays(error(429, "rate_limited", retry_after="60"))
    with pytest.raises(RateLimitedError):
        client.credits()
    service.plays(reply({"batchId": "bt_1", "status": "processing"}))
    with pytest.raises(WaitTimeoutError):
        client.wait("bt_1", timeout=600)
    assert monotonic() - started < 60
    face.close(client)


def test_the_calendar_moves_along(pixola_clock):
    """What is slept is added to both clocks."""
    monotonic_before, calendar_before = pixola_clock.now(), pixola_clock.today()
    pixola_clock.sleep(3600)
    assert pixola_clock.now() - monotonic_before >= 3600
    assert (pixola_clock.today() - calendar_before).total_seconds() >= 3600
