"""The bridge agent tells what the kernel's bridge learnt, in the order a walk needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.files import bridge_agent

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = bytes([2, 0, 0, 0, 9, 1, 3, 0]) + bytes(8)
LOCAL = bytes([2, 0, 0, 0, 4, 1, 1, 1]) + bytes(8)


@pytest.fixture(autouse=True)
def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "br0"
    port = root / "brif" / "eth3"
    port.mkdir(parents=True)
    (port / "port_no").write_text("0x3\n")
    (tmp_path / "eth3").mkdir()
    (tmp_path / "eth3" / "ifindex").write_text("17\n")
    (root / "brforward").write_bytes(LOCAL + ENTRY)
    monkeypatch.setattr(bridge_agent, "BRIDGE", root)
    return root


def test_a_learnt_address_is_told_with_its_port_and_an_own_one_is_not() -> None:
    assert bridge_agent.rows() == [((1, 4, 1, 2, 3), 17), ((4, 3, 1, 2, 2, 0, 0, 0, 9, 1), 3)]


def test_a_walk_passes_every_row_once_and_ends() -> None:
    oid, seen = ".1.3.6.1.2.1.17", []
    while (reply := bridge_agent.answer("getnext", oid)) != "NONE\n":
        oid = reply.splitlines()[0]
        seen.append(oid)
    assert seen == [".1.3.6.1.2.1.17.1.4.1.2.3", ".1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.9.1"]
