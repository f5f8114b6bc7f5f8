"""What a device printed last is believed to be its prompt, and when the device is asked instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.iosline import IosLine, PatientChannel

if TYPE_CHECKING:
    from collections.abc import Sequence


class Device:
    """The far end: answers what it is told to, one answer for each thing typed."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = [answer.encode() for answer in answers]
        self.typed: list[str] = []
        self.waits = 0
        self._came = b""

    def sendall(self, data: bytes) -> None:
        self.typed.append(data.decode())
        self._came += self.answers.pop(0)

    def recv_ready(self) -> bool:
        return bool(self._came)

    def recv(self, _most: int) -> bytes:
        self.waits += not self._came
        if not self._came:
            raise TimeoutError
        came, self._came = self._came, b""
        return came

    def say(self, text: str) -> None:
        self._came += text.encode()

    def gettimeout(self) -> float:
        return 20.0

    def settimeout(self, _seconds: float) -> None:
        return


def line(*answers: str) -> tuple[IosLine, Device]:
    device = Device(answers)
    found = IosLine(host="192.0.2.1", device_type="cisco_ios", auto_connect=False)
    found.remote_conn = device
    found.channel = PatientChannel(device, "utf-8")  # type: ignore[arg-type]
    found.base_prompt = "sw-1"
    return found, device


def test_a_prompt_that_was_just_printed_is_not_asked_for() -> None:
    found, device = line("show clock\r\n10:00\r\nsw-1#")
    found.write_channel("show clock\n")
    found.read_channel()
    assert found.find_prompt() == "sw-1#"
    assert found.check_enable_mode()
    assert not found.check_config_mode()
    assert device.typed == ["show clock\n"]


def test_the_mode_is_known_from_the_prompt_behind_the_command() -> None:
    entered = "configure terminal\r\nEnter configuration commands.\r\nsw-1(config)#"
    found, device = line("\r\nsw-1#", entered, "end\r\nsw-1#")
    found.config_mode("configure terminal")
    assert found.check_config_mode()
    found.exit_config_mode()
    assert not found.check_config_mode()
    assert device.typed == ["\n", "configure terminal\n", "end\n"]


@pytest.mark.parametrize(
    "printed",
    [
        "show clock\r\n10:00\r\nsw-1#\r\n*Mar 1 10:00: %SYS-5-RESTART: restarted\r\n",
        "show clock\r\n10:00\r\n",
        "sw-1#",  # of before: what was typed did not come back yet
        "show clock\r\n10:00\r\nother#",
    ],
    ids=["log message behind it", "not yet", "without the echo", "of another name"],
)
def test_what_is_no_prompt_for_certain_is_asked_for(printed: str) -> None:
    found, device = line(printed, "\r\nsw-1#")
    found.write_channel("show clock\n")
    found.read_channel()
    assert found.find_prompt() == "sw-1#"
    assert device.typed == ["show clock\n", "\n"]


def test_a_prompt_with_something_unread_behind_it_is_asked_for() -> None:
    found, device = line("show clock\r\nsw-1#", "\r\nsw-1#")
    found.write_channel("show clock\n")
    found.read_channel()
    device.say("\r\n%LINK-3-UPDOWN: down\r\n")
    assert found.find_prompt() == "sw-1#"
    assert device.typed == ["show clock\n", "\n"]


def test_after_something_was_typed_the_prompt_of_before_counts_no_more() -> None:
    found, device = line("show clock\r\nsw-1#", "", "\r\nsw-1(config)#")
    found.write_channel("show clock\n")
    found.read_channel()
    found.write_channel("configure terminal\n")
    assert found.check_config_mode()
    assert device.typed[-1] == "\n"


def test_what_an_earlier_look_left_over_is_not_waited_for() -> None:
    found, device = line("show clock\r\n10:00\r\nsw-1#")
    found.write_channel("show clock\n")
    assert found.read_until_pattern(pattern="show clock") == "show clock"
    assert found.read_until_pattern(pattern="sw-1#").endswith("sw-1#")
    assert device.waits == 0


def test_an_answer_that_never_comes_ends_with_the_timeout() -> None:
    found, _device = line("")
    found.write_channel("show clock\n")
    with pytest.raises(Exception, match="Pattern not detected"):
        found.read_until_pattern(pattern="sw-1#", read_timeout=0.05)
