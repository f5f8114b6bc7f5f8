"""A timed commit on EOS is confirmed by a login that did not make it, or comes back by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.eos import ConfirmableEosDriver
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.lab.simulators.test_eos_napalm import MERGE, context, driver, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.simulators.conftest import Boot

pytestmark = pytest.mark.slow

COMMIT = "hatang-3-0a1b2c3d"


def login(switch: Switch, commit_id: str | None = COMMIT) -> Any:
    options = {
        "commit_id": commit_id,
        "transport": "https",
        "port": switch.port,
        "context": context(switch.settings["certificate"]),
    }
    opened = ConfirmableEosDriver(LISTEN, USERNAME, PASSWORD, 20, optional_args=options)
    opened.open()
    return opened


def commit_and_leave(device: Any, seconds: int = 3600) -> None:
    device.load_merge_candidate(config=MERGE)
    device.commit_config(revert_in=seconds)  # a minute of this switch lasts half a second
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
    commit_and_leave(login(eos), 60)
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


def test_the_switch_keeps_the_commit_under_its_name(eos: Switch) -> None:
    commit_and_leave(login(eos))
    again = login(eos)
    assert [each.name for each in again.pending_commits()] == [COMMIT]
    again.close()


def test_a_commit_of_another_name_is_not_confirmed(eos: Switch) -> None:
    commit_and_leave(login(eos, "hatang-9-ffffffff"))
    again = login(eos)
    with pytest.raises(Exception, match="of ours"):
        again.confirm_commit()
    assert [each.name for each in again.pending_commits()] == ["hatang-9-ffffffff"]
    again.close()


def test_a_candidate_that_a_broken_login_left_is_thrown_away(eos: Switch) -> None:
    broken = login(eos)
    broken.load_merge_candidate(config="hostname left-behind\n")
    again = login(eos)
    again.load_merge_candidate(config=MERGE)
    assert "left-behind" not in again.compare_config()
    again.close()


def test_after_the_confirmation_the_text_is_still_compared(eos: Switch) -> None:
    commit_and_leave(login(eos))
    login(eos).confirm_commit()
    again = login(eos)
    again.load_merge_candidate(config=MERGE)
    assert again.compare_config() == ""
    again.close()


def test_what_still_waits_after_its_confirmation_is_not_saved(boot: Boot, tmp_path: Path) -> None:
    refused = tmp_path / "refused.json"
    switch = boot("eos", clock_factor=1, refused=str(refused))
    commit_and_leave(login(switch))
    # As a command line answers: NAPALM raises nothing over SSH.
    refused.write_text(json.dumps({f"configure session {COMMIT} commit": "% Authorization denied"}))
    again = login(switch)
    with pytest.raises(Exception, match="still waits"):
        again.confirm_commit()
    assert again.has_pending_commit()
    assert not switch.actions().keys() & {"save", "confirm"}
