"""Sealing: the master key and the columns it seals; refuses to know what is sealed."""

from __future__ import annotations

from hatang.sealing.columns import SEALED, Rows, declare, place, reseal
from hatang.sealing.master_key import (
    MasterKey,
    create_master_key,
    decrypt,
    encrypt,
    load_master_key,
    replace_master_key,
)

__all__ = [
    "SEALED",
    "MasterKey",
    "Rows",
    "create_master_key",
    "declare",
    "decrypt",
    "encrypt",
    "load_master_key",
    "place",
    "replace_master_key",
    "reseal",
]
