"""How long ago was the last log line handed on to the security operations centre."""

from __future__ import annotations

from typing import Final

from monitors.probes.age import FeedOptions, ask
from monitors.probes.result import Probe

PROBE: Final = Probe(ask, ("file", "https", "http", "sftp"), FeedOptions, aims_itself=True)
