from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory import catalogue
from monitors.probes import lines, templates
from monitors.probes.ping import PingOptions
from monitors.probes.registry import PROBES
from monitors.probes.snmp import SnmpOptions
from monitors.probes.templates import Endpoint, Place, Runs, plan

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.errors import Problem
    from monitors.probes.lines import Line

HOST = Runs("web-1", "10.0.0.5", "nms")
DESKS = [
    Place(
        f"one-stop-desk/u{n}",
        "one-stop-desk",
        unit=f"u{n}",
        runs_on=(Runs(f"r{n}", f"10.1.0.{n}"),),
    )
    for n in range(1, 6)
]


def read(tmp_path: Path, text: str) -> tuple[tuple[Line, ...], list[Problem]]:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    found, problems = lines.read(tmp_path)
    return found, list(problems)


def one(tmp_path: Path, text: str) -> Line:
    (found,), problems = read(tmp_path, text)
    assert problems == []
    return found


@pytest.mark.parametrize(
    ("kind", "url", "probe", "aim"),
    [
        ("web", "https://portal.tinh.test/", "http", "https://portal.tinh.test/"),
        ("dns", "", "dns", "dns://10.0.0.5/"),
        ("mail", "", "smtp", "smtp://10.0.0.5"),
        ("web", "sip:a@b:5060", "sip_options", "sip:a@b:5060"),
    ],
)
def test_a_service_is_probed_by_its_address_or_its_kind(
    kind: str, url: str, probe: str, aim: str
) -> None:
    (found,) = plan([Place("portal", kind, url, runs_on=(HOST,))]).targets
    assert (found.probe, found.url, found.name) == (probe, aim, probe)


def test_a_service_nobody_knows_how_to_ask_gets_no_probe() -> None:
    places = [Place("x", "other", runs_on=(HOST,)), Place("y", "dns")]
    assert plan(places).targets == []


def test_each_endpoint_of_a_service_is_a_probe_of_its_own() -> None:
    endpoints = (
        Endpoint("mx", host="mail.tinh.test", port=25, probe="smtp-banner"),
        Endpoint("page", url="https://mail.tinh.test/", probe="https-page"),
        Endpoint("plain", url="https://mail.tinh.test/status"),
        Endpoint("six", host="2001:db8::1", probe="ping"),
    )
    found = plan([Place("mail", "mail", endpoints=endpoints)])
    assert [(t.name, t.probe, t.url) for t in found.targets] == [
        ("mx", "smtp", "smtp://mail.tinh.test:25"),
        ("page", "http", "https://mail.tinh.test/"),
        ("plain", "http", "https://mail.tinh.test/status"),
        ("six", "ping", "ping://[2001:db8::1]"),
    ]
    assert found.problems == []


def test_an_endpoint_that_no_probe_measures_is_told() -> None:
    places = [Place("mail", "mail", endpoints=(Endpoint("x", host="h", probe="no-such"),))]
    (problem,) = plan(places).problems
    assert (problem.where, problem.value) == ("service_endpoints", "no-such")


def test_an_endpoint_cannot_say_what_a_login_needs_and_that_is_told() -> None:
    places = [Place("db", "x", endpoints=(Endpoint("db", host="h", probe="mysql"),))]
    found = plan(places)
    assert (found.targets, [one.message for one in found.problems]) == (
        [],
        ["mysql needs options"],
    )


def test_one_line_measures_every_service_it_selects(tmp_path: Path) -> None:
    line = one(
        tmp_path,
        """
- name: desk-ping
  probe: ping
  services: {kind: one-stop-desk}
  url: "ping://{address}"
  period_seconds: 10
  options: {count: 3}
""",
    )
    found = plan([*DESKS, Place("portal", "web", "https://p.test/")], [line]).targets
    desks = [target for target in found if target.name == "desk-ping"]
    assert [target.url for target in desks] == [f"ping://10.1.0.{n}" for n in range(1, 6)]
    assert {target.period_seconds for target in desks} == {10}
    assert {target.options for target in desks} == {PingOptions(count=3)}
    assert len(found) == 6


def test_several_devices_of_a_service_are_several_probes(tmp_path: Path) -> None:
    line = one(tmp_path, "- {name: nodes, probe: snmp, services: {code: lgsp}}")
    two = (HOST, Runs("web-2", "10.0.0.6"))
    found = plan([Place("lgsp", "lgsp", runs_on=two)], [line]).targets
    assert [(target.name, target.options) for target in found] == [
        ("nodes@web-1", SnmpOptions(credential="nms")),
        ("nodes@web-2", SnmpOptions()),
    ]


def test_a_line_without_an_address_asks_the_services_own(tmp_path: Path) -> None:
    line = one(
        tmp_path, "- {name: port, probe: tcp, services: {code: '*'}, url: 'tcp://{host}:8443'}"
    )
    found = plan([Place("portal", "other", "https://p.test/x")], [line]).targets
    assert [target.url for target in found if target.name == "port"] == ["tcp://p.test:8443"]


def test_what_a_line_cannot_ask_is_told_and_not_forgotten(tmp_path: Path) -> None:
    text = "- {name: d, probe: ping, services: {kind: x}, url: 'ping://{address}'}\n"
    found, _ = read(tmp_path, text)
    nothing = plan([Place("a", "y")], found).problems
    no_device = plan([Place("a", "x")], found).problems
    assert [problem.message for problem in nothing] == ["selects no service"]
    assert [problem.message for problem in no_device] == ["runs on no device with an address"]
    assert no_device[0].line == 1


def test_every_error_is_told_with_file_line_field_and_cure(tmp_path: Path) -> None:
    found, problems = read(
        tmp_path,
        """
- {name: good, probe: ping, services: {code: a}}
- {name: Bad Name, probe: ping, services: {code: a}}
- {name: both, probe: ping, template: ping, services: {code: a}}
- {name: none, probe: pigeon, services: {code: a}}
- {name: options, probe: ping, services: {code: a}, options: {count: 0, cuont: 1}}
- {name: all, probe: ping, services: {}}
- {name: braces, probe: ping, services: {code: a}, url: "ping://{adress}"}
- {name: good, probe: ping, services: {code: a}}
- just a word
""",
    )
    assert [line.name for line in found] == ["good"]
    assert [(problem.line, problem.field) for problem in problems] == [
        (3, "name"),
        (4, "probe"),
        (5, "probe"),
        (6, "options.count"),
        (6, "options.cuont"),
        (7, "services"),
        (8, "url"),
        (10, "line"),
        (9, "name"),
    ]
    assert all(problem.where == "own.yaml" and problem.fix for problem in problems)


@pytest.mark.parametrize("text", ["{a: b}", "- [", "just text", "\x00"])
def test_a_file_that_is_none_spoils_no_other(tmp_path: Path, text: str) -> None:
    (tmp_path / "zz.yaml").write_text("- {name: good, probe: ping, services: {code: a}}")
    found, problems = read(tmp_path, text)
    assert [line.name for line in found] == ["good"]
    assert problems


def test_every_template_of_the_catalogue_is_told_what_its_probe_knows() -> None:
    for template in catalogue.probe_templates().values():
        if template.probe in PROBES:
            PROBES[template.probe].options.model_validate(template.options)


def test_every_scheme_that_a_probe_speaks_finds_a_probe() -> None:
    for probe in PROBES.values():
        for scheme in probe.schemes:
            assert templates.probe_of(f"{scheme}://x") in PROBES
