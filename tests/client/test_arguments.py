"""Numbers and points in time as callers give them: what can be read in one way only is taken, the rest is refused."""

import datetime as dt
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import ConfigurationError
from pixola_ext._api.arguments import checked_count
from pixola_ext._api.instants import checked_instant
from tests.support.wire import reply

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOON = MARCH.replace(hour=12)

CLEAR = [
    ("20990101", datetime(2099, 1, 1, tzinfo=UTC)),  # as `{date}` in our own file names
    ("20260301", MARCH),
    ("2026-03-01", MARCH),
    ("2026/03/01", MARCH),
    ("2026.3.1", MARCH),
    ("2026-W09-7", MARCH),
    ("1 March 2026", MARCH),
    ("March 1st, 2026", MARCH),
    ("31/03/2026", MARCH.replace(day=31)),
    ("03/31/2026", MARCH.replace(day=31)),
    ("03/03/2026", MARCH.replace(day=3)),
    (" 2026-03-01T12:00Z ", NOON),
    ("20260301T120000", NOON),
    ("2026-03-01 14:00+02:00", NOON),
    ("Sun, 01 Mar 2026 12:00:00 GMT", NOON),
    ("1 March 2026 14:00 +0200", NOON),
    ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),  # as seconds it would be no date at all
    (1767225600000, datetime(2026, 1, 1, tzinfo=UTC)),
    (date(2026, 3, 1), MARCH),
    (NOON.replace(tzinfo=None), NOON),
    (datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))), NOON),
    (np.datetime64("2026-03-01"), MARCH),
    (np.datetime64("2026-03"), MARCH),
    (np.datetime64("2026-03-01T12:00:00.123456789"), NOON.replace(microsecond=123456)),
    (pd.Timestamp("2026-03-01T12:00:00.123456789Z"), NOON.replace(microsecond=123456)),
    (pd.Timestamp("2026-03-01"), MARCH),
    (np.int64(1767225600000), datetime(2026, 1, 1, tzinfo=UTC)),
]

SEVERAL = [
    ("2099", ["the year 2099", "1970-01-01 00:34:59+00:00 (seconds since 1970)"]),
    ("1767225600", ["2026-01-01 00:00:00+00:00 (seconds since 1970)", "1970-01-21 10:53:45+00:00 (milliseconds"]),
    ("1767225600.5", ["(seconds since 1970)", "(milliseconds since 1970)"]),
    (1767225600, ["(seconds since 1970)", "(milliseconds since 1970)"]),
    (1767225600.5, ["(seconds since 1970)", "(milliseconds since 1970)"]),
    (np.int64(1767225600), ["(seconds since 1970)", "(milliseconds since 1970)"]),
    (np.float32(5), ["(seconds since 1970)", "(milliseconds since 1970)"]),
    ("202603011230", ["2026-03-01 12:30:00+00:00", "(milliseconds since 1970)"]),
    ("20260301123005", ["2026-03-01 12:30:05+00:00", "(milliseconds since 1970)"]),
    ("03/04/2026", ["2026-03-04", "2026-04-03"]),
    ("01/02/03", ["2001-02-03", "2003-02-01"]),
]

NO_DATES = [
    *("", " ", "today", "20261301", "2026-02-30", "99999999999999999999", "1e9", "March 2026", "1 March", "2026-03"),
    *("10:30", "may", "1 March 2026 12:00 CET", "20260301112:30", "\0", "٢٠٢٦", "-5"),
    *(True, b"2026-03-01", dt.time(1), timedelta(1), [MARCH], float("nan"), float("inf"), Decimal(5), ...),
    *(np.datetime64("NaT"), np.datetime64(2**62, "s"), np.array(["2026-03-01"], dtype="datetime64[D]"), np.True_),
    *(pd.NaT, pd.Period("2026-03"), pd.Timedelta(1)),
]


@pytest.mark.parametrize(("value", "expected"), CLEAR)
def test_what_has_one_meaning_is_read(value, expected):
    """Without a zone it is UTC; the result is a plain datetime, whatever was given."""
    found = checked_instant(value, "since")
    assert (found, type(found)) == (expected, datetime)
    assert found.tzinfo is not None


