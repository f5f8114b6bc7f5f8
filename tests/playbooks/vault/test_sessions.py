"""What a device says over a real session, whatever it is, ends and is told as what it is.

The server is Debian's sshd; the switch behind it is a few lines of shell.
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from baselines import engine, packs
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from hatang.errors import Reason
from hatang.gates import Verdict
from playbooks.vault.collection import Collection, collect_many
from tests.acceptance.servers import serving
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from tests.acceptance.servers import Server

pytestmark = pytest.mark.slow

SWITCH = """\
#!/bin/sh
stty -echo -opost
printf 'sw-9#\\r\\n%% see sw-1> and sw-1# below\\r\\n'
while printf 'sw-1#' && read -r line; do
  line=$(printf %s "$line" | tr -d '\\r'); printf '%s\\r\\n' "$line"
  case $line in
    exit) exit 0 ;;
    'show running-config') {answer} ;;
  esac
done
"""
GOOD = "hostname sw-1\r\nno ip http server\r\nline vty 0 4\r\n transport input ssh\r\nend\r\n"
FAKE = "hostname sw-1\r\nbanner motd ^C\r\nsw-1#\r\nsw-1>\r\n^C\r\nno ip http server\r\nend\r\n"
CUT = "hostname sw-1\r\nline vty 0 4\r\n transport input ssh\r\n"
MEGABYTES, SECONDS = 300, 90.0
"""What a session may take of memory, with all that this process holds, and of time."""
RULES = tuple(packs.load().rules)


class Keys:
    """Fills HostKeys with the server's own key."""

    def __init__(self, server: Server) -> None:
        kind, data = server.file("ssh/host.pub").read_text().split()[:2]
        self._key = PublicKey(kind, data)

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        del host, port
        return [self._key]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("switch"), 1) as (one,):
        yield one


def answering(server: Server, answer: str) -> None:
    """Let the switch answer with what this line of shell prints."""
    script = server.folder / "journal"
    script.write_text(SWITCH.replace("{answer}", answer))


def saying(server: Server, text: bytes) -> None:
    """Let the switch answer with these bytes."""
    path = server.folder / "running"
    path.write_bytes(text)
    answering(server, f"cat {path}")


def asked(database: Database, server: Server) -> Collection:
    """Collect from the switch as a round does."""
    login = SshLogin("root", private_key=(server.folder.parent / "login").read_text())
    target = Target(server.name, server.address, server.port)
    with database.write() as session:
        access = device(session, "sw-1", "cisco_ios")
    access = replace(access, ssh=target, api=target, login=login, cli_login=login)
    (found,) = collect_many(database, [access], Keys(server))
    return found


def judged(found: Collection) -> set[tuple[Verdict, str]]:
    """Return the verdicts of what was collected, with their reasons."""
    assert found.collected is not None, found.message
    findings, _tree = engine.Engine(RULES).audit(found.collected.text, "ios", is_whole=True)
    return {(one.verdict, one.reason) for one in findings}


def check_unknown(found: Collection, reason: str) -> None:
    """Nothing was judged by it, and it is said why."""
    verdicts = judged(found)
    assert not {Verdict.PASS, Verdict.FAIL} & {verdict for verdict, _reason in verdicts}
    assert (Verdict.UNKNOWN, reason) in verdicts


def test_a_whole_configuration_is_read_after_prompts_that_are_none(
    sqlite_database: Database, server: Server
) -> None:
    saying(server, GOOD.encode())
    found = asked(sqlite_database, server)
    assert found.collected is not None, found.message
    assert found.collected.text.split("\n")[-2:] == [" transport input ssh", "end"]
    assert Verdict.PASS in {verdict for verdict, _reason in judged(found)}


def test_letters_that_two_packets_share_are_kept(sqlite_database: Database, server: Server) -> None:
    line = "interface Gi0/1\r\n description Trụ sở Ủy ban nhân dân tỉnh\r\n"
    saying(server, (line * 20_000 + "end\r\n").encode())
    found = asked(sqlite_database, server)
    assert found.collected is not None, found.message
    assert found.collected.text.count("Trụ sở Ủy ban nhân dân tỉnh") == 20_000


def test_a_prompt_in_a_banner_that_is_taken_for_the_end_passes_nothing(
    sqlite_database: Database, server: Server
) -> None:
    saying(server, FAKE[: FAKE.index("sw-1>")].encode())
    answering(
        server, f"cat {server.folder}/running; sleep 2; printf '%s\\r\\n' 'no ip http server' end"
    )
    check_unknown(asked(sqlite_database, server), "truncated")


def test_a_text_that_was_cut_off_passes_nothing(sqlite_database: Database, server: Server) -> None:
    saying(server, CUT.encode())
    check_unknown(asked(sqlite_database, server), "truncated")


def test_bytes_that_are_no_text_pass_nothing(sqlite_database: Database, server: Server) -> None:
    saying(server, b"hostname sw-1\r\n" + bytes(range(128, 256)) * 64 + b"\r\nend\r\n")
    check_unknown(asked(sqlite_database, server), "binary")


@pytest.mark.parametrize(
    "answer",
    ["yes 'interface GigabitEthernet0/1' | head -c 50000000", "yes 'interface Gi0/1'"],
    ids=["50 MB", "without an end"],
)
def test_a_device_that_does_not_stop_is_left_with_a_reason_in_bounds(
    sqlite_database: Database, server: Server, answer: str
) -> None:
    answering(server, answer)
    before, began = _megabytes(), time.monotonic()
    found = asked(sqlite_database, server)
    assert found.collected is None
    assert found.reason is Reason.PROTOCOL_ERROR
    assert "bytes to one command" in found.message
    assert time.monotonic() - began < SECONDS
    assert _megabytes() - before < MEGABYTES


def _megabytes() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
