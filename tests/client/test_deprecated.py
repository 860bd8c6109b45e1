"""Old names: they work for one more release, and say which name is the new one."""

import pytest

from pixola_ext import Pixola, WaitTimeoutError
from tests.support.wire import reply


def answers(heard):
    """A batch that never ends."""
    if heard.method == "POST":
        return reply({"batchId": "bt_1"})
    return reply({"batches": []} if heard.target.partition("?")[0].endswith("/batches") else {"batchId": "bt_1"})


def test_generate_has_the_name_of_the_option_that_it_overrides(px, service):
    """`wait_timeout`, as `with_options` has it; `timeout` means the same and warns."""
    service.script = answers
    with pytest.raises(WaitTimeoutError) as caught:  # and no warning, which would be an error
        px.generate("A fox", wait_timeout=7)
    assert caught.value.timeout == 7
    with pytest.warns(DeprecationWarning, match="wait_timeout"), pytest.raises(WaitTimeoutError) as caught:
        px.generate("A fox", timeout=5)
    assert caught.value.timeout == 5


def test_a_warning_names_the_line_of_the_caller():
    """Where the old name has to be replaced."""
    with Pixola.sandbox() as client, pytest.warns(DeprecationWarning, match="wait_timeout") as told:
        client.generate("A fox", timeout=60)
    assert [each.filename for each in told] == [__file__]
