"""What is probed, through the command: the plan with all its errors, and one probe now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

DESKS = 559
LINE = """
- name: desk-ping
  probe: ping
  services: {kind: one-stop-desk}
  url: "ping://{address}"
  period_seconds: 30
  options: {count: 3}
"""


def province() -> dict[str, Any]:
    numbers = range(1, DESKS + 1)
    return {
        "version": 1,
        "units": [{"code": "tinh", "name": "Tỉnh", "kind": "province", "parent": None}],
        "sites": [{"slug": "dc", "name": "Trung tâm", "unit": "tinh", "kind": "datacentre"}],
        "devices": [
            {
                "name": f"desk-{n}",
                "site": "dc",
                "role": "router",
                "platform": "frr",
                "primary_ip4": f"127.9.{n // 250}.{1 + n % 250}",
                "status": "active",
            }
            for n in numbers
        ],
        "services": [
            {
                "code": f"one-stop-desk/{n}",
                "name": f"Bộ phận một cửa {n}",
                "kind": "one-stop-desk",
                "unit": "tinh",
                "runs_on": [f"desk-{n}"],
            }
            for n in numbers
        ],
    }


@pytest.fixture
def desks(hatang: Hatang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HATANG_LAB", "true")
    file = tmp_path / "province.yaml"
    file.write_text(yaml.safe_dump(province(), allow_unicode=True))
    plan = json.loads(hatang("inventory", "plan", str(file), "--as", "lan").out)
    words = ("inventory", "import", str(file), "--plan", plan["sha256"], "--as", "lan")
    assert hatang(*words).status == exits.OK
    lines = hatang.data_dir / "probes"
    lines.mkdir()
    (lines / "desks.yaml").write_text(LINE)
    return lines


def test_one_line_probes_all_one_stop_desks(hatang: Hatang, desks: Path) -> None:
    ran = hatang("probe", "list", "--line", "desk-ping", "--as", "lan")
    rows = json.loads(ran.out)
    assert (ran.status, len(rows)) == (exits.OK, DESKS)
    assert {row["probe"] for row in rows} == {"ping"}
    assert len({row["url"] for row in rows}) == DESKS


def test_everything_wrong_with_the_lines_is_told_at_once(hatang: Hatang, desks: Path) -> None:
    (desks / "wrong.yaml").write_text(
        "- {name: a, probe: pigeon, services: {code: x}}\n"
        "- {name: b, probe: ping, services: {kind: nothing}}\n"
    )
    ran = hatang("probe", "list", "--as", "lan")
    assert ran.status == exits.FAILED
    for seen in ("wrong.yaml:1: probe ('pigeon')", "wrong.yaml:2: services", "selects no service"):
        assert seen in ran.err
    assert len(json.loads(ran.out)) == DESKS


def test_a_probe_is_made_once_and_its_answer_shown(hatang: Hatang, desks: Path) -> None:
    ran = hatang("probe", "try", "one-stop-desk/7", "--as", "lan")
    (row,) = json.loads(ran.out)
    if row["cause"] == "probe_fault":
        pytest.skip("this process may not send echo requests")
    assert (ran.status, row["state"], row["cause"]) == (exits.OK, "good", "answered")


def test_the_name_of_a_line_is_no_service_and_says_which_are(hatang: Hatang, desks: Path) -> None:
    ran = hatang("probe", "try", "desk-ping", "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "--name desk-ping" in ran.err
    assert hatang("probe", "try", "no-such", "--as", "lan").status == exits.NOT_FOUND


def test_who_may_not_see_measurements_sees_no_plan(hatang: Hatang, desks: Path) -> None:
    assert hatang("probe", "list", "--as", "khach").status == exits.DENIED
