"""The table of systems: no row empty, every template and dependency there, probes said truly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from inventory import catalogue
from inventory.catalogue.loading import check
from inventory.catalogue.schema import SystemsFile
from monitors.probes.registry import PROBES
from scripts import docs_systems
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from inventory.catalogue import ProbeTemplate, System

# The mission's own list, by the codes that answer for each of its words.
MISSION = {
    "portal": {"portal"},
    "unit and commune website groups": {"unit-sites", "commune-sites"},
    "direction pages": {"direction"},
    "public-service portal": {"public-services"},
    "one-stop desks": {"one-stop", "one-stop-desk"},
    "administration centres": {"administration-centre"},
    "document management": {"documents"},
    "national exchange axis": {"document-axis"},
    "LGSP and NGSP": {"lgsp", "ngsp"},
    "official mail": {"mail"},
    "SSO": {"sso"},
    "signing and certificates": {"signing", "certificates"},
    "payment gateway": {"payment", "payment-partners"},
    "feedback": {"feedback"},
    "GIS": {"gis"},
    "Hue-S hosting": {"hue-s"},
    "paperless rooms": {"paperless-rooms"},
    "video conference": {"conference"},
    "security operations feed": {"soc-feed"},
    "business registration": {"business-registration"},
    "national service portal": {"national-services"},
}
SYSTEMS = catalogue.systems()


def code_of(value: Any) -> str:
    return str(getattr(value, "code", getattr(value, "name", value)))


@pytest.mark.parametrize(("words", "codes"), MISSION.items())
def test_each_system_of_the_mission_has_its_row(words: str, codes: set[str]) -> None:
    assert codes <= SYSTEMS.keys(), words


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=code_of)
def test_no_row_is_empty(system: System) -> None:
    assert system.name.vi.strip()
    assert system.name.en.strip()
    assert system.kind
    assert system.probes
    assert system.owner in catalogue.owners()


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=code_of)
def test_every_template_and_every_dependency_exists(system: System) -> None:
    assert set(system.probes) <= catalogue.probe_templates().keys()
    assert set(system.depends_on) <= SYSTEMS.keys()


@pytest.mark.parametrize("template", catalogue.probe_templates().values(), ids=code_of)
def test_a_template_without_a_probe_says_that_it_is_not_measured(template: ProbeTemplate) -> None:
    assert template.not_yet is not None or template.probe in PROBES


def test_every_template_is_used() -> None:
    used = {name for system in SYSTEMS.values() for name in system.probes}
    assert used == catalogue.probe_templates().keys()


def test_external_systems_are_those_the_province_does_not_own() -> None:
    external = {s.code for s in SYSTEMS.values() if catalogue.owners()[s.owner].external}
    assert {"document-axis", "ngsp", "certificates", "national-services"} <= external
    assert not external & {"portal", "documents", "lgsp", "mail", "sso"}


def test_the_page_shows_every_row_whole() -> None:
    lines = (ROOT / "docs" / "seed-systems.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    assert len(rows) == len(SYSTEMS) + len(catalogue.probe_templates())
    assert all(cell.strip() for row in rows for cell in row.strip("|").split("|"))
    assert docs_systems.systems_table().count("\n") == len(SYSTEMS) + 1


def broken(**change: Any) -> SystemsFile:
    own: dict[str, Any] = {
        "code": "a",
        "name": {"en": "A", "vi": "A"},
        "kind": "web",
        "owner": "us",
        "probes": ["ping"],
        "level": 2,
    }
    us = {"en": "us", "vi": "chúng tôi", "external": False}
    return SystemsFile.model_validate({"owners": {"us": us}, "systems": [own | change]})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"probes": ["nothing"]}, "probes"),
        ({"depends_on": ["nowhere"]}, "depends_on"),
        ({"depends_on": ["a"]}, "depends_on"),
        ({"owner": "nobody"}, "owner"),
        ({"level": None}, "level"),
    ],
)
def test_a_row_that_hangs_in_the_air_is_named(change: dict[str, Any], field: str) -> None:
    found = list(check(broken(**change), catalogue.probe_templates()))
    assert [problem.field for problem in found] == [field]
    assert not list(check(broken(), catalogue.probe_templates()))
