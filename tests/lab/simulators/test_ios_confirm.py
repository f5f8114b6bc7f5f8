"""What hatang's driver of IOS does beside NAPALM's: discards without configuring, confirms once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from napalm.base.exceptions import CommitConfirmException

from hatang.drivers.ios import ConfirmableIosDriver
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME
from tests.lab.simulators.test_ios_napalm import MERGE, known_hosts

if TYPE_CHECKING:
    from tests.lab.simulators.switch import Switch

pytestmark = pytest.mark.slow


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


@pytest.fixture
def archived(ios: Switch) -> Switch:
    device = login(ios)
    device.device.send_config_set(["archive", "path flash:archive"])
    device.close()
    return ios
