"""A real sshd with root and a plain login, its temporary files apart, and what to scan it by."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.protocols import PublicKey
from tests.acceptance.servers import PASSWD
from tests.acceptance.servers import serving as sshd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.servers import Server

HERE = Path(__file__).parent
CONTENT = Path("/usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml")
LOGIN = "ops"
JOURNAL = """\
#!/bin/sh
TMPDIR={folder}/tmp
LD_LIBRARY_PATH={folder}/lib
export TMPDIR LD_LIBRARY_PATH
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
"""


@dataclass(frozen=True)
class Scanned:
    """The server and its private key."""

    server: Server
    private_key: str

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        """Fill HostKeys with the server's own key."""
        kind, data = self.server.file("ssh/host.pub").read_text().split()[:2]
        return [PublicKey(kind, data)]

    def left(self) -> list[str]:
        """Return what lies in its directory of temporary files."""
        return sorted(path.name for path in (self.server.folder / "tmp").iterdir())


def leavings() -> set[str]:
    """Return OpenSCAP's own leavings, which it puts in /tmp whatever one says."""
    return {path.name for path in Path("/tmp").glob("oscap.??????")}


@contextmanager
def scanned() -> Iterator[Scanned]:
    """Yield a server that can be scanned; its directories can be passed by everybody."""
    if shutil.which("oscap") is None:
        pytest.skip("openscap-scanner is not installed")
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder)
        shared.chmod(0o755)
        with sshd(shared, 1) as (server,):
            temporary = server.folder / "tmp"
            temporary.mkdir()
            temporary.chmod(0o1777)
            _bring_libraries(server.folder / "lib")
            (server.folder / "journal").write_text(JOURNAL.format(folder=server.folder))
            server.file("passwd").write_text(f"{PASSWD}{LOGIN}:x:1000:1000::/:/bin/sh\n")
            server.file("closed").mkdir(mode=0o700)
            server.file("closed/list").write_text("somebody\n")
            yield Scanned(server, (shared / "login").read_text())


def _bring_libraries(folder: Path) -> None:
    """Copy what `oscap` loads: where sshd is of the lab's tree, so is the server's /usr/lib."""
    folder.mkdir()
    told = subprocess.run(["ldd", str(shutil.which("oscap"))], check=True, capture_output=True)
    for word in told.stdout.decode().split():
        if word.startswith("/") and "/ld-linux" not in word:
            shutil.copy(word, folder)


@cache
def datastream() -> bytes:
    """Return the tests' own benchmark as one datastream, as OpenSCAP puts it together."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["oscap", "ds", "sds-compose", "server-xccdf.xml", f"{folder}/ds.xml"]
        subprocess.run(words, cwd=HERE, check=True, capture_output=True)
        return Path(folder, "ds.xml").read_bytes()


def of_another_release() -> bytes:
    """Return Debian 11's content, of which nothing applies to Debian 12."""
    if not CONTENT.exists():
        pytest.skip("ssg-debian is not installed")
    return CONTENT.read_bytes()
