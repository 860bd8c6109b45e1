"""A storm of paid submissions with lost answers, from several processes: nothing twice, wrong or forgotten."""

from attrs import evolve
from measuring.storm import Storm, storm
from measuring.storm_service import Weather

SPEED = 20  # times as fast as users meet it; `python scripts/measuring/storm.py` has the whole one
SMALL = Storm(processes=3, workers=5, requests=60, speed=SPEED, weather=Weather(late=5.0 / SPEED))


def test_with_one_state_folder_each_batch_has_one_owner(face, tmp_path):
    """Equal prompts with the same or another model and style: all that was accepted is found, each batch once."""
    outcome = storm(evolve(SMALL, face=face.name), tmp_path)
    assert (outcome.posts, outcome.failed) == (60, [])
    assert (outcome.twice, outcome.wrong, outcome.unknown_though_accepted) == (0, 0, 0)
    assert outcome.found + outcome.unknown == 60
    assert 0 < outcome.unknown < 15  # a tenth was lost and not accepted


def test_machines_that_share_a_database_give_each_batch_one_owner(face, tmp_path, database_url):
    """A state folder each, as machines have it, and one database: the same as with one state folder."""
    outcome = storm(evolve(SMALL, face=face.name, shares_folder=False, database_url=database_url), tmp_path)
    assert (outcome.posts, outcome.failed) == (60, [])
    assert (outcome.twice, outcome.wrong, outcome.unknown_though_accepted) == (0, 0, 0)
    assert outcome.found + outcome.unknown == 60


def test_with_a_state_folder_each_no_batch_of_another_model_is_taken(face, tmp_path):
    """Processes that cannot know of each other still tell batches apart by all that can be seen."""
    outcome = storm(evolve(SMALL, face=face.name, shares_folder=False, weather=Weather(late=0.25, seed=1)), tmp_path)
    assert (outcome.posts, outcome.failed, outcome.wrong) == (60, [], 0)
