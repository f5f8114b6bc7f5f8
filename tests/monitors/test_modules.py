from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import InvalidInputError
from inventory import platforms
from monitors.modules import plan, registry

if TYPE_CHECKING:
    from pathlib import Path

MODULES = sorted(registry.DIRECTORY.glob("*.yaml"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_valid_and_named_as_its_file(path: Path) -> None:
    module = registry.read(path)
    assert module.name == path.stem
    assert module.scalars or module.tables or module.identity.version


def test_no_object_is_asked_for_twice_or_under_two_names() -> None:
    names: dict[str, str] = {}
    for module in registry.built_in():
        tables = [column for t in module.tables for column in (*t.labels, *t.metrics, *t.facts)]
        for column in (*module.scalars, *tables):
            assert column.name not in names
            assert column.oid not in names.values()
            names[column.name] = column.oid


def test_interfaces_carry_the_names_snmp_exporter_gives_them() -> None:
    table = plan.plan_for("frr", "core").tables
    interfaces = next(t.table for t in table if t.table.name == "ifTable")
    assert [part.name for part in interfaces.index] == ["ifIndex"]
    assert {column.name for column in interfaces.labels} == {"ifName", "ifDescr", "ifAlias"}
    assert {"ifHCInOctets", "ifOperStatus"} <= {metric.name for metric in interfaces.metrics}


def test_platform_and_role_choose_what_is_polled() -> None:
    assert {"entity", "if_mib", "system"} <= set(plan.plan_for("something", "else").names)
    assert "ospf" not in plan.plan_for("something", "else").names
    assert "fortinet" in {m.name for m in plan.candidates(plan.Asked("fortinet", "firewall"))}
    assert "fortinet" not in {m.name for m in plan.candidates(plan.Asked("frr", "core"))}


def test_every_module_a_platform_names_exists() -> None:
    known = {module.name for module in registry.built_in()}
    assert {name for platform in platforms.all() for name in platform.snmp_modules} <= known


def test_all_problems_of_a_module_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(
        "name: broken\nsource: x\nroles: ['*']\ncolour: red\n"
        "scalars: [{name: a b, oid: .1.3, type: gauge, help: h}]\n"
    )
    with pytest.raises(InvalidInputError) as caught:
        registry.read(path)
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"colour", "scalars.0.name", "scalars.0.oid"}
