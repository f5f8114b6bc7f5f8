"""A server takes back what nobody confirmed: over real sshd, and with a real kernel's settings.

The truth is in the server's own files. Each mutant of the helper that gives a promise up must be
told apart.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import socket
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from napalm.base.exceptions import MergeConfigException

from hatang import clock
from hatang.drivers.napalm import NapalmOptions, open_napalm
from hatang.drivers.protocols import CommandResult, PublicKey
from hatang.drivers.target import SshLogin, Target
from inventory import platforms
from inventory.platforms.schema import Managed
from playbooks.changes.push import Order, Outcome, hash_diff, push
from playbooks.choices import TargetState
from playbooks.drivers.linux import HELPER, LinuxDriver, files
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hatang.drivers.napalm import NapalmSession
    from inventory.platforms import Platform
    from tests.acceptance.servers import Server

SECONDS = 10
DOOR = Managed(
    path="/etc/door",
    check='grep -qx -e open -e shut "$1" || { echo "$1 is neither open nor shut"; exit 1; }',
    runs="true",
    keep="cat /etc/ssh/sshd_config",
    apply="""
        grep -q timer.sh /proc/[0-9]*/cmdline 2>/dev/null && echo armed >>/etc/journal
        echo applied >>/etc/journal
        sed 's/^ListenAddress .*/ListenAddress 127.251.0.9/' /etc/ssh/sshd_config >/etc/away
        grep -q open "$1" || cat /etc/away >/etc/ssh/sshd_config
        kill -HUP 1""",
    back='echo back >>/etc/journal; cat "$1" >/etc/ssh/sshd_config; kill -HUP 1',
)
BROKEN = Managed(
    path="/etc/broken", check="true", runs="true", keep="true", apply="exit 3", back="true"
)
STATE = "HATANG_CC_STATE=/etc/hatang-cc"
OPEN, SHUT = "# file: /etc/door\nopen\n", "# file: /etc/door\nshut\n"


class DoorDriver(LinuxDriver):
    """A server whose managed files are a door that sshd stands behind, and one that never holds."""

    sabotage: ClassVar[dict[str, str]] = {}

    @property
    def platform(self) -> Platform:
        return platforms.get("linux").model_copy(update={"managed": (DOOR, BROKEN)})

    def get_config(self, *_wanted: Any, **_more: Any) -> dict[str, str]:
        told = self._ssh.run("cat /etc/door; grep ListenAddress /etc/ssh/sshd_config")
        return {"running": told.stdout, "startup": "", "candidate": ""}

    def _helper(self) -> str:
        text = super()._helper()
        for old, new in self.sabotage.items():
            assert old in text
            text = text.replace(old, new)
        return f"{STATE}\n{text}"


SABOTAGES = {
    "never armed": {'    timer "$1" || {': "    true || {"},
    "armed after applying": {
        '    timer "$1" || {': "    true || {",
        "    done\n}\n\nconfirm() {": '    done\n    timer "$1"\n}\n\nconfirm() {',
    },
    "confirmed before it is proven": {
        "begin() {": 'begin() { begun "$@" && confirm; }\nbegun() {',
    },
    "written early": {"    try\n": '    try\n    cp "$staging/001/wanted" /etc/door\n'},
}


class Keys:
    """Fills HostKeys with the server's own key."""

    def __init__(self, server: Server) -> None:
        kind, data = server.file("ssh/host.pub").read_text().split()[:2]
        self._key = PublicKey(kind, data)

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        return [self._key]


class Watch:
    """Fills Guard: nobody else takes the server."""

    def hold(self) -> None:
        """Nobody does."""

    def arm(self) -> Any:
        return clock.now()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, 1) as (one,):
        yield one


def connect(server: Server, driver: type = DoorDriver, commit_id: str = "c-1") -> NapalmSession:
    login = SshLogin("root", private_key=(server.folder.parent / "login").read_text())
    target = Target(server.name, server.address, server.port)
    options = NapalmOptions(driver, optional_args={"commit_id": commit_id})
    return open_napalm(target, login, Keys(server), options)


def reached(server: Server, commit_id: str = "c-1") -> NapalmSession:
    """Log in once sshd, told to read its configuration anew, listens again."""

    def listens() -> bool:
        with socket.socket() as trial:
            return trial.connect_ex((server.address, server.port)) == 0

    # Both asks: the first may still meet the sshd that is about to begin anew.
    assert eventually(lambda: listens() and not select.select([], [], [], 0.5)[0] and listens(), 20)
    return connect(server, commit_id=commit_id)


