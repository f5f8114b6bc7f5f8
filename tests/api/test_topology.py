"""Ways, upstream and who is affected, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.api.conftest import People


def test_a_sites_way_tells_state_and_both_widths(client: TestClient, people: People) -> None:
    path = "/api/v1/sites/xa-05/route"
    found = client.get(path, headers=people.operator.headers).json()
    assert [(one["name"], one["state"]) for one in found["waypoints"]] == [
        ("rtr-05", "bad"),
        ("hub-2", "bad"),
        ("core-1", "good"),
    ]
    assert [leg["state"] for leg in found["legs"]] == ["bad", "bad"]
    assert (found["state"], found["has_spare"]) == ("bad", False)
    carried = found["legs"][1]
    assert (carried["circuit"], carried["hotline"]) == ("VTL-002", "18008000")
    assert (carried["forth_kbps"], carried["back_kbps"]) == (100_000, 100_000)
    assert {"kind": "circuit", "key": "VTL-002", "name": "VTL-002"} in found["single_points"]


def test_the_way_between_devices_is_asked_for_by_name(client: TestClient, people: People) -> None:
    headers = people.operator.headers
    found = client.get("/api/v1/topology/path?a=rtr-01&b=rtr-09", headers=headers).json()
    names = [one["name"] for one in found["waypoints"]]
    assert names == ["rtr-01", "hub-1", "core-1", "hub-3", "rtr-09"]
    assert (found["narrowest_forth_kbps"], found["narrowest_back_kbps"]) == (100_000, 100_000)
    home = client.get("/api/v1/topology/path?a=rtr-01", headers=headers).json()
    assert home["waypoints"][-1]["name"] == "core-1"
    apart = client.get("/api/v1/topology/path?a=rtr-01&b=core-2", headers=headers)
    assert (apart.status_code, apart.json()["code"]) == (404, "not_found")


def test_what_hides_a_device_and_who_hangs_on_a_circuit(client: TestClient, people: People) -> None:
    headers = people.operator.headers
    above = client.get("/api/v1/topology/upstream/rtr-05", headers=headers).json()
    keys = [one["key"] for one in above["elements"]]
    assert keys[0] == "core-1"
    assert {"VTL-002", "hub-2", "hub-2:eth2 -- rtr-05:eth1"} <= set(keys)
    path = "/api/v1/topology/affected/circuit/VTL-002"
    below = client.get(path, headers=headers).json()
    assert below["sites"]["total"] == 5
    assert below["people"] == 12 + 32 + 33 + 34 + 35
    short = client.get(f"{path}?limit=1", headers=headers).json()
    assert (short["sites"]["total"], len(short["sites"]["items"])) == (5, 1)
    cable = "/api/v1/topology/affected/link/hub-2:eth2 -- rtr-05:eth1"
    found = client.get(cable, headers=headers).json()
    assert [one["key"] for one in found["sites"]["items"]] == ["xa-05"]


@pytest.mark.parametrize("path", ["affected/circuit/VTL-002", "upstream/rtr-05", "path?a=rtr-05"])
def test_who_does_not_see_it_is_told_that_it_is_not_there(
    client: TestClient, people: People, path: str
) -> None:
    answer = client.get(f"/api/v1/topology/{path}", headers=people.outsider.headers)
    assert answer.status_code == 404


def test_what_cannot_fail_is_refused_with_what_can(client: TestClient, people: People) -> None:
    path = "/api/v1/topology/affected/rack/dc"
    answer = client.get(path, headers=people.operator.headers)
    assert answer.status_code == 422
    assert "circuit" in answer.text
