"""Durable jobs: a registry of functions and an engine that survives crashes.

The rest of hatang knows the Protocols of this package; only `dbos_engine` knows DBOS.
"""

from __future__ import annotations

from hatang.jobs.registry import (
    JOBS,
    JobContext,
    JobEngine,
    JobRegistry,
    JobSpec,
    JobState,
    JobStatus,
    Queue,
    Scalar,
    Scalars,
    StepFailedError,
    check_scalars,
    job,
)
from hatang.jobs.runs import request, underway

__all__ = [
    "JOBS",
    "JobContext",
    "JobEngine",
    "JobRegistry",
    "JobSpec",
    "JobState",
    "JobStatus",
    "Queue",
    "Scalar",
    "Scalars",
    "StepFailedError",
    "check_scalars",
    "job",
    "request",
    "underway",
]
