"""Secrets: credentials by name, sealed at rest, shown to nobody but the driver that needs them."""

from __future__ import annotations

from hatang.sealing import MasterKey, create_master_key, load_master_key
from hatang.secrets.credential import CHOICES, FIELDS, NEEDED, OPEN_FIELDS, Credential
from hatang.secrets.importing import import_file
from hatang.secrets.models import CredentialRow
from hatang.secrets.rotation import Rotation, rotate_master_key
from hatang.secrets.service import (
    CredentialSummary,
    delete,
    get,
    list_all,
    put,
)

__all__ = [
    "CHOICES",
    "FIELDS",
    "NEEDED",
    "OPEN_FIELDS",
    "Credential",
    "CredentialRow",
    "CredentialSummary",
    "MasterKey",
    "Rotation",
    "create_master_key",
    "delete",
    "get",
    "import_file",
    "list_all",
    "load_master_key",
    "put",
    "rotate_master_key",
]
