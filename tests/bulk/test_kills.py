"""A run that is killed again and again loses nothing and pays for nothing twice; `make storm` has ten times as many."""

from storm import storm

_KILLS = 20
_ITEMS = 20


def test_a_run_that_is_killed_pays_for_nothing_twice(tmp_path):
    """A fifth of the answers is lost; at the end each item has its picture once, and what is charged was delivered."""
    _killed, found = storm(_KILLS, _ITEMS, tmp_path)
    assert found["exit"] == 0, found
    assert found["pictures at the service"] == found["delivered"] == found["files"] == _ITEMS, found
    assert found["twice"] == 0
    assert found["charged"] == found["charged for the delivered"]
