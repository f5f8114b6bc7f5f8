"""The durable job that runs a playbook and keeps each of its events.

Playbooks are written to be idempotent, so a run that a crash cut short is run again from its
start; its events start anew.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ansible_runner
from sqlalchemy import delete

from hatang import clock, events
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import HatangError
from hatang.jobs import JobContext, Scalars, job, leases
from hatang.log import redact
from hatang.operations import classify, observe
from inventory import service as inventory
from playbooks.access import Access, prepare
from playbooks.catalogue import SITE, playbook
from playbooks.choices import RunState
from playbooks.models import PlaybookEvent, PlaybookRun
from playbooks.runs.service import RUN_JOB
from playbooks.runs.workspace import workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import Database
    from hatang.jobs.leases import Lease

KEPT: Final = frozenset(
    {
        "playbook_on_start",
        "playbook_on_task_start",
        "playbook_on_stats",
        "runner_on_ok",
        "runner_on_failed",
        "runner_on_skipped",
        "runner_on_unreachable",
    }
)
DETAIL_LIMIT: Final = 2000
STATES: Final = {"successful": RunState.SUCCESSFUL, "canceled": RunState.CANCELLED}
TIMEOUT_SECONDS: Final = 3600
LEASE_SPARE_SECONDS: Final = 300


@job(RUN_JOB)
def run_playbook(context: JobContext, args: Scalars) -> Scalars:
    """Run one playbook; a crash runs it again."""
    run_id = int(args["run_id"] or 0)
    state = context.step("run", lambda: _run(context.db, run_id, context.key, context.cancelled))
    return {"state": state}


def _run(db: Database, run_id: int, holder: str, is_cancelled: Any) -> str:
    recorder = _Recorder(db, run_id)
    held: list[Lease] = []
    try:
        name, check_mode, accesses, held = _start(db, run_id, holder)
        with (
            observe("job", "ansible"),
            workspace(accesses, StoredHostKeys(db)) as folder,
        ):
            finished = play(
                folder,
                project_dir=str(SITE),
                playbook=playbook(name).file,
                cmdline="--check --diff" if check_mode else "--diff",
                event_handler=recorder,
                cancel_callback=is_cancelled,
                timeout=TIMEOUT_SECONDS,
            )
        state = STATES.get(finished.status, RunState.FAILED)
    except HatangError as error:
        recorder.note("refused", "", "", {"message": error.message, "reason": classify(error)})
        state = RunState.FAILED
    _finish(db, run_id, state, recorder.summary, held)
    return state


def _start(db: Database, run_id: int, holder: str) -> tuple[str, bool, list[Access], list[Lease]]:
    """Take the devices of the run, all or none; one that only checks writes to none."""
    with db.write() as session:
        run = session.get_one(PlaybookRun, run_id)
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


def play(folder: Path, **arguments: Any) -> ansible_runner.Runner:
    """Run ansible-runner over the workspace `folder` with nothing of our environment in it.

    ansible-runner begins with a copy of the whole environment of this process, where settings
    and keys may stand; a playbook reads that with one `lookup('env', …)`.
    """
    own = environment(folder)
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        inventory=str(folder / "inventory" / "hosts.sh"),
        envvars=own,
        quiet=True,
        suppress_env_files=True,
        **arguments,
    )
    runner.config.env = {
        name: value
        for name, value in runner.config.env.items()
        if name in own or os.environ.get(name) != value
    }
    runner.run()
    return runner


def environment(folder: Path) -> dict[str, str]:
    """Return what Ansible's processes see of the environment: nothing of hatang's own."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(SITE / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
    }


class _Recorder:
    """Keeps Ansible's events in the records, one transaction each, so that pages follow live."""

    def __init__(self, db: Database, run_id: int) -> None:
        self._db = db
        self._run_id = run_id
        self._sequence = 0
        self.summary: dict[str, Any] = {}

    def __call__(self, event: dict[str, Any]) -> bool:
        """Take one event of ansible-runner; True keeps it for ansible-runner's own statistics."""
        kind = event.get("event", "")
        data = event.get("event_data", {})
        if kind == "playbook_on_stats":
            self.summary = _summary(data)
        if kind in KEPT:
            self.note(kind, data.get("host", ""), data.get("task", ""), _detail(data))
        return True

    def note(self, kind: str, device: str, task: str, detail: dict[str, Any]) -> None:
        """Keep one event and tell whoever follows the run."""
        self._sequence += 1
        with self._db.write() as session:
            session.add(
                PlaybookEvent(
                    run_id=self._run_id,
                    sequence=self._sequence,
                    kind=kind,
                    device=device,
                    task=task[:255],
                    detail=detail,
                    at=clock.now(),
                )
            )
            payload = {"run": self._run_id, "sequence": self._sequence}
            events.publish(session, "playbooks.run-event", f"run/{self._run_id}", payload)


def _detail(data: dict[str, Any]) -> dict[str, Any]:
    result = data.get("res", {})
    if not isinstance(result, dict):
        return {}
    message = redact(str(result.get("msg", "")))[:DETAIL_LIMIT]
    return {
        "changed": bool(result.get("changed")),
        "message": message,
        "duration_seconds": data.get("duration"),
    }


def _summary(data: dict[str, Any]) -> dict[str, Any]:
    words = {"ok": "ok", "changed": "changed", "failures": "failed", "dark": "unreachable"}
    hosts = sorted({host for word in words for host in data.get(word, {})})
    return {
        host: {ours: data.get(theirs, {}).get(host, 0) for theirs, ours in words.items()}
        for host in hosts
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
