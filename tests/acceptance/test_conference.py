"""A line and a bridge that will not hold a meeting are called before it, by the command alone.

The province is *simulated*: an inventory of six communes behind one uplink; nothing is measured.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

POINTS = 6
CALL_KBPS = 1_603  # with sound and a fifth more: 2 Mbit/s a point
UPLINK_KBPS = 10_000
PORTS = 8
TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


def inventory(uplink_kbps: int) -> dict[str, Any]:
    """Six communes behind hub-3, whose uplink they share."""
    communes = [f"xa-{number:02d}" for number in range(1, POINTS + 1)]
    names = [
        ("core-1", "dc"),
        ("mcu", "dc"),
        ("hub-3", "hub-3"),
        *((f"r-{c}", c) for c in communes),
    ]
    ports = [("core-1", "e1"), ("core-1", "e2"), ("mcu", "e1"), ("hub-3", "e0")]
    ports += [("hub-3", f"e{number}") for number in range(1, POINTS + 1)]
    ports += [(f"r-{commune}", "e1") for commune in communes]
    return {
        "version": 1,
        "province": {"code": "38", "name": "Tỉnh Thử Nghiệm"},
        "units": [{"code": "tinh", "name": "Tỉnh", "kind": "province", "parent": None}],
        "sites": [
            {"slug": slug, "name": slug, "unit": "tinh", "kind": kind}
            for slug, kind in [("dc", "datacentre"), ("hub-3", "hub"),
                               *((commune, "commune") for commune in communes)]
        ],
        "providers": [{"name": "Viettel"}],
        "circuits": [{"cid": "TSLCD-HUB-3", "provider": "Viettel", "a": "hub-3", "z": "dc",
                      "commit_rate_kbps": uplink_kbps}],
        "devices": [
            {"name": name, "site": site, "role": "core" if name == "core-1" else "commune-router",
             "platform": "linux", "primary_ip4": f"10.9.{number}.1"}
            for number, (name, site) in enumerate(names)
        ],
        "interfaces": [{"device": device, "name": name} for device, name in ports],
        "links": [
            {"a": "hub-3:e0", "b": "core-1:e1", "circuit": "TSLCD-HUB-3"},
            {"a": "core-1:e2", "b": "mcu:e1"},
            *({"a": f"hub-3:e{number}", "b": f"r-{commune}:e1"}
              for number, commune in enumerate(communes, 1)),
        ],
        "rooms": [{"code": f"room-{c}", "name": f"Phòng họp {c}", "site": c} for c in communes],
        "bridges": [{"code": "mcu-1", "name": "MCU", "driver": "cms", "device": "mcu",
                     "url": "https://10.9.1.1:445", "capacity_ports": PORTS}],
    }  # fmt: skip


def bring(hatang: Installation, uplink_kbps: int) -> None:
    path = hatang.folder / "province.yaml"
    path.write_text(json.dumps(inventory(uplink_kbps), ensure_ascii=False), encoding="utf-8")
    hatang.hatang("inventory", "import", str(path)).good()


def meeting(hatang: Installation, uid: str) -> str:
    """Write a meeting of all six to a file and return its path."""
    wanted = {
        "uid": uid,
        "title": "Giao ban",
        "starts_at": TOMORROW.isoformat(),
        "ends_at": (TOMORROW + timedelta(hours=2)).isoformat(),
        "bridge": "mcu-1",
        "call_kbps": CALL_KBPS,
        "points": [{"room": f"room-xa-{number:02d}"} for number in range(1, POINTS + 1)],
    }
    path = hatang.folder / f"{uid}.yaml"
    path.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    return str(path)


def check_uplink(hatang: Installation) -> None:
    """Six calls of 2 Mbit/s are called too much for the uplink they share, each way."""
    answer = hatang.hatang("meeting", "what-if", meeting(hatang, "a"), "--format", "json")
    found = {(one["name"], one["direction"]) for one in answer.json()["congested"]}
    wanted = {("TSLCD-HUB-3", "up"), ("TSLCD-HUB-3", "down")}
    hold(found == wanted, f"congested: {sorted(found)}")
    hold(answer.status == 1, f"exit status {answer.status}")


def check_ports(hatang: Installation) -> None:
    """Beside a meeting that is planned at that hour the bridge lacks ports."""
    answer = hatang.hatang("meeting", "what-if", meeting(hatang, "b"), "--format", "json").json()
    hold(answer["missing_ports"] == 2 * POINTS - PORTS, f"missing {answer['missing_ports']}")
    hold(answer["bridge_result"] == "fail", f"the bridge: {answer['bridge_result']}")


def test_a_shared_uplink_is_called_before_the_meeting(fresh: Installation) -> None:
    bring(fresh, UPLINK_KBPS)
    check_uplink(fresh)


def test_sabotage_a_carrier_that_widened_the_line_is_seen(fresh: Installation) -> None:
    bring(fresh, 10 * UPLINK_KBPS)
    with turns_red():
        check_uplink(fresh)


def test_sabotage_a_bridge_nobody_else_uses_is_seen(fresh: Installation) -> None:
    bring(fresh, UPLINK_KBPS)
    with turns_red():
        check_ports(fresh)


def test_missing_ports_are_called_before_the_meeting(fresh: Installation) -> None:
    bring(fresh, UPLINK_KBPS)
    fresh.hatang("meeting", "put", meeting(fresh, "a")).good()
    check_ports(fresh)