def identify(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def pushed(server: Server, text: str, driver: type = DoorDriver) -> Outcome:
    with connect(server) as session:
        before = session.call("get_config", retrieve="running")["running"]
        session.call("load_merge_candidate", config=text)
        diff = session.call("compare_config")
    order = Order(
        rendered=text,
        diff_sha256=hash_diff(diff),
        before_identity=identify(before),
        revert_seconds=SECONDS,
        started_at=clock.now(),
        commit_id="c-1",
        username="root",
    )

    def wait(_seconds: float) -> None:
        select.select([], [], [], 0.3)

    return push(order, partial(connect, server, driver), identify, Watch(), wait=wait)


def check_comes_back(server: Server, driver: type = DoorDriver) -> None:
    outcome = pushed(server, SHUT, driver)
    journal = server.file("journal")
    hold(outcome.state is TargetState.REVERTED, f"the push says {outcome.state}")
    hold(journal.read_text().split() == ["armed", "applied", "back"], journal.read_text())
    hold(not server.file("door").exists(), "the file was written")


@pytest.mark.slow
def test_a_push_that_locks_itself_out_comes_back(server: Server) -> None:
    check_comes_back(server)


@pytest.mark.slow
@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_a_helper_that_breaks_a_promise(name: str, server: Server) -> None:
    broken = type("Broken", (DoorDriver,), {"sabotage": SABOTAGES[name]})
    with turns_red():
        check_comes_back(server, broken)


@pytest.mark.slow
def test_a_push_that_works_is_kept_and_only_then_written(server: Server) -> None:
    with connect(server) as session:
        session.call("load_merge_candidate", config=OPEN)
        assert session.call("compare_config") == "# file: /etc/door\n+open"
        session.call("commit_config", revert_in=60)
        assert not server.file("door").exists()
        assert [one.name for one in session.call("pending_commits")] == ["c-1"]
    with reached(server, "c-2") as session:
        assert session.call("pending_commits") == []
        session.call("load_merge_candidate", config=OPEN)
        with pytest.raises(Exception, match="another change is pending"):
            session.call("commit_config", revert_in=60)
    with reached(server) as session:
        session.call("confirm_commit")
        assert server.file("door").read_text() == "open\n"
        session.call("load_merge_candidate", config=OPEN)
        assert session.call("compare_config") == ""
        assert session.call("pending_commits") == []


@pytest.mark.slow
def test_what_does_not_come_into_effect_takes_all_files_back(server: Server) -> None:
    outcome = pushed(server, f"{OPEN}# file: /etc/broken\nx\n")
    assert outcome.state is TargetState.REJECTED
    assert server.file("journal").read_text().split() == ["armed", "applied", "back"]
    with reached(server) as session, pytest.raises(Exception, match="neither open nor shut"):
        session.call("load_merge_candidate", config="# file: /etc/door\najar\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open\n", "stands in no file"),
        ("# file: /etc/shadow\n", "is none of /etc/door"),
        ("# file: /etc/door\n# file: /etc/door\n", "twice"),
        ("\n", "names no file"),
    ],
)
def test_a_text_that_names_no_managed_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        files(text, {"/etc/door"})


def test_a_file_keeps_its_remarks_and_blank_lines() -> None:
    found = files("# file: /etc/door\n# why\n\nopen\n", {"/etc/door"})
    assert found == {"/etc/door": "# why\n\nopen\n"}


SETTING, OTHER = "net.ipv4.conf.all.log_martians", "net.ipv4.conf.all.rp_filter"


@pytest.fixture
def network(tmp_path: Path) -> Iterator[list[str]]:
    """Yield the words that run a command in a network and an /etc of its own."""
    if os.geteuid() != 0 or not shutil.which("nft"):
        pytest.skip("a network of its own needs root, its rules nft")
    (tmp_path / "etc" / "sysctl.d").mkdir(parents=True)
    shutil.copy("/etc/ld.so.cache", tmp_path / "etc")
    inside = f"mount --bind {tmp_path}/etc /etc && exec sleep 600"
    keeper = subprocess.Popen(
        ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", inside]
    )
    words = ["nsenter", "--net", "--mount", f"--target={keeper.pid}"]
    try:
        mounted = [*words, "test", "!", "-e", "/etc/passwd"]
        assert eventually(lambda: subprocess.run(mounted, check=False).returncode == 0, 10)
        yield words
    finally:
        keeper.kill()
        keeper.wait()


class Here(LinuxDriver):
    """The driver of Linux, whose commands run behind `words` instead of over SSH."""

    def __init__(self, words: list[str]) -> None:
        super().__init__("here", "root", "", optional_args={"commit_id": "c-1"})
        self.words = words

    def _helper(self) -> str:
        return f"{STATE}\n{HELPER.read_text()}"

    def _ask(self, verb: str, candidate: Mapping[str, str]) -> Any:
        self._session = self
        return super()._ask(verb, candidate)

    def run(self, command: str, data: bytes, _seconds: float) -> Any:
        words = [*self.words, "sh", "-c", command]
        done = subprocess.run(words, input=data, capture_output=True, check=False)
        return CommandResult(done.stdout.decode(), done.stderr.decode(), done.returncode)

    def said(self, *command: str) -> str:
        done = subprocess.run([*self.words, *command], capture_output=True, check=True, text=True)
        return done.stdout.strip()


