"""Each way in which a schedule stops being what was approved, with the reason that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import approval
from hatang.auth import Role
from hatang.auth.models import User, UserRole
from inventory.models import Device
from playbooks.models import PlaybookSchedule
from playbooks.runs import service
from playbooks.schedules import binding
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    import pytest

    from tests.playbooks.schedules.conftest import Night


def edit_playbook(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(service, "texts", lambda _file: {"login-banner.yml": "edited"})
    return binding.CHANGED[binding.Part.PLAYBOOK]


def edit_parameters(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        session.scalars(select(PlaybookSchedule)).one().parameters = {"banner": "mine"}
    return binding.CHANGED[binding.Part.PARAMETERS]


def edit_timing(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        session.scalars(select(PlaybookSchedule)).one().timezone = "Etc/GMT-7"
    return binding.CHANGED[binding.Part.TIMING]


def replace_device(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        session.get_one(Device, night.server.device_id).device_key = "key-other"
    return binding.CHANGED[binding.Part.TARGETS]


def disable_account(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        session.get_one(User, night.lan.id).is_active = False
    return "the account of who asked is disabled"


def take_role(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        row = session.scalars(select(UserRole).where(UserRole.user_id == night.lan.id)).one()
        row.role = Role.VIEWER
    return "who asked may no longer run playbooks"


def narrow_scope(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        other = device(session, "far", "linux")
        row = session.scalars(select(UserRole).where(UserRole.user_id == night.lan.id)).one()
        row.scope_id = other.scope_id
    return "who asked may no longer run playbooks on srv"


def void_approval(night: Night, monkeypatch: pytest.MonkeyPatch) -> str:
    with night.database.write() as session:
        number = session.scalars(select(PlaybookSchedule.id)).one()
        approval.void(session, SYSTEM, "schedule", str(number))
    return "its approval is no longer in force"


UNDERMINED = [
    edit_playbook,
    edit_parameters,
    edit_timing,
    replace_device,
    disable_account,
    take_role,
    narrow_scope,
    void_approval,
]
