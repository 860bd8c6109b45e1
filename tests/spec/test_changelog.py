"""A regeneration enters what users gain and lose in the changelog, once, under what is not released."""

import public_api
import pytest
from comparing.changes import Change
from reporting.changelog import entered
from reporting.surfaces import Addition

from tests.support import ROOT

SEED = Addition("Image.seed", "image.seed", "int | None")
GONE = Change("breaking", "GET /credits", "The operation is gone.", "operation-removed")
WORD = Change("breaking", "GET /batches/{batchId} 200 status", 'Possible now: "x".', "response-enum-widened")
ADDED = "- From the document: `Image.seed`.\n"
CHANGED = "- In the document, GET /credits: The operation is gone. This concerns `px.credits`.\n"

CHANGELOGS = [
    ("# C\n\n## [Unreleased]\n\n## [1.0.0]\n\n### Added\n\n- y\n", "## [1.0.0]\n\n### Added\n\n- y\n"),
    ("# C\n\n## [Unreleased]\n\n### Added\n\n- x\n\n### Fixed\n\n- z\n\n## [1.0.0]\n\n- y\n", "## [1.0.0]\n\n- y\n"),
    ("# C\n\n## [Unreleased]\n\n### Changed\n\n- x\n", ""),
    ("# C\n\n## [Unreleased]\n", ""),
]


@pytest.mark.parametrize(("before", "released"), CHANGELOGS)
def test_gains_and_losses_are_entered_once(before, released):
    """Each under its heading, which is made if it is missing; what is released stays as it is."""
    after = entered(before, [SEED], [GONE, WORD])
    assert after.removesuffix(released) != after or not released
    unreleased = after.removesuffix(released)
    assert [after.count(each) for each in (ADDED, CHANGED, "### Changed", "Possible now")] == [1, 1, 1, 0]
    assert unreleased.count("### Added") == 1
    assert entered(after, [SEED], [GONE]) == after
    for line in before.splitlines():
        assert line in after.splitlines()
    assert "\n\n\n" not in after
    assert after.endswith("\n")
    assert not after.endswith("\n\n")
    sections = public_api.sections_since(after, "v1.0.0")
    assert ADDED in sections["Added"]
    assert CHANGED in sections["Changed"]


def test_with_nothing_to_tell_it_stays_as_it_is():
    """Other texts, another order; and a changelog without a section for it is somebody's own."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert entered(changelog, [], [WORD]) == changelog
    assert entered("# C\n", [SEED], [GONE]) == "# C\n"


def test_a_long_list_is_wrapped():
    """No name is cut."""
    names = [f"px.call(get_something_{number}.operation())" for number in range(20)]
    after = entered("## [Unreleased]\n", [Addition(name, name) for name in names], [])
    assert max(map(len, after.splitlines())) <= 120
    assert all(f"`{name}`" in after for name in names)
