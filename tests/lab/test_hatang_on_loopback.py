"""hatang itself on the lab without root, as an ordinary user, through its own command."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab.conftest import eventually
from tests.lab.ordinary import ROOT, person, prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.ordinary import Commands

pytestmark = pytest.mark.slow

SWITCHES = ["dc-sw-1", "hub-1-sw-1", "hub-2-sw-1", "hub-3-sw-1", "so-yt-sw-1"]
PASSWORD = "một mật khẩu đủ dài 4711\n"
TEXTS = {
    "dc-sw-1": "interface GigabitEthernet1/0/5\n description by a person\n",
    "hub-1-sw-1": "interface Ethernet2\n   description by a person\n",
}
READY_SECONDS = 60.0
INVALID_INPUT = 6


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lan() -> Iterator[Commands]:
    """An ordinary user with the lab up and a hatang that knows it."""
    with person() as lab:
        home = lab.directory.parent
        settings = {"HATANG_DATA_DIR": str(home / "data"), "HATANG_LAB": "true"}
        # Beside other hatangs of this machine, such as the demo's.
        settings["HATANG_JOBS__LISTEN__PORT"] = str(free_port())
        lab.environ.update(settings, LC_ALL="C.UTF-8")
        lab.run("up", "--prefix", prefix(3))
        secrets = ("--credentials", str(home / "lab.toml"))
        lab.run("seed", "--out", str(home / "lab.yaml"), *secrets)
        lab.hatang("init")
        for name, role in (("lan", "engineer"), ("hoa", "approver")):
            words = ("--role", role, "--password-file", "-", "--as", "admin")
            lab.hatang("user", "create", name, *words, given=PASSWORD)
        lab.hatang("credential", "import", str(home / "lab.toml"), "--as", "lan")
        lab.hatang("inventory", "import", str(home / "lab.yaml"), "--as", "lan")
        yield lab


@pytest.fixture
def worker(lan: Commands) -> Iterator[None]:
    """The process that runs jobs, as the same user."""
    log = lan.directory.parent / "worker.log"
    command = [*lan.python, "-m", "cli", "worker"]
    with log.open("w") as out, subprocess.Popen(
        command, env=lan.environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
    ) as process:  # fmt: skip
        try:
            assert eventually(lambda: "is ready" in log.read_text(), READY_SECONDS), log.read_text()
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def ask(lan: Commands, *words: str, who: str = "lan") -> Any:
    return json.loads(lan.hatang(*words, "--as", who, "--format", "json"))


def test_the_inventory_of_the_switches_is_imported(lan: Commands) -> None:
    assert [row["name"] for row in ask(lan, "device", "list")] == SWITCHES


def test_without_the_lab_profile_the_same_file_is_refused(lan: Commands) -> None:
    file = str(lan.directory.parent / "lab.yaml")
    elsewhere = replace(lan, environ={**lan.environ, "HATANG_LAB": "false"})
    told = elsewhere.hatang("inventory", "plan", file, "--as", "lan", expected=INVALID_INPUT)
    assert told.count("is a loopback address") == len(SWITCHES)
    assert "set `lab = true`" in told


def test_every_configuration_reaches_the_vault(lan: Commands) -> None:
    rows = ask(lan, "vault", "collect")
    assert {row["device"]: row["reason"] for row in rows} == dict.fromkeys(SWITCHES, "ok")


def test_a_command_is_answered_by_every_switch(lan: Commands) -> None:
    groups = ask(lan, "command", "run", "show version")
    assert sorted(name for group in groups for name in group["devices"]) == SWITCHES
    assert {group["reason"] for group in groups} == {"ok"}


@pytest.mark.usefixtures("worker")
def test_a_change_set_is_approved_pushed_and_confirmed(lan: Commands) -> None:
    words = []
    for device, text in TEXTS.items():
        file = lan.directory.parent / f"{device}.conf"
        file.write_text(text)
        words += ["--text", f"{device}={file}"]
    made = ask(lan, "change", "create", "A description", *words, "--reason", "a trial")
    number = str(made["change"])
    plan = ask(lan, "change", "plan", number)["change"]["plan_sha256"]
    ask(lan, "change", "submit", number)
    ask(lan, "change", "approve", number, "--plan", plan, who="hoa")
    done = ask(lan, "change", "apply", number)
    states = {row["device"]: row["state"] for row in done["targets"]}
    assert states == dict.fromkeys(TEXTS, "confirmed")
    for device in TEXTS:
        journal = [json.loads(line) for line in lan.run("journal", device).splitlines()]
        actions = [entry["action"] for entry in journal]
        assert actions.count("change") == 1
        assert actions.index("change") < actions.index("confirm")