@pytest.mark.parametrize(("value", "meanings"), SEVERAL)
def test_what_has_several_meanings_is_refused_with_all_of_them(value, meanings):
    """So that the caller sees at once what to write instead."""
    with pytest.raises(ConfigurationError, match="^until: .*could mean .* or .*; give a date such as") as caught:
        checked_instant(value, "until")
    assert all(meaning in str(caught.value) for meaning in meanings)
    assert caught.value.setting == "until"


@pytest.mark.parametrize("value", NO_DATES, ids=repr)
def test_what_is_no_date_is_refused(value):
    """By the name of the argument, in one line, and never ignored."""
    with pytest.raises(ConfigurationError, match="^since: ") as caught:
        checked_instant(value, "since")
    assert str(caught.value).isprintable()


@given(st.text() | st.from_regex(r"[0-9]{0,20}[-/:. T+Z]?[0-9]{0,12}[-/:. T+Z]?[0-9]{0,8}", fullmatch=True))
def test_any_text_is_an_aware_datetime_or_refused(text):
    """Nothing else comes out of it, whatever the parsers below do."""
    try:
        found = checked_instant(text, "since")
    except ConfigurationError:
        return
    assert found.utcoffset() is not None


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_every_datetime_is_read_from_its_own_text(instant):
    """In the forms that Python, JSON and e-mail have for it."""
    instant = instant.astimezone(UTC)
    assert checked_instant(instant.isoformat(), "since") == instant
    assert checked_instant(str(instant), "since") == instant
    assert checked_instant(instant.strftime("%Y%m%d").rjust(8, "0"), "since").date() == instant.date()


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["/", ".", "-"]))
def test_a_date_is_never_read_with_day_and_month_exchanged(day, separator):
    """It is read as what it says, or refused where another country would read another date."""
    text = f"{day.day:02}{separator}{day.month:02}{separator}{day.year}"
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(ConfigurationError, match="could mean"):
            checked_instant(text, "since")
    else:
        assert checked_instant(text, "since").date() == day


@pytest.mark.parametrize("value", [5, np.int64(5), np.uint8(5)], ids=repr)
def test_whole_numbers_of_any_kind_count(value):
    """As Python's own int from then on."""
    assert (checked_count(value, "limit", least=0), type(checked_count(value, "limit", least=0))) == (5, int)


@pytest.mark.parametrize(
    "value",
    [5.0, "5", True, np.True_, np.float64(5), np.array([5, 6]), Decimal(5), None, -1, 10**5000],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_count_is_refused(value):
    """By name, and never ignored."""
    with pytest.raises(ConfigurationError, match="^limit: "):
        checked_count(value, "limit", least=0, most=100)


def test_numbers_and_dates_of_numpy_and_pandas_reach_the_history(px, service):
    """As if Python's own had been given."""
    service.plays(reply({"batches": [{"batchId": "bt_1", "createdAt": "2026-03-01T12:00:00Z"}], "hasMore": False}))
    found = list(px.batches.list(limit=np.int64(1), page_size=np.int32(7), since=np.datetime64("2026-03-01")))
    assert [batch.batch_id for batch in found] == ["bt_1"]
    assert "limit=1" in service.heard[0].target or "limit=7" in service.heard[0].target
    assert list(px.batches.list(since=pd.Timestamp("2026-03-02"))) == []


@pytest.mark.parametrize("value", [np.float32(5), np.float64(5), np.int64(5), 5])
def test_durations_may_be_numbers_of_any_kind(connect, value):
    """And whole numbers of retries, too; a duration of another type is refused."""
    client = connect("pxk_1", timeout=value, max_retries=np.int64(1))
    client.with_options(wait_timeout=value)
    for wrong in ("5", timedelta(seconds=5), np.timedelta64(5, "s"), np.nan, True, Decimal(5)):
        with pytest.raises(ConfigurationError, match="^timeout: "):
            client.with_options(timeout=wrong)