@pytest.fixture
def here(network: list[str]) -> Here:
    driver = Here(network)
    driver.said("sh", "-c", "nft add table inet filter; nft add chain inet filter old")
    driver.said("sysctl", "-q", "-w", f"{SETTING}=0", f"{OTHER}=0")
    return driver


BOTH = (
    f"# file: /etc/sysctl.d/60-hatang.conf\n{SETTING} = 1\n"
    "# file: /etc/nftables.conf\nflush ruleset\ntable inet filter {\n chain new {\n }\n}\n"
)


def runs(here: Here) -> tuple[str, str]:
    return here.said("sysctl", "-n", SETTING), here.said("nft", "list", "chains")


@pytest.mark.slow
def test_settings_and_rules_of_a_real_kernel_come_back_by_themselves(here: Here) -> None:
    before = runs(here)
    here.load_merge_candidate(config=BOTH)
    here.commit_config(revert_in=3)
    setting, chains = runs(here)
    assert (setting, "chain new" in chains, "chain old" in chains) == ("1", True, False)
    assert eventually(lambda: not here.has_pending_commit(), 20)
    assert runs(here) == before
    assert here.said("ls", "/etc/sysctl.d") == ""


@pytest.mark.slow
def test_settings_and_rules_of_a_real_kernel_are_kept_and_written(here: Here) -> None:
    here.load_merge_candidate(config=BOTH)
    here.commit_config(revert_in=60)
    here.confirm_commit()
    assert here.said("cat", "/etc/sysctl.d/60-hatang.conf") == f"{SETTING} = 1"
    assert "chain new" in here.said("cat", "/etc/nftables.conf")
    assert runs(here)[0] == "1"


def keep(here: Here, text: str, commit_id: str = "c-1") -> None:
    """Bring `text` in and confirm it; it is the candidate once more afterwards."""
    here._commit_id = commit_id
    here.load_merge_candidate(config=text)
    here.commit_config(revert_in=60)
    here.confirm_commit()
    here.load_merge_candidate(config=text)


@pytest.mark.slow
def test_files_as_wanted_are_not_unchanged_while_something_else_runs(here: Here) -> None:
    keep(here, BOTH)
    assert here.compare_config() == ""
    here.said("sysctl", "-q", "-w", f"{SETTING}=0")
    here.said("sh", "-c", "nft add rule inet filter new ip saddr 10.0.0.1 counter drop")
    assert here.compare_config().splitlines() == [
        "# runs: /etc/sysctl.d/60-hatang.conf",
        f"-{SETTING} = 0",
        f"+{SETTING} = 1",
        "# runs: /etc/nftables.conf",
        "-\t\tip saddr 10.0.0.1 counter drop",
    ]
    keep(here, BOTH, "c-2")
    assert here.compare_config() == ""


@pytest.mark.slow
def test_how_values_and_rules_are_written_makes_no_difference(here: Here) -> None:
    keep(
        here,
        "# file: /etc/sysctl.d/60-hatang.conf\n; why\n"
        f"{SETTING}=0\n  {SETTING} =  1 \nnet.ipv4.ip_local_port_range = 40000\t  50000\n"
        "# file: /etc/nftables.conf\nflush ruleset\ntable inet filter {\n chain new {\n"
        "  iif lo accept; iifname port1 counter packets 7 bytes 9 accept\n }\n}\n",
    )
    assert here.compare_config() == ""


class Blind(Here):
    """A server that cannot tell what runs."""

    @property
    def platform(self) -> Platform:
        known = platforms.get("linux")
        one = known.managed[0].model_copy(update={"runs": "echo of no use; exit 1"})
        return known.model_copy(update={"managed": (one,)})


@pytest.mark.slow
def test_what_cannot_be_told_is_not_unchanged(here: Here) -> None:
    blind = Blind(here.words)
    keep(blind, BOTH.partition("# file: /etc/nft")[0])
    assert blind.compare_config() == "# runs: /etc/sysctl.d/60-hatang.conf\n? cannot be told"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# file: /etc/sysctl.d/60-hatang.conf\nnet.ipv4.ip_forward = 1\n", "sets other keys anew"),
        ("# file: /etc/sysctl.d/60-hatang.conf\nnet.ipv4.no_such = 1\n", "no_such"),
        ("# file: /etc/sysctl.d/60-hatang.conf\nsay what\n", "no line KEY = VALUE"),
        ("# file: /etc/nftables.conf\ntable inet filter {\n}\n", "lacks the line"),
        ("# file: /etc/nftables.conf\nflush ruleset\n", "table inet filter: would go"),
        (
            "# file: /etc/nftables.conf\nflush ruleset\ntable inet filter {\n bogus\n}\n",
            "syntax error",
        ),
    ],
)
def test_what_cannot_hold_is_refused_before_anything_changes(
    text: str, said: str, here: Here
) -> None:
    before = runs(here)
    with pytest.raises(MergeConfigException, match=said):
        here.load_merge_candidate(config=text)
    assert runs(here) == before
