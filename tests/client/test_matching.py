"""Whose batch is it: what is shown has to agree, what is new has to be new, and what may be another's is not taken."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pixola_client.reading import Extra

from pixola_ext._flows.matching import Agreement, Candidate, Listing, agreement, baseline_of
from pixola_ext._flows.ownership import answered, begin, claim, lose, new_entry, prospects
from pixola_ext._journal.entries import Baseline, MemoryRows
from pixola_ext.models import Batch, BatchSummary, Image

CAT = {"prompt": "a cat"}
FLUX = {**CAT, "model": "flux-2"}
START = datetime(2026, 3, 1, tzinfo=UTC)


def summary(batch_id="bt_1", prompt="a cat", seconds=0.0, **members):
    """A batch as it is listed."""
    return BatchSummary(batch_id, prompt=prompt, created_at=START + timedelta(seconds=seconds), **members)


def shown(model=None, images=1, batch=None, image=None):
    """A batch with what it shows by itself."""
    made = tuple(Image(f"im_{n}", model=model, extra=Extra(image)) for n in range(images))
    return Candidate(summary(), Batch("bt_1", images=made, extra=Extra(batch)))


@pytest.mark.parametrize(
    ("request_", "candidate", "expected"),
    [
        (CAT, Candidate(summary()), Agreement.WHOLE),
        (CAT, Candidate(summary(prompt=" a  cat\n")), Agreement.WHOLE),
        (CAT, Candidate(summary(prompt="a dog")), Agreement.NONE),
        (CAT, Candidate(summary(prompt=None)), Agreement.NONE),
        (CAT, Candidate(summary(quality="hd")), Agreement.WHOLE),
        ({**CAT, "quality": "hd"}, Candidate(summary(quality="hd")), Agreement.WHOLE),
        ({**CAT, "quality": "hd"}, Candidate(summary(quality="standard")), Agreement.NONE),
        ({**CAT, "quality": "hd"}, Candidate(summary()), Agreement.WHOLE),
        (FLUX, Candidate(summary()), Agreement.INCOMPLETE),
        (FLUX, shown(images=0), Agreement.INCOMPLETE),
        (FLUX, shown(model=None), Agreement.INCOMPLETE),
        (FLUX, shown(model="flux-2"), Agreement.WHOLE),
        (FLUX, shown(model="sdxl"), Agreement.NONE),
        (FLUX, Candidate(summary(extra=Extra({"model": "flux-2"}))), Agreement.WHOLE),
        ({**CAT, "style": "anime"}, shown(batch={"style": "anime"}), Agreement.WHOLE),
        ({**CAT, "style": "anime"}, shown(batch={"style": "watercolor"}), Agreement.NONE),
        ({**CAT, "style": "anime"}, shown(image={"style": "watercolor"}), Agreement.NONE),
        ({**CAT, "style": "anime"}, Candidate(summary(extra=Extra({"style": "noir"}))), Agreement.NONE),
        ({**CAT, "style": "anime"}, shown(batch={"style": {"slug": "anime"}}), Agreement.WHOLE),
        ({**CAT, "seed": 7}, shown(batch={"seed": 8}), Agreement.NONE),
        ({**CAT, "style": "anime"}, shown(image={"prompt": "a cat, drawn as anime"}), Agreement.WHOLE),
    ],
)
def test_a_batch_agrees_if_everything_that_is_shown_does(request_, candidate, expected):
    """What is not shown says nothing, but for the model: it is shown sooner or later."""
    assert agreement(request_, candidate) is expected


def test_what_is_new_is_above_the_baseline_or_made_at_nearly_the_same_time():
    """A list may be slightly out of order; what was listed before is never new."""
    batches = [summary("new", seconds=9), summary("base", seconds=5), summary("close", seconds=4), summary("old")]
    listing = Listing(batches)

    def new(baseline):
        return [each.batch_id for each in batches if listing.is_new(each.batch_id, baseline)]

    assert new(Baseline("base", 0.0)) == ["new", "close"]
    assert new(baseline_of(batches[1:], 0.0)) == ["new"]
    assert new(baseline_of([], 0.0)) == ["new", "base", "close", "old"]
    assert new(Baseline("elsewhere", 0.0)) == []


# -- against the journal -----------------------------------------------------------------------------------------------


class Bench:
    """A journal in memory, and a service that makes batches, newest first."""

    def __init__(self):
        self.rows = MemoryRows()
        self.rows.keep_baseline(Baseline(None, 0.0))
        self.made = []
        self.now = 1000.0

    def send(self, **request):
        """A submission on its way."""
        self.now += 10
        return begin(self.rows, new_entry({**CAT, **request}, self.now, 60.0))

    def make(self, batch_id):
        """The service accepts something with this prompt."""
        self.now += 10
        self.made.insert(0, summary(batch_id, seconds=self.now))
        return batch_id

    def look(self, entry, **models):
        """What a submission without an answer is given; `models` are those that batches show."""
        lost = lose(self.rows, entry, self.now, 60.0)
        listing = Listing(self.made)
        free = prospects(self.rows, lost, listing).free
        candidates = [Candidate(each, _batch(each.batch_id, models)) for each in free]
        return claim(self.rows, lost, candidates, listing)


def _batch(batch_id, models):
    model = models.get(batch_id)
    return Batch(batch_id, images=() if model is None else (Image(f"im_{batch_id}", model=model),))


def test_a_batch_that_may_be_of_another_request_is_not_taken_until_that_has_its_own():
    """Two requests differ in style only, which nothing shows: the second answer decides for the first."""
    bench = Bench()
    one, other = bench.send(style="anime"), bench.send(style="noir")
    bench.make("bt_1")
    bench.make("bt_2")
    assert bench.look(one) is None
    answered(bench.rows, other, "bt_2")
    assert bench.look(one) == "bt_1"


def test_a_batch_older_than_another_request_cannot_be_of_it():
    """What was made before the other was sent is of the one before."""
    bench = Bench()
    one = bench.send(style="anime")
    bench.make("bt_1")
    third = bench.send(style="third")
    bench.make("bt_2")
    answered(bench.rows, third, "bt_2")
    later = bench.send(style="noir")
    bench.make("bt_3")
    assert bench.look(later) is None  # it may be of the first one, which may be listed late
    assert bench.look(one) == "bt_1"
    assert bench.look(later) == "bt_3"


def test_a_request_unconfirmed_for_long_stands_in_no_way():
    """Minutes after its connection ended it is not accepted any more, so that newer batches are not its own."""
    bench = Bench()
    lose(bench.rows, bench.send(style="anime"), bench.now, 0.0)
    bench.now += 600
    settled = bench.send(style="third")
    answered(bench.rows, settled, bench.make("bt_1"))
    later = bench.send(style="noir")
    bench.make("bt_2")
    assert bench.look(later) == "bt_2"


def test_a_batch_that_does_not_show_its_model_yet_is_looked_at_again():
    """It is not taken before, and then only if it is the model that was asked for."""
    bench = Bench()
    entry = bench.send(model="flux-2")
    bench.make("bt_1")
    assert bench.look(entry) is None
    assert bench.look(entry, bt_1="sdxl") is None
    assert bench.look(entry, bt_1="flux-2") == "bt_1"


def test_more_batches_than_the_journal_explains_are_not_guessed_about():
    """The same was submitted from another machine."""
    bench = Bench()
    entry = bench.send()
    bench.make("bt_1")
    bench.make("bt_2")
    assert bench.look(entry) is None


def test_a_batch_that_is_listed_late_goes_to_the_equal_submission_that_is_left():
    """The first one has taken the second one's batch; the second one takes the first one's, older than itself."""
    bench = Bench()
    first = bench.send()
    bench.make("bt_1")
    hidden = bench.made.pop()
    answered(bench.rows, bench.send(style="third"), bench.make("bt_2"))
    second = bench.send()
    bench.make("bt_3")
    assert bench.look(first) == "bt_3"
    bench.made.append(hidden)
    assert bench.look(second) == "bt_1"


def test_an_answer_that_names_a_batch_taken_from_the_list_changes_places_with_the_one_that_took_it():
    """The one that was answered looks for the other's batch, which is older than itself."""
    bench = Bench()
    first = bench.send()
    bench.make("bt_1")
    hidden = bench.made.pop()
    answered(bench.rows, bench.send(style="third"), bench.make("bt_2"))
    second = bench.send()
    bench.make("bt_3")
    assert bench.look(first) == "bt_3"
    changed = answered(bench.rows, second, "bt_3")
    bench.made.append(hidden)
    assert bench.look(changed) == "bt_1"


