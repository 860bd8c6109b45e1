"""The pure parts of the client's bench; no timing is asserted."""

import json

import bench
import pytest
from measuring.calls import ratios
from measuring.clients import CLIENTS
from measuring.jobs import Jobs
from measuring.lag import mean_lag, most_in_a_minute, simulated, waited
from measuring.pages import image_page
from measuring.rows import Row
from measuring.server import whole

from pixola_ext._api.operations import list_batches, list_images
from pixola_ext._flows.poll_schedule import POLLS_PER_MINUTE, PollSchedule


def body(answer: bytes):
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(content)}".encode() in head
    return json.loads(content)


def test_the_bench_can_be_imported_without_the_rivals():
    """They are installed in an environment of their own."""
    assert callable(bench.main)


@pytest.mark.parametrize(("figure", "verdict"), [(1.0, "ok"), (2.0, "ok"), (2.1, "MISSED")])
def test_a_row_says_whether_its_bar_is_met(figure, verdict):
    """At the bar is met."""
    row = Row("something", figure, "ms", 2.0)
    assert row.verdict == verdict
    assert str(row).endswith(verdict)
    assert Row("something", figure, "ms").verdict == ""


@pytest.mark.parametrize(("figure", "verdict"), [(1.9, "MISSED"), (2.0, "ok"), (3.0, "ok")])
def test_a_row_may_have_a_least_figure(figure, verdict):
    """A rate is met at its bar or above."""
    row = Row("something", figure, "/s", least=2.0)
    assert row.verdict == verdict
    assert str(row).endswith(f">= 2.00      {verdict}")


def test_a_ratio_is_the_median_over_turns():
    """Each turn is compared with the other client's in the same turn, so a busy moment does not count."""
    assert ratios({"a": [1.0, 10.0, 1.0], "b": [2.0, 20.0, 9.0]}, "a") == {"a": 1.0, "b": 2.0}


def test_every_client_has_a_path_and_an_answer():
    """Which can be sent, and do not hide each other."""
    paths = {client.path for name, client in CLIENTS.items() if name != "httpx"}
    assert len(paths) == len(CLIENTS) - 1
    assert all(body(whole(client.answer)) == client.answer for client in CLIENTS.values())


def test_the_page_fills_in_every_member():
    """So that reading it is not cheaper than in earnest."""
    page = list_images(limit=100, cursor=None).parse(image_page())
    assert len(page.items) == 100
    assert all(image.created_at and not image.extra and image.is_favorite is False for image in page.items)


def test_jobs_end_and_are_listed_newest_first():
    """Page by page."""
    jobs = Jobs([0.0, 1e6, 0.0])
    first = list_batches(limit=2, cursor=None).parse(body(jobs.answer("/api/v1/batches?limit=2")))
    assert [(each.batch_id, each.status) for each in first.items] == [("bt_2", "complete"), ("bt_1", "processing")]
    rest = list_batches(limit=2, cursor=2).parse(
        body(jobs.answer(f"/api/v1/batches?limit=2&cursor={first.next_cursor}"))
    )
    assert ([each.batch_id for each in rest.items], rest.has_more) == (["bt_0"], False)
    assert body(jobs.answer("/api/v1/batches/bt_1"))["images"] == []
    assert jobs.answer("/api/v1/batches/bt_9").startswith(b"HTTP/1.1 404 ")


def test_a_wait_ends_with_the_first_look_after_the_end():
    """The lag is from the end to that look."""
    found = waited(PollSchedule(), 10.0)
    assert found.polls[-1] >= 10.0 > found.polls[-2]
    assert found.lag == pytest.approx(found.polls[-1] - 10.0)


def test_the_simulation_keeps_to_the_looks_of_a_minute():
    """For every model, from knowing nothing."""
    waits = simulated(0.25)
    assert max(most_in_a_minute(each.polls) for each in waits) <= POLLS_PER_MINUTE
    assert mean_lag(waits) > 0
