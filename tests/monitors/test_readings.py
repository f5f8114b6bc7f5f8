from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from monitors.collect import Memory, collect
from monitors.modules.plan import compile_plan, plan_of
from monitors.modules.schema import Module
from monitors.readings import Normaliser
from monitors.renderer import Renderer, date_and_time
from monitors.samples import TableSample
from monitors.text import written
from tests.monitors import fakes
from tests.monitors.replay import Recording

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpValue
    from monitors.text import Blocks, Texts

COLUMNS = ("kind", "raw", "scale", "digits", "status", "used", "total", "label")


def module(*gives: dict[str, Any], **more: Any) -> Module:
    table = {
        "name": "t",
        "index": [{"name": "row"}],
        "facts": [{"name": name, "oid": f"1.3.1.{n}"} for n, name in enumerate(COLUMNS)],
        "gives": list(gives),
    }
    return Module.model_validate(
        {"name": "m", "source": "s", "when": [{"any": True}], "tables": [table], **more}
    )


def readings(give: dict[str, Any], **columns: dict[str, SnmpValue]) -> dict[tuple[str, str], float]:
    normaliser = Normaliser(compile_plan([module(give)]))
    found = normaliser.readings({}, {"t": TableSample(columns)})
    return {(name, dict(labels)["index"]): value for name, labels, value in found}


SENSOR = {
    "kind": "sensor",
    "name": "{label}",
    "what": {"of": "kind", "map": {8: "temperature", 10: "fanspeed"}},
    "value": "raw",
    "scale": {"of": "scale", "map": {8: 0.001, 9: 1}},
    "precision": "digits",
    "absent": [-1],
}


def test_scale_and_precision_of_each_row_make_its_value() -> None:
    found = readings(
        SENSOR,
        kind={"1": 8, "2": 10, "3": 99, "4": 8},
        raw={"1": 215, "2": 4100, "3": 1, "4": -1},
        scale={"1": 9, "2": 9, "3": 9, "4": 9},
        digits={"1": 1, "2": 0, "3": 0, "4": 0},
    )
    assert found == {("hatang_sensor", "1"): 21.5, ("hatang_sensor", "2"): 4100}


def test_a_row_without_its_scale_is_absent_and_not_taken_as_it_is() -> None:
    assert readings(SENSOR, kind={"1": 8}, raw={"1": 215}, digits={"1": 1}) == {}


@pytest.mark.parametrize(
    ("used", "free", "total", "percent"),
    [(30, None, 120, 25), (30, 90, None, 25), (None, 90, 120, 25), (-1, None, 2**32 - 1, 100)],
)
def test_a_share_follows_from_any_two_amounts(
    used: int | None, free: int | None, total: int | None, percent: float
) -> None:
    given = {"used": ("used", used), "free": ("raw", free), "total": ("total", total)}
    give = {"kind": "memory", **{k: c for k, (c, v) in given.items() if v is not None}}
    columns: dict[str, dict[str, SnmpValue]] = {
        c: {"1": v} for c, v in given.values() if v is not None
    }
    assert readings(give, **columns)["hatang_memory_used_percent", "1"] == percent


def test_an_amount_of_nothing_is_absent_and_no_division_by_zero() -> None:
    give = {"kind": "memory", "used": "used", "total": "total"}
    assert readings(give, used={"1": 0}, total={"1": 0}) == {}


def test_idle_percent_becomes_busy_percent() -> None:
    give = {"kind": "cpu", "value": "raw", "scale": -1, "offset": 100}
    assert readings(give, raw={"1": 88}) == {("hatang_cpu_percent", "1"): 12}


def test_a_state_nobody_described_is_unknown_and_never_good() -> None:
    give = {"kind": "state", "what": "fan", "value": "status", "states": {1: "good", "ok": "good"}}
    found = readings(give, status={"1": 1, "2": 9, "3": b"OK", "4": b"molten"})
    assert [found["hatang_sensor_state", row] for row in "1234"] == [0, 3, 0, 3]


def test_a_member_of_a_cluster_is_in_one_state_at_a_time() -> None:
    give = {"kind": "ha", "value": "status", "names": {9: "active", 10: "standby"}}
    plan = compile_plan([module(give)])
    found = Normaliser(plan).readings({}, {"t": TableSample({"status": {"6": 10}})})
    assert {dict(labels)["state"]: value for _, labels, value in found} == {
        "active": 0,
        "standby": 1,
    }


def test_rows_a_condition_refuses_are_not_shown() -> None:
    give = {"kind": "cpu", "value": "raw", "where": [{"of": "used", "out": [0]}]}
    assert readings(give, raw={"1": 5, "2": 6}, used={"1": 0, "2": 3}) == {
        ("hatang_cpu_percent", "2"): 6
    }


def test_a_label_that_changes_is_told_at_once_and_a_row_that_goes_is_gone() -> None:
    normaliser = Normaliser(
        compile_plan([module({"kind": "cpu", "name": "{label}", "value": "raw"})])
    )

    def names(label: bytes, raw: dict[str, SnmpValue]) -> list[str]:
        columns: dict[str, dict[str, SnmpValue]] = {"raw": raw, "label": {"1": label}}
        found = normaliser.readings({}, {"t": TableSample(columns)})
        return [dict(labels)["cpu"] for _, labels, _ in found]

    assert names(b"one", {"1": 1}) == ["one"]
    assert names(b"two", {"1": 1}) == ["two"]
    assert names(b"two", {}) == []


