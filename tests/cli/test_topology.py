"""Questions to the drawn network through the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

PROVINCE = """\
version: 1
units:
  - {code: tinh, name: "Tỉnh", kind: province, parent: null}
sites:
  - {slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}
  - {slug: xa, name: "Xã", unit: tinh, kind: commune, people: 20}
devices:
  - {name: core-1, site: dc, role: core, platform: frr}
  - {name: rtr-1, site: xa, role: commune-router, platform: frr}
providers: [{name: VNPT}]
circuits:
  - {cid: V1, provider: VNPT, a: dc, z: xa, commit_rate_kbps: 20000, upstream_rate_kbps: 5000}
links: [{a: "core-1:e1", b: "rtr-1:e1", circuit: V1}]
"""


@pytest.fixture
def drawn(hatang: Hatang, tmp_path: Path) -> Hatang:
    path = tmp_path / "province.yaml"
    path.write_text(PROVINCE)
    assert hatang("inventory", "import", str(path), "--as", "lan").status == exits.OK
    return hatang


def test_a_way_tells_state_and_both_widths(drawn: Hatang) -> None:
    for words in (("site", "route", "xa"), ("topology", "path", "rtr-1")):
        found = json.loads(drawn(*words, "--as", "lan").out)
        assert [one["name"] for one in found["waypoints"]] == ["rtr-1", "core-1"]
        (leg,) = found["legs"]
        assert (leg["circuit"], leg["state"]) == ("V1", "unknown")
        assert (leg["forth_kbps"], leg["back_kbps"]) == (5000, 20000)
    table = drawn("site", "route", "xa", "--as", "lan", "--format", "table").out
    for seen in ("rtr-1", "V1", "20000", "e1 → e1", "has spare: no"):
        assert seen in table


def test_what_hides_a_device_and_who_hangs_on_it(drawn: Hatang) -> None:
    above = json.loads(drawn("topology", "upstream", "rtr-1", "--as", "lan").out)
    assert [one["key"] for one in above["elements"]] == ["core-1", "core-1:e1 -- rtr-1:e1", "V1"]
    below = json.loads(drawn("topology", "affected", "circuit", "V1", "--as", "lan").out)
    assert (below["sites"]["total"], below["people"]) == (1, 20)
    table = drawn("topology", "affected", "circuit", "V1", "--as", "lan", "--format", "table").out
    assert "people: 20" in table


@pytest.mark.parametrize(
    "words",
    [("path", "rtr-1", "none"), ("upstream", "none"), ("affected", "circuit", "none")],
)
def test_what_is_not_there_is_said_to_be_missing(drawn: Hatang, words: tuple[str, ...]) -> None:
    assert drawn("topology", *words, "--as", "lan").status == exits.NOT_FOUND
