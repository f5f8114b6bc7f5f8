"""Settings: one strict file, the environment over it, and the checks before a process starts."""

from __future__ import annotations

from hatang.settings.checks import check_port_free, check_program, check_start
from hatang.settings.load import InvalidSettingsError, load
from hatang.settings.model import Listen, ReceiverSettings, Settings

__all__ = [
    "InvalidSettingsError",
    "Listen",
    "ReceiverSettings",
    "Settings",
    "check_port_free",
    "check_program",
    "check_start",
    "load",
]
