"""Recorded devices, polled by our modules, say what others published of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from monitors.modules import plan, registry
from tests.acceptance.red import hold, turns_red
from tests.inventory.discovery.oracles import oracle
from tests.monitors import centreon, scoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.modules.schema import Module
    from tests.monitors.scoring import Score

pytestmark = pytest.mark.slow

LIBRENMS: Final = "snmp/librenms/dev"
# What must agree at least, as share of what was compared, and how much must be compared.
FLOORS: Final = {
    "ifOperStatus": (1.0, 1900),
    "ifAdminStatus": (1.0, 1700),
    "ifMtu": (1.0, 1700),
    "ifInErrors": (1.0, 1700),
    "ifOutErrors": (1.0, 1700),
    "ifInDiscards": (1.0, 1700),
    "ifOutDiscards": (1.0, 1700),
    "ifSpeed": (0.99, 1300),
    "ifInOctets": (0.99, 1700),
    "ifOutOctets": (0.99, 1700),
    "sensors": (0.97, 600),
    "states judged": (0.97, 500),
    "processors": (0.97, 280),
    "memories": (0.97, 115),
    "version Cisco": (0.95, 12),
    "version Juniper": (0.95, 2),
    "version Huawei": (0.95, 5),
    "version H3C, HPE Comware": (0.95, 2),
    "version Fortinet": (0.95, 3),
    "hardware of the five": (0.95, 26),
    # One of a stack of chassis is that of a line card there.
    "serial of the five": (0.94, 18),
    "version of the five": (0.95, 25),
    "hardware Juniper": (0.95, 2),
    "hardware Huawei": (0.95, 5),
    "hardware H3C, HPE Comware": (0.95, 2),
    "hardware Fortinet": (0.95, 3),
    "serial Juniper": (0.95, 1),
    "serial Huawei": (0.95, 2),
    "serial H3C, HPE Comware": (0.95, 1),
    "serial Fortinet": (0.95, 2),
}
CENTREON: Final = {
    "CPU cisco": 1.0,
    "CPU linux": 1.0,
    "CPU mellanox": 1.0,
    "CPU windows": 1.0,
    "HA cyberoam": 1.0,
    "UPS ups::apc": 1.0,
    "UPS ups::standard::rfc1628": 1.0,
    "memory cisco": 1.0,
    "memory cyberoam": 1.0,
    "memory extreme": 1.0,
    "memory nortel": 1.0,
    "memory windows": 1.0,
    "sensors aruba::aoscx": 1.0,
    "sensors nortel": 0.95,
    "sensors ups::apc": 0.9,
    "storage freebsd": 1.0,
    "storage linux": 1.0,
}


def check_floor(score: Score, name: str, share: float, compared: int = 1) -> None:
    """Turn red when less than `share` agrees, or too little was compared to say so."""
    seen = score.compared[name]
    hold(seen >= compared, f"only {seen} of {name} were compared, {compared} are there")
    misses = "\n".join(score.misses[name][:10])
    hold(score.share(name) >= share, f"{name}: {score.share(name):.4f} < {share}\n{misses}")


@pytest.fixture(scope="module")
def librenms() -> Score:
    return scoring.judge(oracle(LIBRENMS))


@pytest.fixture(scope="module")
def plugins() -> Score:
    return centreon.judge(oracle("snmp/centreon"))


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_polled_is_what_others_published(librenms: Score, name: str) -> None:
    check_floor(librenms, name, *FLOORS[name])


@pytest.mark.parametrize("name", CENTREON)
def test_the_common_series_are_what_plugins_print(plugins: Score, name: str) -> None:
    check_floor(plugins, name, CENTREON[name])


def sabotaged(name: str, oid: str) -> tuple[Module, ...]:
    """Return the modules with another OID for one object."""

    def changed(module: Module) -> Module:
        given = module.model_dump(by_alias=True, exclude_defaults=True)
        tables = [c for t in given.get("tables", []) for c in (*t.get("metrics", []), *t["facts"])]
        for column in (*given.get("scalars", []), *tables):
            if column["name"] == name:
                column["oid"] = oid
                column.pop("otherwise", None)
        return type(module).model_validate(given)

    return tuple(
        changed(m) if any(c.name == name for c in m.columns) else m for m in registry.built_in()
    )


@pytest.fixture
def _forgotten() -> Iterator[None]:
    yield
    plan.plan_of.cache_clear()
    plan.candidates.cache_clear()


@pytest.mark.usefixtures("_forgotten")
@pytest.mark.parametrize(
    ("name", "oid", "floor", "devices"),
    [
        ("ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.10", "ifInOctets", "routeros_rb750gr3"),
        ("entPhySensorScale", "1.3.6.1.2.1.99.1.1.1.3", "sensors", "arubaos-cx"),
        ("fgSysCpuUsage", "1.3.6.1.4.1.12356.101.4.1.8.0", "processors", "fortigate_500d"),
    ],
)
def test_sabotage_a_module_that_reads_another_object_is_found_out(
    name: str, oid: str, floor: str, devices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = oracle(LIBRENMS)
    honest = scoring.judge(folder, devices)
    check_floor(honest, floor, FLOORS[floor][0])
    modules = sabotaged(name, oid)
    monkeypatch.setattr("monitors.modules.plan.built_in", lambda: modules)
    plan.plan_of.cache_clear()
    plan.candidates.cache_clear()
    with turns_red():
        check_floor(scoring.judge(folder, devices), floor, FLOORS[floor][0], honest.compared[floor])
