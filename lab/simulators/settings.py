"""The JSON file that describes one simulated switch."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_REQUIRED = ("persona", "hostname", "listen", "username", "password", "state_dir")
_FILES = {
    "ios": ("host_key",),
    "eos": ("certificate", "key"),
    "vrp": ("host_key",),
    "comware": ("host_key",),
    "nxos": ("host_key",),
    "iosxr": ("host_key",),
    "routeros": ("host_key",),
    "fortios": ("host_key",),
}


class SettingsError(ValueError):
    """The file cannot be used; the text names every fault."""


@dataclass(frozen=True)
class Settings:
    """One switch.

    `netns` null keeps interfaces as state only, `self` acts on the process's own namespace, a name
    acts on that namespace. `clock_factor` divides the length of commit timers. `lldpcli` are the
    words that run lldpcli where lldpd listens (`nsenter ... lldpcli`). `initial_config` is typed
    onto the factory configuration at the first boot. Port 0 takes a free one. While the file
    `expired` exists the user's password has expired: the device asks for a new one, lets nobody in.
    The JSON file `refused`, while it exists, gives the answers of commands that are not carried out
    (IOS and EOS).
    """

    persona: str
    hostname: str
    listen: str
    username: str
    password: str = field(repr=False)
    state_dir: Path
    ssh_port: int = 22
    https_port: int = 443
    enable: str | None = field(default=None, repr=False)
    netns: str | None = None
    interfaces: dict[str, str] = field(default_factory=dict)
    journal: Path | None = None
    host_key: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    clock_factor: float = 1.0
    initial_config: Path | None = None
    management_interface: str | None = None
    lldpcli: list[str] = field(default_factory=lambda: ["lldpcli"])
    serial: str | None = None
    expired: Path | None = None
    refused: Path | None = None

    def refusal(self, command: str) -> str | None:
        """What is answered to a command instead of doing it; None where it is done."""
        if self.refused is None or not self.refused.exists():
            return None
        answers: dict[str, str] = json.loads(self.refused.read_text())
        return answers.get(command)

    @property
    def physical(self) -> tuple[str, ...]:
        """Interfaces that always exist, the management interface first."""
        names = [self.management_interface] if self.management_interface else []
        return tuple(dict.fromkeys([*names, *self.interfaces]))


_PATHS = {
    "state_dir",
    "journal",
    "host_key",
    "certificate",
    "key",
    "initial_config",
    "expired",
    "refused",
}


def load(path: Path) -> Settings:
    """Read and check the file; `SettingsError` names everything that is wrong at once."""
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if not isinstance(raw, dict):
        raise SettingsError(f"{path}: expected a JSON object")
    if faults := _faults(raw):
        raise SettingsError("; ".join(f"{path}: {fault}" for fault in faults))
    values: dict[str, Any] = {
        key: Path(value) if key in _PATHS and value is not None else value
        for key, value in raw.items()
    }
    return Settings(**values)


def _faults(raw: dict[str, Any]) -> list[str]:
    known = {entry.name for entry in dataclasses.fields(Settings)}
    persona = raw.get("persona")
    needed = (*_REQUIRED, *_FILES.get(str(persona), ()))
    faults = [f"{key}: unknown key" for key in raw if key not in known]
    faults += [f"{key}: missing" for key in needed if not raw.get(key)]
    if persona not in _FILES:
        faults.append(f"persona: {persona!r} is none of {', '.join(_FILES)}")
    factor = raw.get("clock_factor", 1.0)
    if not isinstance(factor, int | float) or factor <= 0:
        faults.append(f"clock_factor: {factor!r} is not above 0")
    return faults
