"""The durable job that runs a playbook and keeps each of its events.

A run that a crash cut short goes on with the devices that are unfinished. Those that are done,
failed or unreachable are left alone, and so are those that had begun a task just then: they are
listed as unknown, and a person decides.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from hatang import approval, clock, events, secrets
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import HatangError, NotFoundError, Reason
from hatang.jobs import JobContext, Scalars, job, leases
from hatang.log import MASK, redact
from hatang.operations import classify, observe
from hatang.secrets import FIELDS, OPEN_FIELDS
from inventory import service as inventory
from playbooks import isolation
from playbooks.access import Access, prepare
from playbooks.catalogue import playbook
from playbooks.choices import HostOutcome, RunState
from playbooks.models import PlaybookEvent, PlaybookRun
from playbooks.pace import USUAL, Pace
from playbooks.parameters import ParameterType
from playbooks.runs.outcomes import outcomes
from playbooks.runs.player import DETAIL_LIMIT, KEPT, RECAP
from playbooks.runs.playing import TIMEOUT_SECONDS, Play, play
from playbooks.runs.service import RUN_JOB, require_unchanged
from playbooks.runs.workspace import workspace
from playbooks.schedules.occurring import admit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hatang.db import AnySession, Database
    from hatang.jobs.leases import Lease
    from playbooks.isolation import Identity

STATES: Final = {"successful": RunState.SUCCESSFUL, "canceled": RunState.CANCELLED}
LEASE_SPARE_SECONDS: Final = 300
FORKS: Final = 10  # of site/ansible.cfg


@job(RUN_JOB)
def run_playbook(context: JobContext, args: Scalars) -> Scalars:
    """Run one playbook; after a crash go on with its unfinished devices."""
    run_id = int(args["run_id"] or 0)
    user = isolation.identity(context.settings)
    pace = Pace.of(context.settings)
    work = partial(_run, context.db, run_id, context.key, context.cancelled, user, pace=pace)
    state = context.step("run", work)
    return {"state": state}


def _run(
    db: Database,
    run_id: int,
    holder: str,
    is_cancelled: Callable[[], bool],
    user: Identity | None = None,
    *,
    pace: Pace = USUAL,
) -> str:
    recorder = _Recorder(db, run_id)
    state = RunState.SUCCESSFUL
    refused, held = _admitted(db, run_id, holder)
    if refused:
        recorder.note("refused", "", "", {"message": refused, "reason": Reason.CANCELLED})
        _note_left(db, run_id, recorder)
        return _finish(db, run_id, RunState.CANCELLED, {}, held)
    try:
        begun = _start(db, run_id, holder)
        held = begun.held
        recorder.mask = begun.words
        if begun.unknown:
            recorder.note("devices_unknown", "", "", {"message": ", ".join(begun.unknown)})
        if begun.accesses:
            state = _play(db, begun, user, recorder, is_cancelled, pace=pace)
    except HatangError as error:
        recorder.note("refused", "", "", {"message": error.message, "reason": classify(error)})
        state = RunState.FAILED
    return _finish(db, run_id, state, recorder.summary, held)


def _admitted(db: Database, run_id: int, holder: str) -> tuple[str, Sequence[Lease]]:
    """Return why the run may not begin or go on, and what an attempt before this one holds."""
    with db.write() as session:
        refused = admit(session, session.get_one(PlaybookRun, run_id))
        return refused, leases.held_by(session, holder)


def _note_left(db: Database, run_id: int, recorder: _Recorder) -> None:
    """Name the devices of a run that began and may not go on, which it leaves as they are."""
    with db.read() as session:
        run = session.get_one(PlaybookRun, run_id)
        found = {} if run.started_at is None else _outcomes(session, run)
    for outcome in (HostOutcome.UNFINISHED, HostOutcome.UNKNOWN):
        left = _with(found, outcome)
        if left:
            recorder.note(f"devices_{outcome}", "", "", {"message": ", ".join(left)})


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is to be done: `accesses` are the unfinished devices, `files` the run's secrets.

    `words` are the secrets' own texts, which no event may show.
    """

    file: str
    is_check_mode: bool
    accesses: list[Access]
    unknown: list[str]
    held: list[Lease]
    parameters: dict[str, Any] = field(repr=False)
    files: dict[str, str] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)


def _play(
    db: Database,
    begun: _Begun,
    user: Identity | None,
    recorder: _Recorder,
    is_cancelled: Callable[[], bool],
    *,
    pace: Pace,
) -> RunState:
    cmdline = _cmdline(begun, pace)
    with (
        observe("job", "ansible"),
        workspace(
            begun.accesses, StoredHostKeys(db), user, begun.parameters, begun.files
        ) as folder,
    ):
        word = play(Play(folder, begun.file, cmdline=cmdline, user=user), recorder, is_cancelled)
    return STATES.get(word, RunState.FAILED)


def _cmdline(begun: _Begun, pace: Pace) -> str:
    """Return Ansible's options; its forks take no turns, but are as few as an AAA server bears."""
    options = "--check --diff" if begun.is_check_mode else "--diff"
    asked = Counter(access.aaa_server for access in begun.accesses if access.aaa_server)
    if max(asked.values(), default=0) > pace.per_aaa_server:
        options += f" --forks {min(FORKS, pace.per_aaa_server)}"
    return options


