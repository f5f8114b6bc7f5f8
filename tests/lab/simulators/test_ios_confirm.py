"""What hatang's driver of IOS does beside NAPALM's: discards without configuring, confirms once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from napalm.base.exceptions import CommandErrorException, CommitConfirmException

from hatang.drivers.ios import ConfirmableIosDriver
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME
from tests.lab.simulators.test_ios_napalm import MERGE, known_hosts

if TYPE_CHECKING:
    from tests.lab.simulators.conftest import Boot
    from tests.lab.simulators.switch import Switch

pytestmark = pytest.mark.slow

TIMER = "show archive config rollback timer"
LOCKED = "Configuration mode locked exclusively. The lock will be cleared once you exit"
BEGUN = "*Jan 21 02:17:09.123: %ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_ROLLBACK_START: Start rolling to:"
LOGGED = "000042: *Jan 21 02:17:09.123: %SYS-5-CONFIG_I: Configured from console by ops on vty0"


def login(switch: Switch) -> Any:
    options = {
        "port": switch.port,
        "ssh_strict": True,
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(known_hosts(switch, switch.host_key)),
    }
    opened = ConfirmableIosDriver(LISTEN, USERNAME, PASSWORD, 20, optional_args=options)
    opened.open()
    return opened


def running(device: Any) -> str:
    return str(device.get_config(retrieve="running")["running"])


def test_what_is_compared_and_discarded_configures_nothing(archived: Switch) -> None:
    device = login(archived)
    before, done = running(device), archived.actions()
    device.load_merge_candidate(config=MERGE)
    assert "from-napalm" in device.compare_config()
    device.discard_config()
    assert running(device) == before
    assert not device._check_file_exists(device._gen_full_path(device.merge_cfg))
    device.close()
    assert set(archived.actions() - done) == {"login"}


def test_another_login_confirms_it_once(archived: Switch) -> None:
    device = login(archived)
    device.load_merge_candidate(config=MERGE)
    device.commit_config(revert_in=7200)  # a minute of this switch lasts half a second
    device.close()
    again = login(archived)
    assert [one.seconds for one in again.pending_commits()] == [7200]
    again.confirm_commit()
    assert not again.pending_commits()
    assert "from-napalm" in running(again)
    with pytest.raises(CommitConfirmException, match="no commit waits"):
        again.confirm_commit()
    again.close()


def refuse(switch: Switch, answers: dict[str, str]) -> None:
    Path(switch.settings["refused"]).write_text(json.dumps(answers))


def committed(switch: Switch) -> Any:
    device = login(switch)
    device.load_merge_candidate(config=MERGE)
    device.commit_config(revert_in=7200)
    device.close()
    return login(switch)


@pytest.mark.parametrize(
    "answer",
    [
        "Command authorization failed.",
        "% Invalid input detected at '^' marker.",
        LOCKED,
        f"{LOGGED}\n{LOCKED}",
        BEGUN,
        "",  # it says nothing, and the commit still waits
        LOGGED,
    ],
)
def test_what_the_device_does_not_confirm_is_not_saved(archived: Switch, answer: str) -> None:
    device = committed(archived)
    refuse(archived, {"configure confirm": answer})
    with pytest.raises(CommitConfirmException, match="confirm"):
        device.confirm_commit()
    device.close()
    assert not archived.actions().keys() & {"save", "confirm"}


@pytest.mark.parametrize("answer", ["Command authorization failed.", ""])
def test_a_device_that_does_not_say_what_waits_is_not_saved(archived: Switch, answer: str) -> None:
    device = committed(archived)
    refuse(archived, {TIMER: answer})
    for ask in (device.pending_commits, device.confirm_commit):
        with pytest.raises(CommandErrorException, match="show archive config rollback timer"):
            ask()
    device.close()
    assert not archived.actions().keys() & {"save", "confirm"}


@pytest.mark.parametrize(
    "came", ["", f"{LOGGED}\n", f"\n{BEGUN.replace('ROLLBACK_START', 'CONFIRM')}"]
)
def test_lines_that_log_are_no_refusal(
    archived: Switch, monkeypatch: pytest.MonkeyPatch, came: str
) -> None:
    device = committed(archived)
    send = device.device.send_command

    def logging(command_string: str, **named: Any) -> str:
        said = str(send(command_string, **named))
        return said + came * (command_string == "configure confirm")

    monkeypatch.setattr(device.device, "send_command", logging)
    device.confirm_commit()
    device.close()
    counted = archived.actions()
    assert (counted["confirm"], counted["save"]) == (1, 1)


@pytest.fixture
def archived(boot: Boot, tmp_path: Path) -> Switch:
    switch = boot("ios", clock_factor=120, refused=str(tmp_path / "refused.json"))
    device = login(switch)
    device.device.send_config_set(["archive", "path flash:archive"])
    device.close()
    return switch
