"""Templates are strict, tell the device and the line, and reach nothing beside their data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from playbooks.templates import environment, fill, render

DEVICE = {"r1": {"device": {"name": "r1", "serial": None}, "parameters": {"vlan": 7}}}


def problems(template: str, values: dict[str, dict[str, object]] | None = None) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        render(template, values or DEVICE)
    return [str(problem) for problem in caught.value.problems]


def test_each_device_gets_what_its_own_data_makes_of_it() -> None:
    values = {name: {"device": {"name": name}} for name in ("r1", "r2")}
    texts = render("hostname {{ device.name }}\n", values)
    assert texts == {"r1": "hostname r1\n", "r2": "hostname r2\n"}


def test_an_undefined_variable_is_told_with_its_device_and_line() -> None:
    (told,) = problems("hostname {{ device.name }}\nvlan {{ parameters.vlna }}\n")
    assert told.startswith("template:2: device r1:")
    assert "vlna" in told


def test_an_absent_value_is_no_empty_text() -> None:
    (told,) = problems("serial {{ device.serial }}")
    assert "a value is absent" in told


def test_a_newline_in_a_device_name_is_refused() -> None:
    (told,) = problems("hostname {{ device.name }}", {"r\n1": {"device": {"name": "r\nreload"}}})
    assert "control character" in told


def test_every_device_s_problem_is_told_at_once() -> None:
    values: dict[str, dict[str, object]] = {name: {"device": {}} for name in ("r1", "r2")}
    assert len(problems("hostname {{ device.name }}", values)) == 2


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% include '/etc/passwd' %}",
        "{{ parameters.update({'vlan': 8}) }}",
        "{{ lipsum() }}",
        "{{ range(10000000)|list|length }}",
        "{{ [1, 2, 3]|random }}",
        "{% if %}",
    ],
)
def test_what_reaches_out_or_changes_by_itself_is_refused(template: str) -> None:
    assert problems(template)


@given(st.text())
def test_whatever_a_value_holds_stays_in_its_line(text: str) -> None:
    template = environment().from_string("a {{ value }} b")
    try:
        rendered = template.render(value=text)
    except Exception:  # noqa: BLE001 - refused is fine
        return
    assert rendered == f"a {text} b"
    assert len(rendered.splitlines()) == 1


@given(st.text())
def test_whatever_the_template_is_the_child_answers(template: str) -> None:
    fill(json.dumps({"template": template, "values": {}}).encode())