def _start(db: Database, run_id: int, holder: str) -> _Begun:
    """Take the devices of the run, all or none; one that only checks writes to none."""
    with db.write() as session:
        run = session.get_one(PlaybookRun, run_id)
        if playbook(run.playbook).writes and not run.is_check_mode:
            require_unchanged(session, run)
            digest = run.plan_sha256 or ""
            # What a crash cut short was approved when it began; a schedule's runs are `admit`ted.
            if run.started_at is None and run.schedule_id is None:
                approval.require_approved(session, "run", str(run_id), digest)
        found = _outcomes(session, run)
        run.state = RunState.RUNNING
        run.started_at = run.started_at or clock.now()
        actor = Actor.system("playbook")
        accesses = {
            device: prepare(session, inventory.get_device(session, actor, device))
            for device in run.devices
        }
        taken = accesses.values()
        devices = () if run.is_check_mode else [f"device/{each.device_id}" for each in taken]
        held = leases.acquire_all(session, devices, holder, TIMEOUT_SECONDS + LEASE_SPARE_SECONDS)
        files, words = _secrets(session, run)
        words += tuple(
            word
            for each in taken
            for word in (each.cli_login.password, each.cli_login.enable_password)
            if word
        )
        return _Begun(
            file=playbook(run.playbook).file,
            is_check_mode=run.is_check_mode,
            accesses=[accesses[each] for each in _with(found, HostOutcome.UNFINISHED)],
            unknown=_with(found, HostOutcome.UNKNOWN),
            held=held,
            parameters={name: v for name, v in run.parameters.items() if name not in files},
            files=files,
            words=words,
        )


def _with(found: Mapping[str, HostOutcome], wanted: HostOutcome) -> list[str]:
    return [device for device, outcome in found.items() if outcome is wanted]


def _outcomes(session: AnySession, run: PlaybookRun) -> dict[str, HostOutcome]:
    """Return by the kept events what became of each device so far."""
    told = session.execute(
        select(PlaybookEvent.kind, PlaybookEvent.device, PlaybookEvent.task, PlaybookEvent.detail)
        .where(PlaybookEvent.run_id == run.id)
        .order_by(PlaybookEvent.sequence)
    )
    marks = ((kind, device, task, bool(d.get("ignored"))) for kind, device, task, d in told)
    return outcomes(run.devices, marks)


def _secrets(session: AnySession, run: PlaybookRun) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the credentials among the parameters as JSON, and their secret fields' texts."""
    files: dict[str, str] = {}
    words: list[str] = []
    for name, parameter in playbook(run.playbook).parameters.items():
        if parameter.type is ParameterType.CREDENTIAL and name in run.parameters:
            credential = secrets.get(session, str(run.parameters[name]))
            fields = {}
            for each in sorted(FIELDS[credential.kind]):
                with suppress(NotFoundError):
                    fields[each] = credential.reveal(each)
            files[name] = json.dumps(fields)
            words += [text for each, text in fields.items() if each not in OPEN_FIELDS and text]
    return files, tuple(words)


class _Recorder:
    """Keeps Ansible's events in the records, one transaction each, so that pages follow live."""

    def __init__(self, db: Database, run_id: int) -> None:
        self._db = db
        self._run_id = run_id
        self._sequence = _last(db, run_id)
        self.summary: dict[str, Any] = {}
        self.mask: tuple[str, ...] = ()

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event of the player, which is data: other words than ours are left out."""
        kind = event.get("event")
        if kind not in KEPT:
            return
        if kind == "playbook_on_stats":
            self.summary = _summary(event.get("summary"))
        host, task = str(event.get("host", "")), str(event.get("task", ""))
        self.note(kind, host, task, _detail(event.get("detail"), self.mask))

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


def _last(db: Database, run_id: int) -> int:
    with db.read() as session:
        statement = select(func.max(PlaybookEvent.sequence)).where(PlaybookEvent.run_id == run_id)
        return session.scalar(statement) or 0


def _masked(told: object, words: Iterable[str]) -> str:
    text = str(told)
    for word in words:
        text = text.replace(word, MASK)
    return redact(text)[:DETAIL_LIMIT]


def _detail(told: object, words: Iterable[str] = ()) -> dict[str, Any]:
    if not isinstance(told, dict) or not told:
        return {}
    seconds = told.get("duration_seconds")
    return {
        "changed": bool(told.get("changed")),
        "message": _masked(told.get("message", ""), words),
        "diff": _masked(told.get("diff", ""), words),
        "ignored": bool(told.get("ignored")),
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
) -> RunState:
    """Write down how the run ended: successful only when every device came to its end."""
    with db.write() as session:
        for lease in held:
            leases.release(session, lease)
        run = session.get_one(PlaybookRun, run_id)
        found = _outcomes(session, run)
        if state is RunState.SUCCESSFUL and set(found.values()) - {HostOutcome.DONE}:
            state = RunState.FAILED
        run.state = state
        run.outcomes = {device: str(outcome) for device, outcome in found.items()}
        run.summary = (run.summary or {}) | summary
        run.finished_at = clock.now()
        payload = {"run": run_id, "state": state}
        events.publish(session, "playbooks.run-finished", f"run/{run_id}", payload)
    return state
