"""The modules that declare jobs and what grows old; imported, their jobs are asked for and run."""

from __future__ import annotations

from typing import Final

import baselines.jobs
import baselines.retention
import conference.retention
import hatang.retention
import inventory.discovery.jobs
import inventory.discovery.stations
import inventory.jobs
import monitors.retention
import monitors.rollups.jobs
import playbooks.changes.gatejobs
import playbooks.changes.jobs
import playbooks.changes.sweeping
import playbooks.retention
import playbooks.runs.jobs
import playbooks.vault.jobs
import playbooks.vault.noticed

JOB_MODULES: Final = (
    baselines.jobs,
    baselines.retention,
    conference.retention,
    hatang.retention,
    inventory.discovery.jobs,
    inventory.discovery.stations,
    inventory.jobs,
    monitors.retention,
    monitors.rollups.jobs,
    playbooks.changes.gatejobs,
    playbooks.changes.jobs,
    playbooks.changes.sweeping,
    playbooks.retention,
    playbooks.runs.jobs,
    playbooks.vault.jobs,
    playbooks.vault.noticed,
)
