"""Signs a pack: writes the manifest of its files and the signature over it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from baselines.packs.loading import MANIFEST, SIGNATURE
from hatang import signing

if TYPE_CHECKING:
    from pathlib import Path


def sign(root: Path, name: str, private: bytes) -> str:
    """Sign the pack `framework/edition` below `root`; returns the hash of its manifest."""
    directory = root / name
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.glob("*.yaml"))
    }
    key = signing.fingerprint(signing.public_of(private))
    content = json.dumps({"name": name, "key": key, "files": files}, indent=1, sort_keys=True)
    (directory / MANIFEST).write_text(content + "\n", encoding="utf-8")
    signed = (directory / MANIFEST).read_bytes()
    (directory / SIGNATURE).write_text(signing.sign(private, signed) + "\n", encoding="ascii")
    return hashlib.sha256(signed).hexdigest()
