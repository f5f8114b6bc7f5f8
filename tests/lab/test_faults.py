"""What breaking means, before anything is broken."""

from __future__ import annotations

import pytest

from lab import faults
from lab.address import parse_prefix
from lab.errors import LabError
from lab.province import draw

PROVINCE = draw(parse_prefix("10.250.0.0/16"), 1)


def test_breaking_a_node_means_all_its_links() -> None:
    names = [link.name for link in faults.links_of_target(PROVINCE, "hub-2")]
    assert len(names) == 6
    assert "VNPT-002" in names


def test_breaking_a_circuit_means_that_circuit() -> None:
    assert [link.name for link in faults.links_of_target(PROVINCE, "VNPT-002")] == ["VNPT-002"]


@pytest.mark.parametrize("target", ["nowhere", "host"])
def test_what_does_not_exist_cannot_be_broken(target: str) -> None:
    with pytest.raises(LabError, match="no node or link"):
        faults.links_of_target(PROVINCE, target)


def test_quantities_are_read_in_base_units() -> None:
    assert faults.quantity("40ms", faults.TIME_UNITS, "--delay") == pytest.approx(0.04)
    assert faults.quantity("10mbit", faults.RATE_UNITS, "--rate") == 10e6


@pytest.mark.parametrize("text", ["40", "ms", "fast", "1 hour"])
def test_a_quantity_without_number_or_unit_is_refused(text: str) -> None:
    with pytest.raises(LabError, match="--delay"):
        faults.quantity(text, faults.TIME_UNITS, "--delay")
