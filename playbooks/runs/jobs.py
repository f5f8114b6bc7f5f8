"""The durable job that runs a playbook and keeps each of its events.

Playbooks are written to be idempotent, so a run that a crash cut short is run again from its
start; its events start anew.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete

from hatang import approval, clock, events
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import HatangError
from hatang.jobs import JobContext, Scalars, job, leases
from hatang.log import redact
from hatang.operations import classify, observe
from inventory import service as inventory
from playbooks import isolation
from playbooks.access import Access, prepare
from playbooks.catalogue import playbook
from playbooks.choices import RunState
from playbooks.models import PlaybookEvent, PlaybookRun
from playbooks.runs.player import DETAIL_LIMIT, KEPT, RECAP
from playbooks.runs.playing import TIMEOUT_SECONDS, Play, play
from playbooks.runs.service import RUN_JOB, require_unchanged
from playbooks.runs.workspace import workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hatang.db import Database
    from hatang.jobs.leases import Lease
    from playbooks.isolation import Identity

STATES: Final = {"successful": RunState.SUCCESSFUL, "canceled": RunState.CANCELLED}
LEASE_SPARE_SECONDS: Final = 300


@job(RUN_JOB)
def run_playbook(context: JobContext, args: Scalars) -> Scalars:
    """Run one playbook; a crash runs it again."""
    run_id = int(args["run_id"] or 0)
    user = isolation.identity(context.settings)
    work = partial(_run, context.db, run_id, context.key, context.cancelled, user)
    state = context.step("run", work)
    return {"state": state}


def _run(
    db: Database,
    run_id: int,
    holder: str,
    is_cancelled: Callable[[], bool],
    user: Identity | None = None,
) -> str:
    recorder = _Recorder(db, run_id)
    held: list[Lease] = []
    try:
        name, check_mode, accesses, held = _start(db, run_id, holder)
        with (
            observe("job", "ansible"),
            workspace(accesses, StoredHostKeys(db), user) as folder,
        ):
            word = play(
                Play(
                    folder,
                    playbook(name).file,
                    cmdline="--check --diff" if check_mode else "--diff",
                    user=user,
                ),
                recorder,
                is_cancelled,
            )
        state = STATES.get(word, RunState.FAILED)
    except HatangError as error:
        recorder.note("refused", "", "", {"message": error.message, "reason": classify(error)})
        state = RunState.FAILED
    _finish(db, run_id, state, recorder.summary, held)
    return state


def _start(db: Database, run_id: int, holder: str) -> tuple[str, bool, list[Access], list[Lease]]:
    """Take the devices of the run, all or none; one that only checks writes to none."""
    with db.write() as session:
        run = session.get_one(PlaybookRun, run_id)
        if playbook(run.playbook).writes and not run.is_check_mode:
            require_unchanged(session, run)
            digest = run.plan_sha256 or ""
            if run.started_at is None:  # what a crash cut short was approved when it began
                approval.require_approved(session, "run", str(run_id), digest)
        session.execute(delete(PlaybookEvent).where(PlaybookEvent.run_id == run_id))
        run.state = RunState.RUNNING
        run.started_at = run.started_at or clock.now()
        actor = Actor.system("playbook")
        accesses = [
            prepare(session, inventory.get_device(session, actor, device)) for device in run.devices
        ]
        devices = () if run.is_check_mode else [f"device/{each.device_id}" for each in accesses]
        held = leases.acquire_all(session, devices, holder, TIMEOUT_SECONDS + LEASE_SPARE_SECONDS)
        return run.playbook, run.is_check_mode, accesses, held


class _Recorder:
    """Keeps Ansible's events in the records, one transaction each, so that pages follow live."""

    def __init__(self, db: Database, run_id: int) -> None:
        self._db = db
        self._run_id = run_id
        self._sequence = 0
        self.summary: dict[str, Any] = {}

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event of the player, which is data: other words than ours are left out."""
        kind = event.get("event")
        if kind not in KEPT:
            return
        if kind == "playbook_on_stats":
            self.summary = _summary(event.get("summary"))
        host, task = str(event.get("host", "")), str(event.get("task", ""))
        self.note(kind, host, task, _detail(event.get("detail")))

    def note(self, kind: str, device: str, task: str, detail: dict[str, Any]) -> None:
        """Keep one event and tell whoever follows the run."""
        self._sequence += 1
        with self._db.write() as session:
            session.add(
                PlaybookEvent(
                    run_id=self._run_id,
                    sequence=self._sequence,
                    kind=kind,
                    device=device[:64],
                    task=task[:255],
                    detail=detail,
                    at=clock.now(),
                )
            )
            payload = {"run": self._run_id, "sequence": self._sequence}
            events.publish(session, "playbooks.run-event", f"run/{self._run_id}", payload)


def _detail(told: object) -> dict[str, Any]:
    if not isinstance(told, dict) or not told:
        return {}
    seconds = told.get("duration_seconds")
    return {
        "changed": bool(told.get("changed")),
        "message": redact(str(told.get("message", "")))[:DETAIL_LIMIT],
        "duration_seconds": seconds if isinstance(seconds, int | float) else None,
    }


def _summary(told: object) -> dict[str, Any]:
    if not isinstance(told, dict):
        return {}
    return {
        str(host)[:64]: {word: int(counts.get(word, 0)) for word in RECAP.values()}
        for host, counts in told.items()
        if isinstance(counts, dict)
    }


def _finish(
    db: Database, run_id: int, state: RunState, summary: dict[str, Any], held: Sequence[Lease]
) -> None:
    with db.write() as session:
        for lease in held:
            leases.release(session, lease)
        run = session.get_one(PlaybookRun, run_id)
        run.state = state
        run.summary = summary
        run.finished_at = clock.now()
        payload = {"run": run_id, "state": state}
        events.publish(session, "playbooks.run-finished", f"run/{run_id}", payload)
