"""What a person types and what polls devices loads no library it does not use.

Each costs tens of milliseconds and some MB in every start: import it in the function that needs it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from hatang import deferred
from tests.architecture.source import PACKAGES, ROOT

HEAVY = {
    *("alembic", "ansible_runner", "babel", "dbos", "docx", "fastapi", "httpx", "icalendar"),
    *("jinja2", "lxml", "napalm", "netmiko", "ntc_templates", "openpyxl", "paramiko", "psycopg"),
    *("promql_parser", "pynetbox", "pysnmp", "python_calamine", "recurring_ical_events"),
    *("requests", "rich", "textfsm", "typst", "uvicorn"),
}
LISTS = (
    *("audits", "credentials", "devicetypes", "elements", "entries", "equipment", "exchange"),
    *("finding", "hints", "history", "incidents", "inventory", "jobs", "keys", "maintenances"),
    *("monitors", "network", "people", "probes", "processes", "province", "topology", "units"),
)
# Opening a device or a NetBox, writing a report: what these bring is loaded only then.
OPENING = ("playbooks.access", "inventory.discovery.onboarding", "inventory.exports.dossier")
OPENED = {"napalm", "netmiko", "docx", "openpyxl", "pynetbox"}


def loaded_with(*modules: str) -> set[str]:
    program = "import sys, importlib; [importlib.import_module(each) for each in sys.argv[1:]];"
    done = subprocess.run(
        [sys.executable, "-c", f"{program} print(*sys.modules)", *modules],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(done.stdout.split())


def test_commands_that_list_load_no_heavy_library() -> None:
    assert not loaded_with(*(f"cli.commands.{each}" for each in LISTS)) & HEAVY


def test_the_monitor_loads_no_heavy_library() -> None:
    loaded = loaded_with("cli.roles.monitor")
    assert not loaded & HEAVY
    assert not any(each.startswith("inventory.sheets.") for each in loaded)


def test_what_opens_devices_loads_their_libraries_when_it_does() -> None:
    assert not loaded_with(*OPENING) & OPENED


def deferring() -> list[str]:
    """Return the packages whose names are loaded when asked for."""
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("__init__.py"))
    return sorted(
        ".".join(file.parent.relative_to(ROOT).parts)
        for file in files
        if "deferred.names(" in file.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("package", deferring())
def test_a_deferred_name_is_what_the_type_checker_sees(package: str) -> None:
    module = import_module(package)
    homes = deferred.homes(package)
    assert homes
    assert set(homes) <= set(module.__all__)
    for name, home in homes.items():
        at_home = import_module(home)
        expected = import_module(f"{home}.{name}") if home == package else getattr(at_home, name)
        assert getattr(module, name) is expected


def test_a_name_that_is_nowhere_is_told_as_any_other_module_tells_it() -> None:
    with pytest.raises(AttributeError, match=r"inventory.service.*nowhere"):
        import_module("inventory.service").nowhere  # noqa: B018 - asked for
