from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import InvalidInputError
from inventory import platforms
from monitors.modules import crossing, plan, registry, schema

if TYPE_CHECKING:
    from pathlib import Path

MODULES = sorted(registry.DIRECTORY.glob("*.yaml"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_valid_and_named_as_its_file(path: Path) -> None:
    module = registry.read(path)
    assert module.name == path.stem
    assert module.scalars or module.tables or any(given for _, given in module.identity)


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


def test_a_name_that_no_module_reads_is_an_error_with_its_place() -> None:
    given = {
        "name": "lost",
        "source": "nowhere",
        "when": [{"any": True}],
        "gives": [{"kind": "cpu", "value": "nobody", "where": [{"of": "nothing", "in": [1]}]}],
    }
    found = crossing.problems([schema.Module.model_validate(given)])
    assert [(p.where, p.field, p.value) for p in found] == [
        ("lost.yaml", "value", "nobody"),
        ("lost.yaml", "where", "nothing"),
    ]


def test_every_object_says_what_it_means_and_every_module_whom_it_is_for() -> None:
    listed = {name for platform in platforms.all() for name in platform.snmp_modules}
    for module in registry.built_in():
        assert module.when or module.name in listed
        assert all(metric.help.endswith(".") for metric in module.scalars)
        assert all(metric.help.endswith(".") for t in module.tables for metric in t.metrics)


def test_every_series_of_the_vocabulary_is_given_by_some_module() -> None:
    kinds = {give.kind for _, give in plan.gives(plan.compile_plan(registry.built_in()))}
    assert kinds == {"cpu", "memory", "storage", "sensor", "state", "sessions", "ha", "speed"}
