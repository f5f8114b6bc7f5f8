"""The modules that declare jobs and what grows old; imported, their jobs are asked for and run."""

from __future__ import annotations

from typing import Final

import alerts.persons
import baselines.jobs
import baselines.persons
import baselines.retention
import conference.hearing
import conference.jobs
import conference.persons
import conference.retention
import hatang.persons
import hatang.retention
import inventory.discovery.jobs
import inventory.discovery.stations
import inventory.jobs
import inventory.persons
import monitors.retention
import monitors.rollups.jobs
import playbooks.changes.gatejobs
import playbooks.changes.jobs
import playbooks.changes.sweeping
import playbooks.drift.jobs
import playbooks.persons
import playbooks.retention
import playbooks.runs.jobs
import playbooks.schedules.jobs
import playbooks.vault.jobs
import playbooks.vault.noticed

JOB_MODULES: Final = (
    alerts.persons,
    baselines.jobs,
    baselines.persons,
    baselines.retention,
    conference.hearing,
    conference.jobs,
    conference.persons,
    conference.retention,
    hatang.persons,
    hatang.retention,
    inventory.discovery.jobs,
    inventory.discovery.stations,
    inventory.jobs,
    inventory.persons,
    monitors.retention,
    monitors.rollups.jobs,
    playbooks.changes.gatejobs,
    playbooks.changes.jobs,
    playbooks.changes.sweeping,
    playbooks.drift.jobs,
    playbooks.persons,
    playbooks.retention,
    playbooks.runs.jobs,
    playbooks.schedules.jobs,
    playbooks.vault.jobs,
    playbooks.vault.noticed,
)
