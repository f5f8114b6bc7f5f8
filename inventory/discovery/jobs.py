"""A run as a durable job, with progress; stopping the job stops the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.jobs import JobContext, Queue, Scalars, job
from inventory.discovery import service
from inventory.discovery.reach import NetworkTransports
from inventory.discovery.service import Watch

if TYPE_CHECKING:
    from inventory.discovery.sweep import Found


@job(service.JOB, queue=Queue.BULK)
def discover(context: JobContext, args: Scalars) -> Scalars:
    """Carry out the run `args["run"]`, which somebody began."""
    run_id = int(args["run"] or 0)

    def told(found: Found) -> None:
        context.progress(len(found.devices), None, f"{found.asked} asked")

    def work() -> dict[str, int]:
        watch = Watch(told, lambda: context.cancelled() or service.is_stopped(context.db, run_id))
        outcome = service.carry_out(
            context.db, run_id, NetworkTransports(), is_lab=context.settings.lab, watch=watch
        )
        return {"devices": len(outcome.found.devices), "proposed": len(outcome.proposals)}

    return context.step("discover", work)
