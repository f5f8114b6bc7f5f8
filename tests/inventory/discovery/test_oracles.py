"""Recorded devices are read as those who recorded them say, platform by platform.

The figures stand in docs/measurements.md; a floor is what was reached, so that none is lost.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from hatang.drivers.napalm import opens_by_ssh
from hatang.errors import DriverError, Reason
from inventory import platforms
from inventory.discovery import getters, shell, tables
from inventory.discovery.identifiers import same_port, text
from tests.inventory.discovery.oracles import oracle
from tests.inventory.discovery.recorded import caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from inventory.discovery.facts import Facts
    from inventory.platforms import Platform

pytestmark = pytest.mark.slow
Counted = Counter[bool]
ADDRESS = "10.0.0.1"


def told(name: str, found: Counted, floor: float, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {found[True]}/{found.total()}\n")
    assert found.total()
    assert found[True] >= floor * found.total(), found


def cases(folder: str, getter: str) -> Iterator[tuple[Path, Any]]:
    """Yield what was recorded of a getter's devices, and what it made of each."""
    top = oracle(f"cli/{folder}/test_{getter}")
    for case in sorted({file.parent for file in top.rglob("expected_result.json")}):
        if len(list(case.iterdir())) > 1:
            yield case, json.loads((case / "expected_result.json").read_text("utf-8"))


def read(platform: Platform, case: Path, *names: str) -> Facts:
    call = caller(platform.drivers.getters or "", case)
    answers = {name: call(name) for name in names}
    return getters.facts(platform, answers, ADDRESS)


def identity(platform: Platform, case: Path, wanted: Any) -> Iterator[bool]:
    facts = read(platform, case, "get_facts")
    named = {"hostname": facts.name, "model": facts.model}
    named |= {"serial_number": facts.serial, "os_version": facts.version}
    yield from (named[name] == " ".join(wanted[name].split()) for name in named)


def ports(platform: Platform, case: Path, wanted: Any) -> Iterator[bool]:
    yield from compared(read(platform, case, "get_interfaces"), wanted)


def compared(facts: Facts, wanted: Any) -> Iterator[bool]:
    for name, row in wanted.items():
        exact = [one for one in facts.ports if one.name == text(name)]
        like = exact or [one for one in facts.ports if same_port(one.name, text(name))]
        port = like[0] if like else None
        mac = row["mac_address"].lower()
        yield (
            port is not None
            and port.is_up == row["is_up"]
            # NAPALM calls a port of VRP that is down disabled; VRP writes a star before those.
            and (port.is_enabled == row["is_enabled"] or facts.platform == "huawei_vrp")
            and port.mac == shell.mac(mac)
            and port.description == text(row["description"])
            and port.mtu == (row.get("mtu") if (row.get("mtu") or 0) > 0 else None)
        )


def addresses(platform: Platform, case: Path, wanted: Any) -> Iterator[bool]:
    answers = {
        "get_interfaces": {name: {} for name in wanted},
        "get_interfaces_ip": caller(platform.drivers.getters or "", case)("get_interfaces_ip"),
    }
    facts = getters.facts(platform, answers, ADDRESS)
    names = {port.index: port.name for port in facts.ports}
    seen = {(names[one.port_index], one.address.lower(), one.length) for one in facts.addresses}
    for name, families in wanted.items():
        for family in families.values():
            for address, row in family.items():
                yield (name, address.lower(), row.get("prefix_length")) in seen


def neighbours(platform: Platform, case: Path, wanted: Any) -> Iterator[bool]:
    facts = read(platform, case, "get_lldp_neighbors_detail")
    seen = {(one.port, one.name, one.port_id) for one in facts.neighbours}
    for port, rows in wanted.items():
        for row in rows:
            yield (port, text(row["remote_system_name"]), text(row["remote_port"])) in seen


def beside(platform: Platform, case: Path, wanted: Any) -> Iterator[bool]:
    """Compare the neighbours that a driver without the detailed getter is asked for beside it."""
    command = "show lldp neighbors detail"
    terminal = {command: (case / f"{command.replace(' ', '_')}.txt").read_text("utf-8")}

    def call(name: str, *given: Any) -> Any:
        if name == "cli" and given[0] == [command]:
            return terminal
        if name == "get_interfaces":
            return {port: {} for port in wanted}
        raise DriverError(name, Reason.NOT_SUPPORTED)

    facts = getters.read(call, platform, ADDRESS)
    seen = {(one.port, one.name, one.port_id) for one in facts.neighbours}
    for port, rows in wanted.items():
        for row in rows:
            yield (port, text(row["hostname"]), text(row["port"])) in seen


