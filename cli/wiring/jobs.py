"""The modules that declare jobs; imported, their jobs can be asked for and run."""

from __future__ import annotations

from typing import Final

import inventory.discovery.jobs
import inventory.jobs
import playbooks.changes.jobs
import playbooks.changes.sweeping
import playbooks.runs.jobs
import playbooks.vault.jobs

JOB_MODULES: Final = (
    inventory.discovery.jobs,
    inventory.jobs,
    playbooks.changes.jobs,
    playbooks.changes.sweeping,
    playbooks.runs.jobs,
    playbooks.vault.jobs,
)
