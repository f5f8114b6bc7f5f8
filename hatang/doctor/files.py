"""The data directory and the keys: whose they are, who may read them, whether they open."""

from __future__ import annotations

import os
import pwd
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography.x509 import load_pem_x509_certificate

from hatang.clock import now
from hatang.datadir import Places, load_audit_key
from hatang.doctor.checked import Checked
from hatang.errors import SettingsError
from hatang.gates import Verdict
from hatang.sealing import load_master_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.settings import Settings

WARNED_BEFORE: Final = timedelta(days=21)


def examine(settings: Settings) -> Iterator[Checked]:
    """Yield the lines about files."""
    if not settings.data_dir.is_dir():
        fix = "Run `hatang init`, or name another with HATANG_DATA_DIR."
        yield Checked.bad("data directory", f"{settings.data_dir} does not exist", fix)
        return
    yield _private(settings.data_dir)
    yield _owned(settings.data_dir)
    places = Places.of(settings)
    yield _master_key(places.master_key)
    yield _audit_key(places.audit_key)
    yield _heads(places.audit_heads)
    yield _certificate(settings.api.tls_certificate)


def _private(path: Path) -> Checked:
    mode = stat.S_IMODE(path.stat().st_mode)
    told = f"{path} has mode {mode:04o}"
    if mode & 0o077:
        return Checked.bad(
            "data directory", f"{told}: others may look in", f"Run: chmod 700 {path}"
        )
    return Checked.good("data directory", told)


def _owned(path: Path) -> Checked:
    owner = path.stat().st_uid
    if owner == os.geteuid():
        return Checked.good("owner", f"{path} is this account's")
    name = _account(owner)
    told = f"{path} is {name}'s; what another account writes there {name} cannot read"
    fix = f"Run hatang as {name}: runuser -u {name} -- hatang doctor"
    return Checked.bad("owner", told, fix)


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _master_key(path: Path) -> Checked:
    try:
        key = load_master_key(path)
    except SettingsError as error:
        return Checked.refused("master key", error)
    if len(key.keys) > 1:
        told = f"{path}: a rotation was cut short, or is under way"
        return Checked.bad("master key", told, "Run: hatang master-key rotate")
    return Checked.good("master key", f"{path} opens, readable to its owner alone")


def _audit_key(path: Path) -> Checked:
    try:
        load_audit_key(path)
    except SettingsError as error:
        return Checked.refused("audit key", error)
    return Checked.good("audit key", f"{path} opens, readable to its owner alone")


def _heads(path: Path) -> Checked:
    if not os.access(path, os.W_OK):
        fix = "Give it back to the account hatang runs as; restore it where it is gone."
        return Checked.bad("audit heads", f"{path} is gone or cannot be written", fix)
    return Checked.good("audit heads", f"{path} can be written")


def _certificate(path: Path | None) -> Checked:
    if path is None:
        told = "none: the door speaks HTTP"
        return Checked("TLS certificate", Verdict.NOT_APPLICABLE, told)
    try:
        until = load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        fix = "Name a PEM file in api.tls_certificate."
        return Checked.bad("TLS certificate", f"{path} does not open: {error}", fix)
    told = f"{path} is valid until {until:%Y-%m-%d}"
    if until - now() < WARNED_BEFORE:
        return Checked.bad("TLS certificate", told, "Renew it, then start hatang again.")
    return Checked.good("TLS certificate", told)