@pytest.mark.parametrize(
    ("name", "source", "count", "floor"),
    [
        ("cisco_ios", ("ios", "get_facts"), identity, 1.0),
        ("cisco_ios", ("ios", "get_interfaces"), ports, 1.0),
        ("cisco_ios", ("ios", "get_interfaces_ip"), addresses, 1.0),
        ("cisco_ios", ("ios", "get_lldp_neighbors_detail"), neighbours, 1.0),
        ("cisco_nxos", ("nxos_ssh", "get_facts"), identity, 1.0),
        ("cisco_nxos", ("nxos_ssh", "get_interfaces"), ports, 1.0),
        ("cisco_nxos", ("nxos_ssh", "get_interfaces_ip"), addresses, 1.0),
        ("cisco_nxos", ("nxos_ssh", "get_lldp_neighbors"), beside, 1.0),
        ("arista_eos", ("eos", "get_interfaces_ip"), addresses, 1.0),
        ("arista_eos", ("eos", "get_lldp_neighbors_detail"), neighbours, 1.0),
        ("juniper_junos", ("junos", "get_interfaces"), ports, 1.0),
        ("juniper_junos", ("junos", "get_interfaces_ip"), addresses, 1.0),
        ("juniper_junos", ("junos", "get_lldp_neighbors_detail"), neighbours, 1.0),
    ],
)
def test_a_recorded_device_is_read_as_napalm_says(
    name: str,
    source: tuple[str, str],
    count: Callable[[Platform, Path, Any], Iterator[bool]],
    floor: float,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    platform, found, (folder, getter) = platforms.get(name), Counted(), source
    assert opens_by_ssh(platform.drivers.getters)
    for case, wanted in cases(f"napalm/dev/{folder}", getter):
        found.update(count(platform, case, wanted))
    told(f"{name} by NAPALM, {getter}", found, floor, capsys)


@pytest.mark.parametrize(
    ("name", "folder", "getter", "floor"),
    [
        ("cisco_ios", "napalm/dev/ios", "get_interfaces", 0.98),
        ("cisco_nxos", "napalm/dev/nxos_ssh", "get_interfaces", 0.98),
        ("huawei_vrp", "napalm-huawei-vrp", "get_interfaces", 1.0),
    ],
)
def test_a_recorded_command_line_is_read_as_napalm_says(
    name: str, folder: str, getter: str, floor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, found = platforms.get(name), Counted()
    for case, wanted in cases(folder, getter):
        outputs = {
            one.command: file.read_text("utf-8", "replace")
            for one in platform.tells
            if (file := case / f"{one.command.replace(' ', '_')}.txt").exists()
        }
        facts = shell.facts(platform, shell.understand(platform, outputs, []), ADDRESS)
        found.update(compared(facts, wanted))
    told(f"{name} by commands, {getter}", found, floor, capsys)


def test_a_recorded_vrp_tells_its_name_serial_model_and_release() -> None:
    case = oracle("cli/napalm-huawei-vrp/test_get_facts/ne40e")
    names = {
        "display current-configuration | include sysname": (
            "display_current_configuration___inc_sysname"
        ),
        "display esn": "display_esn",
        "display version": "display_version",
    }
    outputs = {one: (case / f"{file}.txt").read_text("utf-8") for one, file in names.items()}
    platform, gaps = platforms.get("huawei_vrp"), list[str]()
    facts = shell.facts(platform, shell.understand(platform, outputs, gaps), ADDRESS)
    # What was recorded as expected is another maker's device; these stand in the outputs.
    assert (facts.name, facts.serial) == ("HUAWEI_LAB_PE_1", "2102550AFWP0H6000080")
    assert (facts.model, facts.version) == ("NE40E-X8A", "8.211")
    assert gaps == []


def onboarded(platform: Platform, answers: Any) -> Facts:
    """Return the facts of what another tool's collector got for the platform's commands."""
    parsed: dict[str, Any] = {}
    for one in platform.tells:
        rows = answers.get(one.command)
        if one.rows and rows:
            parsed[one.key] = tables.rows(rows, one.rows)
        elif isinstance(rows, list) and not one.says:
            parsed[one.key] = [{key.lower(): value for key, value in row.items()} for row in rows]
    return shell.facts(platform, parsed, ADDRESS)


@pytest.mark.parametrize(
    ("name", "floors"),
    [
        ("cisco_ios", (1.0, 1.0, 1.0)),
        ("arista_eos", (1.0, 1.0, 1.0)),
        ("juniper_junos", (1.0, 0.83, 1.0)),
    ],
)
def test_a_recorded_device_is_onboarded_as_another_tool_does(
    name: str, floors: tuple[float, float, float], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, platform = oracle(f"cli/nautobot-device-onboarding/dev/{name}"), platforms.get(name)
    counts = [Counted(), Counted(), Counted()]
    for file in sorted(folder.glob("command_getter_result_*.json")):
        number = file.stem.rpartition("_")[2]
        facts = onboarded(platform, json.loads(file.read_text("utf-8")))
        device = folder / f"sync_devices/expected_result_{number}.json"
        network = folder / f"sync_network_data_no_options/expected_result_{number}.json"
        wanted = json.loads(device.read_text("utf-8"))
        counts[0].update(
            one.casefold() == wanted[key].casefold()
            for one, key in (
                (facts.name, "hostname"),
                (facts.serial, "serial"),
                (facts.model, "device_type"),
            )
        )
        rows = json.loads(network.read_text("utf-8"))["interfaces"]
        counts[1].update(_ports(facts, rows))
        counts[2].update(_addresses(facts, rows))
    for what, count, floor in zip(("device", "ports", "addresses"), counts, floors, strict=True):
        told(f"{name} onboarding, {what}", count, floor, capsys)


def test_a_recorded_junos_tells_no_port_that_is_only_configured_and_no_mtu_it_did_not_say() -> None:
    """The three ports of 18 that the other tool has and we have not, in the device's own words.

    A port that only `show configuration` names is no observed one: a card that was pulled out
    would never be gone. Of `lo0` the device says `Unlimited`; the other tool writes 9192.
    """
    folder = oracle("cli/nautobot-device-onboarding/dev/juniper_junos")
    answers = json.loads((folder / "command_getter_result_8.json").read_text("utf-8"))
    configured = answers["show configuration interfaces | display json"]["configuration"]
    assert "fxp0" in {row["name"] for row in configured["interfaces"]["interface"]}
    for command in ("show interfaces | display json", "show interfaces terse | display json"):
        assert "fxp0" not in json.dumps(answers[command])
    held = {port.name: port for port in onboarded(platforms.get("juniper_junos"), answers).ports}
    assert not {"fxp0", "fxp0.0"} & set(held)
    assert held["lo0"].mtu is None


def _ports(facts: Facts, rows: Any) -> Iterator[bool]:
    held = {port.name: port for port in facts.ports}
    for name, row in rows.items():
        port = held.get(name)
        yield (
            port is not None
            and port.description == text(row["description"])
            and port.mac == shell.mac(row["mac_address"] or "")
            and row["link_status"] in {str(port.is_enabled), str(port.is_up)}
            and (not row["mtu"] or "." in name or port.mtu == int(row["mtu"]))
        )


def _addresses(facts: Facts, rows: Any) -> Iterator[bool]:
    names = {port.index: port.name for port in facts.ports}
    seen = {(names[one.port_index], one.address, str(one.length)) for one in facts.addresses}
    for name, row in rows.items():
        for one in row["ip_addresses"]:
            if one["ip_address"]:
                yield (name, one["ip_address"], str(one["prefix_length"])) in seen


@pytest.mark.parametrize("name", [one.name for one in platforms.worked_on() if one.tells])
def test_recorded_outputs_of_a_platform_reach_the_facts(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, found = platforms.get(name), Counted()
    known = oracle("cli/ntc-templates/dev") / (platform.drivers.netmiko or name)
    for one in platform.tells:
        command = one.command.removeprefix("/").replace(" ", "_")
        for file in sorted((known / command).glob("*.yml")) if not one.rows else ():
            rows = yaml.safe_load(file.read_text("utf-8"))["parsed_sample"]
            raw = file.with_suffix(".raw").read_text("utf-8", "replace")
            alone = platform.model_copy(update={"tells": (one,)})
            facts = shell.facts(alone, shell.understand(alone, {one.command: raw}, []), ADDRESS)
            if one.ports:
                held = {port.name for port in facts.ports}
                found.update(text(row[one.ports["name"]]) in held for row in rows)
            if one.neighbours:
                ours = Counter(near.port for near in facts.neighbours)
                found.update(ours[text(row[one.neighbours["port"]])] > 0 for row in rows)
            for field, column in one.device.items():
                found[getattr(facts, field) == text(_first(rows[0].get(column)))] += 1
    if not found.total():
        pytest.skip(f"no output that {name} is asked for was recorded")
    # Older IOS names no local port in the detailed answer, so no end is made up.
    floor = {"cisco_ios": 0.93}.get(name, 1.0)
    told(f"{name} by ntc-templates' recordings", found, floor, capsys)


def _first(value: Any) -> Any:
    return (value[0] if value else "") if isinstance(value, list) else value