@pytest.mark.parametrize(
    "give",
    [
        {"kind": "cpu"},
        {"kind": "memory", "used": "used"},
        {"kind": "sensor", "value": "raw"},
        {"kind": "sensor", "what": "happiness", "value": "raw"},
        {"kind": "state", "what": "x", "value": "raw"},
        {"kind": "cpu", "value": "raw", "states": {1: "good"}},
        {"kind": "cpu", "value": "raw *"},
        {"kind": "cpu", "value": "raw", "where": [{"of": "used"}]},
        {"kind": "cpu", "value": "raw", "where": [{"of": "used", "matches": "("}]},
    ],
)
def test_a_series_that_cannot_be_is_refused_when_it_is_read(give: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        module(give)


def page(plan_names: tuple[str, ...], values: dict[str, SnmpValue]) -> dict[str, str]:
    """Return what an agent with `values` is exposed as."""
    got = asyncio.run(collect(Recording(values), "", "", Memory()))
    watch = fakes.watch(fakes.FakeDevice())
    sample = replace(asyncio.run(watch.poll()), scalars=got.scalars, tables=got.tables)
    plan = plan_of(plan_names) if plan_names else got.plan
    return _written(Renderer(watch.target, plan).render(sample, up=True))


def _written(blocks: Blocks) -> Texts:
    return {name: written(block) for name, block in blocks.items()}


def test_states_texts_and_dates_are_series_where_a_module_wants_it() -> None:
    metrics = [
        {
            "name": "mood",
            "oid": "1.3.1.1",
            "type": "stateset",
            "help": "h",
            "states": {1: "up", 2: "down"},
        },
        {"name": "model", "oid": "1.3.1.2", "type": "info", "help": "h"},
        {"name": "born", "oid": "1.3.1.3", "type": "date", "help": "h"},
    ]
    table = {"name": "t", "index": [{"name": "i"}], "metrics": metrics}
    made = Module.model_validate({"name": "m", "source": "s", "tables": [table]})
    watch = fakes.watch(fakes.FakeDevice())
    columns: dict[str, dict[str, SnmpValue]] = {
        "mood": {"1": 2},
        "model": {"1": b'a"b'},
        "born": {"1": bytes([7, 230, 1, 2, 3, 4, 5, 0])},
    }
    sample = replace(asyncio.run(watch.poll()), tables={"t": TableSample(columns)})
    blocks = _written(Renderer(watch.target, compile_plan([made])).render(sample, up=True))
    assert 'mood="up"} 0\n' in blocks["mood"]
    assert 'mood="down"} 1\n' in blocks["mood"]
    assert 'model="a\\"b"} 1\n' in blocks["model"]
    assert blocks["born"].endswith("} 1641092645\n")


@pytest.mark.parametrize(
    ("octets", "unix"),
    [
        (bytes([7, 230, 1, 2, 3, 4, 5, 0]), 1641092645),
        (bytes([7, 230, 1, 2, 10, 4, 5, 0]) + b"+" + bytes([7, 0]), 1641092645),
        (bytes([0, 0, 0, 0, 0, 0, 0, 0]), None),
        (b"2022", None),
    ],
)
def test_a_date_and_time_is_unix_time(octets: bytes, unix: int | None) -> None:
    assert date_and_time(octets) == unix


def test_a_device_tells_what_it_is_and_a_sensor_is_named_through_another_table() -> None:
    entity, sensor = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.99.1.1.1"
    values: dict[str, SnmpValue] = {
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.12356.101.1.644",
        "1.3.6.1.4.1.12356.101.4.1.1.0": b"v7.2.10",
        f"{entity}.5.9": 3,
        f"{entity}.7.9": b"CPU die",
        f"{entity}.11.9": b"SN1",
        **{f"{sensor}.{n}.9": v for n, v in ((1, 8), (2, 9), (3, 1), (4, 415), (5, 1))},
    }
    blocks = page((), values)
    assert 'version="v7.2.10",hardware="",serial="SN1"' in blocks["hatang_device_info"]
    assert 'class="temperature",name="CPU die",unit="celsius"} 41.5\n' in blocks["hatang_sensor"]


def test_a_port_that_runs_half_duplex_is_degraded_as_long_as_it_is_up() -> None:
    normaliser = Normaliser(plan_of(("if_mib", "ether_like")))
    duplex = TableSample({"dot3StatsDuplexStatus": {"1": 2, "2": 3}})

    def found(*states: int) -> list[tuple[str, float]]:
        oper: dict[str, SnmpValue] = {str(n): state for n, state in enumerate(states, start=1)}
        ports = TableSample({"ifName": {"1": b"eth1", "2": b"eth2"}, "ifOperStatus": oper})
        read = normaliser.readings({}, {"ifTable": ports, "dot3StatsTable": duplex})
        return [(dict(labels)["name"], value) for name, labels, value in read if "state" in name]

    assert found(1, 1) == [("eth1", 1)]
    assert found(2, 1) == []
