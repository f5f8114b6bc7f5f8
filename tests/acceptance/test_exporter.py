"""`/snmp` says of recorded devices what Debian's snmp_exporter says, from the same snmp.yml."""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.doors import ROOT, free_ports, http
from tests.acceptance.recorded import COMMUNITY
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.site import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

ORACLES = ROOT.parent / "shared" / "oracles"
SNMP_YML = ORACLES / "prometheus" / "snmp_exporter" / "snmp-v0.21.0.yml"
EXPORTER = "prometheus-snmp-exporter"
# Recorded device -> the modules asked for, and at least so many samples of all of them.
DEVICES = {
    "ios_2960x": (("if_mib",), 3000),
    "routeros": (("if_mib", "mikrotik"), 700),
    "panos_5220": (("if_mib", "paloalto_fw"), 2500),
    "apc_smx750": (("if_mib", "apcups"), 100),
}
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True)
class Side:
    """hatang and snmp_exporter before the same agents."""

    site: Site
    exporter: str

    def ours(self, device: str, module: str) -> Samples:
        """Return what hatang's monitor answers, as soon as it watches the device."""
        url = self.site.made.url("monitors", f"/snmp?target={device}&module={module}")
        assert eventually(lambda: http(url).status == 200, 60), http(url).body
        return samples(http(url).body)

    def theirs(self, device: str, module: str) -> Samples:
        """Return what snmp_exporter answers."""
        where = self.site.where[device]
        reply = http(f"{self.exporter}/snmp?target={where}&module={module}")
        assert reply.status == 200, reply.body
        return samples(reply.body)


def samples(page: bytes) -> Samples:
    """Return the samples of a page but for what the exporters say of themselves."""
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }
    return {key: value for key, value in found.items() if not key[0].startswith("snmp_scrape_")}


def configured(folder: Path) -> tuple[Path, Path]:
    """Return the shared snmp.yml with the agents' community, and one with a label less."""
    modules: dict[str, Any] = yaml.load(SNMP_YML.read_text("utf-8"), yaml.CSafeLoader)
    for module in modules.values():
        module |= {"version": 2, "auth": {"community": COMMUNITY}, "timeout": "10s"}
    honest, other = folder / "snmp.yml", folder / "other.yml"
    honest.write_text(yaml.dump(modules, Dumper=yaml.CSafeDumper))
    for metric in modules["if_mib"]["metrics"]:
        metric["lookups"] = [one for one in metric.get("lookups", ()) if one["oid"][-2:] != "18"]
    other.write_text(yaml.dump(modules, Dumper=yaml.CSafeDumper))
    return honest, other


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    if not SNMP_YML.is_file():
        pytest.skip(f"{SNMP_YML} is absent: it is not part of the project")
    if shutil.which(EXPORTER) is None:
        pytest.skip(f"Debian's {EXPORTER} is not installed")
    folder = tmp_path_factory.mktemp("exporter")
    honest, _ = configured(folder)
    settings = f'monitors.timeout_seconds = 10\nmonitors.snmp_modules_file = "{honest}"'
    with watched(folder, tuple(DEVICES), settings) as site, exporting(honest) as url:
        yield Side(site, url)


class exporting:  # noqa: N801 - a context manager, used as a word
    """Debian's snmp_exporter on a free port, with a configuration; yields where it answers."""

    def __init__(self, file: Path) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        words = [f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}"]
        self._process = subprocess.Popen([EXPORTER, *words], stderr=subprocess.DEVNULL)

    def __enter__(self) -> str:
        assert eventually(self._answers, 30)
        return self.url

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return http(self.url).status == 200
        except OSError:
            return False


def check_equal(ours: Samples, theirs: Samples, device: str) -> None:
    """Names, labels and values are the same, on both sides."""
    missing, more = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
    hold(not missing, f"{device}: {len(missing)} are missing, such as {sorted(missing)[:3]}")
    hold(not more, f"{device}: {len(more)} are only ours, such as {sorted(more)[:3]}")
    other = [key for key, value in ours.items() if not math.isclose(value, theirs[key])]
    hold(not other, f"{device}: {len(other)} have another value, such as {sorted(other)[:3]}")


@pytest.mark.parametrize("device", DEVICES)
def test_a_recorded_device_reads_the_same(
    side: Side, device: str, figures: Callable[[str], None]
) -> None:
    modules, least = DEVICES[device]
    count = 0
    for module in modules:
        theirs = side.theirs(device, module)
        check_equal(side.ours(device, module), theirs, f"{device}, {module}")
        count += len(theirs)
    assert count >= least
    figures(f"{count} samples of {', '.join(modules)} equal snmp_exporter's")


def test_sabotage_snmp_exporter_is_told_of_a_label_less(side: Side, tmp_path: Path) -> None:
    _, other = configured(tmp_path)
    with exporting(other) as url:
        told = Side(side.site, url)
        with turns_red():
            check_equal(side.ours("routeros", "if_mib"), told.theirs("routeros", "if_mib"), "")


def test_sabotage_another_device_answers(side: Side) -> None:
    with turns_red():
        check_equal(side.ours("routeros", "if_mib"), side.theirs("apc_smx750", "if_mib"), "")