def test_a_batch_named_by_the_service_is_kept_whatever_was_taken_from_lists():
    """An answer is the only proof there is."""
    bench = Bench()
    lost = bench.send()
    bench.make("bt_1")
    assert bench.look(lost) == "bt_1"
    other = bench.send(style="noir")
    assert answered(bench.rows, other, "bt_1") is None
    assert bench.rows.owners(["bt_1"])["bt_1"].entry_id == other.entry_id


def test_an_id_that_comes_again_after_a_restart_of_the_service_is_taken():
    """A sandbox that was started anew counts from the beginning: no answer of today is a batch found yesterday."""
    bench = Bench()
    lost = bench.send()
    bench.make("bt_1")
    assert bench.look(lost) == "bt_1"
    bench.now += 86_400
    assert answered(bench.rows, bench.send(), "bt_1") is None


STYLES = st.sampled_from(["anime", "noir"])
FATES = st.sampled_from(["answered", "lost", "refused"])


@given(st.lists(st.tuples(STYLES, FATES, st.integers(0, 3)), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_whatever_is_lost_no_batch_is_given_to_two_or_to_another_request(plan, chance):
    """Submissions of one prompt in two styles, sent in waves, answered or lost, in any order of looking."""
    bench, truth, owned, open_ = Bench(), {}, {}, []
    for number, (style, fate, overlap) in enumerate(plan):
        entry = bench.send(style=style)
        if fate != "refused":
            truth[bench.make(f"bt_{number}")] = style
        open_.append((entry, style, fate, f"bt_{number}"))
        chance.shuffle(open_)
        while len(open_) > overlap:
            _settle(bench, *open_.pop(), owned)
    for each in open_:
        _settle(bench, *each, owned)
    for batch_id, (style, _) in owned.items():
        assert truth[batch_id] == style
    entries = [entry_id for _, entry_id in owned.values()]
    assert len(set(entries)) == len(entries)
    assert len(owned) <= len(truth)


def _settle(bench, entry, style, fate, batch_id, owned):
    if fate == "answered":
        changed = answered(bench.rows, entry, batch_id)
        found = batch_id if changed is None else bench.look(changed)
    else:
        found = bench.look(entry)
    if found is not None:
        assert found not in owned
        owned[found] = (style, entry.entry_id)


@given(st.integers(1, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_of_equal_submissions_as_many_are_found_as_were_accepted(sent, accepted, chance):
    """All lost, some accepted, batches listed in any order in time: none is left over, none is given out twice."""
    assume(accepted <= sent)
    bench = Bench()
    entries = [bench.send() for _ in range(sent)]
    for number in range(accepted):
        bench.make(f"bt_{number}")
    chance.shuffle(entries)
    found = [bench.look(entry) for entry in entries]
    assert sorted(each for each in found if each) == sorted(each.batch_id for each in bench.made)
    assert len([each for each in found if each is None]) == sent - accepted
