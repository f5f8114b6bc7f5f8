"""Settings: one strict file, the environment over it, and the checks before a process starts."""

from __future__ import annotations

from hatang.settings.checks import check_port_free, check_program, check_start
from hatang.settings.fields import Listen
from hatang.settings.load import InvalidSettingsError, load
from hatang.settings.model import ReceiverSettings, Settings
from hatang.settings.notification import (
    EscalationLevel,
    Hours,
    NotificationRoute,
    QuietHours,
    Receiver,
)

__all__ = [
    "EscalationLevel",
    "Hours",
    "InvalidSettingsError",
    "Listen",
    "NotificationRoute",
    "QuietHours",
    "Receiver",
    "ReceiverSettings",
    "Settings",
    "check_port_free",
    "check_program",
    "check_start",
    "load",
]
