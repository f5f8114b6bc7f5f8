"""A timed commit on EOS is confirmed by a login that did not make it, or comes back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from hatang.drivers.eos import ConfirmableEosDriver
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.lab.simulators.test_eos_napalm import MERGE, context, driver, running


def login(switch: Switch) -> Any:
    options = {
        "transport": "https",
        "port": switch.port,
        "context": context(switch.settings["certificate"]),
    }
    opened = ConfirmableEosDriver(LISTEN, USERNAME, PASSWORD, 20, optional_args=options)
    opened.open()
    return opened


def commit_and_leave(device: Any) -> None:
    device.load_merge_candidate(config=MERGE)
    device.commit_config(revert_in=60)
    device.close()


def test_another_login_confirms_it(eos: Switch) -> None:
    commit_and_leave(login(eos))
    again = login(eos)
    assert again.has_pending_commit()
    again.confirm_commit()
    assert not again.has_pending_commit()
    assert "from-napalm" in running(again)
    again.close()


def test_unconfirmed_it_comes_back_by_itself(eos: Switch) -> None:
    commit_and_leave(login(eos))
    assert eos.until("revert")
    again = login(eos)
    assert "from-napalm" not in running(again)
    with pytest.raises(Exception, match="No pending commit"):
        again.confirm_commit()


def test_without_this_driver_leaving_takes_it_back(eos: Switch) -> None:
    opened = driver(eos)
    opened.open()
    commit_and_leave(opened)
    assert "from-napalm" not in running(login(eos))
