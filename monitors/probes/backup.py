"""How old is the last good backup of a service."""

from __future__ import annotations

from typing import Final

from monitors.probes.age import AgeOptions, ask
from monitors.probes.result import Probe

PROBE: Final = Probe(ask, ("sftp", "file", "https", "http"), AgeOptions, aims_itself=True)
