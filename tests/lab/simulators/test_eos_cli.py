"""EOS commands, run without a network in between."""

from pathlib import Path
from typing import Any

import pytest

from lab.simulators.__main__ import build
from lab.simulators.eos_cli import Cli, CommandError, run_all
from lab.simulators.eos_sessions import MAX_PENDING, Sessions
from lab.simulators.settings import Settings
from tests.lab.simulators.conftest import defaults


class Box:
    """A switch and its command line, one request after the other."""

    def __init__(self, directory: Path, **extra: Any) -> None:
        values = {**defaults("eos", directory), **extra}
        for key in ("state_dir", "journal"):
            values[key] = Path(values[key])
        self.device = build(Settings(**values))
        self.sessions = Sessions(self.device)

    def request(self, *commands: Any, text: bool = True) -> list[Any]:
        privileged = self.device.settings.enable is None
        cli = Cli(self.device, self.sessions, "ops", privileged)
        results, error = run_all(cli, list(commands), text=text)
        if error:
            raise error
        return results

    def running(self) -> str:
        return str(self.request("show running-config")[0]["output"])


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_enable_secret_guards_the_configuration(tmp_path: Path) -> None:
    box = Box(tmp_path, enable="enable-secret")
    assert box.request("show version")
    for attempt in (["show running-config"], ["enable"], [{"cmd": "enable", "input": "wrong"}]):
        with pytest.raises(CommandError):
            box.request(*attempt)
    given = {"cmd": "enable", "input": "enable-secret"}
    assert "hostname eos-1" in box.request(given, "show running-config")[1]["output"]


def test_commit_of_one_session_does_not_undo_another(box: Box) -> None:
    for name, port in (("a", 1), ("b", 2)):
        box.request(f"configure session {name}", f"interface Ethernet{port}", f"mtu 900{port}")
    box.request("configure session a commit", "configure session b commit")
    assert "mtu 9001" in box.running()
    assert "mtu 9002" in box.running()


def test_banner_is_given_as_input_and_read_back(box: Box) -> None:
    banner = {"cmd": "banner login", "input": "Only for\n  authorised people\nEOF"}
    box.request("configure", banner)
    assert "banner login\nOnly for\n  authorised people\nEOF\n" in box.running()


def test_clean_session_holds_only_what_is_put_in_it(box: Box) -> None:
    box.request("configure session c", "rollback clean-config", "hostname bare", "commit")
    text = box.running()
    assert "hostname bare" in text
    assert "management api" not in text
    assert "interface Ethernet1" in text


def test_pending_sessions_are_bounded(box: Box) -> None:
    for number in range(MAX_PENDING):
        box.request(f"configure session s{number}", "end")
    with pytest.raises(CommandError, match="Maximum number of pending sessions"):
        box.request("configure session more")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("show nothing", "Invalid input"),
        ("configure session x commit timer 0:0:0", "Invalid input"),
        ("configure session x commit timer soon", "Invalid input"),
        ("configure session absent abort", "does not exist"),
        ("show session-config named absent diffs", "does not exist"),
        ("configure replace flash:absent", "No such file"),
        ("copy running-config flash:../escape", "Invalid argument"),
        ({"no": "cmd"}, "Invalid input"),
    ],
)
def test_refusals(box: Box, command: Any, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        box.request(command)


def test_text_only_command_is_refused_in_json(box: Box) -> None:
    with pytest.raises(CommandError) as refused:
        box.request("dir flash:", text=False)
    assert refused.value.code == 1003


def test_session_is_private_until_committed(box: Box) -> None:
    box.request("configure session p", "hostname private")
    assert "private" not in box.running()
    diffs = box.request("show session-config named p diffs")[0]["output"]
    assert diffs.splitlines()[:2] == [
        "--- system:/running-config",
        "+++ session:/p-session-config",
    ]
    assert "+hostname private" in diffs
    listed = box.request("show configuration sessions", text=False)[0]["sessions"]
    assert listed["p"]["state"] == "pending"
