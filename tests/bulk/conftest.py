"""A ledger of each store."""

import pytest

from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.opening import open_ledger


@pytest.fixture(params=["memory", "file"])
def ledger(request, tmp_path):
    """An empty ledger."""
    opened = MemoryLedger() if request.param == "memory" else open_ledger(tmp_path)
    yield opened
    opened.close()
