"""A ledger of each store."""

import pytest

from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.opening import open_ledger


@pytest.fixture(params=["memory", "file", "postgres"])
def ledger(request, tmp_path):
    """An empty ledger."""
    if request.param == "memory":
        opened = MemoryLedger()
    else:
        url = request.getfixturevalue("database_url") if request.param == "postgres" else None
        opened = open_ledger(tmp_path, url)
    yield opened
    opened.close()
