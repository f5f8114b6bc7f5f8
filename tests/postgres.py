"""Debian's PostgreSQL for one test run: a throw-away cluster that only a socket reaches."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url, text

if TYPE_CHECKING:
    from collections.abc import Iterator

BINARIES = Path("/usr/lib/postgresql/15/bin")
MISSING = f"PostgreSQL is not installed: {BINARIES} is absent (apt-get install postgresql-15)"
_NUMBERS = count(1)
# Nothing of a test's cluster needs to survive a power cut.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
_AS_PACKAGED = ("max_connections=60",)
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;  -- foreign keys do not ask for an order
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', name); END LOOP;
END $$
"""


def installed() -> bool:
    """Tell whether a cluster can be started here."""
    return (BINARIES / "initdb").exists()


@dataclass(frozen=True)
class Cluster:
    """A running server; `directory` holds its socket."""

    directory: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://hatang@/{database}?host={self.directory}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements that may not stand in a transaction."""
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def create(self, template: str = "template1") -> str:
        """Create a database as a copy of `template` and return its URL."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def empty(self, name: str) -> None:
        """Empty all tables of a database: 20 times faster than copying a template anew."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
        self.execute(_EMPTY, database=name)


def _owner() -> pwd.struct_passwd | None:
    """Whom the server runs as: initdb refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise LookupError("neither postgres nor nobody exists here")


def _command(owner: pwd.struct_passwd | None, *words: str) -> list[str]:
    # The kernel ends the server with us, even when the test run is killed.
    become = ["setpriv", "--pdeathsig", "INT"]
    if owner is not None:
        become += ["--reuid", owner.pw_name, "--regid", str(owner.pw_gid), "--clear-groups"]
    return [*become, "--", *words]


@dataclass
class Server:
    """A server that can be killed and started again over its files."""

    cluster: Cluster
    owner: pwd.struct_passwd | None
    address: str
    settings: tuple[str, ...] = _FAST
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.cluster.directory / "data"

    def start(self) -> None:
        """Start it and wait until it answers; after a crash it recovers first."""
        self.process = _start(self)

    def crash(self) -> None:
        """Kill it and every process of it with kill -9."""
        assert self.process is not None
        pid = self.process.pid
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, below)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.process.wait(timeout=20)
        self.process = None


@contextlib.contextmanager
def running(address: str = "") -> Iterator[Cluster]:
    """Start a server, yield it, and leave neither a process nor a file.

    It listens on its socket, and at port 5432 of `address` when one is given.
    """
    with serving(address) as server:
        yield server.cluster


@contextlib.contextmanager
def serving(address: str = "", *, durable: bool = False) -> Iterator[Server]:
    """As `running`, but yields what can also crash it; `durable` keeps what was committed."""
    directory = Path(tempfile.mkdtemp(prefix="hatang-pg-", dir="/tmp"))
    owner = _owner()
    if owner is not None:
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    settings = _AS_PACKAGED if durable else _FAST
    server = Server(Cluster(directory), owner, address, settings)
    try:
        initdb = (str(BINARIES / "initdb"), "-D", str(server.data), "-U", "hatang", "-A", "trust")
        options = ("-N", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(
            _command(owner, *initdb, *options), check=True, capture_output=True, cwd=directory
        )
        server.start()
        yield server
    finally:
        if server.process is not None:
            _stop(owner, server.data, server.process)
        shutil.rmtree(directory, ignore_errors=True)


def _start(server: Server) -> subprocess.Popen[bytes]:
    directory = server.cluster.directory
    settings = (word for setting in server.settings for word in ("-c", setting))
    place = ("-D", str(server.data), "-k", str(directory), "-h", server.address)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            _command(server.owner, str(BINARIES / "postgres"), *place, *settings),
            stdout=log, stderr=log, cwd=directory,
        )  # fmt: skip
    deadline = time.monotonic() + 30
    ready = [str(BINARIES / "pg_isready"), "-q", "-h", str(directory)]
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((directory / "log").read_text("utf-8", errors="replace"))
        time.sleep(0.05)
    return process


def _stop(owner: pwd.struct_passwd | None, data: Path, server: subprocess.Popen[bytes]) -> None:
    stop = (str(BINARIES / "pg_ctl"), "-D", str(data), "-m", "immediate", "-s", "stop")
    subprocess.run(_command(owner, *stop), check=False, cwd="/")
    server.wait(timeout=20)
