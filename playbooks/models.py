"""Change sets, playbook runs, versions of the configuration vault, and what is intended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class ConfigVersion(Base):
    """One configuration a device had from `collected_at` to `last_seen_at`.

    `identity` is a keyed hash of the full text without volatile lines: equal identity, same
    version. `digest` is the SHA-256 of what `redacted` holds; `raw` and `redacted` are blob
    addresses. `is_saved` says whether the startup configuration was the same; None where the device
    keeps none or was not asked. `device_clock` is what its clock said when ours said
    `server_clock`, in its own words `clock_said`; None where it told no moment.
    """

    __tablename__ = "playbooks_config_version"
    __table_args__ = (
        Index(None, "device_id", "kind", "collected_at"),
        Index(None, "device_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(64))
    raw: Mapped[str] = mapped_column(String(64))
    redacted: Mapped[str] = mapped_column(String(64))
    line_count: Mapped[int]
    source: Mapped[str] = mapped_column(String(64))
    transport: Mapped[str] = mapped_column(String(64))
    command: Mapped[str] = mapped_column(String(255))
    collected_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_saved: Mapped[bool | None]
    clock_said: Mapped[str] = mapped_column(String(255), default="", server_default="")
    device_clock: Mapped[datetime | None] = mapped_column(UTCDateTime)
    server_clock: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Change(Base):
    """A change set; `plan_sha256` covers exactly what approval is asked for.

    `origin` says what its texts were made of, `impact` who would lose what if its devices failed;
    `level` is how many approvals that takes. `canary`, `batch` (0: all the rest), `per_site` and
    `soak_seconds` shape its waves; `wave` is the one under way (0: none yet), `round` counts
    retries. A paused change begins nothing new; `pause_reason` says why it was stopped. One that is
    rolled back takes its waves back one after another, the last one first.
    """

    __tablename__ = "playbooks_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    intent: Mapped[str] = mapped_column(String(16))
    revert_seconds: Mapped[int]
    state: Mapped[str] = mapped_column(String(24), index=True)
    requester_id: Mapped[int | None] = mapped_column(index=True)
    requester: Mapped[str] = mapped_column(String(100))
    plan_sha256: Mapped[str | None] = mapped_column(String(64))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    planned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    origin: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    is_replace: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    canary: Mapped[int] = mapped_column(default=0)
    batch: Mapped[int] = mapped_column(default=0)
    per_site: Mapped[int] = mapped_column(default=0)
    soak_seconds: Mapped[int] = mapped_column(default=0)
    is_gated: Mapped[bool] = mapped_column(default=False)
    wave: Mapped[int] = mapped_column(default=0)
    waves: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str] = mapped_column(String(16), default="")
    soak_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_paused: Mapped[bool] = mapped_column(default=False)
    is_rolling_back: Mapped[bool] = mapped_column(default=False)
    pause_reason: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    level: Mapped[int] = mapped_column(default=1)
    second_approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    standard_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_standard_change.id"))


class ChangeTarget(Base):
    """One device of a change: what goes in, what the device says will change, what became of it.

    `rendered` and `diff` are blob addresses, `diff_sha256` the hash of the difference as approved.
    `commit_id` is the name the device keeps the pending commit under, chosen before anything is
    applied, so that a restart can ask for it. `wave` is when its turn comes; `attempt` counts how
    often its push was asked for, `requested_at` the last time. `armed_at` is when we were about
    to arm the device's timer, `armed_identity` what the configuration it would restore was then.
    The versions are the vault's, before and after.
    """

    __tablename__ = "playbooks_change_target"
    __table_args__ = (UniqueConstraint("change_id", "device_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("playbooks_change.id", ondelete="CASCADE"))
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    rendered: Mapped[str] = mapped_column(String(64))
    diff: Mapped[str | None] = mapped_column(String(64))
    diff_sha256: Mapped[str | None] = mapped_column(String(64))
    before_version_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_config_version.id"))
    after_version_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_config_version.id"))
    commit_id: Mapped[str] = mapped_column(String(64), unique=True)
    armed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    armed_identity: Mapped[str | None] = mapped_column(String(64))
    safety: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wave: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[int] = mapped_column(default=0)
    requested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ChangeCheck(Base):
    """What a health gate found of one element before or after a wave."""

    __tablename__ = "playbooks_change_check"
    __table_args__ = (Index(None, "change_id", "wave", "round", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("playbooks_change.id", ondelete="CASCADE"))
    wave: Mapped[int]
    round: Mapped[int]
    moment: Mapped[str] = mapped_column(String(8))
    element: Mapped[str] = mapped_column(String(255))
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ChangeLine(Base):
    """One line of what happened to a change, for who watches and for the evidence."""

    __tablename__ = "playbooks_change_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(
        ForeignKey("playbooks_change.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    device: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, default="")


class StandardChange(Base):
    """A template with ranges of its parameters that was approved once, for small work at night.

    `sha256` covers template, parameters and platforms: what approval is asked for.
    """

    __tablename__ = "playbooks_standard_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONText)
    platforms: Mapped[list[str]] = mapped_column(JSONText)
    sha256: Mapped[str] = mapped_column(String(64))
    requester: Mapped[str] = mapped_column(String(100))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PlaybookRun(Base):
    """One run of a reviewed playbook; `summary` is Ansible's recap, `outcomes` a word, by device.

    `plan_sha256` covers the text of playbook and roles, its parameters, mode and devices:
    what approval is asked for. One of a schedule stands under that one's approval.
    """

    __tablename__ = "playbooks_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)
    playbook: Mapped[str] = mapped_column(String(100))
    devices: Mapped[list[str]] = mapped_column(JSONText)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    is_check_mode: Mapped[bool]
    state: Mapped[str] = mapped_column(String(24), index=True)
    requester: Mapped[str] = mapped_column(String(100))
    plan_sha256: Mapped[str | None] = mapped_column(String(64))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    outcomes: Mapped[dict[str, str] | None] = mapped_column(JSONText)
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_schedule.id"), index=True)


class PlaybookSchedule(Base):
    """Runs of a reviewed playbook that come again, approved once for all of them.

    `plan_sha256` covers `parts`, each the SHA-256 of one thing that was approved: the texts, the
    parameters and mode, the targets, the timing. `targets` is the selection, looked up at each
    time anew; `recurrence` when, in `timezone`, and for how many minutes the window is open.
    Times that began before `standing_since` are no matter of it. `state_reason` says why it was
    paused or ended.
    """

    __tablename__ = "playbooks_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)
    playbook: Mapped[str] = mapped_column(String(100))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONText)
    is_check_mode: Mapped[bool]
    targets: Mapped[dict[str, Any]] = mapped_column(JSONText)
    recurrence: Mapped[dict[str, Any]] = mapped_column(JSONText)
    timezone: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    standing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    requester_id: Mapped[int | None]
    requester: Mapped[str] = mapped_column(String(100))
    parts: Mapped[dict[str, str]] = mapped_column(JSONText)
    plan_sha256: Mapped[str] = mapped_column(String(64))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ScheduleOccurrence(Base):
    """What became of one time of a schedule: `run_id` where it started one, else `reason`."""

    __tablename__ = "playbooks_schedule_occurrence"
    __table_args__ = (UniqueConstraint("schedule_id", "occurs_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(
        ForeignKey("playbooks_schedule.id", ondelete="CASCADE")
    )
    occurs_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    run_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_run.id"), index=True)


class PlaybookEvent(Base):
    """One event of a run, in the order Ansible gave it."""

    __tablename__ = "playbooks_run_event"
    __table_args__ = (UniqueConstraint("run_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("playbooks_run.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    device: Mapped[str] = mapped_column(String(64), default="")
    task: Mapped[str] = mapped_column(String(255), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONText)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class IntendedConfiguration(Base):
    """A template of how the devices of a selection are to be; in force while `removed_at` is empty.

    `content` is the blob of template and parameters, which may hold secrets; `template_sha256` is
    of the template alone. Of the devices that `selection` names only those below `scope_id` count
    (None: everywhere). Not `is_whole`, only the sections the template names are compared.
    """

    __tablename__ = "playbooks_intended"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    content: Mapped[str] = mapped_column(String(64))
    template_sha256: Mapped[str] = mapped_column(String(64))
    selection: Mapped[dict[str, Any]] = mapped_column(JSONText)
    is_whole: Mapped[bool]
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Drift(Base):
    """How a device stood to what is intended when it was compared last.

    `since` is when it was first seen in this state. `drifted_since` is when it was first seen to
    differ, and stays while the state is unknown: only a comparison that finds it in line ends a
    drift. `lines` are redacted and bring it back; of very many only the first are kept.
    """

    __tablename__ = "playbooks_drift"
    __table_args__ = (UniqueConstraint("intended_id", "device_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intended_id: Mapped[int] = mapped_column(
        ForeignKey("playbooks_intended.id", ondelete="CASCADE")
    )
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True
    )
    version_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_config_version.id"))
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    drifted_since: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    lines: Mapped[str] = mapped_column(Text)
    line_count: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PastDrift(Base):
    """A drift that is over, from when it was first seen to how it ended."""

    __tablename__ = "playbooks_past_drift"
    __table_args__ = (Index(None, "device_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intended_id: Mapped[int] = mapped_column(
        ForeignKey("playbooks_intended.id", ondelete="CASCADE"), index=True
    )
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ending: Mapped[str] = mapped_column(String(16))
