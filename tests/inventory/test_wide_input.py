"""What the wide model refuses, each by name."""

from __future__ import annotations

import pytest

from hatang.errors import InvalidInputError
from inventory import checks, records, yamlfile
from inventory.snapshot import Snapshot

BASE = """\
version: 1
units: [{code: u, name: U, kind: province}]
sites: [{slug: s, name: S, unit: u, kind: hub}, {slug: t, name: T, unit: u, kind: hub}]
locations: [{site: s, slug: l, name: L}, {site: t, slug: l, name: L}]
racks: [{site: t, name: R}]
"""
DEVICE = "devices: [{name: d, site: s, role: hub, platform: frr, %s}]"
CERTIFICATE = "certificates: [{serial: '1', issuer: CA, holder: H, not_after: 2027-01-01, %s}]"


def messages_of(rows: str) -> list[str]:
    try:
        found = records.collect(yamlfile.read(BASE + rows, "w.yaml"), "w.yaml")
    except InvalidInputError as error:
        return [str(problem) for problem in error.problems]
    return [str(problem) for problem in (*found.problems, *checks.check(found, Snapshot()))]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (DEVICE % "rack: R", "rack ('s/R'): names no rack"),
        (DEVICE % "location: m", "location ('s/m'): names no location. Did you mean 's/l'?"),
        (DEVICE % "tenant: x", "tenant ('x'): names no tenant"),
        (DEVICE % "position: 1.3", "multiple of 0.5"),
        (DEVICE % "primary_ip6: 10.0.0.1", "is no IPv6 address"),
        (DEVICE % "interfaces: [{name: a, lag: a}]", "makes the interface its own member"),
        (DEVICE % "interfaces: [{name: a, mac_address: 00-11}]", "is no MAC address"),
        (DEVICE % "interfaces: [{name: a, device: e}]", "is given already"),
        (DEVICE % "modules: [{bay: 1}]", "is no text"),
        (DEVICE % "modules: [{bay: '1', model: m}]", "is missing beside the other"),
        (
            "devices:\n"
            "  - {name: d, site: s, role: hub, platform: frr, asset_tag: A}\n"
            "  - {name: e, site: s, role: hub, platform: frr, asset_tag: A}",
            "w.yaml:8: asset_tag ('A'): already belongs to d",
        ),
        (
            "services:\n"
            "  - {code: a, name: A, kind: web, unit: u, depends_on: [b]}\n"
            "  - {code: b, name: B, kind: web, unit: u, depends_on: [a]}",
            "w.yaml:7: depends_on ('b'): makes the service wait for itself",
        ),
        ("redundancy_groups: [{code: g, name: G, kind: core, required: 2}]", "are needed of 0"),
        ("redundancy_groups: [{code: g, name: G, kind: core, required: 0}]", "is too little"),
        (CERTIFICATE % "private_key: x", "private_key is refused: a private key is never kept"),
        (CERTIFICATE % "Private-Key: x", "Private-Key is refused: a private key is never kept"),
        (
            CERTIFICATE % "description: '-----BEGIN EC PRIVATE KEY-----'",
            "is a private key: those are never kept here",
        ),
        (CERTIFICATE % "not_before: 2028-01-01", "not_after lies before not_before"),
        ("units: [{code: x}]", "given twice"),
        ("vlans: [{vid: 4095, name: n}]", "is too much"),
        ("vrfs: [{name: 'a%b'}]", "is no name a machine"),
    ],
)
def test_each_is_named_with_what_to_do(rows: str, expected: str) -> None:
    found = messages_of(rows)
    assert any(expected in message for message in found), found


def test_a_secret_is_not_shown_again() -> None:
    found = messages_of(CERTIFICATE % "private_key: c2VjcmV0")
    assert found
    assert not any("c2VjcmV0" in message for message in found)


def test_locations_that_lie_in_each_other_are_refused() -> None:
    base = BASE.replace("locations:", "locations: #")
    rows = (
        "locations:\n"
        "  - {site: s, slug: a, name: A, parent: b}\n"
        "  - {site: s, slug: b, name: B, parent: a}\n"
    )
    text = base.replace("locations: #", "# ") + rows
    found = records.collect(yamlfile.read(text, "w.yaml"), "w.yaml")
    problems = checks.check(found, Snapshot())
    assert [(one.field, one.value) for one in problems] == [("parent", "s/b"), ("parent", "s/a")]
