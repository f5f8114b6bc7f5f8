"""The lab without root: switches on 127.0.0.0/8, through the command and real clients."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pyeapi
import pytest
import yaml
from netmiko import ConnectHandler

from lab import alive, loopback, state
from lab.errors import LabError
from lab.loopback import Order
from lab.main import app
from tests.lab.ordinary import Commands, person, prefix, processes_of
from tests.lab.test_seeding import check_references

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SWITCHES = ["dc-sw-1", "hub-1-sw-1", "hub-2-sw-1", "hub-3-sw-1", "so-yt-sw-1"]


def unheard(_line: str) -> None:
    """Where progress goes that no test reads."""


def lab_in(directory: Path, number: int, *words: str) -> Iterator[Commands]:
    lab = Commands(directory)
    try:
        lab.on("up", "--loopback", "--prefix", prefix(number), *words)
        yield lab
    finally:
        lab.on("down", "--loopback", "--purge")
    assert processes_of(directory) == []
    assert not directory.exists()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A lab for tests that only look at it."""
    yield from lab_in(tmp_path_factory.mktemp("loopback") / "hatang-lab", 0)


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Commands]:
    """A lab of two hubs that a test may spoil."""
    yield from lab_in(tmp_path / "hatang-lab", 1, "--only", "small")


@pytest.fixture(scope="module")
def seeded(
    shared: Commands, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Any], str]:
    place = tmp_path_factory.mktemp("seeded")
    out, secrets, known = place / "lab.yaml", place / "lab.toml", place / "lab.keys"
    words = ("--credentials", str(secrets), "--known-hosts", str(known))
    shared.on("seed", "--profile", "lab", "--out", str(out), *words)
    return out.read_text(), tomllib.loads(secrets.read_text())["credentials"], known.read_text()


def test_the_five_switches_answer(shared: Commands) -> None:
    assert shared.answering() == SWITCHES


def test_ios_lets_netmiko_in_with_the_seeded_key_and_login(
    seeded: tuple[str, dict[str, Any], str], tmp_path: Path
) -> None:
    text, credentials, known = seeded
    row = next(row for row in yaml.safe_load(text)["devices"] if row["name"] == "hub-3-sw-1")
    (tmp_path / "known_hosts").write_text(known)
    login = {key: credentials["lab-switch"][key] for key in ("username", "password")}
    verified = {"ssh_strict": True, "alt_host_keys": True, "system_host_keys": False}
    with ConnectHandler(
        device_type="cisco_ios", host=row["primary_ip4"], port=row["ports"]["ssh"],
        secret=credentials["lab-switch"]["enable_password"], fast_cli=True,
        alt_key_file=str(tmp_path / "known_hosts"), **verified, **login,
    ) as session:  # fmt: skip
        session.enable()
        assert "hub-3-sw-1 uptime" in session.send_command("show version")


def test_eapi_answers_show_version_over_verified_tls(
    shared: Commands, seeded: tuple[str, dict[str, Any], str]
) -> None:
    text, credentials, _ = seeded
    row = next(row for row in yaml.safe_load(text)["devices"] if row["name"] == "hub-1-sw-1")
    node = pyeapi.connect(
        transport="https", host=row["primary_ip4"], port=row["ports"]["https"],
        username=credentials["lab-eapi"]["username"],
        password=credentials["lab-eapi"]["password"],
        context=ssl.create_default_context(cafile=str(shared.directory / "ca.pem")),
    )  # fmt: skip
    answer = node.execute(["show version"])["result"][0]
    assert answer["mfgName"] == "Arista"


def test_the_seed_holds_the_switches_and_what_they_need_only(
    seeded: tuple[str, dict[str, Any], str],
) -> None:
    content, credentials = yaml.safe_load(seeded[0]), seeded[1]
    check_references(content)
    assert [row["name"] for row in content["devices"]] == SWITCHES
    assert {row["site"] for row in content["devices"]} == {row["slug"] for row in content["sites"]}
    assert [row["code"] for row in content["units"]] == ["tinh", "so-khcn", "so-yt"]
    assert {name for row in content["devices"] for name in row["credentials"].values()} == set(
        credentials
    )
    assert not any(content[name] for name in ("links", "circuits", "services", "rooms", "bridges"))


