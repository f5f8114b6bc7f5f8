"""The machine: its clock, its disk, the programs of Debian."""

from __future__ import annotations

import ctypes
import os
import shutil
from typing import TYPE_CHECKING, Final

from hatang.doctor.checked import Checked
from hatang.errors import SettingsError
from hatang.gates import Verdict
from hatang.settings import check_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.settings import Settings

LEAST_FREE_BYTES: Final = 1024**3
LEAST_FREE_SHARE: Final = 0.05
_TIMEX_BYTES: Final = 512  # struct timex of adjtimex(2) is 208 bytes on 64 bits
TIME_ERROR: Final = 5  # adjtimex(2): the clock is not synchronised
_TOOLS: Final = {"ssh": "openssh-client"}


def examine(settings: Settings) -> Iterator[Checked]:
    """Yield the lines about the machine."""
    yield clock_line(clock_state())
    yield from disk_lines(_standing(settings.data_dir))
    for name, section in (
        ("prometheus", settings.prometheus),
        ("alertmanager", settings.alertmanager),
    ):
        if not section.run or section.url:
            told = f"runs elsewhere: {section.url}" if section.url else "is turned off"
            yield Checked(name, Verdict.NOT_APPLICABLE, told)
        else:
            yield _program(section.binary, f"{name}.binary", section.binary)
    for tool, package in _TOOLS.items():
        yield _program(tool, tool, package)


def clock_line(state: int) -> Checked:
    """Judge what adjtimex(2) returned; alerts, TOTP and evidence need the true time."""
    if state == TIME_ERROR:
        fix = "Run: apt-get install systemd-timesyncd (or chrony), and let it reach a server."
        return Checked.bad("clock", "is not synchronised", fix)
    if state < 0:
        return Checked.unknown("clock", "the kernel does not tell", "Run: timedatectl")
    return Checked.good("clock", "is synchronised")


def disk_lines(path: Path) -> Iterator[Checked]:
    """Judge the space and the inodes of the file system that `path` lies on."""
    usage, table = shutil.disk_usage(path), os.statvfs(path)
    told = f"{usage.free / 1024**3:.1f} GiB of {usage.total / 1024**3:.1f} are free"
    fix = "Make room: lower prometheus.retention, move logs away, or give it a larger disk."
    scarce = usage.free < max(LEAST_FREE_BYTES, LEAST_FREE_SHARE * usage.total)
    yield Checked.bad("disk", told, fix) if scarce else Checked.good("disk", told)
    if table.f_files and table.f_favail < LEAST_FREE_SHARE * table.f_files:
        told = f"{table.f_favail} of {table.f_files} inodes are free"
        yield Checked.bad("inodes", told, "Delete what nobody needs on this file system.")


def clock_state() -> int:
    """Return what adjtimex(2) says of the clock, -1 when the kernel does not tell."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return -1


def _program(binary: str, setting: str, package: str) -> Checked:
    subject = f"program {setting}"
    try:
        return Checked.good(subject, str(check_program(binary, setting)))
    except SettingsError as error:
        return Checked.bad(subject, error.message, f"Run: apt-get install {package}. {error.fix}")


def _standing(path: Path) -> Path:
    """Return the nearest directory above `path` that exists."""
    return next(each for each in (path, *path.parents) if each.is_dir())
