"""Configurations recorded from real devices: all lines are kept, no secret is shown.

What a device printed for its configuration is judged by what another collector of configurations
published as its result. Skipped where those recordings are not beside the project.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hatang.drivers.terminal import clean
from inventory import platforms
from playbooks.drivers.routeros_export import joined

DIRECTORY = Path(__file__).parents[4] / "shared" / "oracles" / "backup" / "oxidized" / "dev"
# Their name of a kind of device, and ours.
MODELS = {
    "aoscx": "aruba_aoscx",
    "aosw": "aruba_os",
    "asa": "cisco_asa",
    "fortigate": "fortinet",
    "ironware": "ruckus_fastiron",
    "mlnxos": "mellanox_mlnxos",
    "netgear": "netgear_prosafe",
    "nxos": "cisco_nxos",
    "routeros": "mikrotik_routeros",
    "saos10": "ciena_saos",
    "tplink": "tplink_jetstream",
}
RECORDED = [
    path
    for path in sorted(DIRECTORY.glob("*#simulation.yaml"))
    if path.name.split("#")[0] in MODELS
]
PAGER = re.compile(r"-{2,} ?(?:More|MORE).*?(?:-{2,}|\r)| *\x08+ *|lines \d+-\d+.*?\r")

pytestmark = pytest.mark.skipif(not RECORDED, reason="no recorded devices beside the project")


def answers(path: Path) -> list[tuple[str, str]]:
    commands: Any = yaml.safe_load(path.read_text(encoding="utf-8"))["commands"]
    pairs = [one for each in commands for one in each.items()] if isinstance(commands, list) else [
        *commands.items()
    ]  # fmt: skip
    return [(str(command), _plain(str(text))) for command, text in pairs]


def _plain(text: str) -> str:
    """Undo the notation of the recordings: Ruby's escapes."""
    known = {"r": "\r", "n": "\n", "e": "\x1b", "b": "\x08", "t": "\t", "a": "\x07"}

    def meant(found: re.Match[str]) -> str:
        written = found[1]
        return chr(int(written[1:], 16)) if len(written) == 3 else known.get(written, written)

    return re.sub(r"\\(x[0-9a-fA-F]{2}|[^\n])", meant, text)


def shown(path: Path, platform: platforms.Platform) -> str:
    """What the device printed for its configuration, its pages joined."""
    text, is_in = "", False
    stem = (platform.commands.running_config or "").split(" |")[0]
    for command, answer in answers(path):
        if is_in and command.strip():
            break
        is_in = is_in or command.strip().startswith(stem)
        text += answer if is_in else ""
    text = clean(PAGER.sub("", text))
    return joined(text) if platform.name == "mikrotik_routeros" else text


def configuration(expected: str) -> list[str]:
    """The lines of a result that are configuration, not remarks around it."""
    lines = [line.strip() for line in expected.splitlines()]
    return [line for line in lines if line and not line.startswith(("!", "#", ":", "="))]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name.rsplit("#", 1)[0])
def test_every_line_of_a_recorded_configuration_is_kept_and_no_secret_is_shown(path: Path) -> None:
    platform = platforms.get(MODELS[path.name.split("#")[0]])
    full = shown(path, platform)
    seen = {line.strip() for line in full.splitlines()}
    expected = path.with_name(path.name.replace("#simulation.yaml", "#output.txt"))
    wanted = configuration(expected.read_text(encoding="utf-8"))
    missing = [line for line in wanted if line not in seen and "hidden>" not in line]
    redacted = platform.without_volatile(platform.redact(full))
    secrets = path.with_name(path.name.replace("#simulation.yaml", "#secret.yaml"))
    rules = yaml.safe_load(secrets.read_text(encoding="utf-8")) if secrets.exists() else {}
    told = [secret for secret in rules.get("fail") or [] if secret in redacted]
    assert (missing, told) == ([], [])
