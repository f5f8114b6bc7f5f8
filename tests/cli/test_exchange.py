"""Other tools through the command: the answer for Ansible, a NetBox, Ansible's own files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits
from tests.inventory.sources.netbox import TOKEN, Netbox, province, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

UNITS = "version: 1\nunits: [{code: tinh, name: Tỉnh, kind: province}]\n"
MAP = """\
roles: {core-switch: core, patch-panel: null}
defaults: {unit: tinh, site_kind: commune}
"""


@pytest.fixture
def ready(hatang: Hatang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hatang:
    """A hatang of the lab profile with one unit and a NetBox's token."""
    monkeypatch.setenv("HATANG_LAB", "true")
    secret = tmp_path / "nb.toml"
    secret.touch(mode=0o600)
    secret.write_text(f'[credentials.nb]\nkind = "token"\ntoken = "{TOKEN}"\n')
    (tmp_path / "units.yaml").write_text(UNITS)
    (tmp_path / "map.yaml").write_text(MAP)
    assert hatang("credential", "import", str(secret), "--as", "lan").status == exits.OK
    assert hatang("inventory", "import", "units.yaml", "--as", "lan").status == exits.OK
    return hatang


def from_netbox(hatang: Hatang, url: str, *more: str) -> tuple[int, str, str]:
    words = ("inventory", "import-netbox", url, "--credential", "nb", *more, "--as", "lan")
    ran = hatang(*words)
    return ran.status, ran.out, ran.err


def test_a_netbox_is_planned_then_exactly_that_is_applied(ready: Hatang) -> None:
    with serving(Netbox(province())) as found:
        more = ("--map", "map.yaml")
        planned = json.loads(from_netbox(ready, found.url, *more, "--dry-run")[1])
        assert json.loads(ready("device", "list", "--as", "lan").out) == []
        assert from_netbox(ready, found.url, *more, "--plan", "0" * 64)[0] == exits.INVALID_INPUT
        assert from_netbox(ready, found.url, *more, "--plan", planned["sha256"])[0] == exits.OK
        again = json.loads(from_netbox(ready, found.url, *more)[1])
    assert planned["created"] > 10
    assert (again["created"], again["changed"]) == (0, 0)
    names = [row["name"] for row in json.loads(ready("device", "list", "--as", "lan").out)]
    assert names == ["core-1", "rtr-1"]
    (row,) = json.loads(ready("inventory", "history", "--as", "lan").out)[:1]
    assert row["filename"] == "127.0.0.1"


def test_what_is_not_mapped_is_told_and_nothing_applied(ready: Hatang) -> None:
    with serving(Netbox(province())) as found:
        status, _, err = from_netbox(ready, found.url)
    assert status == exits.INVALID_INPUT
    assert "/api/dcim/devices/1/]: role ('core-switch')" in err
    assert TOKEN not in err
    assert json.loads(ready("site", "list", "--as", "lan").out) == []


def test_this_machine_is_no_netbox_outside_the_lab(
    ready: Hatang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_LAB", "false")
    status, _, err = from_netbox(ready, "http://127.0.0.1:1/")
    assert status not in {exits.OK, exits.INVALID_INPUT}
    assert "loopback" in err


@pytest.mark.parametrize("option", ["--map", "--ca-file"])
def test_a_file_that_is_not_there_is_named(ready: Hatang, option: str) -> None:
    status, _, err = from_netbox(ready, "https://192.0.2.1/", option, "none.pem")
    assert status == exits.NOT_FOUND
    assert "none.pem" in err


def test_who_may_not_use_credentials_shows_nobody_a_token(ready: Hatang) -> None:
    words = ("inventory", "import-netbox", "http://127.0.0.1:1/", "--credential", "nb")
    assert ready(*words, "--as", "hoa").status == exits.DENIED


def test_what_ansible_is_told_comes_back_unchanged(ready: Hatang, tmp_path: Path) -> None:
    with serving(Netbox(province())) as found:
        assert from_netbox(ready, found.url, "--map", "map.yaml")[0] == exits.OK
    listed = json.loads(ready("inventory", "ansible", "--list", "--as", "lan").out)
    hosts = listed["_meta"]["hostvars"]
    plain = {
        name: {key: one["__ansible_unsafe"] if isinstance(one, dict) else one
               for key, one in told.items()}
        for name, told in hosts.items()
    }  # fmt: skip
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": plain}}))
    ran = ready("inventory", "import-ansible", "hosts.yml", "--as", "lan")
    assert ran.status == exits.OK, ran.err
    counts = json.loads(ran.out)
    assert (counts["created"], counts["changed"], counts["unchanged"]) == (0, 0, 4)


def test_one_device_is_told_as_ansible_asks_for_it(ready: Hatang) -> None:
    assert ready("inventory", "ansible", "--host", "x", "--as", "lan").status == exits.NOT_FOUND


def test_a_dossier_is_written_for_a_system_or_a_unit(ready: Hatang, tmp_path: Path) -> None:
    words = ("inventory", "dossier", "--unit", "tinh", "--out", "tinh.json", "--as", "lan")
    assert ready(*words).status == exits.OK
    told = json.loads((tmp_path / "tinh.json").read_text())
    assert told["about"].startswith("Đơn vị tinh")
    assert ready("inventory", "dossier", "x", "--out", "x.csv", "--as", "lan").status == (
        exits.NOT_FOUND
    )
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("words", [(), ("portal", "--unit", "tinh"), ("x", "--language", "fr")])
def test_a_dossier_is_of_one_thing_in_a_known_language(
    ready: Hatang, words: tuple[str, ...]
) -> None:
    ran = ready("inventory", "dossier", *words, "--out", "x.csv", "--as", "lan")
    assert ran.status == exits.USAGE
