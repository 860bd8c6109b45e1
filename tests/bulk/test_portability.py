"""Another database is configuration: the statements are those of any SQL, and lock rows where there are row locks."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.schema import CreateTable

from pixola_ext._bulk import database_rows, tables

STATEMENTS = {
    name: value for name, value in vars(database_rows).items() if isinstance(value, sa.Select | sa.Update | sa.Delete)
}
DIALECTS = [postgresql.dialect(), mysql.dialect(), sqlite.dialect()]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_statement_is_portable(dialect):
    """Every statement and every table can be written for the database."""
    assert STATEMENTS
    for statement in STATEMENTS.values():
        assert str(statement.compile(dialect=dialect))
    for name in tables.NAMES:
        assert str(CreateTable(tables.items.metadata.tables[name]).compile(dialect=dialect))


@pytest.mark.parametrize("name", ["_UNOWNED", "_EXPIRED"])
def test_runs_do_not_wait_for_each_others_claims(name):
    """Where rows are locked, a claim leaves out those that another run is just claiming."""
    assert "FOR UPDATE SKIP LOCKED" in str(STATEMENTS[name].compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize("name", ["_OF_NUMBER", "_SPENDING", "_OWNED"])
def test_what_is_read_for_a_change_is_locked(name):
    """Where rows are locked, an item or the credits stay as they are until the change is made."""
    assert str(STATEMENTS[name].compile(dialect=postgresql.dialect())).endswith("FOR UPDATE")
