"""NetBox's device-type library comes in whole and goes out again with the same parts."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance import schemas
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

LIBRARY = Path(__file__).parents[3] / "shared" / "oracles" / "netbox" / "devicetype-library"
KINDS = {"device-types": "devicetype.json", "module-types": "moduletype.json"}
Type = tuple[str, str, str]
Types = dict[Type, dict[str, Any]]


@pytest.fixture(scope="module")
def library() -> Path:
    if not LIBRARY.is_dir():
        pytest.skip(f"{LIBRARY} is absent: the library is not part of the project")
    return LIBRARY


@pytest.fixture(scope="module")
def exported(
    fresh: Installation, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Types]:
    """Import all of it by the command; return what that said, and what the export holds."""
    words = ("inventory", "device-types", "import", str(library / "dev"))
    answer = fresh.hatang(*words, "--format", "json").good()
    said: dict[str, Any] = yaml.safe_load(answer.out[answer.out.index("{") :])
    out = tmp_path_factory.mktemp("types") / "types.zip"
    fresh.hatang("inventory", "device-types", "export", str(out)).good()
    with zipfile.ZipFile(out) as archive:
        texts = [(name, archive.read(name).decode()) for name in archive.namelist()]
    return said, dict(_typed(name, text) for name, text in texts)


def _typed(name: str, text: str) -> tuple[Type, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    fields: dict[str, Any] = yaml.load(text, loader)
    kind = next(part for part in Path(name).parts if part in KINDS)
    return (kind, str(fields["manufacturer"]), str(fields["model"])), fields


def written(library: Path) -> Types:
    """Return the library's own files; of two that say the same type, one stands."""
    files = sorted(one for one in (library / "dev").rglob("*.y*ml") if one.is_file())
    names = ((str(one.relative_to(library)), one.read_text("utf-8")) for one in files)
    return dict(_typed(*one) for one in names)


def parts(fields: dict[str, Any]) -> dict[str, int]:
    """Return how many interfaces, ports, bays and the like a type has."""
    return {name: len(rows) for name, rows in fields.items() if isinstance(rows, list) and rows}


def check_same(came_out: Types, went_in: Types, schema: schemas.Schema) -> None:
    """Every type is there, with as many of each part, and says nothing the schema forbids."""
    hold(came_out.keys() == went_in.keys(), f"{len(came_out)} of {len(went_in)} types came out")
    for name, fields in went_in.items():
        hold(parts(came_out[name]) == parts(fields), f"{name}: {parts(came_out[name])}")
        text = json.dumps(came_out[name], default=str)
        errors = schema.errors(KINDS[name[0]], schemas.load(text))
        hold(errors == [], f"{name}: {errors}")


def test_all_of_it_comes_in_and_goes_out_with_equal_counts(
    exported: tuple[dict[str, Any], Types], library: Path
) -> None:
    said, came_out = exported
    went_in = written(library)
    kinds = Counter(kind for kind, _, _ in went_in)
    counted = {"device-types": said["device_types"], "module-types": said["module_types"]}
    hold(counted == dict(kinds), f"the import told {counted}, the library has {dict(kinds)}")
    check_same(came_out, went_in, schemas.Schema(library / "schema"))


def test_sabotage_one_interface_is_lost_on_the_way(
    exported: tuple[dict[str, Any], Types], library: Path
) -> None:
    _, came_out = exported
    name = next(one for one, fields in came_out.items() if len(fields.get("interfaces", ())) > 1)
    spoilt = {**came_out, name: {**came_out[name], "interfaces": came_out[name]["interfaces"][1:]}}
    with turns_red():
        check_same(spoilt, written(library), schemas.Schema(library / "schema"))
