"""What a dispatcher finds out from lists that do not tell all: every item ends, with all of its pictures."""

import pytest

from pixola_ext.models import COMPLETE, FAILED, REJECTED
from tests.bulk.lists import Account, play


def assert_found(account, known, count):
    """Each item has ended with exactly the pictures that its batch has."""
    assert sorted(known) == list(range(count))
    for batch in known.values():
        assert batch is not None
        assert {image.image_id for image in batch.completed} == account.truth(batch.batch_id)


@pytest.mark.parametrize("shows_making", [True, False])
@pytest.mark.parametrize("images", [1, 2, 4])
def test_batches_of_any_number_of_images_come_whole(images, shows_making):
    """Whether the list shows pictures in the making or only those that are there, one by one."""

    def make(number):
        return {"ends": [8.0 + 2.5 * place + number % 3 for place in range(images)], "statuses": [COMPLETE] * images}

    account = Account(make, shows_making)
    assert_found(account, play(account, 40), 40)


@pytest.mark.parametrize("shows_making", [True, False])
def test_batches_of_one_kind_may_differ_in_their_number_of_images(shows_making):
    """Which is noticed while it can be: after that each batch is counted."""

    def make(number):
        images = 3 if number == 0 else 1
        return {"ends": [3.0 if number else 0.5] * images, "statuses": [COMPLETE] * images}

    account = Account(make, shows_making)
    assert_found(account, play(account, 30), 30)


@pytest.mark.parametrize("status", [FAILED, REJECTED])
def test_batches_that_end_without_an_image_are_found(status):
    """Among the batches if there are several, else by themselves; the pictures of the others are not late for it."""
    for failing in ({3}, set(range(0, 30, 3))):
        account = Account(
            lambda number, failing=failing: (
                {"ends": (), "statuses": (), "failure": status} if number in failing else {"ends": (9.0,)}
            )
        )
        known = play(account, 30)
        assert_found(account, known, 30)
        assert {number for number, batch in known.items() if batch.status == status} == failing
        assert account.now < 120.0


def test_partial_batches_come_with_what_they_have():
    """The pictures that are there and the images that failed."""
    account = Account(lambda _number: {"ends": (5.0, 9.0, 11.0), "statuses": (COMPLETE, FAILED, COMPLETE)})
    known = play(account, 12)
    assert_found(account, known, 12)
    assert {len(batch.images) for batch in known.values()} == {3}


def test_a_stale_list_of_images_does_not_hold_a_batch_up():
    """It shows some in the making for ever, although they have ended: they are looked up by other means."""
    account = Account(lambda number: {"is_stale": number % 4 == 0})
    assert_found(account, play(account, 24), 24)
    assert account.now < 300.0


@pytest.mark.parametrize("counted", [None, 0, 7, -3, "true"])
def test_the_image_count_may_be_missing_or_wrong(counted):
    """Then a batch is read by itself before it is believed to have nothing."""
    account = Account(lambda number: {"counted": counted, "is_stale": number % 3 == 0}, shows_making=False)
    assert_found(account, play(account, 15), 15)


def test_a_batch_in_no_list_is_read_by_itself():
    """Also if there are many of them."""
    account = Account(lambda _number: {"is_stale": True, "is_in_batches": False})
    assert_found(account, play(account, 15), 15)


def test_a_batch_whose_images_were_not_counted_is_read_by_itself_if_no_list_of_batches_has_it():
    """All of its images may be there."""
    account = Account(lambda _number: {"ends": (3.0, 3.0), "statuses": [COMPLETE] * 2, "is_in_batches": False}, False)
    assert_found(account, play(account, 5), 5)
    assert account.now < 120.0


def test_a_batch_that_is_nowhere_is_waited_for_and_given_up():
    """The others are not held up, and it takes few requests."""
    account = Account(lambda number: {"is_in_batches": number > 1, "is_there": number > 1, "is_stale": number < 2})
    account.shows_making = False
    known = play(account, 20)
    assert [number for number, batch in known.items() if batch is None] == [0, 1]
    assert account.reads < 150


@pytest.mark.parametrize("others", [90, 350])
def test_pictures_of_other_programs_push_ours_to_further_pages(others):
    """Where they are looked for, or by other means."""
    account = Account()
    submit = account.submit

    def pushed(number):
        batch_id = submit(number)
        if number == 11:
            account.push(others)
        return batch_id

    account.submit = pushed  # type: ignore[method-assign]
    assert_found(account, play(account, 12), 12)


@pytest.mark.parametrize("shows_making", [True, False])
def test_the_history_of_an_old_account_is_not_read(shows_making):
    """Two batches without an image are no reason to walk down twenty thousand pictures."""
    account = Account(lambda number: {"ends": (), "statuses": ()} if number < 3 else {}, shows_making)
    account.push(20_000, at=-1000.0)
    assert_found(account, play(account, 12), 12)
    assert account.pages < 160


def test_more_pictures_than_a_page_are_found():
    """A hundred and eight that end at the same time."""
    account = Account(lambda number: {"ends": (62.0 - 0.5 * number,)})
    assert_found(account, play(account, 108), 108)


def test_one_id_for_two_submissions_ends_both():
    """Which only a broken service gives."""
    account = Account()
    account.submit(0)
    account.submit = lambda _number: "b0"  # type: ignore[method-assign]
    assert sorted(play(account, 3)) == [0, 1, 2]
