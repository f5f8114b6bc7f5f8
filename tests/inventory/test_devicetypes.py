"""NetBox's device-type library: read within limits, kept whole, written as it was."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from hatang.errors import InvalidInputError
from inventory import devicetypes, service
from inventory.choices import ElementKind
from inventory.models import DeviceType
from inventory.service.devicetypes import export_device_types, plan_device_types
from tests.acceptance import schemas

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "netbox" / "devicetype-library"
SWITCH = """\
---
manufacturer: Thử
model: SW-24
slug: thu-sw-24
u_height: 1
is_full_depth: false
weight: 4.1
weight_unit: kg
console-ports: [{name: con, type: rj-45}]
power-ports: [{name: PS1, type: iec-60320-c14, maximum_draw: 30}]
power-outlets: [{name: O1, type: iec-60320-c13, power_port: PS1}]
interfaces:
  - {name: ge1, type: 1000base-t}
  - {name: ge2, type: 1000base-t, mgmt_only: true}
"""
COUNTED = {
    "interface_count": "interfaces",
    "power_port_count": "power-ports",
    "console_port_count": "console-ports",
}


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def problems(source: Path) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        devicetypes.read(source)
    return [(one.where, one.field) for one in caught.value.problems]


def imported(database: Database, actor: Actor, source: Path) -> devicetypes.Library:
    library = devicetypes.read(source)
    with database.write() as session:
        plan = plan_device_types(session, actor, library, source.name)
        service.apply_import(session, actor, plan, "test")
    return library


def exported(database: Database, actor: Actor) -> dict[tuple[str, str, str], Any]:
    with database.read() as session:
        files = list(export_device_types(session, actor))
    found = {}
    for path, text in files:
        content = yaml.safe_load(text)
        found[path.partition("/")[0], content["manufacturer"], content["model"]] = content
    assert len(found) == len(files)
    return found


def test_what_comes_in_goes_out_again(database: Database, engineer: Actor, tmp_path: Path) -> None:
    put(tmp_path, "device-types/Thử/sw.yaml", SWITCH)
    put(tmp_path, "module-types/Thử/psu.yml", "manufacturer: Thử\nmodel: PSU\n")
    imported(database, engineer, tmp_path)
    found = exported(database, engineer)
    assert found["device-types", "Thử", "SW-24"] == yaml.safe_load(SWITCH)
    assert found["module-types", "Thử", "PSU"] == {"manufacturer": "Thử", "model": "PSU"}
    with database.read() as session:
        row = session.query(DeviceType).one()
        assert [row.interface_count, row.power_port_count, row.console_port_count] == [2, 1, 1]
        again = plan_device_types(session, engineer, devicetypes.read(tmp_path), "x")
    assert again.is_empty


def test_a_zip_is_read_as_its_directory(tmp_path: Path) -> None:
    put(tmp_path, "lib/device-types/Thử/sw.yaml", SWITCH)
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.write(tmp_path / "lib/device-types/Thử/sw.yaml", "device-types/Thử/sw.yaml")
        archive.writestr("README.md", "not read")
    (one,) = devicetypes.read(tmp_path / "lib.zip").definitions
    (other,) = devicetypes.read(tmp_path / "lib").definitions
    assert one == other


def test_every_error_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", SWITCH.replace("manufacturer: Thử", "manufacturer: 7"))
    put(tmp_path, "b.yaml", SWITCH.replace("power_port: PS1", "power_port: PS9"))
    put(tmp_path, "c.yaml", SWITCH.replace("name: ge2", "name: ge1"))
    put(tmp_path, "d.yaml", SWITCH.replace("u_height: 1", "u_height: 1.3"))
    put(tmp_path, "e.yaml", "[not, a, mapping]")
    put(tmp_path, "f.yaml", "a: &x [*x]")
    put(tmp_path, "g.yaml", SWITCH.replace("slug: thu-sw-24", "slug: Thử 24"))
    assert problems(tmp_path) == [
        ("a.yaml", "manufacturer"),
        ("b.yaml", "power-outlets.0.power_port"),
        ("c.yaml", "interfaces.1.name"),
        ("d.yaml", "u_height"),
        ("e.yaml", "file"),
        ("f.yaml", "file"),
        ("g.yaml", "slug"),
    ]


def test_a_type_given_twice_counts_once_and_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", SWITCH)
    put(tmp_path, "b.yaml", SWITCH.replace("u_height: 1", "u_height: 2"))
    library = devicetypes.read(tmp_path)
    assert [one.fields["u_height"] for one in library.definitions] == [1]
    assert [note for note in library.notes if note.startswith("b.yaml: left out")]


def test_what_a_later_library_says_more_is_kept_and_told(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", f"{SWITCH}cooling: liquid\n")
    library = devicetypes.read(tmp_path)
    assert library.definitions[0].fields["cooling"] == "liquid"
    assert library.notes == Counter({"device_type: cooling": 1})


def test_nothing_beyond_its_limits_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "lib", "a.yaml", SWITCH)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.yaml", b" " * (devicetypes.MAX_FILE_BYTES + 1))
    assert problems(tmp_path / "bomb.zip") == [("a.yaml", "file")]
    monkeypatch.setattr(devicetypes, "MAX_FILES", 0)
    assert problems(tmp_path / "lib") == [("lib", "file")]


@pytest.mark.parametrize("maker", ["..", "../../etc", "a\\..\\b", "C:x"])
def test_no_name_leads_out_of_the_folder_it_is_written_to(maker: str) -> None:
    fields = {"manufacturer": maker, "model": "../../m"}
    path, _ = devicetypes.export(ElementKind.DEVICE_TYPE, fields)
    folder, inside, name = path.split("/")
    assert folder == "device-types"
    assert inside.strip(".")
    assert not {"\\", ":"} & set(path)
    assert name == "m.yaml"


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "x.zip", "no zip")
    (tmp_path / "empty").mkdir()
    assert problems(tmp_path / "x.zip") == [("x.zip", "file")]
    assert problems(tmp_path / "empty") == [("empty", "file")]


@pytest.fixture(scope="module")
def oracle() -> Path:
    if not ORACLE.is_dir():
        pytest.skip("the device-type library is not beside the checkout: shared/oracles")
    return ORACLE


@pytest.mark.slow
def test_the_whole_library_comes_in_with_its_counts_and_goes_out_valid(
    sqlite_database: Database, engineer: Actor, oracle: Path
) -> None:
    library = imported(sqlite_database, engineer, oracle / "dev")
    files = [*(oracle / "dev").rglob("*.yaml"), *(oracle / "dev").rglob("*.yml")]
    doubles = [note for note in library.notes if "left out" in note]
    assert len(library.definitions) + len(doubles) == len(files)
    found = exported(sqlite_database, engineer)
    schema = schemas.Schema(oracle / "schema")
    for one in library.definitions:
        folder = "device-types" if one.kind is ElementKind.DEVICE_TYPE else "module-types"
        raw = yaml.safe_load((oracle / "dev" / one.where).read_text("utf-8"))
        out = found[folder, raw["manufacturer"], raw["model"]]
        parts = {name: len(rows) for name, rows in raw.items() if isinstance(rows, list)}
        assert {name: len(out[name]) for name in parts} == parts
        file = f"{folder.removesuffix('s').replace('-', '')}.json"
        assert schema.errors(file, schemas.load(json.dumps(out))) == [], one.where
    with sqlite_database.read() as session:
        rows = {row.model: row for row in session.query(DeviceType)}
    total = Counter[str]()
    for one in library.definitions:
        if one.kind is ElementKind.DEVICE_TYPE:
            for name, section in COUNTED.items():
                total[name] += len(one.fields.get(section) or ())
    kept = {name: sum(getattr(row, name) for row in rows.values()) for name in COUNTED}
    assert kept == total
