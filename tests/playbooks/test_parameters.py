"""A wrong parameter is one problem that names it and its fix, before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.parameters import FIXES, Parameter, ParameterType, Text, check

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3tQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0p"
RIGHT: dict[ParameterType, list[Any]] = {
    ParameterType.TEXT: ["Phòng máy 1"],
    ParameterType.INTEGER: [7, "7"],
    ParameterType.BOOLEAN: [True, "no", "TRUE"],
    ParameterType.PORT: [1, "65535"],
    ParameterType.HOST: ["10.1.0.5", "2001:db8::1", "ntp.tinh.gov.vn"],
    ParameterType.ADDRESS: ["10.1.0.5", "::"],
    ParameterType.NETWORK: ["10.1.0.0/24", "2001:db8::/32"],
    ParameterType.LOGIN: ["lan", "_apt"],
    ParameterType.ADMINISTRATOR: [f"lan={KEY}"],
    ParameterType.CLOCK: ["02:30", "23:59"],
    ParameterType.PATH: ["/etc/ssl/site.pem"],
    ParameterType.CREDENTIAL: ["snmp"],
}
WRONG: dict[ParameterType, list[Any]] = {
    ParameterType.TEXT: ["", "two\nlines", 7, None, "x" * 1001],
    ParameterType.INTEGER: ["7.5", True, "-1e3", "٣", None],
    ParameterType.BOOLEAN: ["perhaps", 1, None],
    ParameterType.PORT: [0, 65536, "ssh"],
    ParameterType.HOST: ["10.1.0.256", "a b", "-x", "x..y", "fe80::1%eth0"],
    ParameterType.ADDRESS: ["10.1.0", "ntp", "fe80::1%eth0"],
    ParameterType.NETWORK: ["10.1.0.5/24", "10.1.0.5", "10.1.0.0/33"],
    ParameterType.LOGIN: ["Lan", "x" * 33, "a b", "../x"],
    ParameterType.ADMINISTRATOR: [KEY, f"root={KEY}", "lan=ssh-dss AAAA", f"lan={KEY} x\n"],
    ParameterType.CLOCK: ["24:00", "2:30"],
    ParameterType.PATH: ["etc/x", "/a b", "/x;y", "/{{ x }}"],
    ParameterType.CREDENTIAL: [""],
}


def parameter(kind: ParameterType, **more: Any) -> dict[str, Parameter]:
    return {"p": Parameter(type=kind, description=Text(en="e", vi="v"), **more)}


@pytest.mark.parametrize("kind", list(ParameterType))
def test_every_type_takes_what_is_right(kind: ParameterType) -> None:
    for value in RIGHT[kind]:
        assert check(parameter(kind), {"p": value})[1] == []


@pytest.mark.parametrize("kind", list(ParameterType))
def test_every_type_refuses_what_is_wrong_by_name_and_fix(kind: ParameterType) -> None:
    for value in WRONG[kind]:
        values, problems = check(parameter(kind), {"p": value})
        assert [(each.field, bool(each.fix)) for each in problems] == [("p", True)], value
        assert values == {}


def test_text_of_a_command_line_becomes_the_type() -> None:
    assert check(parameter(ParameterType.PORT, many=True), {"p": "80, 443"})[0] == {"p": [80, 443]}
    assert check(parameter(ParameterType.BOOLEAN), {"p": "off"})[0] == {"p": False}


def test_all_that_is_wrong_is_told_at_once() -> None:
    known = parameter(ParameterType.PORT, required=True)
    known["q"] = parameter(ParameterType.CLOCK)["p"]
    _, problems = check(known, {"q": "never", "r": 1})
    assert {each.field for each in problems} == {"p", "q", "r"}


@pytest.mark.parametrize("value", [[], "80,80", ["80", 80], list(range(1, 400)), {"80": 1}])
def test_a_list_is_neither_empty_nor_double_nor_endless(value: object) -> None:
    assert check(parameter(ParameterType.PORT, many=True), {"p": value})[1]


def test_bounds_and_choices_hold() -> None:
    known = parameter(ParameterType.INTEGER, minimum=10, maximum=20)
    assert check(known, {"p": 9})[1][0].fix == "Give a number from 10 to 20."
    assert check(parameter(ParameterType.TEXT, choices=("tcp", "udp")), {"p": "sctp"})[1]


def test_every_type_has_a_fix() -> None:
    assert set(FIXES) == set(ParameterType)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(list(ParameterType)), st.booleans(), json_values)
def test_anything_is_either_a_value_or_a_problem(
    kind: ParameterType, many: bool, value: object
) -> None:
    values, problems = check(parameter(kind, many=many), {"p": value})
    assert bool(values) is not bool(problems)
    assert all("\n" not in str(each) for each in values.values())