def test_a_second_up_is_refused(shared: Commands, tmp_path: Path) -> None:
    place = shared.directory
    held = state.load(place)
    with pytest.raises(LabError, match="up already"):
        loopback.up(Order(held.prefix, 1, "full", place), unheard)
    with pytest.raises(LabError, match="dc-sw-1 cannot be had"):
        loopback.up(Order(held.prefix, 1, "full", tmp_path / "other"), unheard)
    assert loopback.answering(held) == {facts.mgmt_ip for facts in held.nodes.values()}


def test_the_whole_lab_does_not_take_the_directory_of_a_lab_on_loopback(shared: Commands) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root starts the whole lab")
    with pytest.raises(LabError, match=f"down --state {shared.directory}"):
        app(["up", "--state", str(shared.directory)], standalone_mode=False)


def test_a_prefix_of_the_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"127\.0\.0\.0/8"):
        loopback.up(Order("10.250.0.0/16", 1, "full", tmp_path / "lab"), unheard)
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("break", "hub-2"),
        ("heal", "hub-2"),
        ("impair", "VNPT-002", "--loss", "5"),
        ("ups", "hub-2", "battery"),
        ("mailbox",),
        ("exec", "core-1", "true"),
        ("demo", "--once"),
    ],
    ids=lambda words: words[0],
)
def test_what_needs_the_whole_lab_is_refused(shared: Commands, words: tuple[str, ...]) -> None:
    state_option = ("--state", str(shared.directory))
    with pytest.raises(LabError, match=f"`{words[0]}` needs the whole lab, which root starts"):
        app([words[0], *state_option, *words[1:]], standalone_mode=False)


def test_a_refusal_is_one_sentence_and_exit_status_2(shared: Commands) -> None:
    sentence = shared.on("break", "hub-2", expected=2)
    assert sentence.startswith("hatang-lab: `break` needs the whole lab")
    assert sentence.count("\n") == 1


def test_journal_shows_what_a_switch_wrote_down(shared: Commands) -> None:
    entries = [json.loads(line) for line in shared.on("journal", "dc-sw-1").splitlines()]
    assert entries[0]["action"] == "boot"


def test_a_killed_switch_shows_and_down_leaves_nothing(mine: Commands) -> None:
    held = state.load(mine.directory)
    assert mine.answering() == ["dc-sw-1", "hub-1-sw-1", "hub-2-sw-1"]
    os.kill(held.nodes["hub-1-sw-1"].pid, signal.SIGKILL)
    assert mine.answering() == ["dc-sw-1", "hub-2-sw-1"]
    assert mine.on("down", "--loopback") == "down: 2 switches ended\n"
    assert processes_of(mine.directory) == []
    assert [path.name for path in mine.directory.iterdir()] == ["secrets.json"]
    assert mine.on("down", "--loopback") == "nothing was up\n"


def test_down_ends_a_switch_that_a_killed_up_did_not_write_down(mine: Commands) -> None:
    held = state.load(mine.directory)
    del held.nodes["hub-1-sw-1"]
    state.save(held, mine.directory)
    assert mine.on("down", "--loopback") == "down: 3 switches ended\n"
    assert processes_of(mine.directory) == []


def test_a_process_that_only_has_the_number_of_an_old_one_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        started = alive.start_time(other.pid)
        assert started is not None
        assert alive.end([alive.Process(other.pid, started - 1)]) == 0
        assert other.poll() is None
        assert alive.end([alive.Process(other.pid, started)]) == 1


@pytest.fixture
def nobody() -> Iterator[Commands]:
    """The command as an ordinary user, with a home of its own."""
    with person() as lab:
        yield lab


def test_without_root_up_says_what_it_leaves_out(nobody: Commands) -> None:
    said = nobody.run("up", "--prefix", prefix(1))
    assert "left out: routers with OSPF and BGP, SNMP, LLDP, circuits" in said
    assert nobody.answering() == SWITCHES
    assert "needs the whole lab" in nobody.run("mailbox", expected=2)
    assert "up already" in nobody.run("up", "--prefix", prefix(1), expected=2)
    assert nobody.run("down") == "down: 5 switches ended\n"
