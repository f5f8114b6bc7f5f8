"""IOS terminal lines, run without a network in between."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.simulators.__main__ import build
from lab.simulators.device import Device
from lab.simulators.ios_exec import run
from lab.simulators.ios_session import Session
from lab.simulators.settings import Settings, SettingsError, load
from tests.lab.simulators.conftest import defaults


def device(directory: Path, **extra: Any) -> Device:
    values = {**defaults("ios", directory), **extra}
    for key in ("state_dir", "journal"):
        values[key] = Path(values[key])
    return build(Settings(**values))


def login(on: Device) -> Session:
    return Session(on, "ops", on.settings.enable is None, run)


@pytest.fixture
def line(tmp_path: Path) -> Session:
    return login(device(tmp_path))


def feed(session: Session, *lines: str) -> str:
    return "".join(session.feed(each) for each in lines)


def test_prompt_follows_the_mode(line: Session) -> None:
    prompts = []
    for each in ("configure terminal", "interface Vlan1", "vlan 10", "exit", "end"):
        line.feed(each)
        prompts.append(line.prompt)
    assert prompts == [
        "ios-1(config)#",
        "ios-1(config-if)#",
        "ios-1(config-vlan)#",
        "ios-1(config)#",
        "ios-1#",
    ]


def test_caret_stands_under_the_bad_word(line: Session) -> None:
    feed(line, "configure terminal", "interface Vlan1")
    output = line.feed("ip adress 10.0.0.1")
    assert output.splitlines()[0].index("^") == len("ios-1(config-if)#ip ")


def test_enable_secret_is_asked_three_times(tmp_path: Path) -> None:
    session = login(device(tmp_path, enable="enable-secret"))
    assert session.prompt == "ios-1>"
    session.feed("enable")
    assert session.prompt == "Password: "
    assert feed(session, "a", "b", "c") == "% Bad secrets\n"
    feed(session, "enable", "enable-secret")
    assert session.prompt == "ios-1#"


def test_locked_configuration_keeps_others_out(line: Session) -> None:
    other = login(line.device)
    line.feed("configure terminal lock")
    assert "locked" in other.feed("configure terminal")
    line.leave_configuration()
    assert "locked" not in other.feed("configure terminal")


def test_copy_asks_unless_file_prompts_are_quiet(line: Session) -> None:
    line.feed("copy running-config flash:a.txt")
    assert line.prompt == "Destination filename [a.txt]? "
    assert "bytes copied" in line.feed("")
    feed(line, "configure terminal", "file prompt quiet", "end")
    assert "bytes copied" in line.feed("copy running-config flash:b.txt")


def test_banner_of_several_lines_is_one_entry(line: Session) -> None:
    feed(line, "configure terminal", "banner motd ^C", "Only for", "authorised people", "^C", "end")
    assert "banner motd ^C\nOnly for\nauthorised people\n^C\n" in line.feed("show running-config")


def test_tcl_writes_a_file(line: Session) -> None:
    feed(line, "tclsh", 'puts [open "flash:t.txt" w+] {hostname x', "vlan 7", "}", "tclquit")
    assert line.device.flash.read("flash:t.txt") == b"hostname x\nvlan 7\n\n"
    assert line.prompt == "ios-1#"


def test_replace_needs_the_archive(line: Session) -> None:
    feed(line, "configure terminal", "no archive", "end")
    assert "archive" in line.feed("configure replace flash:x force")
    assert "archive" in line.feed("configure terminal revert timer 1")
    assert line.feed("show archive") == "Archive feature not enabled"


def test_merge_preview_shows_what_would_change(line: Session) -> None:
    feed(line, "configure terminal", "interface Vlan1", "description old", "mtu 9000", "end")
    text = "interface Vlan1\n description new\n no mtu\nvlan 5\nbogus\nend\n"
    line.device.flash.write("flash:m.txt", text.encode())
    shown = line.feed("show archive config incremental-diffs flash:/m.txt ignorecase")
    wanted = ["interface Vlan1", " no mtu 9000", " description new", "vlan 5", "bogus", "end"]
    assert shown.splitlines() == ["!List of Commands:", *wanted]


def test_replace_without_force_asks(line: Session) -> None:
    line.device.flash.write("flash:r.txt", b"hostname replaced\n")
    line.feed("configure replace flash:r.txt")
    assert line.prompt.startswith("Enter Y")
    line.feed("n")
    assert line.device.hostname == "ios-1"
    feed(line, "configure replace flash:r.txt", "y")
    assert line.device.hostname == "replaced"


def test_initial_configuration_is_typed_onto_the_factory_one(tmp_path: Path) -> None:
    first = tmp_path / "initial.cfg"
    first.write_text("hostname site\nno ip scp server enable\n")
    booted = device(tmp_path, initial_config=first)
    assert booted.hostname == "site"
    assert "ip scp server enable" not in booted.running
    assert "path flash:archive" in booted.running["archive"]


def test_refused_initial_configuration_stops_the_boot(tmp_path: Path) -> None:
    first = tmp_path / "initial.cfg"
    first.write_text("hostname site\nbogus one\nbogus two\n")
    with pytest.raises(ValueError, match=r"bogus one.*bogus two"):
        device(tmp_path, initial_config=first)


def test_every_fault_of_the_settings_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "switch.json"
    path.write_text(json.dumps({"persona": "junos", "clock_factor": 0, "colour": "blue"}))
    with pytest.raises(SettingsError) as refused:
        load(path)
    for word in ("persona", "clock_factor", "colour", "hostname", "password"):
        assert f"{word}:" in str(refused.value)
